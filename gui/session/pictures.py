"""Images on their way to the screen: decoded in a thread, the latest wish only, the next ahead."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.images import read_image
from core.project import LoadedLabels, Project
from gui.runs import ThreadRun

PreparePicture: TypeAlias = Callable[[npt.NDArray[np.uint8]], object]
"""Makes (H, W, 3) uint8 RGB ready for the screen. Called in threads."""

_KEPT = 3  # the one on screen, the next and the previous: 110 MB at 12 MP


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """An image and its labels, as far as they can be read."""

    key: str
    picture: object | None
    """What `prepare` made of its pixels."""
    loaded: LoadedLabels | None
    why_not: str = ""
    """Why one of them is missing, as a sentence for the user."""


class Pictures(QObject):
    """Opens images of a project."""

    opened = Signal(object)
    """Opened, for the latest wish."""

    def __init__(
        self,
        project: Project,
        reader: Executor,
        *,
        prepare: PreparePicture,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._prepare = prepare
        self._kept: OrderedDict[str, tuple[int, object]] = OrderedDict()
        self._opening = ThreadRun(self._open, reader, latest_only=True, parent=self)
        self._opening.reported.connect(self.opened)
        self._ahead = ThreadRun(self._decode, reader, latest_only=True, parent=self)

    def open(self, key: str) -> None:
        """Opens this image; `opened` tells when."""
        self._opening.start(key)

    def leave(self) -> None:
        """Lets nothing arrive any more."""
        self._opening.drop()
        self._ahead.drop()

    def decode_ahead(self, key: str) -> None:
        """Decodes an image that is likely to be opened next."""
        self._ahead.start(key)

    def _open(self, key: str) -> Opened:
        picture, loaded, reasons = None, None, []
        try:
            picture = self._picture(key)
        except AppError as error:
            reasons.append(str(error))
        try:
            loaded = self._project.read(key)
        except AppError as error:
            reasons.append(str(error))
        return Opened(key, picture, loaded, " ".join(dict.fromkeys(reasons)))

    def _decode(self, key: str) -> None:
        try:
            self._picture(key)
        except AppError:
            return  # told when a person opens it

    def _picture(self, key: str) -> object:
        """Decodes an image and makes it ready, or takes it from those kept. Called in threads.

        Raises:
            AppError: it cannot be read.
        """
        path = self._project.image_path(key)
        try:
            version = path.stat().st_mtime_ns
        except OSError:
            version = 0  # read_image has the sentence for it
        kept = self._kept.get(key)
        if kept is not None and kept[0] == version:
            return kept[1]
        picture = self._prepare(read_image(path))
        self._kept[key] = (version, picture)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return picture
