"""The window with a fine-tune in its child, and a timer that notes its gaps."""

import json
import sys
from pathlib import Path

from _gaps import Gaps
from PySide6.QtCore import Qt, QTimer

from core.configs import TrainConfig
from core.events import Metrics
from gui.app import begin, made_application
from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.session import Session
from gui.settings import Settings
from gui.widgets.garbage import GarbageInThisThread

_SECONDS = 15


class Measurement:
    """Opens a folder, notes the gaps of an idle window, then those beside a fine-tune."""

    def __init__(self, window: MainWindow) -> None:
        self.answer: dict[str, list[float]] = {}
        self.n_iterations = 0
        self._session = window.session
        self._gaps = Gaps()
        self._session.images_changed.connect(
            self._begin_idle, Qt.ConnectionType.SingleShotConnection
        )

    def _begin_idle(self) -> None:
        QTimer.singleShot(2000, self._gaps.start)  # when the thumbnails are made
        QTimer.singleShot(2000 + _SECONDS * 1000, self._end_idle)

    def _end_idle(self) -> None:
        self.answer["idle"] = self._gaps.stop()
        self._session.run_started.connect(self._on_run_started)
        config = TrainConfig(folder="", iterations=100_000, evaluate_every=100_000)
        self._session.work.start_training(config)

    def _on_run_started(self) -> None:
        run = self._session.work.training
        assert run is not None
        run.reported.connect(self._on_first_event, Qt.ConnectionType.SingleShotConnection)
        run.reported.connect(self._on_reported)
        run.ended.connect(lambda _: application.exit(0))
        QTimer.singleShot(60_000 + _SECONDS * 1000, run.cancel)

    def _on_first_event(self) -> None:
        self._gaps.start()
        QTimer.singleShot(_SECONDS * 1000, self._end_training)

    def _on_reported(self, event: object) -> None:
        self.n_iterations += isinstance(event, Metrics)

    def _end_training(self) -> None:
        self.answer["training"] = self._gaps.stop()
        self._session.work.cancel_last_run()


application = made_application()
session = Session(Settings(Path(sys.argv[2])), prepare=picture_of)
window = MainWindow(session)
GarbageInThisThread(window)
window.show()
measurement = Measurement(window)
begin(window, [sys.argv[1]])
application.exec()
window.close()
answer = {**measurement.answer, "n_iterations": measurement.n_iterations}
sys.stdout.write(json.dumps(answer) + "\n")
