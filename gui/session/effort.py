"""Follows what a person does in the open image, and writes it down when the image is left."""

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.effort import EffortLog, VisitTracker
from core.errors import AppError
from core.events import Failed
from core.project import Project
from core.types import ImageLabels
from gui.document import Document
from gui.runs import ThreadRun
from gui.session.documents import Documents


class EffortWatch(QObject):
    """A visit at a time, of whatever image is open; a folder that is only looked at has none."""

    told = Signal(str)

    def __init__(
        self,
        project: Project,
        documents: Documents,
        writer: Executor,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        """Nothing followed yet.

        Args:
            project: whose file it is.
            documents: whose edits count.
            writer: the thread that writes whatever is in the folder.
            clock_s: goes forward only.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self.log = EffortLog(project.hidden_folder)
        self._is_on = not project.read_only_reason
        self._documents = documents
        self._clock_s = clock_s
        self._tracker: VisitTracker | None = None
        self._document: Document | None = None
        self._was_told = False
        self._last_s = clock_s()
        """When the person was seen last."""
        self._writing = ThreadRun(self._write, writer, parent=self)
        self._writing.ended.connect(self._on_ended)
        documents.edited.connect(self._on_edited)
        documents.current_changed.connect(self.settle)

    def touch(self) -> None:
        """Says that the person is there."""
        self._last_s = self._clock_s()
        if self._tracker is not None:
            self._tracker.touch(self._last_s)

    def settle(self) -> None:
        """Writes down the visit so far and begins another one, of the image that is open now."""
        if (end := self._end()) is not None:
            self._writing.start(*end)
        self._document = self._documents.current
        if self._document is not None and self._is_on:
            self._document.selection_changed.connect(self.touch)
            self._tracker = VisitTracker(
                self._document.key, self._document.labels, now_s=self._clock_s()
            )

    def leave(self) -> list[Callable[[], object]]:
        """Stops, and gives what the writer has to call so that the last visit is written too."""
        end = self._end()
        return [] if end is None else [partial(self._write_last, *end)]

    def _end(self) -> tuple[VisitTracker, ImageLabels, float] | None:
        tracker, document = self._tracker, self._document
        self._tracker = self._document = None
        if tracker is None or document is None:
            return None
        document.selection_changed.disconnect(self.touch)
        return tracker, document.labels, time.time()

    def judge(self, key: str, before: ImageLabels, after: ImageLabels, is_first: bool, /) -> None:
        """Takes a verdict on an image that is not open, and the time since the person was seen.

        Args:
            key: of the image.
            before: its labels.
            after: what they are now.
            is_first: of the images of this verdict; it is one action in all of them.
        """
        if not self._is_on:
            return
        now_s = self._clock_s()
        tracker = VisitTracker(key, before, now_s=self._last_s)
        tracker.step(before, after, now_s=now_s)
        self._last_s = now_s
        if self._tracker is not None:
            self._tracker.rest(now_s)
        self._writing.start(tracker, after, time.time(), 1 if is_first else 0)

    def _on_edited(self, key: str, before: ImageLabels, after: ImageLabels) -> None:
        if self._tracker is not None and self._document is not None and self._document.key == key:
            self._last_s = self._clock_s()
            self._tracker.step(before, after, now_s=self._last_s)

    def _write(
        self, tracker: VisitTracker, labels: ImageLabels, at_s: float, actions: int | None = None
    ) -> None:
        """Called in the writer's thread."""
        visit = tracker.visit(labels, at_s=at_s)
        if visit is not None:
            self.log.append(visit if actions is None else replace(visit, actions=actions))

    def _write_last(self, tracker: VisitTracker, labels: ImageLabels, at_s: float) -> None:
        """Called in the writer's thread, when nobody is left to be told."""
        with contextlib.suppress(AppError):
            self._write(tracker, labels, at_s)

    def _on_ended(self, last: object) -> None:
        if isinstance(last, Failed) and not self._was_told:
            self._was_told = True  # once a folder: it is no work that is lost
            self.told.emit(last.sentence)
