"""One pre-label of one or many images, a few of which at a time go through the engine's process."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from core.batches import new_batch_id
from core.events import Failed, Finished, Prelabelled, Progress
from core.types import Instance
from gui.runs import EngineRequest, Run

_CHUNK = 8  # images of one request: what a person waits for goes first after so many at most


class Tally:
    """How sure a model was, over the images of a batch."""

    def __init__(self) -> None:
        self.n_shown = 0
        self.n_below = 0
        """Predictions that lie below the threshold."""
        self.lowest = 1.0
        """The least score of these."""
        self._n_sure = 0
        self._n_unsure = 0

    @property
    def is_unsure(self) -> bool:
        """Whether in more images everything lies below the threshold than something above it."""
        return self._n_unsure > self._n_sure

    def add(self, predicted: Sequence[Instance], *, threshold: float) -> None:
        """Counts the predictions of one image."""
        scores = [one.score or 0.0 for one in predicted]
        below = [score for score in scores if score < threshold]
        self.n_below += len(below)
        self.n_shown += len(scores) - len(below)
        self.lowest = min([self.lowest, *below])
        self._n_sure += len(scores) > len(below)
        self._n_unsure += bool(below) and len(scores) == len(below)


class Batch(Run):
    """One pre-label of one or many images, taken back as a whole."""

    predicted = Signal(object)
    """Prelabelled."""

    def __init__(
        self, title: str, ask: Callable[[Sequence[str]], EngineRequest], parent: QObject
    ) -> None:
        super().__init__(title, parent)
        self.batch_id = new_batch_id()
        self.tally = Tally()
        self.problems: list[str] = []
        """What could not be pre-labelled, a sentence each."""
        self.unwritten: list[str] = []
        """Why what was predicted could not be written, a sentence for each such image."""
        self.n_predicted = 0
        """Images that have their predictions."""
        self.n_known = 0
        """Those of them whose predictions were kept from before."""
        self.n_images = 0
        """All of them, once it is known how many."""
        self._ask = ask
        self._keys: Sequence[str] = ()
        self._n_asked = 0
        self._started_s = time.monotonic()
        self._request: EngineRequest | None = None
        self._is_cancelled = False
        self._n_unkept = 0
        self._last: Finished | Failed | None = None

    def take_known(self, event: Prelabelled) -> None:
        """Takes predictions that were kept from before, ahead of `start`."""
        if self.is_going:
            self.n_known += 1
            self._take_predictions(event)

    def start(self, keys: Sequence[str]) -> None:
        """Asks the engine for these images, a few at a time."""
        self._keys = keys
        self.n_images = self.n_known + len(keys)
        self._started_s = time.monotonic()
        if keys:
            self._ask_next()
        else:
            self._finish()

    def fail(self, sentence: str) -> None:
        """Ends it."""
        self._take(Failed(sentence))

    def cancel(self) -> None:
        """Stops after the image that is being predicted; what is there stays."""
        self._is_cancelled = True
        if self._request is None:
            self._take(Finished(was_cancelled=True))
        else:
            self._request.cancel()

    def abandon(self) -> None:
        """Ends it at once: nothing of it may arrive any more."""
        self._is_cancelled = True
        if self._request is not None:
            self._request.cancel()
        self._take(Finished(was_cancelled=True))

    def note_keeping(self) -> None:
        """Says that what was predicted for an image is being kept: it ends after that."""
        self._n_unkept += 1

    def note_kept(self) -> None:
        """Says that this was done, well or not."""
        self._n_unkept -= 1
        if self._last is not None and not self._n_unkept:
            self._take(self._last)

    def _end(self, last: Finished | Failed) -> None:
        self._last = last
        if not self._n_unkept:
            self._take(last)

    def _ask_next(self) -> None:
        if self._is_cancelled:
            self._end(Finished(was_cancelled=True))
        if self._last is not None or not self.is_going:
            return
        self._request = self._ask(self._keys[self._n_asked : self._n_asked + _CHUNK])
        self._request.reported.connect(self._on_reported)
        self._request.ended.connect(self._on_ended)

    def _take_predictions(self, event: Prelabelled) -> None:
        self.n_predicted += 1
        self.predicted.emit(event)

    def _on_reported(self, event: object) -> None:
        if not self.is_going:
            return
        if isinstance(event, Prelabelled):
            self._take_predictions(event)
        elif isinstance(event, Progress) and event.what == "images":
            n = min(self._n_asked + event.done, len(self._keys))
            eta_s = (time.monotonic() - self._started_s) / n * (len(self._keys) - n)
            self._take(Progress(self.n_known + n, self.n_images, "images", eta_s))
        else:
            self._take(event)

    def _on_ended(self, last: Finished | Failed) -> None:
        self._n_asked += _CHUNK
        if isinstance(last, Failed) or last.was_cancelled:
            self._end(last)
            return
        found = last.result.get("problems", ())
        self.problems += [f"{problem['where']}: {problem['sentence']}" for problem in found]
        if self._n_asked < len(self._keys):
            QTimer.singleShot(0, self, self._ask_next)
        else:
            self._finish()

    def _finish(self) -> None:
        self._end(Finished({"images": self.n_predicted, "instances": self.tally.n_shown}))
