"""A field for a search: it completes terms, says what can be asked, and where a mistake is."""

import html
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from core.errors import AppError
from core.query import FIELDS, FieldKind, FieldSpec, Query, parse
from core.types import LabelClass
from gui.texts import tr


class QueryField(QLineEdit):
    """What is typed, as a query; while that is a mistake the last query without one stays."""

    changed = Signal()
    """`query` or `trouble` is another one."""
    entered = Signal()
    """Enter was pressed, not to take over a completion."""

    def __init__(self, words: str, what_words_match: str, parent: QWidget | None = None) -> None:
        """An empty field.

        Args:
            words: its name and what stands in it while it is empty.
            what_words_match: what a word without a field is looked for in, for the help.
            parent: as of any widget.
        """
        super().__init__(parent, clearButtonEnabled=True, placeholderText=words)
        self.query = Query()
        self.trouble = ""
        """What cannot be understood, in a sentence; empty: all can."""
        self._classes: tuple[LabelClass, ...] = ()
        self._help = _help(what_words_match)
        self.setAccessibleName(words)
        self.setToolTip(self._help)
        self._completer = _TermCompleter(self)
        self.setCompleter(self._completer)
        self.textChanged.connect(self._on_text_changed)
        self.returnPressed.connect(self._on_return)
        self.set_classes(())

    def set_classes(self, classes: Iterable[LabelClass]) -> None:
        """Completes the names of these classes from now on."""
        self._classes = tuple(classes)
        self._completer.offer([one for spec in FIELDS.values() for one in self._offers(spec)])
        self._understand()

    def _offers(self, spec: FieldSpec) -> list[str]:
        if spec.name == "class":
            return [f"class:{one.name}" for one in self._classes] or ["class:"]
        if spec.kind is FieldKind.CHOICE:
            return [f"{spec.name}:{one}" for one in spec.choices]
        return (
            [f"{spec.name}:"] if spec.kind is FieldKind.TEXT else [f"{spec.name}<", f"{spec.name}>"]
        )

    def _on_text_changed(self) -> None:
        self._understand()
        self.changed.emit()

    def _understand(self) -> None:
        try:
            self.query, self.trouble = parse(self.text()), ""
        except AppError as error:
            self.trouble = str(error)
            return
        there = {one.name.casefold() for one in self._classes}
        if there and (unknown := [one for one in self.query.class_names if one not in there]):
            text = tr("No class of this folder is called “{name}”.")
            self.trouble = text.format(name=unknown[0])

    def _on_return(self) -> None:
        if not self._completer.is_choosing:
            self.entered.emit()


class _TermCompleter(QCompleter):
    """Completes the term that is being typed, the last one, and leaves those before it alone."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._offers = QStringListModel(self)
        self.setModel(self._offers)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def offer(self, terms: Sequence[str]) -> None:
        """Completes to these."""
        self._offers.setStringList(list(terms))

    @property
    def is_choosing(self) -> bool:
        """Whether a completion is picked in the list that is open."""
        popup = self.popup()
        return popup is not None and popup.isVisible() and popup.currentIndex().isValid()

    def splitPath(self, path: str) -> list[str]:
        """The piece of the term that is typed already; what no term begins with where there is
        none yet."""
        return [_last_term(path).removeprefix("-").replace('"', "") or "\0"]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """The whole text with the completion in the place of its last term."""
        name, colon, value = super().pathFromIndex(index).partition(":")
        field = self.widget()
        before = field.text() if isinstance(field, QLineEdit) else ""
        term = _last_term(before)
        minus = "-" if term.startswith("-") else ""
        return before[: len(before) - len(term)] + minus + name + colon + _quoted(value)


def _last_term(text: str) -> str:
    """What follows the last blank that stands in no quotes."""
    begin, is_quoted = 0, False
    for place, character in enumerate(text):
        if character == '"':
            is_quoted = not is_quoted
        elif character.isspace() and not is_quoted:
            begin = place + 1
    return text[begin:]


def _quoted(value: str) -> str:
    return f'"{value}"' if any(one.isspace() or one == "," for one in value) else value


def _help(what_words_match: str) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(spec.example)}&nbsp;&nbsp;</td><td>{spec.meaning}</td></tr>"
        for spec in FIELDS.values()
    )
    words = tr("Words are looked for in {what}. Terms ask for more:").format(what=what_words_match)
    rules = tr(
        "Terms about instances hold for one and the same instance. Numbers are compared with < <= >"
        " >= =, class:a,b is one of several, “quotes” keep blanks, -term turns a term round."
    )
    return f"<p>{words}</p><table>{rows}</table><p>{html.escape(rules, quote=False)}</p>"
