"""Done and next: marks the open image as done, and asks where predictions are left in it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from core import edits
from core.types import ImageLabels, ImageState
from gui.document import Document
from gui.texts import tr
from gui.widgets.notices import Notice

PREDICTIONS_LEFT_TOPIC = "done_with_predictions_left"
"""Of what is asked about the open image."""


class Finishing(QObject):
    """Marks images as done, one after the other."""

    asked = Signal(object)
    """Notice: what becomes of predictions that nobody looked at."""
    answered = Signal(str)
    """The topic of a notice that may go."""

    def __init__(
        self,
        *,
        document_of: Callable[[], Document | None],
        go_on: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        """Nothing asked yet.

        Args:
            document_of: gives the document of the image that a person is on, None while it is being
                opened: a key pressed twice must not step over an image.
            go_on: goes to the next image.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self._document_of = document_of
        self._go_on = go_on

    def mark_done(self) -> None:
        """Marks the open image as done and goes on, or asks first."""
        document = self._document_of()
        if document is None:
            return
        n_left = sum(not one.is_of_person for one in document.labels.instances)
        if n_left and document.labels.state is not ImageState.DONE:
            one_left = tr("1 prediction is left in this image that nobody looked at.")
            several_left = tr(
                "%n predictions are left in this image that nobody looked at.", "", n_left
            )
            nothing_learnt = tr("In an image that is done a fine-tune learns nothing from them.")
            left = one_left if n_left == 1 else several_left
            self._ask(document, f"{left} {nothing_learnt}")
        else:
            self._finish(document, lambda labels: labels)

    def accept_and_mark_done(self) -> None:
        """Accepts what is left, marks the open image as done and goes on, as one edit; asks first
        where some of it is hidden."""
        document = self._document_of()
        if document is None:
            return
        hidden = document.marks.hidden
        n = sum(not one.is_of_person and one.id in hidden for one in document.labels.instances)
        if n:
            one_hidden = tr("1 prediction is hidden, so nobody sees what would be accepted.")
            several_hidden = tr(
                "%n predictions are hidden, so nobody sees what would be accepted.", "", n
            )
            how_to_show = tr("Show all (Shift+H) shows them.")
            hidden_ones = one_hidden if n == 1 else several_hidden
            self._ask(document, f"{hidden_ones} {how_to_show}")
        else:
            self._finish(document, edits.all_accepted)

    def withdraw(self) -> None:
        """Takes the question back: a person is on another image."""
        self.answered.emit(PREDICTIONS_LEFT_TOPIC)

    def _ask(self, document: Document, sentence: str) -> None:
        answers = (
            (tr("Accept and go on"), lambda: self._finish(document, edits.all_accepted)),
            (tr("Leave and go on"), lambda: self._finish(document, lambda labels: labels)),
        )
        self.asked.emit(Notice(sentence, answers, topic=PREDICTIONS_LEFT_TOPIC))

    def _finish(self, document: Document, change: Callable[[ImageLabels], ImageLabels]) -> None:
        self.withdraw()
        is_done = document.edit(
            tr("Done"), lambda now: edits.with_image_state(change(now), ImageState.DONE)
        )
        if is_done and document is self._document_of():
            self._go_on()
