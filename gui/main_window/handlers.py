"""What each action of the table does, on the session, the document and the canvas."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from core import edits
from core.types import ImageLabels, Instance
from gui.actions import Handler
from gui.canvas.view import Canvas
from gui.dialogs.classes import ClassDialog
from gui.dialogs.export import ExportDialog
from gui.dialogs.train import TrainDialog
from gui.document import Document
from gui.session import Session

_ZOOM_STEP = 1.25
_ASIDE_PX = (12.0, 12.0)


class Handlers:
    """The handlers by name, for build_actions."""

    def __init__(self, session: Session, canvas: Canvas, window: QWidget) -> None:
        self._session = session
        self._canvas = canvas
        self._window = window
        self._copied: tuple[Instance, ...] = ()
        # Ids of classes mean something else in another folder.
        session.project_changed.connect(self._forget_copied)

    def by_name(self) -> Mapping[str, Handler]:
        """A handler for each row of the table."""
        return {
            **self._of_files(),
            **self._of_edits(),
            **self._of_review(),
            **self._of_models(),
            **self._of_view(),
        }

    def ask_for_class(self, title: str, use: Callable[[str], object]) -> ClassDialog:
        """Opens the dialog for a class, there already or new; `use` gets its name."""
        dialog = ClassDialog(self._session.classes, title, self._window)
        dialog.chosen.connect(use)
        dialog.open()
        return dialog

    def ask_for_folder(self) -> None:
        """Opens the dialog for a folder of images."""
        dialog = QFileDialog(self._window, "Open a folder of images")
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
            "open_in_labelme": self._open_in_labelme,
            "quit": self._window.close,
        }

    def _of_edits(self) -> dict[str, Handler]:
        return {
            "undo": lambda: self._with_document(Document.undo),
            "redo": lambda: self._with_document(Document.redo),
            "copy": self._copy,
            "paste": lambda: self._paste("Paste", self._copied, by_xy=(0.0, 0.0)),
            "duplicate": self._duplicate,
            "select_all": lambda: self._with_document(_select_all),
            "delete_instances": partial(self._edit_selected, "Delete", edits.rejected),
            "delete_vertex": self._canvas.delete_vertex,
            "select_tool": lambda: self._canvas.set_tool("select"),
            "polygon_tool": lambda: self._canvas.set_tool("polygon"),
            "box_tool": lambda: self._canvas.set_tool("box"),
        }

    def _of_review(self) -> dict[str, Handler]:
        return {
            "previous_image": lambda: self._session.step(-1),
            "next_image": lambda: self._session.step(1),
            "done_and_next": self._session.done_and_next,
            "accept": partial(self._edit_selected, "Accept", edits.accepted),
            "accept_all": lambda: self._with_document(
                lambda document: document.edit("Accept all", edits.all_accepted)
            ),
            "reject": partial(self._edit_selected, "Reject", edits.rejected),
            "change_class": self._change_class,
        }

    def _of_models(self) -> dict[str, Handler]:
        return {
            "prelabel_image": self._session.prelabel_image,
            "prelabel_all": self._session.prelabel_all,
            "take_back_prelabel": self._session.take_back_prelabel,
            "fine_tune": self._fine_tune,
            "cancel_run": self._session.cancel_last_run,
        }

    def _of_view(self) -> dict[str, Handler]:
        return {
            "zoom_in": lambda: self._canvas.zoom_by(_ZOOM_STEP),
            "zoom_out": lambda: self._canvas.zoom_by(1 / _ZOOM_STEP),
            "fit": self._canvas.fit,
            "zoom_actual": self._canvas.zoom_to_actual,
            "show_selected": self._canvas.show_selected,
        }

    def _with_document(self, act: Callable[[Document], object]) -> None:
        if self._session.document is not None:
            act(self._session.document)

    def _edit_selected(
        self, text: str, change: Callable[[ImageLabels, frozenset[str]], ImageLabels]
    ) -> None:
        document = self._session.document
        if document is not None and document.selection:
            ids = document.selection
            document.edit(text, lambda labels: change(labels, ids))

    def _copy(self) -> None:
        document = self._session.document
        if document is not None and document.selection:
            self._copied = _selected(document)

    def _forget_copied(self) -> None:
        self._copied = ()

    def _duplicate(self) -> None:
        document = self._session.document
        if document is not None:
            self._paste("Duplicate", _selected(document), by_xy=_ASIDE_PX)

    def _paste(
        self, text: str, instances: tuple[Instance, ...], *, by_xy: tuple[float, float]
    ) -> None:
        document = self._session.document
        if document is None or not instances:
            return
        copies = edits.copies_of(instances, by_xy=by_xy)
        if document.edit(text, lambda labels: edits.with_instances_added(labels, copies)):
            document.select(one.id for one in copies)

    def _change_class(self) -> None:
        document = self._session.document
        if document is None or not document.selection:
            self._session.told.emit("Select the instances first that get another class.")
            return
        self.ask_for_class("Change class", self._give_class)

    def _give_class(self, name: str) -> None:
        given = self._session.class_list.add(name)
        if given is not None:
            self._session.give_class(given.id)

    def _export(self) -> None:
        if self._session.project is None:
            self._session.told.emit("Open a folder first; then there is something to export.")
        else:
            ExportDialog(self._session, self._window).open()

    def _fine_tune(self) -> None:
        if self._session.project is None:
            self._session.told.emit("Open a folder first; then there is something to learn from.")
            return
        dialog = TrainDialog(self._session.settings, self._window)
        dialog.chosen.connect(self._session.start_training)
        dialog.open()

    def _open_in_labelme(self) -> None:
        project = self._session.project
        program = shutil.which("labelme", path=str(Path(sys.executable).parent)) or shutil.which(
            "labelme"
        )
        if project is None:
            self._session.told.emit("Open a folder first.")
        elif program is None:
            self._session.told.emit(
                "labelme is not installed here. Install it with: pip install labelme"
            )
        else:
            self._session.save_now()
            command = [program, str(project.folder), "--output", str(project.labels_folder)]
            try:
                subprocess.Popen(command, start_new_session=True)
            except OSError as error:
                self._session.told.emit(f"labelme could not be started: {error.strerror}.")


def _selected(document: Document) -> tuple[Instance, ...]:
    return tuple(one for one in document.labels.instances if one.id in document.selection)


def _select_all(document: Document) -> None:
    document.select(one.id for one in document.labels.instances)
