"""The doubts: found when it is asked for, one click from their place, dismissed for good."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.doubts import DoubtKind
from core.predictions import PredictedBy, Predictions, PredictionStore, image_stamp
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part
from gui.main_window import MainWindow
from gui.panels.doubts import DoubtsPanel
from gui.session import Session

LEFT = Qt.MouseButton.LeftButton


def square(name: str, x: float, *, side: float = 24, score: float | None = None) -> Instance:
    ring = [
        [x, 18],
        [x + side, 18],
        [x + side, 18 + side],
        [x, 18 + side],
        [x - 0.5, 18 + side / 2],
    ]
    state = InstanceState.DRAWN if score is None else InstanceState.PREDICTED
    return Instance(name, 1, (Part(ring),), state=state, score=score)


def keep(project: Project, key: str, *instances: Instance) -> None:
    by = PredictedBy("best", "1", {}, ("red",))
    stamp = image_stamp(project.image_path(key))
    store = PredictionStore(project.hidden_folder)
    store.keep(Predictions(key, stamp, (90, 120), by, instances))


@pytest.fixture
def doubtful(folder: Path) -> Path:
    """In img_0 a double, in img_1 a missed object, in img_2 nothing."""
    project = Project.open(folder)
    project.add_class("red")
    for key, instances in {
        "img_0.png": (square("a", 13), square("b", 13.5)),
        "img_1.png": (square("a", 13),),
        "img_2.png": (square("a", 13),),
    }.items():
        project.write(key, ImageLabels((90, 120), instances, ImageState.STARTED), stamp="")
    keep(project, "img_1.png", square("p", 13, score=0.9), square("q", 60, score=0.95))
    project.close()
    return folder


@pytest.fixture
def panel(
    qtbot: QtBot, window: MainWindow, open_folder: Callable[[Path], None], doubtful: Path
) -> DoubtsPanel:
    open_folder(doubtful)
    dock = window.docks["doubts"]
    dock.show()
    dock.raise_()
    made = dock.widget()
    assert isinstance(made, DoubtsPanel)
    return made


def looked(qtbot: QtBot, panel: DoubtsPanel) -> None:
    qtbot.mouseClick(panel.look_button, LEFT)
    qtbot.waitUntil(lambda: len(panel.model.doubts) == 2)
    qtbot.waitUntil(lambda: panel.look_button.isEnabled())


def click(qtbot: QtBot, panel: DoubtsPanel, row: int) -> None:
    at = panel.list.visualRect(panel.model.index(row)).center()
    qtbot.mouseClick(panel.list.viewport(), LEFT, pos=at)


def test_before_it_looked_it_says_what_to_do(panel: DoubtsPanel) -> None:
    assert "Press Look through" in panel.words.text()
    assert not panel.list.isVisible()


def test_what_costs_most_is_listed_first(qtbot: QtBot, panel: DoubtsPanel) -> None:
    looked(qtbot, panel)
    assert [(one.kind, one.key) for one in panel.model.doubts] == [
        (DoubtKind.MISSED, "img_1.png"),
        (DoubtKind.DOUBLE, "img_0.png"),
    ]
    assert panel.kinds.itemText(0) == "All doubts (2)"


def test_one_kind_can_be_listed_alone(qtbot: QtBot, panel: DoubtsPanel) -> None:
    looked(qtbot, panel)
    panel.kinds.setCurrentIndex(panel.kinds.findData(DoubtKind.DOUBLE))
    assert [one.kind for one in panel.model.doubts] == [DoubtKind.DOUBLE]
    panel.kinds.setCurrentIndex(panel.kinds.findData(DoubtKind.TINY))
    qtbot.waitUntil(lambda: panel.words.text() == "Nothing of this kind looks wrong.")


def test_a_click_goes_to_the_place(
    qtbot: QtBot, window: MainWindow, session: Session, panel: DoubtsPanel
) -> None:
    looked(qtbot, panel)
    click(qtbot, panel, 0)
    qtbot.waitUntil(lambda: session.document is not None and session.document.key == "img_1.png")
    seen = window.canvas.visible_rect()
    assert seen.contains(60, 18)
    assert seen.contains(84, 42)
    click(qtbot, panel, 1)
    qtbot.waitUntil(lambda: session.document is not None and session.document.key == "img_0.png")
    assert session.document.selection == {"a", "b"}


def test_the_arrows_go_from_one_to_the_next(
    qtbot: QtBot, session: Session, panel: DoubtsPanel
) -> None:
    looked(qtbot, panel)
    click(qtbot, panel, 0)
    qtbot.waitUntil(lambda: session.key == "img_1.png")
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: session.key == "img_0.png")


def test_what_is_mended_is_doubted_no_more(
    qtbot: QtBot, session: Session, panel: DoubtsPanel
) -> None:
    looked(qtbot, panel)
    click(qtbot, panel, 1)
    qtbot.waitUntil(lambda: session.document is not None and session.document.key == "img_0.png")
    session.document.edit(
        "Delete",
        lambda labels: ImageLabels(labels.size_hw, labels.instances[:1], labels.state),
    )
    qtbot.waitUntil(lambda: [one.kind for one in panel.model.doubts] == [DoubtKind.MISSED])


def test_a_button_takes_the_nearest_way_out(
    qtbot: QtBot, session: Session, panel: DoubtsPanel
) -> None:
    looked(qtbot, panel)
    click(qtbot, panel, 0)
    assert panel.words.text().endswith("Mend adds what the model sees.")
    qtbot.mouseClick(panel.mend_button, LEFT)
    qtbot.waitUntil(lambda: [one.kind for one in panel.model.doubts] == [DoubtKind.DOUBLE])
    assert session.project is not None
    mended = session.project.read("img_1.png").labels
    assert [one.state for one in mended.instances] == [
        InstanceState.DRAWN,
        InstanceState.ACCEPTED,
    ]


def test_what_is_dismissed_stays_dismissed(
    qtbot: QtBot, session: Session, panel: DoubtsPanel
) -> None:
    looked(qtbot, panel)
    click(qtbot, panel, 0)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: [one.kind for one in panel.model.doubts] == [DoubtKind.DOUBLE])
    qtbot.mouseClick(panel.look_button, LEFT)
    qtbot.waitUntil(lambda: panel.look_button.isEnabled())
    assert [one.kind for one in panel.model.doubts] == [DoubtKind.DOUBLE]
    assert session.project is not None
    file = session.project.hidden_folder / "dismissed.json"
    qtbot.waitUntil(file.is_file)
    qtbot.mouseClick(panel.back_button, LEFT)
    qtbot.waitUntil(lambda: len(panel.model.doubts) == 2)


def test_it_looks_by_itself_after_a_pre_label_of_many_images(
    qtbot: QtBot, session: Session, panel: DoubtsPanel
) -> None:
    session.prelabel_all()
    qtbot.waitUntil(lambda: panel.kinds.itemText(0).startswith("All doubts ("), timeout=20_000)


def test_what_a_run_brings_to_light_is_told_with_a_way_there(
    qtbot: QtBot, window: MainWindow, session: Session, panel: DoubtsPanel
) -> None:
    window.docks["doubts"].hide()
    session.prelabel_all()
    qtbot.waitUntil(
        lambda: any("look" in one.sentence for one in window.notices.notices if one.answers),
        timeout=20_000,
    )
    window.notices.answer("Show the doubts")
    assert window.docks["doubts"].isVisible()
    assert panel.model.doubts


def test_without_predictions_it_says_that_nothing_was_held_against_the_labels(
    qtbot: QtBot, window: MainWindow, open_folder: Callable[[Path], None], folder: Path
) -> None:
    open_folder(folder)
    panel = window.docks["doubts"].widget()
    assert isinstance(panel, DoubtsPanel)
    panel.look()
    qtbot.waitUntil(lambda: "No image was pre-labelled" in panel.words.text())


def test_without_a_folder_it_says_what_to_do(window: MainWindow) -> None:
    panel = window.docks["doubts"].widget()
    assert isinstance(panel, DoubtsPanel)
    assert panel.words.text() == "Open a folder first."
    assert not panel.look_button.isEnabled()
