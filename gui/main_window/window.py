"""The window that everything is composed in; it has no behaviour of its own."""

import base64
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QWidget,
)

from core.paths import user_data_folder
from core.project import Project
from gui.actions import ACTIONS, Shortcuts, build_actions, build_menus
from gui.canvas.display import Display
from gui.canvas.picture import Picture
from gui.canvas.view import Canvas
from gui.main_window.areas import next_area
from gui.main_window.bars import add_toolbars, tool_column
from gui.main_window.button_tips import tell_shortcuts
from gui.main_window.canvas_menu import CanvasMenu
from gui.main_window.class_keys import ClassKeys
from gui.main_window.display import display_handlers
from gui.main_window.drawn_without_class import DrawnWithoutClass
from gui.main_window.first_layout import lay_out_first
from gui.main_window.going import WayThere
from gui.main_window.handlers import Handlers
from gui.main_window.help import help_handlers
from gui.main_window.looking_back import LookingBack
from gui.main_window.page_handlers import with_pages
from gui.main_window.pages import ANNOTATE, Pages
from gui.main_window.rescaling import RESCALE_TOPIC, rescale_notice
from gui.main_window.status import StatusBar
from gui.main_window.tool_strip import ToolStrip
from gui.main_window.workbench import Workbench
from gui.panels import PanelSpec, all_panels
from gui.runs import Run
from gui.session import Session
from gui.session.finishing import PREDICTIONS_LEFT_TOPIC
from gui.session.pictures import Opened
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.dock_title import DockTitle
from gui.widgets.icons import icon_of
from gui.widgets.looks import RING_PX, FocusRing
from gui.widgets.notices import Notice, NoticeBar
from gui.widgets.start_page import StartPage

_HIGH_PX = 260
"""Of the dock below, with plots in it."""
_ROUND = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
    Qt.DockWidgetArea.TopDockWidgetArea,
    Qt.DockWidgetArea.NoDockWidgetArea,
)
"""Of the keyboard through the docks."""
_VIEW = QT_TR_NOOP("View")
"""The menu of the docks, as the table of actions names it."""
_NO_IMAGES = QT_TR_NOOP(
    "There is no image in this folder.\n\nOpen another folder (Ctrl+O), or put images into this one"
    " and open it again."
)


