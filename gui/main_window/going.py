"""The way to a place in an image: the page, the image, what is selected, and what is seen."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRectF

from gui.canvas.view import Canvas
from gui.session import Session
from gui.session.review import Place, Review

_PART_OF_VIEW = 0.4


class WayThere(QObject):
    """Goes to the places that the review of a folder wants to be seen."""

    def __init__(
        self,
        session: Session,
        canvas: Canvas,
        *,
        show_canvas: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._canvas = canvas
        self._show_canvas = show_canvas
        self._review: Review | None = None
        self._wanted: Place | None = None
        session.project_changed.connect(self._on_project_changed)
        session.key_changed.connect(self._on_key_changed)
        session.document_changed.connect(self._arrive)
        self._on_project_changed()

    def go_to(self, place: Place) -> None:
        """Opens the image; when it is there, the place is shown."""
        self._wanted = place
        self._show_canvas()
        self._session.open_image(place.key)
        self._arrive()

    def _on_project_changed(self) -> None:
        if self._review is not (now := self._session.review):
            self._review, self._wanted = now, None
            if now is not None:
                now.place_wanted.connect(self.go_to)

    def _on_key_changed(self, key: str) -> None:
        if self._wanted is not None and key != self._wanted.key:
            self._wanted = None  # the person went elsewhere before it was there

    def _arrive(self) -> None:
        place, document = self._wanted, self._session.document
        if place is None or document is None or document.key != place.key:
            return
        self._wanted = None
        # what is not seen must not be deleted by the next key
        document.select(set(place.ids) - document.marks.hidden)
        if place.box_xyxy is not None:
            x0, y0, x1, y1 = place.box_xyxy
            self._canvas.show_rect(QRectF(x0, y0, x1 - x0, y1 - y0), part_of_view=_PART_OF_VIEW)
        else:
            self._canvas.show_selected()
