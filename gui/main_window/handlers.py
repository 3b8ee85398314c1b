"""What each action of the table does, on the session, the document and the canvas."""

import shutil
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QFileDialog, QWidget

from core.paths import user_data_folder
from gui.actions import ACTIONS, Handler
from gui.canvas.handlers import canvas_handlers
from gui.canvas.view import Canvas
from gui.dialogs.classes import ClassDialog
from gui.dialogs.coming_back import open_run_dialog
from gui.dialogs.compact import CompactDialog
from gui.dialogs.export import ExportDialog
from gui.dialogs.export_model import ExportModelDialog
from gui.dialogs.pack import open_pack_dialog
from gui.dialogs.train import open_train_dialog
from gui.session import Session, leaving
from gui.texts import tr
from gui.widgets.browsing import begin_near


class Handlers:
    """The handlers by name, for build_actions."""

    def __init__(
        self,
        session: Session,
        canvas: Canvas,
        window: QWidget,
        *,
        show_page: Callable[[str], None],
    ) -> None:
        self._session = session
        self._canvas = canvas
        self._window = window
        self._show_page = show_page

    def by_name(self) -> Mapping[str, Handler]:
        """A handler for each row of the table."""
        return {
            **canvas_handlers(self._canvas),
            **self._of_files(),
            **self._of_review(),
            **self._of_models(),
            **self._of_live(),
            **self._of_pages(),
        }

    def ask_for_class(self, title: str, use: Callable[[str], object]) -> ClassDialog:
        """Opens the dialog for a class, there already or new; `use` gets its name."""
        dialog = ClassDialog(self._session.classes, title, self._window)
        dialog.chosen.connect(use)
        dialog.open()
        return dialog

    def ask_for_folder(self) -> None:
        """Opens the dialog for a folder of images."""
        project = self._session.project
        dialog = QFileDialog(self._window, tr("Open a folder of images"))
        is_own = project is not None and user_data_folder() not in project.folder.parents
        begin_near(dialog, project.folder.parent if project and is_own else None)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self._session.open_folder(Path(folder)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _of_files(self) -> dict[str, Handler]:
        return {
            "open_folder": self.ask_for_folder,
            "save": self._session.save_now,
            "export_coco": self._export,
            "pack_project": partial(open_pack_dialog, self._session, self._window),
            "unpack_run": partial(open_run_dialog, self._session, self._window),
            "open_in_labelme": self._open_in_labelme,
            "quit": self._window.close,
        }

    def _of_review(self) -> dict[str, Handler]:
        return {
            "previous_image": lambda: self._session.step(-1),
            "next_image": lambda: self._session.step(1),
            "done_and_next": self._session.done_and_next,
            "find_doubts": self._find_doubts,
            "accept_done_and_next": self._session.accept_done_and_next,
            "next_needed": self._session.order.go_to_needed,
            "change_class": self._change_class,
            "paste_previous": self._session.previous.paste,
        }

    def _of_models(self) -> dict[str, Handler]:
        return {
            "prelabel_image": self._session.prelabel_image,
            "prelabel_all": self._session.prelabel_all,
            "take_back_prelabel": self._session.take_back_prelabel,
            "fine_tune": self._fine_tune,
            "export_model": self._export_model,
            "compact_model": lambda: CompactDialog(self._session, self._window).open(),
            "cancel_run": self._session.work.cancel_last_run,
        }

    def _of_live(self) -> dict[str, Handler]:
        return {
            "live_start_stop": self._session.live.start_or_stop,
            "live_pause": self._session.live.pause_or_go_on,
            "grab_frame": self._session.grabbing.grab,
        }

    def _of_pages(self) -> dict[str, Handler]:
        names = [spec.name for spec in ACTIONS if spec.radio == "page"]
        return {name: partial(self._show_page, name.removeprefix("page_")) for name in names}

    def _find_doubts(self) -> None:
        if self._session.review is None:
            self._session.told.emit(
                tr("Open a folder first; then its labels can be looked through.")
            )
        else:
            self._session.review.doubts.wanted.emit()

    def _change_class(self) -> None:
        document = self._session.document
        if document is None or not document.selection:
            self._session.told.emit(tr("Select the instances first that get another class."))
            return
        self.ask_for_class(tr("Change class"), self._give_class)

    def _give_class(self, name: str) -> None:
        given = self._session.class_list.add(name)
        if given is not None:
            self._session.give_class(given.id)

    def _export(self) -> None:
        if self._session.project is None:
            self._session.told.emit(tr("Open a folder first; then there is something to export."))
        else:
            ExportDialog(self._session, self._window).open()

    def _export_model(self) -> None:
        dialog = ExportModelDialog(self._session, self._window)
        dialog.wanted.connect(partial(leaving.export_model, self._session))
        dialog.open()

    def _fine_tune(self) -> None:
        open_train_dialog(self._session, self._window)

    def _open_in_labelme(self) -> None:
        project = self._session.project
        program = shutil.which("labelme", path=str(Path(sys.executable).parent)) or shutil.which(
            "labelme"
        )
        if project is None:
            self._session.told.emit(tr("Open a folder first."))
        elif program is None:
            self._session.told.emit(
                tr("labelme is not installed here. Install it with: pip install labelme")
            )
        else:
            self._session.save_now()
            arguments = [str(project.folder), "--output", str(project.labels_folder)]
            if not QProcess.startDetached(program, arguments):
                text = tr("labelme could not be started: {program} does not run.")
                self._session.told.emit(text.format(program=program))
