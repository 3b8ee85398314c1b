"""All shortcuts on one sheet: to look up, and to change."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from gui.actions import ACTIONS, ActionSpec, Shortcuts
from gui.dialogs.shortcut_sheet import write_sheet
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.browsing import begin_near

_NAME_ROLE = Qt.ItemDataRole.UserRole
_NATIVE = QKeySequence.SequenceFormat.NativeText
_ON_THE_IMAGE = (
    (QT_TR_NOOP("Give the selected instances a class"), QT_TR_NOOP("1 to 9")),
    (QT_TR_NOOP("Pan"), QT_TR_NOOP("Space + drag, middle button, or two fingers")),
    (QT_TR_NOOP("Zoom to the cursor"), QT_TR_NOOP("Wheel, or pinch")),
    (QT_TR_NOOP("Close the polygon that is drawn"), QT_TR_NOOP("Enter")),
    (QT_TR_NOOP("Take back its last point"), QT_TR_NOOP("Backspace")),
    (QT_TR_NOOP("Give up what is drawn, or select nothing"), QT_TR_NOOP("Esc")),
    (QT_TR_NOOP("Add a vertex to an edge"), QT_TR_NOOP("Ctrl + click, or double click")),
    (QT_TR_NOOP("Select one more instance"), QT_TR_NOOP("Shift + click")),
)
"""What the mouse and the tools do, which has no action and cannot be changed."""


class ShortcutsDialog(QDialog):
    """Lists every action with its keys by menu; the keys of the chosen one are edited below."""

    def __init__(
        self, shortcuts: Shortcuts, actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self._shortcuts = shortcuts
        self._actions = actions
        self._items: dict[str, QTreeWidgetItem] = {}
        self._sections: list[QTreeWidgetItem] = []
        self._rows: list[tuple[QTreeWidgetItem, QTreeWidgetItem]] = []
        """Each with its section."""
        self.search = QLineEdit(placeholderText=tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(tr("Search"))
        self.search.setToolTip(tr("Show what has this text in its name, its menu or its keys."))
        self.list = _list()
        self.of = QLabel()
        self.editor = QKeySequenceEdit(clearButtonEnabled=True)
        self.editor.setMaximumSequenceLength(2)
        self.editor.setAccessibleName(tr("New shortcut"))
        self.editor.setToolTip(tr("Press the keys of the new shortcut."))
        self.reset_button = QPushButton(tr("Reset"))
        self.reset_button.setToolTip(tr("Give this action its first shortcut again."))
        self.hint = QLabel(wordWrap=True)
        self.hint.setMinimumHeight(self.fontMetrics().lineSpacing() * 2)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.reset_all_button = buttons.addButton(
            tr("Reset all"), QDialogButtonBox.ButtonRole.ResetRole
        )
        self.reset_all_button.setToolTip(tr("Give every action its first shortcut again."))
        self.sheet_button = buttons.addButton(
            tr("Save a sheet…"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.sheet_button.setToolTip(tr("Write all shortcuts on one page, to print it."))
        self.sheet_button.clicked.connect(self._ask_for_sheet)
        close_button = buttons.button(QDialogButtonBox.StandardButton.Close)
        for button in (
            close_button,
            self.sheet_button,
            self.reset_button,
            self.reset_all_button,
        ):
            button.setAutoDefault(False)  # Enter is a key that can be a shortcut
        self._lay_out(buttons)
        self._fill()
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.editor.editingFinished.connect(self._on_edited)
        self.reset_button.clicked.connect(self._on_reset)
        self.reset_all_button.clicked.connect(shortcuts.reset_all)
        buttons.rejected.connect(self.reject)
        shortcuts.changed.connect(lambda _: self._update())
        self._show_current()

    def changeEvent(self, event: QEvent) -> None:
        """Icons follow the palette, when those of the actions have."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_items"):
            QTimer.singleShot(0, self, self._draw_icons)

    def choose(self, name: str) -> None:
        """Makes this action the one whose keys are edited."""
        self.list.setCurrentItem(self._items[name])

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.of, 1)
        line.addWidget(self.editor, 1)
        line.addWidget(self.reset_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addLayout(line)
        layout.addWidget(self.hint)
        layout.addWidget(buttons)
        self.resize(
            self.fontMetrics().averageCharWidth() * 112, self.fontMetrics().lineSpacing() * 44
        )

    def _fill(self) -> None:
        menus: dict[str, QTreeWidgetItem] = {}
        for spec in ACTIONS:
            if spec.menu not in menus:
                menus[spec.menu] = self._section(tr(spec.menu))
            item = QTreeWidgetItem(menus[spec.menu], [spec.plain_text])
            item.setToolTip(0, tr(spec.tooltip))
            item.setData(0, _NAME_ROLE, spec.name)
            self._items[spec.name] = item
            self._rows.append((menus[spec.menu], item))
        section = self._section(tr("On the image"))
        for text, keys in _ON_THE_IMAGE:
            self._rows.append((section, QTreeWidgetItem(section, [tr(text), tr(keys)])))
        self.list.expandAll()
        self._draw_icons()
        self._update()

    def _draw_icons(self) -> None:
        for name, item in self._items.items():
            item.setIcon(0, self._actions[name].icon())

    def _section(self, title: str) -> QTreeWidgetItem:
        section = QTreeWidgetItem(self.list, [title])
        font = self.font()
        font.setBold(True)
        section.setFont(0, font)
        section.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self._sections.append(section)
        return section

    def _update(self) -> None:
        for name, item in self._items.items():
            keys = (QKeySequence(one).toString(_NATIVE) for one in self._shortcuts.keys(name))
            item.setText(1, tr(" or ", "between two shortcuts").join(keys))
            item.setText(2, tr("changed") if self._shortcuts.is_changed(name) else "")
        self._show_current()

    @property
    def _current(self) -> ActionSpec | None:
        item = self.list.currentItem()
        name = item.data(0, _NAME_ROLE) if item else None
        return next((spec for spec in ACTIONS if spec.name == name), None)

    def _show_current(self) -> None:
        spec = self._current
        self.editor.setEnabled(spec is not None)
        self.reset_button.setEnabled(spec is not None and self._shortcuts.is_changed(spec.name))
        self.hint.setText("")
        if spec is None:
            self.of.setText(tr("Choose an action to change its shortcut."))
            self.editor.clear()
            return
        name = spec.plain_text
        self.of.setText(tr("Shortcut of “{action}”").format(action=name))
        keys = self._shortcuts.keys(spec.name)
        self.editor.setKeySequence(QKeySequence(keys[0] if keys else ""))

    def _on_edited(self) -> None:
        spec = self._current
        if spec is None:
            return
        key = self.editor.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if key == (self._shortcuts.keys(spec.name) or ("",))[0]:
            return
        if key and (why := self._shortcuts.why_not(spec.name, key)):
            self._show_current()
            then = tr("Press other keys, or change that one first.")
            self.hint.setText(f"{why} {then}")
        else:
            self._shortcuts.set_key(spec.name, key)

    def _on_reset(self) -> None:
        if (spec := self._current) is not None:
            self._shortcuts.reset(spec.name)

    def sections(self) -> dict[str, list[tuple[str, str]]]:
        """What is done and its keys, by section; what has no keys is left out."""
        rows: dict[str, list[tuple[str, str]]] = {one.text(0): [] for one in self._sections}
        for section, item in self._rows:
            if item.text(1):
                rows[section.text(0)].append((item.text(0), item.text(1)))
        return {title: several for title, several in rows.items() if several}

    def _ask_for_sheet(self) -> None:
        dialog = begin_near(QFileDialog(self, tr("Save the shortcuts as one page")))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("PDF (*.pdf)"))
        dialog.setDefaultSuffix("pdf")
        dialog.selectFile("maskloop-shortcuts.pdf")
        dialog.fileSelected.connect(lambda file: self._write_sheet(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _write_sheet(self, path: Path) -> None:
        try:
            write_sheet(path, self.sections())
        except AppError as error:
            self.hint.setText(str(error))
        else:
            self.hint.setText(tr("The sheet is {file}.").format(file=path))

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        n_shown = [0] * len(self._sections)
        for section, item in self._rows:
            all_text = f"{section.text(0)} {item.text(0)} {item.text(1)} {item.text(2)}"
            is_shown = all(word in all_text.casefold() for word in words)
            item.setHidden(not is_shown)
            n_shown[self._sections.index(section)] += is_shown
        for section, n in zip(self._sections, n_shown, strict=True):
            section.setHidden(not n)


def _list() -> QTreeWidget:
    made = QTreeWidget()
    made.setAccessibleName(tr("Shortcuts"))
    made.setToolTip(tr("Choose an action to change its shortcut below."))
    made.setHeaderLabels([tr("Action"), tr("Shortcut"), ""])
    made.setUniformRowHeights(True)
    made.setIndentation(made.fontMetrics().averageCharWidth() * 2)
    made.setRootIsDecorated(False)
    header = made.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in (1, 2):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    return made
