"""The slider of confidence, by mouse and keyboard, on the fake engine."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from core import edits
from core.configs import EngineConfig
from core.predictions import Predictions, PredictionStore, image_stamp, predicted_by
from core.project import Project
from core.types import ImageState, Instance, InstanceState, Part
from gui.canvas.picture import picture_of
from gui.document import Document
from gui.main_window import MainWindow
from gui.panels.confidence import ConfidencePanel
from gui.session import Session
from gui.session.batch_run import Batch
from gui.session.confidence import Confidence
from gui.settings import Settings

LEFT = Qt.MouseButton.LeftButton
LEVELS = {"faint": 170, "clear": 110, "strong": 40}
"""Of what is not red in a blob, against 230: scores of about .62, .73 and .87."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images, each with a faint, a clear and a strong red blob."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        pixels = np.full((90, 120, 3), 230, np.uint8)
        for place, level in enumerate(LEVELS.values()):
            colour = (level, level, 230)
            cv2.circle(pixels, (20 + 40 * place, 30 + 10 * number), 12, colour, -1)
        cv2.imwrite(str(photos / f"img_{number}.png"), pixels)
    return photos


@pytest.fixture
def opened(window: MainWindow, folder: Path, open_folder: Callable[[Path], None]) -> MainWindow:
    open_folder(folder)
    window.session.class_list.add("red")
    return window


def document_of(session: Session) -> Document:
    assert session.document is not None
    return session.document


def confidence_of(session: Session) -> Confidence:
    assert session.confidence is not None
    return session.confidence


def panel_of(window: MainWindow) -> ConfidencePanel:
    (panel,) = window.findChildren(ConfidencePanel)
    return panel


def n_shown(window: MainWindow) -> int:
    return len(document_of(window.session).labels.instances)


def shapes_in(file: Path) -> list[dict[str, object]]:
    return json.loads(file.read_text())["shapes"] if file.exists() else []


def n_in(folder: Path, number: int) -> int:
    return len(shapes_in(folder / f"img_{number}.json"))


def prelabel(qtbot: QtBot, window: MainWindow, threshold: float = 0.5) -> None:
    """Pre-labels all images, and waits until everything is on the disk and counted."""
    session = window.session
    confidence_of(session).move(threshold)
    confidence_of(session).settle()
    session.prelabel_all()
    with qtbot.waitSignal(session.work.runs[-1].ended, timeout=60_000):
        pass
    settled(qtbot, window)
    qtbot.waitUntil(lambda: confidence_of(session).has_predictions)


def settled(qtbot: QtBot, window: MainWindow) -> None:
    """Waits until the writer has nothing left to do."""
    done: list[object] = []
    session = window.session
    qtbot.waitUntil(lambda: confidence_of(session)._spread is None)
    session.work.when_written(lambda _: None, done.append)
    qtbot.waitUntil(lambda: bool(done) and session.is_all_saved)


