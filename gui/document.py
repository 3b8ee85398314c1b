"""The open image: its labels, what is selected, and its undo stack."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from core.edits import changed_ids, mended
from core.errors import AppError
from core.types import ImageLabels
from gui.texts import QT_TR_NOOP, tr

BeforeChange: TypeAlias = Callable[[ImageLabels, ImageLabels], None]
"""Called with the labels before and after, before anything shows; AppError refuses the change."""

_MENDED_SENTENCE = QT_TR_NOOP(
    "The outline crossed itself; it was mended and covers what was painted."
    " Undo takes the edit back."
)

SelectedChange: TypeAlias = Callable[[ImageLabels, Collection[str]], ImageLabels]
"""An edit of the instances of these ids."""


class Marks(QObject):
    """What a person hid or locked of an image's instances, and picked of what was rejected.

    It lasts as long as the window. It is no part of the labels: neither saved nor undone.
    """

    changed = Signal(object)
    """frozenset of the ids that are hidden or locked now and were not, or the other way round."""
    picked_changed = Signal()
    all_wanted = Signal()
    """A person wants to see everything: no class and no state may stay hidden."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._by_hand: frozenset[str] = frozenset()
        self._by_kind: frozenset[str] = frozenset()
        self._locked: frozenset[str] = frozenset()
        self._picked: frozenset[str] = frozenset()

    @property
    def hidden(self) -> frozenset[str]:
        """The ids that are neither shown on the canvas nor found by the mouse there."""
        return self._by_hand | self._by_kind if self._by_kind else self._by_hand

    @property
    def hidden_by_hand(self) -> frozenset[str]:
        """Those that a person hid one by one."""
        return self._by_hand

    @property
    def hidden_by_kind(self) -> frozenset[str]:
        """Those whose class or state is hidden."""
        return self._by_kind

    @property
    def locked(self) -> frozenset[str]:
        """The ids that the mouse passes through and no edit by hand changes."""
        return self._locked

    @property
    def out_of_reach(self) -> frozenset[str]:
        """The ids that the mouse does not find on the canvas."""
        return self.hidden | self._locked

    @property
    def picked(self) -> frozenset[str]:
        """The ids of rejected predictions that are picked in their list."""
        return self._picked

    def pick(self, ids: Iterable[str]) -> None:
        """Picks these rejected predictions and no others."""
        before, self._picked = self._picked, frozenset(ids)
        if before != self._picked:
            self.picked_changed.emit()

    def set_hidden(self, ids: Iterable[str]) -> None:
        """Hides these and shows all others, but for those whose class or state is hidden."""
        before, self._by_hand = self.hidden, frozenset(ids)
        if other := before ^ self.hidden:
            self.changed.emit(other)

    def set_hidden_by_kind(self, ids: Iterable[str]) -> None:
        """Hides these too, because of their class or state, and no others for that reason."""
        before, self._by_kind = self.hidden, frozenset(ids)
        if other := before ^ self.hidden:
            self.changed.emit(other)

    def show_all(self) -> None:
        """Hides nothing any more, for whatever reason."""
        self.set_hidden(())
        self.all_wanted.emit()

    def set_locked(self, ids: Iterable[str]) -> None:
        """Locks these and unlocks all others."""
        before, self._locked = self._locked, frozenset(ids)
        if other := before ^ self._locked:
            self.changed.emit(other)


class _Edit(QUndoCommand):
    """The only undo command: two references."""

    def __init__(
        self, document: "Document", text: str, after: ImageLabels, *, merge_id: int
    ) -> None:
        super().__init__(text)
        self.before = document.labels
        self.after = after
        self.made_at = datetime.now(UTC)
        self._document = document
        self._merge_id = merge_id

    def redo(self) -> None:
        self._document._show(self.after)

    def undo(self) -> None:
        self._document._show(self.before)

    def id(self) -> int:
        return self._merge_id

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Edit):
            return False
        self.after, self.made_at = other.after, other.made_at
        self.setObsolete(_is_same(self.before, self.after))
        return True


