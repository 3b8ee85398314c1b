"""Session: the open folder, the open image, and everything that goes on around them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core import edits
from core.project import Project
from core.types import ImageLabels, LabelClass
from gui.runs import EngineProcess
from gui.session.assist import Assist
from gui.session.background import Background
from gui.session.class_list import ClassList
from gui.session.earlier import Earlier
from gui.session.gpu_turn import GpuTurn
from gui.session.grabbing import Grabbing
from gui.session.last_time import NOT_OPENED, tell_of_recovered
from gui.session.live import Live
from gui.session.meanwhile import Meanwhile
from gui.session.model import Model
from gui.session.of_folder import OfFolder
from gui.session.open_folder import OpenFolder
from gui.session.opening import Opening
from gui.session.own_weights import own_weights
from gui.session.pictures import PreparePicture
from gui.session.previous_labels import PreviousLabels
from gui.session.visibility import Visibility
from gui.session.weights import use_weights_of
from gui.session.work import Work
from gui.session.work_order import WorkOrder
from gui.settings import Settings
from gui.texts import tr


class Session(OfFolder):
    """What every panel reads from and asks for changes."""

    project_changed = Signal()
    images_added = Signal(object)
    """Keys that a scan that still goes on has found."""
    images_changed = Signal()
    """The list of images is another one: `keys`."""
    image_changed = Signal(str)
    """The labels of this image on disk are new."""
    summaries_changed = Signal(object)
    """frozenset of the keys that `summaries` has anew or otherwise."""
    key_changed = Signal(str)
    """The image that a person is on; its pixels come later."""
    image_shown = Signal(object)
    """Opened: pixels of the image that a person is on, or why there are none."""
    document_changed = Signal()
    saved_state_changed = Signal()
    classes_changed = Signal()
    run_started = Signal(object)
    """Run."""
    told = Signal(str)
    """A sentence for the user."""
    asked = Signal(object)
    """Notice: a sentence with answers."""
    answered = Signal(str)
    """The topic of a notice that may go."""

    def __init__(
        self,
        settings: Settings,
        *,
        prepare: PreparePicture,
        worker_command: Sequence[str] = (),
        parent: QObject | None = None,
    ) -> None:
        """A session without a folder.

        Args:
            settings: what was remembered.
            prepare: makes decoded pixels ready for the canvas, in a thread.
            worker_command: what starts a child process, if not the usual.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self.settings = settings
        self._prepare = prepare
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._reader = ThreadPoolExecutor(2, thread_name_prefix="reader")
        self.work = Work(
            Background(worker_command), self._writer, self._reader,
            project_of=lambda: self.project, save_all=self._save_all, parent=self,
        )  # fmt: skip
        self.work.run_started.connect(self.run_started)
        self.work.demo_drawn.connect(self.open_folder)
        self._meanwhile = Meanwhile(
            self.work, ask=self.asked.emit, use_weights=self.use_weights, parent=self
        )
        self._engine = EngineProcess(worker_command, self)
        self._engine.said.connect(self.told)
        self._opening = Opening(self._writer, try_again=self.open_folder, parent=self)
        self._opening.opened.connect(self._on_project_opened)
        self._opening.asked.connect(self.asked)
        self._opening.failed.connect(self.project_changed)
        self.class_list = ClassList(
            lambda: self.project, self._writer, save_all=self.save_now, parent=self
        )
        self.class_list.changed.connect(self.classes_changed)
        self.class_list.gone.connect(self._on_class_gone)
        self.class_list.rewritten.connect(self._on_classes_rewritten)
        self.class_list.answered.connect(self.answered)
        self.order = WorkOrder(lambda: self._folder, self)
        self.visibility = Visibility(lambda: self.document, self)
        self.document_changed.connect(self.visibility.follow)
        self.project_changed.connect(self.visibility.show_all)
        self._compose_models(worker_command)
        for part in (self.work, self.class_list, self.model, self.grabbing):
            part.told.connect(self.told)
            part.asked.connect(self.asked)
        for part_told in (self.order.told, self.visibility.told):
            part_told.connect(self.told)

    def _compose_models(self, worker_command: Sequence[str]) -> None:
        """What predicts, watches live, and looks at other labels."""
        self.previous = PreviousLabels(lambda: self._folder, self._reader, self)
        self.previous.told.connect(self.told)
        self.earlier = Earlier(
            self.work, self.class_list,
            project_of=lambda: self.project, document_of=lambda: self.document, parent=self,
        )  # fmt: skip
        self.document_changed.connect(self.earlier.follow)
        self.image_changed.connect(self.earlier.look_again)
        self.earlier.told.connect(self.told)
        self.model = Model(
            self.settings, self._engine, self.work, self.class_list, self._writer,
            project_of=lambda: self.project, parent=self,
        )  # fmt: skip
        self.model.answered.connect(self.answered)
        self.project_changed.connect(self.model.look)

        self.gpu_turn = GpuTurn(
            self.settings, self.work, self._engine, self.model.engine, parent=self
        )
        self.gpu_turn.told.connect(self.told)
        self.live = Live(
            self.settings, self.work, device_now=self.gpu_turn.device_now,
            command=worker_command, parent=self,
        )  # fmt: skip
        self.assist = Assist(
            self._engine, self.settings,
            own=own_weights(self.settings, self.model, self.gpu_turn),
            path_of=lambda key: str(self.project.image_path(key)) if self.project else "",
            next_key=lambda: self._folder.neighbour(1) if self._folder else "", parent=self,
        )  # fmt: skip
        self.assist.asked.connect(self.asked)
        self.assist.answered.connect(self.answered)
        self.grabbing = Grabbing(
            self.live, self.work, self.settings, folder_of=lambda: self._folder, parent=self
        )

    # The folder

    @property
    def is_looking(self) -> bool:
        """Whether a folder is being opened or searched for images."""
        return self._folder.is_scanning if self._folder else self._opening.is_going

    def open_folder(self, folder: Path) -> None:
        """Opens a folder, `project_changed` tells; the one that is open is looked through again."""
        project = self.project
        if project is not None and not project.read_only_reason and _is_of(project, folder):
            self.look_again()
        else:
            self._opening.start(folder)

    def look_again(self) -> None:
        """Finds images that came or went, and label files that others changed."""
        if self._folder is not None:
            self._folder.scan_again()

    def close(self, *, keep_training: bool = False) -> None:
        """Writes what is not written and lets everything end. Waits for the writing alone."""
        self._opening.drop()
        self.live.leave()
        self._leave_folder()
        self._engine.close()
        self.work.leave(keep_training=keep_training)
        self._reader.shutdown(wait=True, cancel_futures=True)
        self._writer.shutdown(wait=True)
        self.settings.sync()

    def set_order(self, keys: Sequence[str]) -> None:
        """The images that next and previous go through, as the list shows them."""
        if self._folder is not None:
            self._folder.order = keys

    # The image

    def open_image(self, key: str) -> None:
        """Goes to this image."""
        if self._folder is not None:
            self._folder.open_image(key)

    def step(self, by: int) -> None:
        """Goes so many images on, or back."""
        if self._folder is not None and (key := self._folder.neighbour(by)):
            self._folder.open_image(key)

    def done_and_next(self) -> None:
        """Marks the open image as done and goes to the next, or asks where predictions are left."""
        if self._folder is not None:
            self._folder.finishing.mark_done()

    def accept_done_and_next(self) -> None:
        """Accepts every prediction of the open image, marks it as done and goes to the next."""
        if self._folder is not None:
            self._folder.finishing.accept_and_mark_done()

    def touch(self) -> None:
        """Says that the person is there: the mouse moves over the image."""
        if self._folder is not None:
            self._folder.effort.touch()

    def settle_effort(self) -> None:
        """Begins to write down what the person did in the open image so far."""
        if self._folder is not None:
            self._folder.effort.settle()

    def save_now(self) -> None:
        """Begins to write every edit."""
        if self._folder is not None:
            self._folder.documents.save_now()

    def _save_all(self) -> None:
        if self._folder is not None:
            self._folder.documents.save_all()

    # The classes

    @property
    def classes(self) -> tuple[LabelClass, ...]:
        """The classes of the project."""
        return self.class_list.all

    def give_class(self, class_id: int) -> None:
        """Makes it the class of the selected instances, and of what is drawn next."""
        self.class_list.set_current(class_id)
        document = self.document
        if document is not None and document.selection:
            document.edit_selected(
                tr("Change class"),
                lambda now, ids: edits.with_class_changed(now, ids, class_id=class_id),
            )

    # What goes on

    def prelabel_image(self) -> None:
        """Pre-labels the open image, before everything that waits."""
        if self._folder is not None and self.key and self.model.may_prelabel():
            self._folder.prelabelling.start_image(self.key)

    def prelabel_all(self) -> None:
        """Pre-labels all images that are not done."""
        if self._folder is not None and self.model.may_prelabel():
            self._folder.documents.save_all()
            self._folder.prelabelling.start_all(self._folder.keys)

    def take_back_prelabel(self) -> None:
        """Brings back the labels as they were before the last pre-label."""
        if self._folder is not None:
            self._folder.prelabelling.take_back_last()

    def use_weights(self, run_folder: Path) -> None:
        """Makes what a run trained the weights to pre-label with."""
        use_weights_of(self.settings, run_folder)
        sentence = tr("The weights of {run} are chosen to pre-label with.")
        self.told.emit(sentence.format(run=run_folder.name))

    # Inside

    def _on_project_opened(self, project: Project) -> None:
        self._leave_folder()
        folder = OpenFolder(
            project, self.settings,
            engine=self._engine, writer=self._writer, reader=self._reader,
            prepare=self._prepare, device_left=self.gpu_turn.device_left, parent=self,
        )  # fmt: skip
        _pass_on(folder, self)
        self._folder = folder
        self.settings.set_last_folder(str(project.labels_folder))
        self.project_changed.emit()
        self.class_list.refresh()
        tell_of_recovered(project.recover(), told=self.told.emit, ask=self.asked.emit)
        self.answered.emit(NOT_OPENED)
        if project.read_only_reason:
            self.told.emit(project.read_only_reason)
        folder.scan()
        self.work.find_again(project)
        self._meanwhile.look(project, self.settings.text("weights"))

    def _leave_folder(self) -> None:
        if self._folder is not None:
            folder, self._folder = self._folder, None
            self.class_list.leave()
            folder.leave()
            self.document_changed.emit()

    def _on_class_gone(self, becomes: Callable[[ImageLabels], ImageLabels]) -> None:
        if self._folder is not None:
            self._folder.documents.rewrite(becomes)

    def _on_classes_rewritten(self) -> None:
        self.images_changed.emit()
        self.look_again()


def _pass_on(folder: OpenFolder, session: Session) -> None:
    """Lets a session say what its folder says."""
    folder.images_added.connect(session.images_added)
    folder.images_changed.connect(session.images_changed)
    folder.image_changed.connect(session.image_changed)
    folder.summaries.changed.connect(session.summaries_changed)
    folder.disagreements.changed.connect(session.order.changed)
    folder.key_changed.connect(session.key_changed)
    folder.image_shown.connect(session.image_shown)
    folder.told.connect(session.told)
    folder.stock_taken.connect(session.class_list.look)
    folder.documents.current_changed.connect(session.document_changed)
    folder.documents.current_changed.connect(session.class_list.look)
    folder.documents.saved_state_changed.connect(session.saved_state_changed)
    folder.documents.asked.connect(session.asked)
    folder.documents.answered.connect(session.answered)
    folder.finishing.asked.connect(session.asked)
    folder.finishing.answered.connect(session.answered)
    folder.prelabelling.started.connect(session.work.take)


def _is_of(project: Project, folder: Path) -> bool:
    try:
        return folder.samefile(project.labels_folder)
    except OSError:
        return False
