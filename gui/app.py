"""The program's window: one QApplication, one session, one main window."""

import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from core.paths import user_data_folder
from gui.canvas.picture import picture_of
from gui.dialogs.crash import CrashDialog, write_report
from gui.main_window import MainWindow
from gui.session import Session
from gui.session.awake import StaysAwake
from gui.session.last_time import OpenMark, bad_ends, notice_of_ends
from gui.settings import Settings
from gui.single_instance import (
    Doorbell,
    address_of,
    sockets_folder,
    was_brought_to_front,
)
from gui.texts import translate
from gui.widgets.garbage import GarbageInThisThread
from gui.widgets.icons import app_icon
from gui.widgets.looks import Theme

_SWITCH_S = 0.0005
"""How long a thread that reads keeps Python from the window's; 10 times less than Python's own."""

_ENGINE_AFTER_MS = 1500  # to load it takes all that a small machine has


def open_window(arguments: Sequence[str]) -> int:
    """Opens the window and gives the exit code when it is closed.

    Args:
        arguments: nothing, or a folder of images.
    """
    if not _has_display():
        sys.stderr.write(
            "There is no display to open a window on. The command line needs none:"
            " python main.py --help.\n"
        )
        return 1
    settings, sockets = Settings.of_user(), sockets_folder()
    if was_brought_to_front(address_of(wished_folder(settings, arguments), sockets)):
        sys.stdout.write("This folder is open already; its window was brought to the front.\n")
        return 0
    application = made_application()
    session = Session(settings, prepare=picture_of)
    window = MainWindow(session)
    GarbageInThisThread(window)
    FindsThisWindow(window, sockets)
    awake = StaysAwake(window)
    session.run_started.connect(awake.follow)
    follow_theme(application, session.settings)
    LooksAgain(application, session)
    hook = CrashHook(window)
    sys.excepthook = hook
    mark = OpenMark(user_data_folder() / "open")
    end_by_signals()
    window.show()
    # After the window is there: what it shows is found out behind it.
    QTimer.singleShot(0, window, lambda: begin(window, arguments))
    code = application.exec()
    if not window.has_closed:  # a signal: edits are written all the same
        session.close()
    awake.release()
    mark.remove()
    sys.excepthook = sys.__excepthook__
    return code


def end_by_signals() -> None:
    """Lets Ctrl-C and a polite kill end the event loop, with the exit code of a shell.

    Python's own way, an exception in whatever code runs, is lost where that code runs inside Qt. A
    timer, because an exit before the loop begins is forgotten by Qt.
    """
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            wanted, lambda number, _: QTimer.singleShot(0, partial(QApplication.exit, 128 + number))
        )


def _has_display() -> bool:
    """Whether Qt finds a screen; without one it would abort the process."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform != "linux" or any(os.environ.get(name) for name in names)


def made_application() -> QApplication:
    """The QApplication, with the look of the program; its thread comes first from now on."""
    sys.setswitchinterval(_SWITCH_S)
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(["maskloop"])  # X11 knows the window by it
    translate(application)
    application.setApplicationName("maskloop")
    application.setApplicationDisplayName("Maskloop")
    application.setDesktopFileName("maskloop")
    application.setStyle("Fusion")  # the same on every system, light and dark after the system
    application.setWindowIcon(app_icon())
    application.styleHints().setShowShortcutsInContextMenus(True)
    return application


def follow_theme(application: QApplication, settings: Settings) -> None:
    """Keeps the application light or dark as the settings say, from now on."""
    theme = Theme(application, settings)
    theme.choose(settings.text("theme"))
    settings.changed.connect(
        lambda name: theme.choose(settings.text(name)) if name == "theme" else None
    )


def begin(window: MainWindow, arguments: Sequence[str]) -> None:
    """Opens the folder of the arguments, the last one, or at the very first start the demo.

    The engine loads behind it, when the first image has had its time.
    """
    if ends := bad_ends(user_data_folder() / "open"):
        window.session.asked.emit(notice_of_ends(ends))
    folder = wished_folder(window.session.settings, arguments)
    if folder is not None:
        window.session.open_folder(folder)
    else:
        window.show_demo()
    QTimer.singleShot(_ENGINE_AFTER_MS, window.session.model, window.session.model.begin)


def wished_folder(settings: Settings, arguments: Sequence[str]) -> Path | None:
    """The folder of the arguments, or the last one; None at the very first start."""
    named = arguments[0] if arguments else settings.text("last_folder")
    return Path(named) if named else None


def bring_to_front(window: QWidget, token: str = "") -> None:
    """Shows a window before all others, as far as the desktop lets it.

    Args:
        window: also where it is minimised.
        token: what the desktop gave the start that wants it.
    """
    if token:
        os.environ["XDG_ACTIVATION_TOKEN"] = token  # where Qt looks for it
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()


class FindsThisWindow(QObject):
    """Brings the window to the front when the program is started again with its folder."""

    def __init__(self, window: MainWindow, sockets: Path | None) -> None:
        super().__init__(window)
        self._window, self._sockets = window, sockets
        self._bell = Doorbell(self)
        self._bell.rung.connect(lambda token: bring_to_front(window, token))
        window.session.project_changed.connect(self._listen)

    def _listen(self) -> None:
        project = self._window.session.project
        folder = project.labels_folder if project else None
        self._bell.listen(address_of(folder, self._sockets))


class LooksAgain(QObject):
    """Shows what other programs changed in the folder when a person comes back from them."""

    def __init__(self, application: QApplication, session: Session) -> None:
        super().__init__(session)
        self._session = session
        application.applicationStateChanged.connect(self._on_state_changed)

    def _on_state_changed(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self._session.look_again()


class CrashHook(QObject):
    """Tells of exceptions that nothing caught, in the window's thread, without ending it."""

    _caught = Signal(object, object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def __call__(
        self, kind: type[BaseException], error: BaseException, where: TracebackType | None
    ) -> None:
        sys.__excepthook__(kind, error, where)
        report: Path | None = None
        try:
            report = write_report(user_data_folder() / "crashes", kind, error, where)
        except OSError:
            report = None  # the dialog still tells
        self._caught.emit(error, report)

    def _show(self, error: BaseException, report: Path | None) -> None:
        CrashDialog(error, report, self._window).open()
