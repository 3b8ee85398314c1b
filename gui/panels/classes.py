"""The classes: which one is drawn next, their colours, names and keys."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.class_names import NamedClass, class_files_in
from core.project import Project
from gui.dialogs.classes import ClassDialog
from gui.dialogs.project_classes import ProjectClassesDialog
from gui.panels import PanelSpec
from gui.session import Session
from gui.session.class_files import ClassReader
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.class_question import ClassQuestion
from gui.widgets.class_tree import KEY, NAME, ClassTree
from gui.widgets.swatch import swatch
from gui.widgets.wrapped import WrappedLabel

_LISTS = QT_TR_NOOP("Lists of names (*.txt *.names *.yaml *.yml)")
_COCO = QT_TR_NOOP("COCO files (*.json)")


class ClassesPanel(QWidget):
    """Lists the classes of the session's project; the current one is drawn next."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._classes = session.class_list
        self._is_filling = False
        self.list = ClassTree()
        self.hint = WrappedLabel()
        self.question = ClassQuestion()
        self._reader = ClassReader(session.work, self)
        self._reading = ""
        self._finding = session.work.reading(_class_files, parent=self)
        self.add_button = QPushButton(tr("Add class…"))
        self.add_button.setToolTip(tr("Add a class to this folder."))
        self.up_button = _arrow(Qt.ArrowType.UpArrow, tr("Move the class up."))
        self.down_button = _arrow(Qt.ArrowType.DownArrow, tr("Move the class down."))
        self._lay_out()
        self._connect()
        self._fill()

    def ask_for_class(self) -> None:
        """Opens the dialog for a new class."""
        dialog = ClassDialog(self._classes.all, tr("Add a class"), self.window(), prefers_new=True)
        dialog.chosen.connect(self._classes.add)
        dialog.open()

    def ask_for_classes(self, classes: Sequence[NamedClass] = (), source: str = "") -> None:
        """Opens the dialog for several classes, which begins with these."""
        ProjectClassesDialog(self._session, self.window(), classes=classes, source=source).open()

    def _connect(self) -> None:
        session = self._session
        self.list.currentItemChanged.connect(self._on_current_changed)
        self.list.itemChanged.connect(self._on_item_changed)
        self.list.customContextMenuRequested.connect(self._show_menu)
        visibility = session.visibility
        self.list.eye_wanted.connect(visibility.toggle_class)
        visibility.changed.connect(lambda: self.list.set_hidden(visibility.hidden_classes))
        self.add_button.clicked.connect(self.ask_for_class)
        self.up_button.clicked.connect(lambda: self._move_current(-1))
        self.down_button.clicked.connect(lambda: self._move_current(1))
        self._classes.changed.connect(self._fill)
        self._classes.current_changed.connect(self._follow)
        session.project_changed.connect(self._on_project_changed)
        session.images_changed.connect(self._fill)
        self.question.typing_wanted.connect(self.ask_for_classes)
        self.question.text_file_wanted.connect(partial(self._ask_for_file, _LISTS))
        self.question.coco_file_wanted.connect(partial(self._ask_for_file, _COCO))
        self.question.file_chosen.connect(self._read)
        self._reader.read.connect(self._on_read)
        self._finding.reported.connect(self._on_files_found)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button, 1)
        buttons.addWidget(self.up_button)
        buttons.addWidget(self.down_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self.hint)
        layout.addWidget(self.question)
        layout.addWidget(self.list)
        layout.addLayout(buttons)
        layout.addStretch(0)

    def _fill(self) -> None:
        self._is_filling = True
        self.list.fill(self._classes.all)
        self._is_filling = False
        has_project = self._session.project is not None
        has_classes = self.list.topLevelItemCount() > 0
        self.list.setVisible(has_classes)
        self.hint.setText(_hint(self._session))
        self.hint.setVisible(not has_classes and bool(self.hint.text()))
        self.question.setVisible(not has_classes and not self.hint.text())
        self.add_button.setEnabled(has_project)
        for button in (self.add_button, self.up_button, self.down_button):
            button.setHidden(self.question.isVisibleTo(self))
        self._follow()

    def _on_project_changed(self) -> None:
        project = self._session.project
        if project is not None:
            self.question.offer((), project.labels_folder)
            self._finding.start(project)
        self._fill()

    def _on_files_found(self, files: tuple[Path, ...]) -> None:
        if (project := self._session.project) is not None:
            self.question.offer(files, project.labels_folder)

    def _ask_for_file(self, kinds: str) -> None:
        project = self._session.project
        dialog = QFileDialog(self.window(), tr("Classes"), str(project.folder) if project else "")
        dialog.setNameFilter(";;".join((tr(kinds), tr("All files (*)"))))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._read)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _read(self, file: Path | str) -> None:
        self._reading = Path(file).name
        self._reader.start(file)

    def _on_read(self, classes: Sequence[NamedClass]) -> None:
        self.ask_for_classes(classes, self._reading)

    def _follow(self) -> None:
        current = self._classes.current
        self._is_filling = True
        for item in self.list.items:
            if current is not None and self.list.id_of(item) == current.id:
                self.list.setCurrentItem(item)
        self._is_filling = False
        place = self.list.currentIndex().row()
        self.up_button.setEnabled(place > 0)
        self.down_button.setEnabled(0 <= place < self.list.topLevelItemCount() - 1)

    def _on_current_changed(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and not self._is_filling:
            self._classes.set_current(self.list.id_of(item))

    def _on_item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if self._is_filling:
            return
        if column == NAME:
            self._classes.rename(self.list.id_of(item), item.text(NAME))
        elif column == KEY:
            self._classes.change_key(self.list.id_of(item), item.text(KEY))

    def _move_current(self, by: int) -> None:
        if (current := self._classes.current) is not None:
            self._classes.move(current.id, by=by)

    def _show_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None:
            return
        class_id = self.list.id_of(item)
        visibility = self._session.visibility
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_hidden = class_id in visibility.hidden_classes
        menu.addAction(
            tr("Show on the canvas") if is_hidden else tr("Hide on the canvas"),
            partial(visibility.toggle_class, class_id),
        )
        menu.addSeparator()
        menu.addAction(tr("Rename"), lambda: self.list.editItem(item, NAME))
        menu.addAction(tr("Colour…"), lambda: self._ask_for_colour(class_id))
        others = [one for one in self._classes.all if one.id != class_id]
        merging = menu.addMenu(tr("Merge into"))
        merging.setEnabled(bool(others))
        for one in others:
            merging.addAction(
                swatch(one.colour), one.name, partial(self._classes.merge, class_id, into=one.id)
            )
        menu.addAction(tr("Delete…"), lambda: self._classes.delete(class_id))
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _ask_for_colour(self, class_id: int) -> None:
        one = self._classes.of_id(class_id)
        if one is None:
            return
        dialog = QColorDialog(QColor(one.colour), self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(
            lambda colour: self._classes.change_colour(class_id, colour.name())
        )
        dialog.open()


def _class_files(project: Project) -> tuple[Path, ...]:
    """Called in a thread."""
    folders = dict.fromkeys((project.labels_folder, project.folder))
    return tuple(file for folder in folders for file in class_files_in(folder))


def _hint(session: Session) -> str:
    """What is to be known before classes are asked for; empty where they can be."""
    if session.project is None:
        return tr("Open a folder first.")
    if session.project.read_only_reason:
        return tr("This folder has no class, and can only be looked at.")
    return tr("Looking for classes in the labels…") if session.is_looking else ""


def _arrow(arrow: Qt.ArrowType, tooltip: str) -> QToolButton:
    button = QToolButton()
    button.setArrowType(arrow)
    button.setToolTip(tooltip)
    button.setAccessibleName(tooltip)
    return button


PANEL = PanelSpec(
    "classes", QT_TR_NOOP("Classes"), Qt.DockWidgetArea.RightDockWidgetArea, 0, ClassesPanel
)
