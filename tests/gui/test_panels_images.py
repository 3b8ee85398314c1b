"""The image list: every image, how far it is, and what cannot be read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core import edits
from core.predictions import PredictedBy, Predictions
from core.query import parse
from core.types import ImageState, Instance, InstanceState, Part, new_instance_id
from gui.dialogs.problems import ProblemsDialog
from gui.panels.images import ImagesPanel
from gui.session import Session
from gui.widgets.image_filter import ImageFilterButton
from gui.widgets.image_list import ImageListModel, RowContent
from gui.widgets.image_order import Shown, Sorting


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> ImagesPanel:
    made = ImagesPanel(session)
    qtbot.addWidget(made)
    made.resize(260, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def words_of(model: ImageListModel, row: int) -> str:
    return str(model.data(model.index(row, 0), Qt.ItemDataRole.ToolTipRole))


def content(state: ImageState = ImageState.DONE, n_predicted: int = 0) -> RowContent:
    return RowContent(QImage(4, 4, QImage.Format.Format_RGB32), state, n_predicted)


def test_the_model_keeps_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    model = ImageListModel()
    qtmodeltester.check(model)
    model.add_keys(["a.png", "b.png"])
    model.set_search(parse("b"))
    model.add_keys(["bb.png", "c.png"])
    model.set_keys(["b.png", "c.png"])


def test_keys_that_come_while_scanning_are_searched_too() -> None:
    model = ImageListModel()
    model.set_search(parse("B"))
    model.add_keys(["a.png", "b.png"])
    assert list(model.shown_keys) == ["b.png"]


def test_the_rows_looked_at_last_are_asked_for_first_from_the_top() -> None:
    model = ImageListModel()
    model.add_keys([f"{number:02}.png" for number in range(80)])
    for row in (*range(5), *range(60, 80)):  # the list was scrolled down
        model.data(model.index(row, 0), Qt.ItemDataRole.UserRole + 1)
    asked = [model.take_wanted() for _ in range(26)]
    assert asked[:2] == ["60.png", "61.png"]
    assert set(asked[20:25]) == {f"{number:02}.png" for number in range(5)}
    assert asked[25] == ""


def test_a_row_says_in_words_how_far_its_image_is(qtbot: QtBot) -> None:
    model = ImageListModel()
    model.add_keys(["a.png", "b.png"])
    model.fill("a.png", content(ImageState.STARTED, 2))
    model.fill("b.png", RowContent(None, ImageState.UNTOUCHED, 0))
    assert words_of(model, 0) == "a.png (started · 2 to review)"
    assert words_of(model, 1) == "b.png (cannot be read)"


def test_only_rows_that_are_seen_get_thumbnails(qtbot: QtBot, panel: ImagesPanel) -> None:
    keys = [f"{number}.png" for number in range(1000)]
    asked: list[str] = []
    panel.model.wanted.connect(lambda: asked.append(panel.model.take_wanted()))
    panel.model.set_keys(keys)
    panel.view.repaint()
    assert 0 < len([key for key in asked if key]) < 30


def test_the_panel_shows_images_and_thumbnails(
    qtbot: QtBot, panel: ImagesPanel, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(folder)
    assert list(panel.model.shown_keys) == ["img_0.png", "img_1.png", "img_2.png"]
    assert panel.count.text() == "3 images"
    qtbot.waitUntil(lambda: words_of(panel.model, 2) == "img_2.png (not started)")


def test_a_click_opens_the_image(
    qtbot: QtBot, panel: ImagesPanel, session: Session, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    open_folder(folder)
    place = panel.view.visualRect(panel.model.index(1, 0)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.key == "img_1.png"


def test_enter_in_the_search_goes_to_the_first_that_was_found(
    qtbot: QtBot, panel: ImagesPanel, session: Session, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    open_folder(folder)
    with qtbot.waitActive(panel):
        panel.activateWindow()
    panel.search.setFocus()
    qtbot.keyClicks(panel.search, "img_2")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert session.key == "img_2.png"
    assert panel.view.hasFocus()


def test_next_goes_through_what_the_search_shows(
    panel: ImagesPanel, session: Session, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    (folder / "other.png").write_bytes((folder / "img_0.png").read_bytes())
    open_folder(folder)
    panel.search.setText("img_2")
    assert panel.count.text() == "1 of 4 images"
    session.step(1)
    assert session.key == "img_2.png"


def test_a_saved_edit_shows_in_its_row(
    qtbot: QtBot, panel: ImagesPanel, session: Session, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    open_folder(folder)
    assert session.document is not None
    session.document.edit("Done", lambda now: edits.with_image_state(now, ImageState.DONE))
    qtbot.waitUntil(lambda: words_of(panel.model, 0) == "img_0.png (done)")


def test_a_file_that_is_no_image_is_listed_with_a_sentence(
    qtbot: QtBot, panel: ImagesPanel, session: Session, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    (folder / "a_broken.jpg").write_bytes(b"nothing")
    session.open_folder(folder)
    with qtbot.waitSignal(session.image_shown) as shown:
        pass
    assert "a_broken.jpg" in shown.args[0].why_not
    qtbot.waitUntil(panel.problems.isVisible)
    assert panel.problems.text() == "1 file could not be read: show"
    panel._show_problems()
    (dialog,) = panel.findChildren(ProblemsDialog)
    assert "a_broken.jpg" in dialog.list.toPlainText()
    dialog.close()


def test_a_folder_without_images_says_so(
    qtbot: QtBot, panel: ImagesPanel, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignal(session.images_changed):
        session.open_folder(tmp_path / "empty")
    assert panel.count.text() == "No image in this folder."


def choose(button: ImageFilterButton, words: str) -> None:
    """Picks a line of the menu."""
    for action in (*button.menu().actions(), *button.class_menu.actions()):
        if action.text() == words:
            action.trigger()
            return
    raise AssertionError(words)


def shown(panel: ImagesPanel) -> list[str]:
    return list(panel.model.shown_keys)


def predict(session: Session, score: float, *, class_index: int = 0) -> None:
    """Puts a prediction into the open image."""
    one = Instance(
        new_instance_id(),
        session.classes[class_index].id,
        (Part([[10, 10], [40, 10], [40, 40]]),),
        state=InstanceState.PREDICTED,
        score=score,
    )
    assert session.document is not None
    session.document.edit("Pre-label", lambda now: edits.with_instance_added(now, one))


@pytest.fixture
def labelled(
    qtbot: QtBot, panel: ImagesPanel, session: Session, folder: Path,
    open_folder: Callable[[Path], None],
) -> ImagesPanel:  # fmt: skip
    """img_0 has a sure prediction of red, img_1 an unsure one of green, img_2 nothing; img_1 is
    open."""
    open_folder(folder)
    for name in ("red", "green"):
        session.class_list.add(name)
    predict(session, 0.9)
    session.open_image("img_1.png")
    qtbot.waitUntil(lambda: session.document is not None and session.document.key == "img_1.png")
    predict(session, 0.4, class_index=1)
    qtbot.waitUntil(lambda: sum(one.n_predicted for one in session.summaries.values()) == 2)
    return panel


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("With predictions to look at", ["img_0.png", "img_1.png"]),
        ("Not started", ["img_2.png"]),
        ("green", ["img_1.png"]),
        ("What needs you most first", ["img_1.png", "img_0.png", "img_2.png"]),
    ],
)
def test_the_menu_chooses_what_is_listed_and_what_comes_first(
    qtbot: QtBot, labelled: ImagesPanel, words: str, expected: list[str]
) -> None:
    choose(labelled.filter, words)
    qtbot.waitUntil(lambda: shown(labelled) == expected)


def test_the_count_says_what_is_left_out_and_a_button_shows_all_again(
    qtbot: QtBot, labelled: ImagesPanel
) -> None:
    assert not labelled.all_button.isVisible()
    choose(labelled.filter, "Not started")
    qtbot.waitUntil(lambda: labelled.count.text() == "1 of 3 images · not started")
    assert "not started" in labelled.filter.accessibleName()
    qtbot.mouseClick(labelled.all_button, Qt.MouseButton.LeftButton)
    assert len(shown(labelled)) == 3
    assert labelled.filter.wish.shown is Shown.ALL


def test_next_and_previous_follow_the_order_of_the_list(
    qtbot: QtBot, labelled: ImagesPanel, session: Session
) -> None:
    choose(labelled.filter, "What needs you most first")
    qtbot.waitUntil(lambda: shown(labelled)[0] == "img_1.png")
    session.step(1)
    assert session.key == "img_0.png"
    session.step(-1)
    assert session.key == "img_1.png"


def test_an_image_that_a_person_works_on_stays_in_its_place(
    qtbot: QtBot, labelled: ImagesPanel, session: Session
) -> None:
    choose(labelled.filter, "With predictions to look at")
    qtbot.waitUntil(lambda: len(shown(labelled)) == 2)
    assert session.document is not None
    session.document.edit("Accept all", edits.all_accepted)
    qtbot.waitUntil(lambda: session.summaries["img_1.png"].n_predicted == 0)
    assert shown(labelled) == ["img_0.png", "img_1.png"]
    choose(labelled.filter, "With predictions to look at")
    qtbot.waitUntil(lambda: shown(labelled) == ["img_0.png"])


def test_the_list_follows_what_changes_elsewhere(
    qtbot: QtBot, labelled: ImagesPanel, session: Session, folder: Path
) -> None:
    choose(labelled.filter, "Not started")
    qtbot.waitUntil(lambda: shown(labelled) == ["img_2.png"])
    text = (folder / "img_0.json").read_text().replace("img_0.png", "img_2.png")
    (folder / "img_2.json").write_text(text)
    session.look_again()
    qtbot.waitUntil(lambda: shown(labelled) == [])
    assert labelled.count.text() == "None of 3 images · not started"


def test_images_that_could_not_be_read_can_be_listed_alone(
    qtbot: QtBot, labelled: ImagesPanel, session: Session, folder: Path
) -> None:
    (folder / "img_2.json").write_text('{"shapes": [')
    session.open_image("img_2.png")
    qtbot.waitUntil(labelled.problems.isVisible)
    choose(labelled.filter, "With problems")
    qtbot.waitUntil(lambda: shown(labelled) == ["img_2.png"])


def test_another_folder_is_shown_as_a_whole_in_the_same_order(
    labelled: ImagesPanel, tmp_path: Path, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    choose(labelled.filter, "Done")
    choose(labelled.filter, "Most instances first")
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.png").write_bytes((folder / "img_0.png").read_bytes())
    open_folder(other)
    assert shown(labelled) == ["a.png"]
    assert labelled.filter.wish.shown is Shown.ALL
    assert labelled.filter.wish.sorting is Sorting.INSTANCES


def test_a_new_state_leaves_the_thumbnail_of_a_row(qtbot: QtBot) -> None:
    model = ImageListModel()
    model.add_keys(["a.png"])
    model.fill("a.png", content(ImageState.STARTED, 2))
    model.update_content("a.png", state=ImageState.DONE, n_predicted=0)
    assert words_of(model, 0) == "a.png (done)"
    assert model.take_wanted() == ""


def test_what_was_read_for_another_folder_is_not_shown(
    panel: ImagesPanel, session: Session, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(folder)
    before = session.project
    assert before is not None
    other = folder.with_name("other")
    other.mkdir()
    (other / "img_0.png").write_bytes((folder / "img_0.png").read_bytes())
    open_folder(other)
    panel._contents._on_made((before, "img_0.png", content(ImageState.DONE)))
    assert "done" not in words_of(panel.model, 0)


def marks(qtbot: QtBot, panel: ImagesPanel) -> list[bytes]:
    """What is painted in the place of the mark, in grey, for each of four rows."""
    painted = panel.view.viewport().grab().toImage()
    found = []
    for row in range(4):
        place = panel.view.visualRect(panel.model.index(row, 0)).adjusted(0, 8, -8, -8)
        place.setLeft(place.right() - 20)
        grey = painted.copy(place).convertToFormat(QImage.Format.Format_Mono)
        found.append(bytes(grey.constBits()))
    return found


def test_the_states_of_images_differ_by_shape(qtbot: QtBot, panel: ImagesPanel) -> None:
    model = panel.model
    model.add_keys(["a", "b", "c", "d"])
    for key, state in zip("abc", ImageState, strict=True):
        model.fill(key, content(state))
    model.fill("d", RowContent(None, ImageState.UNTOUCHED, 0))
    panel.view.clearSelection()
    assert len(set(marks(qtbot, panel))) == 4


def test_a_query_asks_for_what_is_labelled(qtbot: QtBot, labelled: ImagesPanel) -> None:
    qtbot.keyClicks(labelled.search, "class:green score<0.5")
    qtbot.waitUntil(lambda: shown(labelled) == ["img_1.png"])
    labelled.search.clear()
    qtbot.waitUntil(lambda: len(shown(labelled)) == 3)
    qtbot.keyClicks(labelled.search, "-class:green img")
    qtbot.waitUntil(lambda: shown(labelled) == ["img_0.png", "img_2.png"])
    assert labelled.count.text() == "2 of 3 images"


def test_a_mistake_in_the_search_is_told_below_it(qtbot: QtBot, labelled: ImagesPanel) -> None:
    assert not labelled.trouble.isVisible()
    qtbot.keyClicks(labelled.search, "klass:red")
    assert "“klass” is nothing that can be asked for (character 1)" in labelled.trouble.text()
    assert labelled.trouble.isVisible()
    labelled.search.clear()
    assert not labelled.trouble.isVisible()


def test_another_folder_begins_without_a_search(
    qtbot: QtBot, labelled: ImagesPanel, tmp_path: Path, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    qtbot.keyClicks(labelled.search, "class:green")
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.png").write_bytes((folder / "img_0.png").read_bytes())
    open_folder(other)
    assert labelled.search.text() == ""
    assert shown(labelled) == ["a.png"]


def test_where_the_model_says_other_things_than_the_labels_comes_first(
    qtbot: QtBot, labelled: ImagesPanel, session: Session
) -> None:
    assert session.confidence is not None
    assert session.project is not None
    square = Part([[10, 10], [40, 10], [40, 40]])
    class_id = session.classes[0].id
    by = PredictedBy("w", "stamp", {}, ("red", "green"))
    for key, n in (("img_0.png", 1), ("img_2.png", 3)):
        seen = tuple(
            Instance(f"{number}", class_id, (square,), InstanceState.PREDICTED, 0.9)
            for number in range(n)
        )
        session.confidence.store.keep(Predictions(key, "", (90, 120), by, seen))
    for key in ("img_0.png", "img_2.png"):
        session.open_image(key)
        qtbot.waitUntil(
            lambda key=key: session.document is not None and session.document.key == key
        )
        assert session.document is not None
        session.document.edit("Accept all", edits.all_accepted)
        session.document.edit("Done", lambda now: edits.with_image_state(now, ImageState.DONE))
    done = ImageState.DONE
    qtbot.waitUntil(lambda: sum(one.state is done for one in session.summaries.values()) == 2)
    choose(labelled.filter, "Model and labels differ most first")
    qtbot.waitUntil(lambda: shown(labelled) == ["img_2.png", "img_0.png", "img_1.png"])
