"""The image list: every image, how far it is, and what cannot be read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core import edits
from core.types import ImageState
from gui.dialogs.problems import ProblemsDialog
from gui.panels.images import ImagesPanel
from gui.session import Session
from gui.widgets.image_list import ImageListModel, RowContent


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
    model.set_search("b")
    model.add_keys(["bb.png", "c.png"])
    model.set_keys(["b.png", "c.png"])


def test_keys_that_come_while_scanning_are_searched_too() -> None:
    model = ImageListModel()
    model.set_search("B")
    model.add_keys(["a.png", "b.png"])
    assert list(model.shown_keys) == ["b.png"]


def test_the_row_looked_at_last_is_asked_for_first() -> None:
    model = ImageListModel()
    model.add_keys(["a.png", "b.png"])
    for row in (0, 1):
        model.data(model.index(row, 0), Qt.ItemDataRole.UserRole + 1)
    assert [model.take_wanted() for _ in range(3)] == ["b.png", "a.png", ""]


def test_a_row_says_in_words_how_far_its_image_is() -> None:
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
