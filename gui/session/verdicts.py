"""Verdicts on instances of many images at once: each is a batch that can be taken back."""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from core.batches import TakenBack, apply_verdict, new_batch_id, remember, take_back
from core.edits import changed_ids
from core.errors import AppError
from core.events import Failed
from core.project import Project
from core.types import ImageLabels, ImageState
from gui.document import Document
from gui.runs import ThreadRun
from gui.session.documents import Documents
from gui.session.sweep import Sweep
from gui.session.taking_back import staying_sentence, taken_back_sentence
from gui.texts import n_images, n_instances, tr

VerdictOn: TypeAlias = Callable[[str, ImageLabels], ImageLabels]
"""The labels of the image of this key with the verdict; called in threads too."""
_Change: TypeAlias = tuple[()] | tuple[ImageLabels, ImageLabels]
"""The labels before and after; nothing where nothing was changed."""
_MOST = 50
"""So many verdicts can be taken back; of many, core keeps fewer on the disk."""


@dataclass(slots=True)
class _Given:
    """A verdict, and what became of it so far."""

    batch_id: str
    text: str
    change: VerdictOn
    with_done: bool
    tells: bool
    ids: Mapping[str, Collection[str]]
    n_gone: int = 0
    """Of these instances, those that are in their images no more."""
    waiting: tuple[str, ...] = ()
    left: set[str] = field(default_factory=set)
    """Images whose label files are not changed, so far."""
    n_instances: int = 0
    n_images: int = 0