def handle_at(panel: ConfidencePanel, value: int) -> QPoint:
    slider = panel.slider
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    style, kind = slider.style(), QStyle.ComplexControl.CC_Slider
    handle = style.subControlRect(kind, option, QStyle.SubControl.SC_SliderHandle, slider)
    groove = style.subControlRect(kind, option, QStyle.SubControl.SC_SliderGroove, slider)
    span = groove.width() - handle.width()
    place = style.sliderPositionFromValue(slider.minimum(), slider.maximum(), value, span)
    return QPoint(groove.x() + place + handle.width() // 2, handle.center().y())


def drag(qtbot: QtBot, window: MainWindow, *values: int, until: Callable[[], bool]) -> None:
    """Drags the slider over these percents; lets go when what shows is as wished."""
    panel = panel_of(window)
    qtbot.mousePress(panel.slider, LEFT, pos=handle_at(panel, panel.slider.value()))
    for value in values:
        qtbot.mouseMove(panel.slider, handle_at(panel, value))
    qtbot.waitUntil(until)
    qtbot.mouseRelease(panel.slider, LEFT, pos=handle_at(panel, values[-1]))


def test_a_drag_shows_fewer_and_more_while_it_goes_on(qtbot: QtBot, opened: MainWindow) -> None:
    prelabel(qtbot, opened)
    before = document_of(opened.session).labels
    assert panel_of(opened).counts.text() == "3 shown, 0 below"
    drag(qtbot, opened, 60, 70, 80, until=lambda: n_shown(opened) == 1)
    assert panel_of(opened).counts.text() == "1 shown, 2 below"
    assert panel_of(opened).value.text() in ("79 %", "80 %", "81 %")
    settled(qtbot, opened)
    drag(qtbot, opened, 60, 50, until=lambda: n_shown(opened) == 3)
    assert document_of(opened.session).labels == before


def test_one_drag_is_one_step_of_undo(qtbot: QtBot, opened: MainWindow) -> None:
    prelabel(qtbot, opened)
    document = document_of(opened.session)
    count = document.undo_stack.index()
    drag(qtbot, opened, 70, until=lambda: n_shown(opened) == 2)
    settled(qtbot, opened)
    panel = panel_of(opened)
    qtbot.mousePress(panel.slider, LEFT, pos=handle_at(panel, panel.slider.value()))
    for value, n in ((80, 1), (70, 2), (95, 0)):
        qtbot.mouseMove(panel.slider, handle_at(panel, value))
        qtbot.waitUntil(lambda n=n: n_shown(opened) == n)
    qtbot.mouseRelease(panel.slider, LEFT, pos=handle_at(panel, 95))
    assert document.undo_stack.index() == count + 2
    document.undo()
    assert n_shown(opened) == 2
    assert "not" in panel_of(opened).counts.text()
    document.redo()
    assert n_shown(opened) == 0


def test_letting_go_carries_it_into_the_other_images_that_are_not_done(
    qtbot: QtBot, opened: MainWindow, folder: Path
) -> None:
    prelabel(qtbot, opened)
    done = edits.with_image_state(document_of(opened.session).labels, ImageState.DONE)
    document_of(opened.session).apply("Done", done)
    qtbot.waitUntil(lambda: opened.session.is_all_saved)
    opened.session.step(1)
    qtbot.waitUntil(lambda: document_of(opened.session).key == "img_1.png")
    qtbot.waitUntil(lambda: confidence_of(opened.session).has_predictions)
    kept = (folder / "img_0.json").read_bytes()
    with qtbot.waitSignal(opened.session.told) as told:
        drag(qtbot, opened, 80, until=lambda: n_shown(opened) == 1)
    assert "4 predictions fewer show in 2 images" in told.args[0]
    settled(qtbot, opened)
    assert [n_in(folder, number) for number in range(3)] == [3, 1, 1]
    assert (folder / "img_0.json").read_bytes() == kept
    assert opened.session.project is not None
    assert opened.session.project.confidence == pytest.approx(0.8, abs=0.02)


def test_the_keys_move_it_too(qtbot: QtBot, opened: MainWindow, folder: Path) -> None:
    prelabel(qtbot, opened)
    for _ in range(30):
        qtbot.keyClick(panel_of(opened).slider, Qt.Key.Key_Right)
    assert panel_of(opened).value.text() == "80 %"
    qtbot.waitUntil(lambda: [n_in(folder, number) for number in range(3)] == [1, 1, 1])


def test_a_move_is_taken_back_in_one_step_and_then_the_pre_label(
    qtbot: QtBot, opened: MainWindow, folder: Path
) -> None:
    prelabel(qtbot, opened)
    drag(qtbot, opened, 80, until=lambda: n_shown(opened) == 1)
    settled(qtbot, opened)
    with qtbot.waitSignal(opened.session.told) as told:
        qtbot.keyClick(opened, Qt.Key.Key_U, CTRL_SHIFT)
    assert told.args == ["The confidence is 50 % again in 3 images."]
    qtbot.waitUntil(lambda: n_shown(opened) == 3)
    assert [n_in(folder, number) for number in range(3)] == [3, 3, 3]
    assert panel_of(opened).slider.value() == 50
    with qtbot.waitSignal(opened.session.told) as told:
        qtbot.keyClick(opened, Qt.Key.Key_U, CTRL_SHIFT)
    assert told.args == ["The pre-label was taken back in 3 images."]
    qtbot.waitUntil(lambda: n_shown(opened) == 0)
    assert list(folder.glob("img*.json")) == []
    qtbot.waitUntil(lambda: not confidence_of(opened.session).has_predictions)


CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_moves_are_taken_back_after_a_restart(
    qtbot: QtBot, opened: MainWindow, settings: Settings, folder: Path
) -> None:
    prelabel(qtbot, opened)
    between = {file.name: file.read_bytes() for file in folder.glob("img*.json")}
    drag(qtbot, opened, 80, until=lambda: n_shown(opened) == 1)
    settled(qtbot, opened)
    opened.session.close()
    again = Session(settings, prepare=picture_of)
    with qtbot.waitSignals([again.images_changed, again.document_changed]):
        again.open_folder(folder)
    assert confidence_of(again).threshold == pytest.approx(0.8, abs=0.02)
    for sentence in ("The confidence is 50 %", "The pre-label was taken back in 3 images."):
        with qtbot.waitSignal(again.told, check_params_cb=lambda text, s=sentence: s in text):
            again.take_back_prelabel()
        if between:
            assert {file.name: file.read_bytes() for file in folder.glob("img*.json")} == between
            between = {}
    assert list(folder.glob("img*.json")) == []
    again.close()


def test_what_a_person_judged_has_no_double_and_does_not_come_back(
    qtbot: QtBot, opened: MainWindow
) -> None:
    prelabel(qtbot, opened)
    document = document_of(opened.session)
    strong, clear, faint = (one.id for one in document.labels.instances)
    document.edit("Accept", lambda now: edits.accepted(now, [faint]))
    document.edit("Reject", lambda now: edits.rejected(now, [clear]))
    qtbot.waitUntil(lambda: panel_of(opened).counts.text() == "1 shown, 0 below")
    drag(qtbot, opened, 95, until=lambda: n_shown(opened) == 1)
    drag(qtbot, opened, 20, 10, until=lambda: n_shown(opened) == 2)
    assert [one.id for one in document.labels.instances] == [faint, strong]


def test_the_threshold_holds_for_the_pre_label_that_follows(
    qtbot: QtBot, opened: MainWindow, folder: Path
) -> None:
    prelabel(qtbot, opened, threshold=0.7)
    assert [n_in(folder, number) for number in range(3)] == [2, 2, 2]
    assert panel_of(opened).counts.text() == "2 shown, 1 below"


def test_a_model_that_is_unsure_is_asked_about_and_shown(
    qtbot: QtBot, opened: MainWindow, folder: Path
) -> None:
    prelabel(qtbot, opened, threshold=0.95)
    assert n_shown(opened) == 0
    (notice,) = [one for one in opened.notices.notices if one.answers]
    assert notice.sentence == "9 predictions lie below the threshold of 95 %: show them?"
    assert [text for text, _ in notice.answers] == ["Show them", "Leave it"]
    (button,) = [one for one in opened.findChildren(QPushButton) if one.text() == "Show them"]
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: [n_in(folder, number) for number in range(3)] == [3, 3, 3])
    assert n_shown(opened) == 3
    assert panel_of(opened).value.text() == "61 %"


