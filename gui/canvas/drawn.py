"""What a person drew: it becomes an instance of the current class, or waits for a class."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from core import edits
from core.geometry import parts_area
from core.types import Instance, Part, new_instance_id
from gui.document import Document
from gui.texts import tr

_THINNEST_PX = 1e-3


class Drawn(QObject):
    """The class of what is drawn next, and what was drawn and has none yet."""

    class_wanted = Signal()
    """Something waits: call `set_class_id`, or `drop_waiting`."""
    waiting_changed = Signal()
    refused = Signal(str)
    """A sentence for the user: an outline cannot be used."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._class_id: int | None = None
        self._waiting: tuple[Part, ...] = ()

    @property
    def class_id(self) -> int | None:
        """The class of what is drawn next."""
        return self._class_id

    @property
    def waiting(self) -> tuple[Part, ...]:
        """What was drawn and has no class yet."""
        return self._waiting

    def set_document(self, document: Document | None) -> None:
        """Adds what is drawn to this document from now on; what waits is given up."""
        self.drop_waiting()
        self._document = document

    def set_class_id(self, class_id: int | None) -> None:
        """Chooses the class of what is drawn next, and of what waits for a class."""
        self._class_id = class_id
        if class_id is not None and self._waiting:
            parts, self._waiting = self._waiting, ()
            if not self._add(parts, class_id):
                self._waiting = parts
            self.waiting_changed.emit()

    def drop_waiting(self) -> None:
        """Gives up what was drawn and got no class."""
        self._waiting = ()
        self.waiting_changed.emit()

    def add_polygon(self, points: Sequence[tuple[float, float]]) -> bool:
        """Makes an instance of a drawn outline, of the current class; without one it waits.

        Returns:
            Whether the outline is in the labels, or waits; if not, the person was told why.
        """
        ring = np.array(points, dtype=np.float64)
        if len(ring) < 3:
            self.refused.emit(
                tr("A polygon needs at least three points. Click where the others are.")
            )
            return False
        if _is_on_one_line(ring):
            self.refused.emit(tr("All these points lie on one line. Click one beside it."))
            return False
        return self.add_parts((Part(ring),))

    def add_parts(self, parts: Sequence[Part], *, class_id: int | None = None) -> bool:
        """Makes one instance of parts, with their holes, of the current class; without one it
        waits.

        Args:
            parts: its regions.
            class_id: the class that was current when it was drawn, where that is a while ago.

        Returns:
            Whether they are in the labels, or wait; if not, the person was told why.
        """
        several = tuple(parts)
        if not several or parts_area(several) == 0:
            self.refused.emit(tr("Nothing with an area was drawn, so nothing was added."))
            return False
        class_id = self._class_id if class_id is None else class_id
        if class_id is None:
            self._waiting = several
            self.waiting_changed.emit()
            self.class_wanted.emit()
            return True
        return self._add(several, class_id)

    def _add(self, parts: tuple[Part, ...], class_id: int) -> bool:
        document, instance = self._document, Instance(new_instance_id(), class_id, parts)
        if document is None or not document.edit(
            tr("Draw"), lambda labels: edits.with_instance_added(labels, instance)
        ):
            return False
        document.select([instance.id])
        return True


def _is_on_one_line(ring: npt.NDArray[np.float64]) -> bool:
    # not by its area: that of a figure of eight is nothing as well
    extents = np.linalg.svd(ring - ring.mean(axis=0), compute_uv=False)
    return float(extents[-1]) < _THINNEST_PX