class Verdicts(QObject):
    """Gives verdicts: in the open image as one undo step, in the others on the disk."""

    image_changed = Signal(str)
    """The label file of this image is new."""
    ended = Signal()
    """A verdict is given, or taken back, in all its images."""
    stayed = Signal(object)
    """The keys of images whose label files a verdict did not change: it may be so already, or
    nothing can be read or written there."""
    taken_back = Signal(object)
    """The keys of images that are as they were before."""
    judged = Signal(str, object, object, bool)
    """The key of an image whose labels were changed on the disk, the labels before and after, and
    whether it is the first one of its verdict."""
    told = Signal(str)

    def __init__(
        self,
        project: Project,
        documents: Documents,
        *,
        writer: Executor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._documents = documents
        self._waiting: deque[_Given] = deque()
        self._going: _Given | None = None
        self._given: list[_Given] = []
        self._sweep = Sweep(writer, self)
        self._sweep.reported.connect(self._on_image_done)
        self._sweep.failed.connect(self.told)
        self._sweep.ended.connect(self._on_swept)
        self._remembering = ThreadRun(_called, writer, parent=self)
        self._remembering.ended.connect(self._on_work_ended)
        self._taking_back = ThreadRun(self._take_back, writer, parent=self)
        self._taking_back.reported.connect(self._on_taken_back)
        self._taking_back.ended.connect(self._on_work_ended)

    @property
    def can_take_back(self) -> bool:
        """Whether a verdict was given that was not taken back."""
        return bool(self._given)

    @property
    def last(self) -> str:
        """The batch that `take_back` takes back; empty where there is none."""
        return self._given[-1].batch_id if self._given else ""

    @property
    def n_waiting(self) -> int:
        """How many images wait for a verdict."""
        return self._sweep.n_waiting + sum(len(one.waiting) for one in self._waiting)

    def give(
        self,
        text: str,
        keys: Collection[str],
        change: VerdictOn,
        *,
        with_done: bool = False,
        tells: bool = False,
        ids: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> bool:
        """Changes the labels of these images as one batch; `ended` tells when it is done.

        Args:
            text: what it is called: "Accept".
            keys: of the images.
            change: the edit; where it gives the very same labels, nothing is written.
            with_done: whether done images change too.
            tells: whether to say what it changed, where a person does not see all of it.
            ids: by image the instances that a person saw: those that are gone by then are told of.

        Returns:
            Whether it began; else it was told why not.
        """
        try:
            self._project.require_writable()
        except AppError as error:
            self.told.emit(str(error))
            return False
        given = _Given(new_batch_id(), text, change, with_done, tells, ids)
        on_disk = []
        for key in keys:
            document = self._documents.document(key)
            is_here = document is not None and (
                document is self._documents.current or document.is_dirty
            )
            if document is None or not is_here:
                on_disk.append(key)
            else:
                self._give_here(given, document)
        given.waiting, given.left = tuple(on_disk), set(on_disk)
        self._given = [*self._given, given][-_MOST:]
        self._waiting.append(given)
        self._next()
        return True

    def take_back(self) -> None:
        """Takes the last verdict back; images that were changed since stay, and are named."""
        if not self._given:
            self.told.emit(tr("There is no verdict to take back."))
            return
        given = self._given.pop()
        if given is self._going:
            self._sweep.stop()
            self._going = None
        if given in self._waiting:
            self._waiting.remove(given)
        self.stayed.emit(frozenset(given.left))
        self._documents.save_all()
        self._taking_back.start(given)
        self._next()

    def leave(self) -> None:
        """Ends everything: the folder is closed. What is given is on its way to the disk."""
        # what is being written may be reported when nothing can be read any more
        self._sweep.reported.disconnect(self._on_image_done)
        self._waiting.clear()
        self._sweep.stop()

    def _give_here(self, given: _Given, document: Document) -> None:
        before, is_on_disk, key = document.labels, not document.is_dirty, document.key
        if before.state is ImageState.DONE and not given.with_done:
            return
        try:
            wanted = given.change(key, before)
        except AppError as error:
            self.told.emit(str(error))
            return
        wanted = _with_locked(before, wanted, document.marks.locked)
        if not document.apply(given.text, wanted) or document.labels is before:
            return
        after = document.labels
        given.n_images += 1
        given.n_instances += len(changed_ids(before, after))
        # The writer does this ahead of the document's save, which is not begun yet.
        self._remembering.start(
            lambda: remember(
                self._project, given.batch_id, key,
                before=None if is_on_disk else before, after=after, verdict=given.text,
            )
        )  # fmt: skip
        self._documents.save_all()

    def _next(self) -> None:
        if self._going is None and self._waiting:
            given = self._going = self._waiting.popleft()
            self._sweep.start(lambda key: self._give_on_disk(given, key), given.waiting)

    def _give_on_disk(self, given: _Given, key: str) -> tuple[_Given, str, int, _Change]:
        """Called in the writer's thread."""
        change: _Change = ()

        def changed(labels: ImageLabels) -> ImageLabels:
            nonlocal change
            after = given.change(key, labels)
            change = (labels, after)
            return after

        n = apply_verdict(
            self._project, given.batch_id, key, changed,
            verdict=given.text, with_done=given.with_done,
        )  # fmt: skip
        return given, key, n, change

    def _on_image_done(self, done: tuple[_Given, str, int, _Change]) -> None:
        given, key, n_instances, change = done
        if change:
            there = {one.id for one in (*change[0].instances, *change[0].rejected)}
            given.n_gone += len(set(given.ids.get(key, ())) - there)
        if n_instances:
            given.left.discard(key)
            if change:
                self.judged.emit(key, *change, not given.n_images)
            given.n_images += 1
            given.n_instances += n_instances
            self.image_changed.emit(key)

    def _on_swept(self) -> None:
        given, self._going = self._going, None
        if given is not None:
            if not given.n_images and given in self._given:
                self._given.remove(given)
            if given.n_gone:
                self.told.emit(_gone_sentence(given.n_gone))
            elif given.tells or not given.n_images:
                self.told.emit(_outcome(given))
            self.stayed.emit(frozenset(given.left))
            self.ended.emit()
        self._next()

    def _take_back(self, given: _Given) -> tuple[_Given, TakenBack]:
        """Called in the writer's thread."""
        return given, take_back(self._project, given.batch_id)

    def _on_taken_back(self, done: tuple[_Given, TakenBack]) -> None:
        given, (restored, left) = done
        for key in restored:
            self.image_changed.emit(key)
        sentence = taken_back_sentence(given.text, restored=restored)
        self.told.emit(" ".join((sentence, staying_sentence(left))) if left else sentence)
        self.taken_back.emit(restored)
        self.ended.emit()

    def _on_work_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)


def _with_locked(before: ImageLabels, after: ImageLabels, locked: Collection[str]) -> ImageLabels:
    """The labels after a verdict, with those that are locked in the shape and class they had."""
    new = {one.id: one for one in after.instances}
    kept = {
        one.id
        for one in before.instances
        if one.id in locked
        and (
            (now := new.get(one.id)) is None
            or (now.parts, now.class_id) != (one.parts, one.class_id)
        )
    }
    if not kept:
        return after
    there = {one.id for one in before.instances}
    stay = (one if one.id in kept else new.get(one.id) for one in before.instances)
    return replace(
        after,
        instances=(
            *(one for one in stay if one is not None),
            *(one for one in after.instances if one.id not in there),
        ),
        rejected=tuple(one for one in after.rejected if one.id not in kept),
    )


def _outcome(given: _Given) -> str:
    if not given.n_images:
        nothing = tr(
            "“{verdict}” changed nothing: it is so already, a person made it, or its image is done."
        )
        return nothing.format(verdict=given.text)
    return tr("“{verdict}” changed {instances} in {images}.").format(
        verdict=given.text,
        instances=n_instances(given.n_instances),
        images=n_images(given.n_images),
    )


def _gone_sentence(n: int) -> str:
    if n == 1:
        return tr(
            "1 instance was not judged: a pre-label or an edit has replaced what you saw. Look once"
            " more."
        )
    return tr(
        "%n instances were not judged: a pre-label or an edit has replaced what you saw. Look once"
        " more.",
        "",
        n,
    )


def _called(work: Callable[[], object]) -> None:
    """Called in the writer's thread."""
    work()