class MainWindow(QMainWindow):
    """Docks around the canvas, menus and a toolbar above it, the status below."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.canvas = Canvas()
        self.notices = NoticeBar()
        self.start_page = StartPage()
        self._may_close = False
        self._opened: Opened | None = None
        self._handlers = Handlers(
            session, self.canvas, self, show_page=lambda name: self.pages.show_page(name)
        )
        helping = help_handlers(
            self, session.settings,
            actions_of=lambda: self.actions_by_name, shortcuts_of=lambda: self.shortcuts,
            go_to_next_area=lambda: next_area(self._areas()),
        )  # fmt: skip
        self.actions_by_name = build_actions(
            self,
            with_pages(
                {
                    **self._handlers.by_name(),
                    **helping,
                    **display_handlers(session.settings, docks_of=lambda: self.docks),
                },
                handler_of=lambda name: self.pages.handler(name),
            ),
            icon_of=lambda name: icon_of(name, self.palette()),
        )
        self.shortcuts = Shortcuts(
            self.actions_by_name,
            kept=session.settings.text("shortcuts"),
            classes_by_key=lambda: {one.key: one.name for one in session.classes if one.key},
            parent=self,
        )
        Display(self.canvas, session.settings)
        self._class_keys = ClassKeys(session, self.shortcuts, self)
        self.docks = {spec.name: self._dock(spec) for spec in all_panels()}
        self._compose()
        self._connect()
        self._restore()
        tell_shortcuts(self, self.actions_by_name)
        self._on_project_changed()

    @property
    def has_closed(self) -> bool:
        """Whether it is closed and its session with it."""
        return self._may_close

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks where a fine-tune goes on; else writes what is not written."""
        if self.session.work.training is not None and not self._may_close:
            event.ignore()
            self._ask_about_training()
            return
        settings = self.session.settings
        settings.set("window_geometry", _text_of(self.saveGeometry()))
        settings.set("window_layout", _text_of(self.pages.layout_to_keep()))
        if not self._may_close:
            self.session.close()
        self._may_close = True
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Icons follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_by_name"):
            for spec in ACTIONS:
                icon = icon_of(spec.icon_name, self.palette())
                self.actions_by_name[spec.name].setIcon(icon)

    def show_demo(self) -> None:
        """Opens the demo project, drawn when it is not there yet."""
        project = _demo_project()
        if (project / "maskloop.json").is_file():
            self.session.open_folder(project)
        else:
            self.start_page.set_busy(tr("Drawing the demo images…"))
            self.session.work.start_demo(project.parent)

    # Composing

    def _compose(self) -> None:
        self.setWindowTitle("Maskloop")
        self.setObjectName("main_window")
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        _, self._toolbar = add_toolbars(self, self.actions_by_name)
        menus = build_menus(self.menuBar(), self.actions_by_name)
        menus[_VIEW].addSeparator()
        for dock in self.docks.values():
            menus[_VIEW].addAction(dock.toggleViewAction())
            # behind a tab it would be missed
            dock.toggleViewAction().triggered.connect(dock.raise_)
        self.status = StatusBar(self.session)
        self.setStatusBar(self.status)
        self._annotate = QStackedWidget()
        self._annotate.setContentsMargins(RING_PX, RING_PX, RING_PX, RING_PX)
        self._annotate.addWidget(self.start_page)
        CanvasMenu(self.canvas, self.actions_by_name)
        DrawnWithoutClass(
            self.session, self.canvas,
            lambda: self._handlers.ask_for_class(tr("What is this?"), self.session.class_list.add),
        )  # fmt: skip
        self.tool_strip = ToolStrip(self.canvas, self.session.settings)
        tools = tool_column(self.actions_by_name)
        looking_back = LookingBack(self.session, self.canvas, self)
        self._workbench = Workbench(self.canvas, tools, self.tool_strip, looking_back.bar)
        self._annotate.addWidget(self._workbench)
        self.pages = Pages(self, self._annotate, self.session, actions=self.actions_by_name)
        self.setCentralWidget(self.pages.stack)
        WayThere(
            self.session, self.canvas, parent=self,
            show_canvas=lambda: self.pages.show_page(ANNOTATE),
        )  # fmt: skip
        self.notices.float_over(self.pages.stack)
        FocusRing(self)

    def _areas(self) -> tuple[QWidget, ...]:
        docks = sorted(
            self.docks.values(), key=lambda dock: _ROUND.index(self.dockWidgetArea(dock))
        )
        return (self.notices, self._middle(), *docks)

    def _middle(self) -> QWidget:
        # not the tools beside the canvas, which have keys of their own
        return self.canvas if self.canvas.isVisible() else self.pages.page(self.pages.current)

    def _dock(self, spec: PanelSpec) -> QDockWidget:
        dock = QDockWidget(tr(spec.title), self)
        dock.setObjectName(f"dock_{spec.name}")
        dock.setTitleBarWidget(DockTitle(dock))
        panel = spec.build(self.session)
        panel.addActions([self.actions_by_name[name] for name in spec.actions])
        dock.setWidget(panel)
        self.addDockWidget(spec.area, dock)
        dock.setVisible(spec.is_open_at_first)
        return dock

    def _connect(self) -> None:
        session, canvas = self.session, self.canvas
        session.told.connect(lambda sentence: self.notices.show_notice(Notice(sentence)))
        session.asked.connect(self.notices.show_notice)
        session.answered.connect(self.notices.clear_topic)
        session.project_changed.connect(self._on_project_changed)
        session.images_changed.connect(self._update)
        session.image_shown.connect(self._on_image_shown)
        session.document_changed.connect(self._on_document_changed)
        session.classes_changed.connect(lambda: canvas.set_classes(session.classes))
        session.class_list.current_changed.connect(self._on_current_class_changed)
        session.run_started.connect(self._on_run_started)
        session.live.page_wanted.connect(self.pages.show_page)
        session.live.weights_wanted.connect(self._show_weights)
        canvas.refused.connect(session.told)
        canvas.set_assist(session.assist)
        canvas.zoom_changed.connect(self.status.show_zoom)
        canvas.cursor_moved.connect(self.status.show_cursor)
        canvas.cursor_moved.connect(session.touch)
        canvas.tool_changed.connect(self._on_tool_changed)
        self.pages.changed.connect(self._on_page_changed)
        self.shortcuts.changed.connect(self._on_shortcuts_changed)
        self.notices.emptied.connect(lambda: next_area((self._middle(),)))
        self.start_page.folder_wanted.connect(self._handlers.ask_for_folder)
        self.start_page.demo_wanted.connect(self.show_demo)

    def _restore(self) -> None:
        settings = self.session.settings
        if geometry := settings.text("window_geometry"):
            self.restoreGeometry(_bytes_of(geometry))
            self.restoreState(_bytes_of(settings.text("window_layout")))
            return
        lay_out_first(self, self.docks, room=self.screen().availableSize())

    # Following the session

    def _on_project_changed(self) -> None:
        self._update()
        if self.pages.current != ANNOTATE:
            return
        self._annotate.setFocus()  # in the search field the keys of the tools would be text

    def _update(self) -> None:
        project = self.session.project
        is_open = project is not None
        self._annotate.setCurrentWidget(self._workbench if is_open else self.start_page)
        # A page is given the keyboard when it is shown, and here the keys of the tools are meant.
        self._annotate.setFocusProxy(self.canvas if is_open else self.start_page.open_button)
        names = (_name_of(project), "Maskloop") if project else ("Maskloop",)
        self.setWindowTitle(" — ".join(names))
        if is_open and not self.session.keys:
            self.canvas.show_image(None)
            is_looking = self.session.is_looking
            self.canvas.set_placeholder(tr("Looking for images…") if is_looking else tr(_NO_IMAGES))

    def _on_image_shown(self, opened: Opened) -> None:
        self._opened = opened
        self.canvas.set_placeholder(opened.why_not)
        picture = opened.picture
        self.canvas.show_picture(picture if isinstance(picture, Picture) else None)
        if opened.why_not and opened.picture is not None:
            self.session.told.emit(opened.why_not)

    def _on_document_changed(self) -> None:
        document = self.session.document
        self.canvas.set_document(document)
        self.notices.clear_topic(RESCALE_TOPIC)
        loaded = self._opened.loaded if self._opened else None
        is_of_image = document is not None and self._opened and self._opened.key == document.key
        if document and loaded and is_of_image and (notice := rescale_notice(document, loaded)):
            self.notices.show_notice(notice)

    def _on_page_changed(self, page: str) -> None:
        self._class_keys.turn(on=page == ANNOTATE)
        if page != ANNOTATE:
            self.notices.clear_topic(PREDICTIONS_LEFT_TOPIC)
        self._toolbar.setVisible(page == ANNOTATE)
        self.status.show_of_image(is_shown=page == ANNOTATE)
        self.notices.keep_free_below(self.pages.free_below_px)
        self.notices.raise_()  # the page may have been built just now, and its buttons
        tell_shortcuts(self, self.actions_by_name)

    def _on_shortcuts_changed(self, text: str) -> None:
        self.session.settings.set("shortcuts", text)
        tell_shortcuts(self, self.actions_by_name)

    def _on_current_class_changed(self) -> None:
        current = self.session.class_list.current
        self.canvas.current_class_id = current.id if current else None

    def _on_tool_changed(self, tool: str) -> None:
        self.actions_by_name[f"{tool}_tool"].setChecked(True)

    def _show_weights(self) -> None:
        self.pages.show_page(ANNOTATE)
        self.docks["prelabel"].show()
        self.docks["prelabel"].raise_()
        self.docks["prelabel"].widget().setFocus()

    def _on_run_started(self, run: Run) -> None:
        run.ended.connect(lambda _: self.start_page.set_busy(""))
        if self.pages.current != ANNOTATE:
            return
        name = "training" if run.is_training else "runs"
        self.docks[name].show()
        self.docks[name].raise_()
        if run.is_training and self.docks[name].height() < _HIGH_PX:
            self.resizeDocks([self.docks[name]], [_HIGH_PX], Qt.Orientation.Vertical)

    # Closing

    def _ask_about_training(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(tr("A fine-tune is running"))
        box.setText(tr("A fine-tune is still running. What shall become of it?"))
        box.setInformativeText(
            tr(
                "It can keep going without the window and is found again at the next start; or it"
                " stops with its last checkpoint and goes on when you say so."
            )
        )
        keep = box.addButton(tr("Keep it going"), QMessageBox.ButtonRole.AcceptRole)
        stop = box.addButton(tr("Stop it"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(tr("Stay here"), QMessageBox.ButtonRole.RejectRole)
        keep.clicked.connect(lambda: self._close_with(keep_training=True))
        stop.clicked.connect(lambda: self._close_with(keep_training=False))
        box.open()

    def _close_with(self, *, keep_training: bool) -> None:
        self.session.close(keep_training=keep_training)
        self._may_close = True
        QTimer.singleShot(0, self, self.close)


def _demo_project() -> Path:
    return user_data_folder() / "demo" / "project"


def _name_of(project: Project) -> str:
    return tr("Demo") if project.folder == _demo_project() else project.folder.name


def _text_of(value: QByteArray) -> str:
    return base64.b64encode(value.data()).decode()


def _bytes_of(text: str) -> QByteArray:
    return QByteArray(base64.b64decode(text))
