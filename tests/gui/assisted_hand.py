"""A hand on a canvas whose tools can ask a scripted worker for assistance."""

import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.configs import EngineConfig
from core.types import ImageLabels, Instance
from gui.document import Document
from gui.runs import EngineProcess
from gui.session.assist import Assist, OwnWeights, Readiness
from gui.settings import Settings
from gui.widgets.notices import Notice
from tests.gui.hand import SIZE_HW, Hand

WORKER = Path(__file__).with_name("scripted_assist.py")
SCRIPTED = (Readiness.READY, Readiness.MISSING, Readiness.DOWNLOADING)


class AssistedHand(Hand):
    """Works a canvas whose image is a.jpg; b.jpg is the next one."""

    def __init__(
        self, qtbot: QtBot, folder: Path, *instances: Instance, model: str = "efficientsam:10m"
    ) -> None:
        super().__init__(qtbot, *instances)
        self.folder = folder
        self.settings = Settings(folder / "settings.ini")
        self.settings.set("assist_model", model)
        self.engine = EngineProcess((sys.executable, str(WORKER), str(folder)), self.canvas)
        self.own: EngineConfig | Exception = EngineConfig("fake", engine="fake")
        self.targets = {"disc": "fig", "star": ""}
        self.now_s = 0.0
        self.assist = Assist(
            self.engine, self.settings, clock=lambda: self.now_s,
            own=OwnWeights(self._own_engine, lambda: self.targets),
            path_of=lambda key: f"/photos/{key}",
            next_key=lambda: "b.jpg" if self.canvas_key == "a.jpg" else "", parent=self.canvas,
        )  # fmt: skip
        self.notices: list[Notice] = []
        self.answered: list[str] = []
        self.told: list[str] = []
        self.assist.asked.connect(self.notices.append)
        self.assist.answered.connect(self.answered.append)
        self.canvas.refused.connect(self.told.append)
        self.canvas.set_assist(self.assist)

    @property
    def canvas_key(self) -> str:
        document = self.canvas.document
        return document.key if document is not None else ""

    def take(self, tool: str) -> None:
        """Takes a tool, and waits until it is known whether it can be used."""
        self.canvas.set_tool(tool)
        self.until(lambda: self.assist.readiness in SCRIPTED)

    def show(self, key: str) -> Document:
        """Goes to another image."""
        self.document = Document(key, ImageLabels(SIZE_HW))
        self.canvas.set_document(self.document)
        return self.document

    def right_click(self, x: float, y: float) -> None:
        self.move(x, y)
        right = Qt.MouseButton.RightButton
        self.qtbot.mouseClick(self.canvas.viewport(), right, pos=self.place(x, y))

    def go(self) -> None:
        """Lets the worker go on where it waits."""
        (self.folder / "go").touch()

    def until(self, is_so: Any) -> None:
        self.qtbot.waitUntil(is_so, timeout=20_000)

    def until_answered(self) -> None:
        self.until(lambda: not self.assist.is_asked)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What came to the worker, in its order."""
        file = self.folder / "asked.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def box_of(self, place: int = -1) -> list[float]:
        """Left, top, right and bottom of an instance."""
        outer = self.labels.instances[place].parts[0].outer
        return [*outer.min(axis=0).tolist(), *outer.max(axis=0).tolist()]

    def answer(self, text: str) -> None:
        """Presses a button of the last notice."""
        dict(self.notices[-1].answers)[text]()

    def close(self) -> None:
        self.engine.close()

    def _own_engine(self) -> EngineConfig:
        if isinstance(self.own, Exception):
            raise self.own
        return self.own
