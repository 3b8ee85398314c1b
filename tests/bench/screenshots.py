"""Pictures of the window and its dialogs, light and dark, from the demo project: make screenshots.

The fine-tune in the pictures is a real one of a minute, and so are the predictions.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "screenshots"
ITERATIONS = 150
SCHEMES = ("light", "dark")

sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class Tour:
    """Goes through the steps of a tour, each when the one before is done, in Qt's own loop."""

    def __init__(self, steps: Iterator[Callable[[], bool]]) -> None:
        from PySide6.QtCore import QTimer

        self._steps = steps
        self._is_done: Callable[[], bool] = bool
        self._timer = QTimer(interval=150)
        self._timer.timeout.connect(self._look)
        self._go_on()
        self._timer.start()

    def _look(self) -> None:
        if self._is_done():
            self._go_on()

    def _go_on(self) -> None:
        from PySide6.QtWidgets import QApplication

        try:
            self._is_done = next(self._steps)
        except StopIteration:
            self._timer.stop()
            QApplication.exit(0)


def main() -> int:
    """Makes the pictures of one scheme, or starts itself for each."""
    import subprocess

    if len(sys.argv) == 1:
        OUT.mkdir(parents=True, exist_ok=True)
        return max(subprocess.call([sys.executable, __file__, scheme]) for scheme in SCHEMES)
    with tempfile.TemporaryDirectory() as temporary:
        for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = temporary
        return pictures(sys.argv[1], Path(temporary))


def pictures(scheme: str, place: Path) -> int:
    """Makes the pictures of a scheme; the exit code."""
    from gui.app import made_application
    from gui.canvas.picture import picture_of
    from gui.main_window import MainWindow
    from gui.session import Session
    from gui.settings import Settings

    application = made_application()
    if scheme == "dark":
        application.setPalette(dark_palette())
    session = Session(Settings(place / "settings.ini"), prepare=picture_of)
    window = MainWindow(session)
    window.show()
    tour = Tour(steps(window, scheme))
    code = application.exec()
    del tour
    session.close()
    return code


def dark_palette() -> "QPalette":  # type: ignore[name-defined]  # noqa: F821
    """Fusion's dark colours: without a desktop Qt has no dark scheme of its own to follow."""
    from PySide6.QtGui import QColor, QPalette

    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette(QColor(50, 50, 50))
    for name, colour in {
        role.Base: QColor(36, 36, 36),
        role.AlternateBase: QColor(43, 43, 43),
        role.Text: QColor(240, 240, 240),
        role.WindowText: QColor(240, 240, 240),
        role.ButtonText: QColor(240, 240, 240),
        role.PlaceholderText: QColor(240, 240, 240, 128),
        role.ToolTipBase: QColor(60, 60, 60),
        role.ToolTipText: QColor(240, 240, 240),
        role.Highlight: QColor(48, 140, 198),
        role.HighlightedText: QColor(255, 255, 255),
    }.items():
        palette.setColor(name, colour)
    for name in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(group.Disabled, name, QColor(130, 130, 130))
    return palette


def steps(window: "MainWindow", scheme: str) -> Iterator[Callable[[], bool]]:  # type: ignore[name-defined]  # noqa: F821
    """What is done one after another, each with how to see that it is done."""
    from core.configs import TrainConfig
    from gui.dialogs.classes import ClassDialog
    from gui.dialogs.export import ExportDialog
    from gui.dialogs.train import TrainDialog

    session = window.session

    def shoot(name: str, widget: object = window) -> Callable[[], bool]:
        file = str(OUT / f"{name}-{scheme}.png")
        widget.grab().save(file, quality=0)  # type: ignore[attr-defined]  # 0 packs best
        return lambda: True

    def all_ended() -> bool:
        return not any(run.is_going for run in session.work.runs)

    yield lambda: window.isVisible()
    yield shoot("start")
    window.show_demo()
    yield lambda: session.document is not None and not session.is_looking
    session.work.start_training(TrainConfig(folder="", iterations=ITERATIONS, evaluate_every=25))
    yield lambda: bool(session.work.runs) and session.work.training is not None
    yield lambda: window.docks["training"].widget().progress.value() > ITERATIONS // 2
    first = session.document.labels.instances[0]
    session.document.select([first.id])
    yield shoot("fine-tune")
    yield all_ended
    yield shoot("fine-tune-done")
    session.use_weights(Path(session.work.runs[-1].last.result["run"]))
    session.prelabel_all()
    yield lambda: all_ended() and session.is_all_saved
    to_review = {key: session.project.summary(key).n_predicted for key in session.keys}
    session.open_image(max(to_review, key=lambda key: to_review[key]))
    yield lambda: session.document is not None and session.document.key == session.key
    yield shoot("window")
    for name, dialog in (
        ("export", ExportDialog(session, window)),
        ("train-dialog", TrainDialog(session, window)),
        ("class-dialog", ClassDialog(session.classes, "What is this?", window)),
    ):
        dialog.open()
        yield lambda: True
        yield lambda: True
        yield shoot(name, dialog)
        dialog.reject()


if __name__ == "__main__":
    sys.exit(main())
