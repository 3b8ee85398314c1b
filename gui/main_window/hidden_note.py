"""What the status bar says of instances that do not show, so that nobody wonders where they are."""

from PySide6.QtWidgets import QToolButton

from core.types import InstanceState
from gui.document import Document
from gui.session import Session
from gui.texts import n_instances, tr
from gui.widgets.states import state_text


class HiddenNote(QToolButton):
    """Says how many instances of the open image are hidden and why; a press shows them all."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._document: Document | None = None
        self._is_of_image = True
        self.setAutoRaise(True)
        self.clicked.connect(self._show_all)
        session.document_changed.connect(self._follow)
        session.classes_changed.connect(self._update)
        session.visibility.changed.connect(self._update)
        self._follow()

    def show_on_page(self, *, is_of_image: bool) -> None:
        """Whether the page that is shown is about an image; on no other one there is a word."""
        self._is_of_image = is_of_image
        self._update()

    def _follow(self) -> None:
        if self._document is not self._session.document:
            if self._document is not None:
                self._document.marks.changed.disconnect(self._update)
                self._document.changed.disconnect(self._update)
            self._document = self._session.document
            if self._document is not None:
                self._document.marks.changed.connect(self._update)
                self._document.changed.connect(self._update)
        self._update()

    def _update(self, _ids: object = None) -> None:
        kinds = self._kinds()
        document = self._document
        hidden = document.marks.hidden if document else frozenset()
        n_hidden = sum(one.id in hidden for one in document.labels.instances) if document else 0
        self.setVisible(self._is_of_image and bool(n_hidden or kinds))
        why = f": {', '.join(kinds)}" if kinds else ""
        short = tr("%n hidden", "", n_hidden)
        whole = tr("{instances} hidden").format(instances=n_instances(n_hidden))
        self.setText(f"{short}{why}")
        self.setAccessibleName(f"{whole}{why}")
        self.setToolTip(
            tr(
                "Instances that do not show on the canvas, and the classes and states that are"
                " hidden. Press to show everything."
            )
        )

    def _kinds(self) -> list[str]:
        visibility, classes = self._session.visibility, self._session.classes
        names = [one.name for one in classes if one.id in visibility.hidden_classes]
        states = [one for one in InstanceState if one in visibility.hidden_states]
        return names + [state_text(one) for one in states]

    def _show_all(self) -> None:
        self._session.visibility.show_all()
        if self._document is not None:
            self._document.marks.show_all()