def test_an_unsure_model_can_be_left_alone_by_key(
    qtbot: QtBot, opened: MainWindow, folder: Path
) -> None:
    prelabel(qtbot, opened, threshold=0.95)
    (button,) = [one for one in opened.findChildren(QPushButton) if one.text() == "Leave it"]
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert [one for one in opened.notices.notices if one.answers] == []
    assert n_shown(opened) == 0


def test_a_sure_model_is_not_asked_about(qtbot: QtBot, opened: MainWindow) -> None:
    prelabel(qtbot, opened, threshold=0.7)
    assert [one for one in opened.notices.notices if one.answers] == []


def test_a_done_image_is_not_pre_labelled_alone_either(qtbot: QtBot, opened: MainWindow) -> None:
    document_of(opened.session).edit(
        "Done", lambda now: edits.with_image_state(now, ImageState.DONE)
    )
    with qtbot.waitSignal(opened.session.told) as told:
        opened.session.prelabel_image()
    assert "is done" in told.args[0]
    assert opened.session.work.runs == []


def test_what_was_seen_before_needs_no_model(
    qtbot: QtBot, opened: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prelabel(qtbot, opened)
    before = {file.name: file.read_bytes() for file in folder.glob("img*.json")}
    opened.session.take_back_prelabel()
    qtbot.waitUntil(lambda: not (folder / "img_2.json").exists() and n_shown(opened) == 0)
    monkeypatch.delattr("gui.runs.EngineProcess.ask")  # nobody may call it
    with qtbot.waitSignal(
        opened.session.told, check_params_cb=lambda text: "3 images was known" in text
    ):
        opened.session.prelabel_all()
    settled(qtbot, opened)
    assert {file.name: file.read_bytes() for file in folder.glob("img*.json")} == before


def test_an_engine_that_dies_leaves_what_was_done_and_says_how_to_go_on(
    qtbot: QtBot, opened: MainWindow, folder: Path, settings: Settings
) -> None:
    project = opened.session.project
    assert project is not None
    settings.set("weights", "fake:die")
    by = predicted_by(EngineConfig("fake:die", engine="fake"), {}, classes=project.classes)
    part = Part([[1, 1], [20, 1], [20, 20]])
    state = InstanceState.PREDICTED
    for number in (0, 1):
        key = f"img_{number}.png"
        one = Instance(f"{number:016}", 1, (part,), state=state, score=0.9)
        stamp = image_stamp(folder / key)
        store = PredictionStore(project.hidden_folder)
        store.keep(Predictions(key, stamp, (90, 120), by, (one,)))
    with qtbot.waitSignal(
        opened.session.told, check_params_cb=lambda text: "2 of 3 images" in text, timeout=60_000
    ) as told:
        opened.session.prelabel_all()
    assert told.args[0].endswith("Pre-label all images goes on with the rest.")
    settled(qtbot, opened)
    assert [n_in(folder, number) for number in range(3)] == [1, 1, 0]


def test_a_cancelled_pre_label_goes_on_where_it_was(
    qtbot: QtBot, opened: MainWindow, folder: Path, settings: Settings
) -> None:
    for number in range(3, 12):
        (folder / f"img_{number}.png").write_bytes((folder / "img_0.png").read_bytes())
    with qtbot.waitSignal(opened.session.images_changed):
        opened.session.look_again()
    settings.set("weights", "fake:slow")
    opened.session.prelabel_all()
    batch = opened.session.work.runs[-1]
    assert isinstance(batch, Batch)
    batch.predicted.connect(batch.cancel)
    with qtbot.waitSignal(
        opened.session.told, check_params_cb=lambda text: "cancelled" in text, timeout=60_000
    ) as told:
        pass
    assert "of 12 images have their predictions" in told.args[0]
    settled(qtbot, opened)
    n_first = len(list(folder.glob("img*.json")))
    assert 0 < n_first < 12
    with qtbot.waitSignal(
        opened.session.told,
        check_params_cb=lambda text: "known from before" in text,
        timeout=60_000,
    ):
        opened.session.prelabel_all()
    settled(qtbot, opened)
    assert len(list(folder.glob("img*.json"))) == 12


def test_pre_labels_follow_each_other(qtbot: QtBot, opened: MainWindow, folder: Path) -> None:
    opened.session.prelabel_all()
    opened.session.prelabel_image()
    first, second = opened.session.work.runs
    qtbot.waitUntil(lambda: not first.is_going and not second.is_going, timeout=60_000)
    settled(qtbot, opened)
    assert [n_in(folder, number) for number in range(3)] == [3, 3, 3]
    for _ in range(2):
        with qtbot.waitSignal(opened.session.told):
            opened.session.take_back_prelabel()
    assert list(folder.glob("img*.json")) == []


def test_a_class_that_was_deleted_does_not_come_back(qtbot: QtBot, opened: MainWindow) -> None:
    prelabel(qtbot, opened)
    drag(qtbot, opened, 95, until=lambda: n_shown(opened) == 0)
    settled(qtbot, opened)
    session = opened.session
    session.class_list.add("blue")
    with qtbot.waitSignal(session.asked):
        session.class_list.delete(session.classes[0].id)
    opened.notices.answer("Delete class")
    qtbot.waitUntil(lambda: [one.name for one in session.classes] == ["blue"])
    confidence_of(session).move(0.1)
    confidence_of(session).settle()
    settled(qtbot, opened)
    assert n_shown(opened) == 0


def test_predictions_that_cannot_be_read_are_told_and_nothing_is_lost(
    qtbot: QtBot, opened: MainWindow, folder: Path
) -> None:
    prelabel(qtbot, opened)
    for file in (folder / ".maskloop" / "predictions").rglob("img_1*.json"):
        file.write_text("[" * 100_000)
    with qtbot.waitSignal(
        opened.session.told, check_params_cb=lambda text: "cannot be used" in text
    ):
        opened.session.open_image("img_1.png")
    qtbot.waitUntil(lambda: document_of(opened.session).key == "img_1.png")
    assert n_shown(opened) == 3
    assert "Pre-label it" in panel_of(opened).counts.text()


def test_in_a_folder_that_is_looked_at_only_it_rests(
    qtbot: QtBot, opened: MainWindow, settings: Settings, folder: Path
) -> None:
    second = Session(settings, prepare=picture_of)
    panel = ConfidencePanel(second)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(second.project_changed):
        second.open_folder(folder)
    assert not panel.slider.isEnabled()
    second.close()


def test_a_folder_that_is_looked_at_only_is_not_pre_labelled(
    qtbot: QtBot, window: MainWindow, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    first = Project.open(folder)
    first.add_class("red")
    open_folder(folder)
    session = window.session
    for begin in (session.prelabel_image, session.prelabel_all):
        with qtbot.waitSignal(session.told) as told:
            begin()
        assert "can only be looked at" in told.args[0]
    assert session.work.runs == []
    assert not (first.hidden_folder / "predictions").exists()
    first.close()


def test_without_a_folder_it_says_what_to_do(window: MainWindow) -> None:
    assert panel_of(window).counts.text() == "Open a folder first."
    assert not panel_of(window).slider.isEnabled()