@dataclass(frozen=True, slots=True)
class Step:
    """One step of undo."""

    text: str
    """What was done: "Move vertex"."""
    made_at: datetime
    """In UTC; of the last edit, where several became one step."""


class Document(QObject):
    """The labels of one image while it is open; whatever changes them goes through here."""

    changed = Signal(object)
    """frozenset of the ids that were added, removed or are different; empty where only the image's
    state changed."""
    selection_changed = Signal()
    saved_state_changed = Signal()
    refused = Signal(str)
    """A sentence for the user: an edit was not made."""
    mended = Signal(str)
    """A sentence for the user: an edit was made, and an outline that it crossed was mended."""

    def __init__(
        self,
        key: str,
        labels: ImageLabels,
        *,
        before_change: BeforeChange | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._key = key
        self._labels = labels
        self._saved = labels
        self._is_dirty = False
        self._before_change = before_change
        self._selection: frozenset[str] = frozenset()
        self._merge_ids: dict[str, int] = {}
        self._goes_to: ImageLabels | None = None
        """What is shown at once, on a way of many steps."""
        self._undo_stack = QUndoStack(self)
        self.marks = Marks(self)

    @property
    def key(self) -> str:
        """The image's key in the project."""
        return self._key

    @property
    def labels(self) -> ImageLabels:
        """As they are now."""
        return self._labels

    @property
    def undo_stack(self) -> QUndoStack:
        """For what can be undone and how it is called; `undo` and `redo` are what moves it."""
        return self._undo_stack

    @property
    def selection(self) -> frozenset[str]:
        """The ids of the selected instances, all of them in the labels."""
        return self._selection

    @property
    def is_dirty(self) -> bool:
        """Whether the labels differ from those that were saved last."""
        return self._is_dirty

    def select(self, ids: Iterable[str]) -> None:
        """Selects these instances and no others; ids that are not there are left out."""
        selection = frozenset(ids) & {instance.id for instance in self._labels.instances}
        if selection != self._selection:
            self._selection = selection
            self.selection_changed.emit()

    def apply(self, text: str, after: ImageLabels, *, merge_key: str = "") -> bool:
        """Makes `after` the labels, as one undo step; nothing where they are the same already.

        Args:
            text: what was done, for the undo menu: "Move vertex".
            after: the labels after it, made from `labels`.
            merge_key: edits that follow each other with the same key, none of them saved in
                between, become one step.

        Returns:
            Whether the labels are now `after`.
        """
        if _is_same(self._labels, after):
            return True
        if not self._is_allowed(after):
            return False
        self._undo_stack.push(_Edit(self, text, after, merge_id=self._merge_id(merge_key)))
        return True

    def edit(
        self, text: str, change: Callable[[ImageLabels], ImageLabels], *, merge_key: str = ""
    ) -> bool:
        """Applies `change(labels)`, no outline of which crosses itself afterwards.

        An AppError of the change is reported by `refused`. So is an outline without area, or one
        outside the image: nothing is changed then.
        """
        try:
            after, has_crossed = mended(self._labels, change(self._labels))
        except AppError as error:
            self.refused.emit(str(error))
            return False
        is_made = self.apply(text, after, merge_key=merge_key)
        if is_made and has_crossed:
            self.mended.emit(tr(_MENDED_SENTENCE))
        return is_made

    def edit_selected(self, text: str, change: SelectedChange, *, merge_key: str = "") -> bool:
        """Applies `change(labels, ids)` to the selected instances but those that are locked.

        Returns:
            Whether anything was left to change, and was allowed to.
        """
        ids = self._selection - self.marks.locked
        if n_locked := len(self._selection) - len(ids):
            self.refused.emit(_locked_sentence(n_locked))
        if not ids:
            return False
        return self.edit(text, lambda labels: change(labels, ids), merge_key=merge_key)

    def undo(self) -> None:
        """Takes the last step back, if there is one."""
        if self._undo_stack.canUndo():
            step = self._undo_stack.command(self._undo_stack.index() - 1)
            if not isinstance(step, _Edit) or self._is_allowed(step.before):
                self._undo_stack.undo()

    def redo(self) -> None:
        """Makes the step that was taken back last again, if there is one."""
        if self._undo_stack.canRedo():
            step = self._undo_stack.command(self._undo_stack.index())
            if not isinstance(step, _Edit) or self._is_allowed(step.after):
                self._undo_stack.redo()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the undo stack from the first, also those that were taken back."""
        commands = map(self._undo_stack.command, range(self._undo_stack.count()))
        return tuple(Step(one.text(), one.made_at) for one in commands if isinstance(one, _Edit))

    def go_to_step(self, number: int) -> None:
        """Takes steps back, or makes them again, until so many are made; in one edit on the disk.

        Raises:
            IndexError: there are not so many.
        """
        stack = self._undo_stack
        if not 0 <= number <= stack.count():
            raise IndexError(number)
        if number == stack.index():
            return
        step = stack.command(number - 1 if number > stack.index() else number)
        if isinstance(step, _Edit):
            labels = step.after if number > stack.index() else step.before
            if self._is_allowed(labels):
                self._goes_to = labels
                stack.setIndex(number)
                self._goes_to = None

    def replace_from_disk(self, labels: ImageLabels) -> None:
        """Takes over what another program wrote; it can be undone, and counts as saved."""
        if not _is_same(self._labels, labels):
            self._undo_stack.push(_Edit(self, tr("Changed on disk"), labels, merge_id=-1))
        self.mark_saved(labels)

    def rewrite(self, change: Callable[[ImageLabels], ImageLabels]) -> None:
        """Changes the labels in every step of the past too, so that none brings back what is gone.

        For a class that was merged or deleted, which no undo step of an image takes back.
        """
        for place in range(self._undo_stack.count()):
            step = self._undo_stack.command(place)
            if isinstance(step, _Edit):
                step.before, step.after = change(step.before), change(step.after)
        self._saved = change(self._saved)
        self._show(change(self._labels))

    def mark_saved(self, labels: ImageLabels) -> None:
        """Says that these labels are on the disk now; they need not be the latest."""
        self._saved = labels
        if self._labels is labels:
            # a drag after a save must not melt into the step that was saved
            self._undo_stack.setClean()
        self._update_dirty()

    def _is_allowed(self, after: ImageLabels) -> bool:
        if self._before_change is None:
            return True
        try:
            self._before_change(self._labels, after)
        except AppError as error:
            self.refused.emit(str(error))
            return False
        return True

    def _merge_id(self, merge_key: str) -> int:
        if not merge_key:
            return -1
        return self._merge_ids.setdefault(merge_key, len(self._merge_ids))

    def _show(self, labels: ImageLabels) -> None:
        if self._goes_to is not None:
            if self._labels is self._goes_to:
                return
            labels = self._goes_to
        ids = changed_ids(self._labels, labels)
        self._labels = labels
        selection = self._selection & {instance.id for instance in labels.instances}
        is_other_selection = selection != self._selection
        self._selection = selection
        self.changed.emit(ids)
        if is_other_selection:
            self.selection_changed.emit()
        self._update_dirty()

    def _update_dirty(self) -> None:
        is_dirty = not _is_same(self._labels, self._saved)
        if is_dirty != self._is_dirty:
            self._is_dirty = is_dirty
            self.saved_state_changed.emit()


def _is_same(a: ImageLabels, b: ImageLabels) -> bool:
    """Whether the same file would be written; equality alone leaves out what is not ours in it."""
    return a is b or (
        a == b and a.foreign_shapes == b.foreign_shapes and a.foreign_keys == b.foreign_keys
    )


def _locked_sentence(n_locked: int) -> str:
    if n_locked == 1:
        return tr("A selected instance is locked and stays as it is. Unlock it first to change it.")
    return tr(
        "%n of the selected instances are locked and stay as they are. Unlock them first to change"
        " them.",
        "",
        n_locked,
    )
