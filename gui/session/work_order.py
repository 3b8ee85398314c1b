"""In what order a person goes through the images, and which of them need a person at all."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.project import LabelSummary
from core.types import ImageState
from gui.session.open_folder import OpenFolder
from gui.texts import QT_TR_NOOP, tr

_NO_FOLDER = QT_TR_NOOP("Open a folder of images first.")
_NO_IMAGE = QT_TR_NOOP("There is no image in this folder.")
_NOTHING_LEFT = QT_TR_NOOP(
    "Nothing is left to look at: no image is untouched, and no prediction waits for you."
)


class WorkOrder(QObject):
    """Goes to the images that need a person, and knows where a model disagrees with the labels."""

    changed = Signal()
    """`disagreements` are others."""
    only_wanted = Signal(object, str)
    """Keys, and in a few words what they have in common: only these are to be listed."""
    told = Signal(str)

    def __init__(
        self, folder_of: Callable[[], OpenFolder | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._folder_of = folder_of

    @property
    def disagreements(self) -> Mapping[str, int]:
        """How much model and labels differ, by the images' keys, as far as it was looked at."""
        folder = self._folder_of()
        return folder.disagreements.known if folder else {}

    def look_for_disagreements(self) -> None:
        """Looks where model and labels differ; `changed` tells."""
        if (folder := self._folder_of()) is not None:
            folder.disagreements.look(folder.summaries.known)

    def show_only(self, keys: Sequence[str], words: str) -> None:
        """Lists these images and no others, until a person wants to see all again."""
        self.only_wanted.emit(tuple(keys), words)

    def go_to_needed(self) -> None:
        """Goes to the next image of the list that needs a person, after its end to its begin."""
        folder = self._folder_of()
        if folder is None:
            self.told.emit(tr(_NO_FOLDER))
            return
        if not folder.keys:
            self.told.emit(tr(_NO_IMAGE))
            return
        order = folder.order or folder.keys
        if key := next_needed(order, partial(_needs_person, folder), after=folder.key):
            folder.open_image(key)
            return
        elsewhere = sum(_needs_person(folder, key) for key in folder.keys if key != folder.key)
        if elsewhere:
            self.told.emit(_left_elsewhere(elsewhere))
        elif folder.key and _needs_person(folder, folder.key):
            self.told.emit(tr("Only this image is left to look at."))
        else:
            self.told.emit(tr(_NOTHING_LEFT))


def _left_elsewhere(n: int) -> str:
    """That nothing is left in the list, but so many images outside it."""
    if n == 1:
        return tr(
            "Nothing is left to look at in this list. Outside it 1 image still needs you: press"
            " Show all below the list."
        )
    return tr(
        "Nothing is left to look at in this list. Outside it %n images still need you: press Show"
        " all below the list.",
        "",
        n,
    )


def next_needed(order: Sequence[str], needs_person: Callable[[str], bool], *, after: str) -> str:
    """The first image behind this one that needs a person, from the begin where the order ends;
    empty where none but itself does."""
    place = order.index(after) + 1 if after in order else 0
    row = (*order[place:], *order[:place])
    return next((key for key in row if key != after and needs_person(key)), "")


def _needs_person(folder: OpenFolder, key: str) -> bool:
    """Whether predictions are left that nobody looked at, or nobody began at all."""
    if (document := folder.documents.document(key)) is not None:
        labels = document.labels  # what it says need not be on disk yet
        has_predictions = any(not one.is_of_person for one in labels.instances)
        return _is_left(labels.state, has_predictions=has_predictions)
    summary = folder.summaries.known.get(key, LabelSummary())
    return _is_left(summary.state, has_predictions=summary.n_predicted > 0)


def _is_left(state: ImageState, *, has_predictions: bool) -> bool:
    return state is ImageState.UNTOUCHED or (has_predictions and state is not ImageState.DONE)
