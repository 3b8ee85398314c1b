"""The page to evaluate on images that are done, for the tests of it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.kept_evaluations import KeptEvaluation, new_evaluation_folder
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, Part
from gui.pages.evaluate import EvaluatePage
from gui.session import Session
from tests.gui.measured_example import keep_example

LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 60_000


def make_done(folder: Path) -> Path:
    """Marks the three images done: one of them is kept to measure with."""
    project = Project.open(folder)
    red, _ = project.add_class("red"), project.add_class("violet")
    square = Part([(13, 18), (37, 18), (37, 42), (13, 42)])
    for number in range(3):
        labels = ImageLabels((90, 120), (Instance("a", red.id, (square,)),), ImageState.DONE)
        project.write(f"img_{number}.png", labels, stamp="")
    project.close()
    return folder


def shown_page(
    qtbot: QtBot, session: Session, open_folder: Callable[[Path], None], folder: Path
) -> EvaluatePage:
    """The page on a folder, when it has counted the images."""
    open_folder(folder)
    made = EvaluatePage(session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: "(" in made.bar.split.itemText(0))
    return made


def measured(qtbot: QtBot, shown: EvaluatePage) -> None:
    """Waits until something is shown and nothing is measured any more."""
    qtbot.waitUntil(lambda: shown.view.measurement is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not shown.evaluating.is_going)


def evaluated(qtbot: QtBot, shown: EvaluatePage) -> None:
    """Presses Evaluate, and waits for what comes of it."""
    qtbot.mouseClick(shown.bar.start_button, LEFT)
    measured(qtbot, shown)


def kept_in(folder: Path, **heading: str) -> KeptEvaluation:
    """The example, kept with a project as one of its evaluations."""
    hidden = folder / ".maskloop"
    weights = heading.get("weights", "fake")
    return keep_example(new_evaluation_folder(hidden, weights, "val"), **heading)
