"""A button whose menu says which images are listed and what comes first."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from core.types import LabelClass
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.icons import icon_of
from gui.widgets.image_order import Shown, Sorting, Wish
from gui.widgets.swatch import swatch

SHOWN_WORDS = {
    Shown.ALL: QT_TR_NOOP("All images"),
    Shown.UNTOUCHED: QT_TR_NOOP("Not started"),
    Shown.STARTED: QT_TR_NOOP("Started"),
    Shown.DONE: QT_TR_NOOP("Done"),
    Shown.TO_REVIEW: QT_TR_NOOP("With predictions to look at"),
    Shown.PROBLEMS: QT_TR_NOOP("With problems"),
}
_SHOWN_NOW = {
    Shown.UNTOUCHED: QT_TR_NOOP("not started"),
    Shown.STARTED: QT_TR_NOOP("started"),
    Shown.DONE: QT_TR_NOOP("done"),
    Shown.TO_REVIEW: QT_TR_NOOP("with predictions to look at"),
    Shown.PROBLEMS: QT_TR_NOOP("with problems"),
}
"""The same within a sentence."""
SORTING_WORDS = {
    Sorting.NAME: QT_TR_NOOP("By name"),
    Sorting.NEED: QT_TR_NOOP("What needs you most first"),
    Sorting.UNCERTAINTY: QT_TR_NOOP("Least certain predictions first"),
    Sorting.DISAGREEMENT: QT_TR_NOOP("Model and labels differ most first"),
    Sorting.INSTANCES: QT_TR_NOOP("Most instances first"),
    Sorting.RANDOM: QT_TR_NOOP("By chance"),
}
_HINT = QT_TR_NOOP(
    "Choose which images are listed and what comes first. The list stays as it is while you work on"
    " an image; choose again to bring it up to date."
)


class ImageFilterButton(QToolButton):
    """Opens the menu; its funnel is full while some images are left out."""

    chosen = Signal()
    """A person chose something, maybe the same again: `wish`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(QMenu(self))
        self._shown = QActionGroup(self)
        self._sortings = QActionGroup(self)
        self._classes = QActionGroup(self)
        self._only: frozenset[str] | None = None
        self._only_words = ""
        self._add_title(tr("Show"))
        for shown, words in SHOWN_WORDS.items():
            self.menu().addAction(self._choice(self._shown, tr(words), shown))
        self.class_menu = self.menu().addMenu(tr("With an instance of"))
        self.menu().addSeparator()
        self._add_title(tr("Sort"))
        for sorting, words in SORTING_WORDS.items():
            self.menu().addAction(self._choice(self._sortings, tr(words), sorting))
        for group in (self._shown, self._sortings, self._classes):
            group.triggered.connect(self._on_chosen)
        self.set_classes(())

    @property
    def wish(self) -> Wish:
        """What is chosen, without a query."""
        shown, sorting, one = (
            group.checkedAction().data() for group in (self._shown, self._sortings, self._classes)
        )
        return Wish(shown=Shown(shown), sorting=Sorting(sorting), class_id=one, only=self._only)

    @property
    def words(self) -> str:
        """What is left out, in a few words; empty where nothing is."""
        wish = self.wish
        parts = [] if wish.only is None else [self._only_words]
        if wish.shown is not Shown.ALL:
            parts.append(tr(_SHOWN_NOW[wish.shown]))
        if wish.class_id is not None:
            name = self._classes.checkedAction().text()
            parts.append(tr("with {class_name}").format(class_name=name))
        return ", ".join(parts)

    def set_classes(self, classes: Iterable[LabelClass]) -> None:
        """Offers these classes; the one that is chosen stays so if it is among them."""
        chosen = self.wish.class_id if self._classes.checkedAction() else None
        for action in self._classes.actions():
            self._classes.removeAction(action)
        self.class_menu.clear()
        self.class_menu.addAction(self._choice(self._classes, tr("Any class"), None))
        for one in classes:
            action = self._choice(self._classes, one.name, one.id)
            action.setIcon(swatch(one.colour))
            self.class_menu.addAction(action)
            if one.id == chosen:
                action.setChecked(True)
        self._show_state()

    def show_only(self, keys: Iterable[str], words: str) -> None:
        """Leaves out all but these images, of which the words say what they have in common."""
        self._only, self._only_words = frozenset(keys), words
        self._choose_all()

    def show_all(self) -> None:
        """Leaves out no image any more; the order stays."""
        self._only = None
        self._choose_all()

    def _choose_all(self) -> None:
        self._shown.actions()[0].setChecked(True)
        self._classes.actions()[0].setChecked(True)
        self._on_chosen()

    def changeEvent(self, event: QEvent) -> None:
        """The icon follows the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_classes"):
            self._show_state()

    def _add_title(self, words: str) -> None:
        # a section of Qt's is cut off at its top where it is the first
        self.menu().addAction(words).setEnabled(False)

    def _choice(self, group: QActionGroup, words: str, value: object) -> QAction:
        action = QAction(words, self)
        action.setCheckable(True)
        action.setData(value)
        group.addAction(action)
        if group.checkedAction() is None:
            action.setChecked(True)
        return action

    def _on_chosen(self) -> None:
        self._show_state()
        self.chosen.emit()

    def _show_state(self) -> None:
        words = self.words
        self.setIcon(icon_of("filter_on" if words else "filter", self.palette()))
        if words:
            now = tr("Shown now: {images}.").format(images=words)
            self.setToolTip(f"{now} {tr(_HINT)}")
            self.setAccessibleName(tr("Filter and sort the images: {images}").format(images=words))
        else:
            self.setToolTip(tr(_HINT))
            self.setAccessibleName(tr("Filter and sort the images: all are shown"))
