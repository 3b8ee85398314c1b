"""Grab: a frame of the live view goes into the open project, with what the model saw in it."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QObject, Signal

from core.class_map import mapped_class_ids
from core.errors import AppError
from core.images import write_png
from core.merge import merge
from core.project import Project
from core.types import Instance, InstanceState
from gui.session.live import Live, LivePicture
from gui.session.open_folder import OpenFolder
from gui.session.weights import weights_name
from gui.session.work import Work
from gui.settings import Settings
from gui.texts import n_predictions, tr
from gui.widgets.notices import Notice

_TOPIC = "grab"


@dataclass(frozen=True, slots=True)
class Grabbed:
    """A frame that is in the project now."""

    key: str
    n_predictions: int
    why_none: str = ""
    """Why its predictions were left out, as a sentence; empty: they were not."""


class Grabbing(QObject):
    """Saves what the live view shows."""

    told = Signal(str)
    asked = Signal(object)
    """Notice."""
    grabbed = Signal(object)
    """Grabbed."""

    def __init__(
        self,
        live: Live,
        work: Work,
        settings: Settings,
        *,
        folder_of: Callable[[], OpenFolder | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._live = live
        self._work = work
        self._settings = settings
        self._folder_of = folder_of
        self._numbers = count(1)

    def grab(self) -> None:
        """Saves the picture that is shown, in full size, with the predictions over the threshold.

        The PNG and its label file are written in the writer's thread; `grabbed` tells.
        """
        picture, folder = self._live.picture, self._folder_of()
        if picture is None:
            self.told.emit(tr("There is no frame to save yet: start the live view first."))
        elif folder is None:
            self.told.emit(tr("Open a folder first (Ctrl+O); then the frame has a place to go."))
        else:
            wished = f"live/{datetime.now():%Y-%m-%d_%H-%M-%S}_{next(self._numbers):04d}.png"
            score = self._settings.number("live_score")
            self._work.when_written(
                lambda project: _saved(project, picture, wished, score=score),
                lambda grabbed: self._on_saved(folder, grabbed),
            )

    def _on_saved(self, folder: OpenFolder, grabbed: Grabbed) -> None:
        folder.take_in(grabbed.key)
        self.grabbed.emit(grabbed)
        open_it = (tr("Open it"), lambda: self._open(folder, grabbed.key))
        self.asked.emit(Notice(_saved_sentence(grabbed), (open_it,), topic=_TOPIC))

    def _open(self, folder: OpenFolder, key: str) -> None:
        if folder is self._folder_of():
            folder.open_image(key)
            self._live.page_wanted.emit("annotate")
        else:
            sentence = tr("{image} is in a folder that is not open any more: {folder}.")
            self.told.emit(sentence.format(image=key, folder=folder.project.folder))


def _saved_sentence(grabbed: Grabbed) -> str:
    if grabbed.why_none:
        without = tr("The frame was saved as {image} without predictions.")
        return " ".join((without.format(image=grabbed.key), grabbed.why_none))
    if not grabbed.n_predictions:
        sentence = tr("The frame was saved as {image} with no predictions.")
    else:
        sentence = tr("The frame was saved as {image} with {predictions}.")
    return sentence.format(image=grabbed.key, predictions=n_predictions(grabbed.n_predictions))


def _saved(project: Project, picture: LivePicture, wished: str, *, score: float) -> Grabbed:
    """Called in the writer's thread."""
    project.require_writable()
    with tempfile.TemporaryDirectory(prefix="maskloop-grab-") as place:
        file = Path(place, "frame.png")
        write_png(file, np.asarray(cv2.cvtColor(picture.bgra, cv2.COLOR_BGRA2RGB), np.uint8))
        key = project.add_image(file, wished)
    try:
        predicted = predictions_of(picture, project, score=score)
    except AppError as error:
        return Grabbed(key, 0, str(error))
    loaded = project.read(key)
    labels = merge(loaded.labels, predicted)
    if labels != loaded.labels:
        project.write(key, labels, stamp=loaded.stamp)
    return Grabbed(key, len(predicted))


def predictions_of(picture: LivePicture, project: Project, *, score: float) -> tuple[Instance, ...]:
    """What the model saw from a score on, as predictions of the project's classes.

    Raises:
        AppError: no class of the weights is one of the project.
    """
    seen = [one for one in picture.frame.instances if (one.score or 0.0) >= score]
    if not seen:
        return ()
    class_map = project.class_map(weights_name(picture.weights))
    class_ids = mapped_class_ids(picture.opened.class_names, project.classes, class_map)
    return tuple(
        replace(
            one,
            class_id=class_ids[one.class_id],
            state=InstanceState.PREDICTED,
            source=weights_name(picture.weights),
        )
        for one in seen
        if one.class_id in class_ids
    )
