"""Which classes and states of instances the canvas shows; what it hides it does not find either.

It holds for every image until the window closes or another folder is opened, beside what a person
hid one by one.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from core.types import ImageLabels, InstanceState
from gui.document import Document
from gui.texts import QT_TR_NOOP, tr

_VANISHED = QT_TR_NOOP(
    "What you drew or changed does not show: its class is hidden. The eye of the class shows it"
    " again."
)


class Visibility(QObject):
    """Hides instances of some classes and states in the document that is open."""

    changed = Signal()
    told = Signal(str)

    def __init__(
        self, document_of: Callable[[], Document | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document_of = document_of
        self._document: Document | None = None
        self._classes: frozenset[int] = frozenset()
        self._states: frozenset[InstanceState] = frozenset()

    @property
    def hidden_classes(self) -> frozenset[int]:
        """The ids of the classes that do not show."""
        return self._classes

    @property
    def hidden_states(self) -> frozenset[InstanceState]:
        """The states that do not show."""
        return self._states

    def toggle_class(self, class_id: int) -> None:
        """Hides a class, or shows it again."""
        self._set(self._classes ^ {class_id}, self._states)

    def toggle_state(self, state: InstanceState) -> None:
        """Hides a state, or shows it again."""
        self._set(self._classes, self._states ^ {state})

    def show_all(self) -> None:
        """Shows every class and every state."""
        self._set(frozenset(), frozenset())

    def follow(self) -> None:
        """Takes the document that is open now."""
        document = self._document_of()
        if document is not self._document:
            if self._document is not None:
                self._document.changed.disconnect(self._on_edited)
                self._document.marks.all_wanted.disconnect(self.show_all)
            self._document = document
            if document is not None:
                document.changed.connect(self._on_edited)
                document.marks.all_wanted.connect(self.show_all)
        self._apply()

    def _set(self, classes: frozenset[int], states: frozenset[InstanceState]) -> None:
        if (classes, states) != (self._classes, self._states):
            self._classes, self._states = classes, states
            self._apply()
            self.changed.emit()

    def _on_edited(self, ids: frozenset[str]) -> None:
        if (document := self._document) is None:
            return
        before = document.marks.hidden_by_kind
        self._apply()
        new = (document.marks.hidden_by_kind - before) & ids
        instances = (one for one in document.labels.instances if one.id in new)
        if any(one.class_id in self._classes and one.is_of_person for one in instances):
            self.told.emit(tr(_VANISHED))

    def _apply(self) -> None:
        document = self._document
        if document is None:
            return
        before = document.marks.hidden_by_kind
        document.marks.set_hidden_by_kind(self._ids_in(document.labels))
        if new := document.marks.hidden_by_kind - before:
            # what is not seen must not be deleted by the next key
            document.select(document.selection - new)

    def _ids_in(self, labels: ImageLabels) -> frozenset[str]:
        if not (self._classes or self._states):
            return frozenset()
        return frozenset(
            one.id
            for one in labels.instances
            if one.class_id in self._classes or one.state in self._states
        )
