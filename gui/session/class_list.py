"""The classes of the open project: which one is drawn next, and changes of them.

What a change would touch in label files is counted and shown before it is made.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.events import Failed
from core.project import ClassUsage, Project
from core.project.rewriting import with_class_replaced, without_class
from core.types import ImageLabels, LabelClass
from gui.runs import ThreadRun
from gui.texts import n_images, n_instances, tr
from gui.widgets.notices import Notice

_TOPIC = "classes"


class ClassList(QObject):
    """Reads and changes the classes of whatever project is open."""

    changed = Signal()
    current_changed = Signal()
    rewritten = Signal()
    """Label files are new, because of a change."""
    gone = Signal(object)
    """What became of the labels of a class that is no more: ImageLabels to ImageLabels."""
    told = Signal(str)
    asked = Signal(object)
    """Notice."""
    answered = Signal(str)
    """The topic of a question that may go."""

    def __init__(
        self,
        project_of: Callable[[], Project | None],
        writer: Executor,
        *,
        save_all: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project_of = project_of
        self._writer = writer
        self._save_all = save_all
        self.why_not_key: Callable[[str], str] = lambda _key: ""
        """Says in a sentence why no class can have a key; the window knows its shortcuts."""
        self._current_id = -1
        self._shown: tuple[LabelClass, ...] = ()
        self.changed.connect(self._on_changed)

    @property
    def all(self) -> tuple[LabelClass, ...]:
        """The classes in the user's order."""
        project = self._project_of()
        return project.classes if project else ()

    @property
    def current(self) -> LabelClass | None:
        """The class of what is drawn next."""
        return self.of_id(self._current_id)

    def of_id(self, class_id: int) -> LabelClass | None:
        """The class of this id, if there is one."""
        return next((one for one in self.all if one.id == class_id), None)

    def refresh(self) -> None:
        """Says that another project is open, or that its label files named new classes."""
        if self.current is None and self.all:
            self._current_id = self.all[0].id
        self.changed.emit()
        self.current_changed.emit()

    def look(self) -> None:
        """Says so where label files named classes that are new to the project."""
        if self.all != self._shown:
            self.refresh()

    def leave(self) -> None:
        """Takes back what was asked: the folder is closed."""
        self.answered.emit(_TOPIC)

    def set_current(self, class_id: int) -> None:
        """The class of what is drawn next."""
        if class_id != self._current_id:
            self._current_id = class_id
            self.current_changed.emit()

    def add(self, name: str) -> LabelClass | None:
        """The class of this name, made if it is not there; None where that failed and was told."""
        project = self._project_of()
        if project is None:
            return None
        try:
            added = project.add_class(name.strip())
        except AppError as error:
            self.told.emit(str(error))
            return None
        self._current_id = added.id
        self.refresh()
        return added

    def change_colour(self, class_id: int, colour: str) -> None:
        """Gives a class another colour, #rrggbb."""
        self._change_at_once(class_id, lambda one: replace(one, colour=colour))

    def change_key(self, class_id: int, key: str) -> None:
        """Gives a class another key: one character, of a letter the small one, or none."""
        wished = key.strip().lower()[:1]
        if wished and (why := self.why_not_key(wished)):
            self.told.emit(" ".join((why, tr("Choose another key for the class."))))
            self.changed.emit()  # so that what was typed gives way to the key that it has
            return
        self._change_at_once(class_id, lambda one: replace(one, key=wished))

    def rename(self, class_id: int, name: str) -> None:
        """Renames a class; asks first where label files are touched.

        To the name of another class means to merge it into that one.
        """
        old = self.of_id(class_id)
        wished = name.strip()
        if old is None or wished in ("", old.name):
            self.changed.emit()
            return
        into = next((one for one in self.all if one.name == wished), None)
        if into is not None:
            self.merge(class_id, into=into.id)
            return

        def rename() -> None:
            self._change(lambda project: project.rename_class(class_id, wished))

        def ask(usage: ClassUsage) -> None:
            if not usage.n_images:
                rename()
                return
            sentence = tr("Renaming {old} to {new} writes {files} anew.").format(
                old=old.name, new=wished, files=_files(usage)
            )
            self._ask(sentence, tr("Rename"), rename)

        self._count(class_id, ask)

    def merge(self, class_id: int, *, into: int) -> None:
        """Makes every instance of a class one of another, after asking."""
        old, kept = self.of_id(class_id), self.of_id(into)
        if old is None or kept is None:
            return

        def merge() -> None:
            if self._current_id == class_id:
                self.set_current(into)
            self._change(
                lambda project: project.merge_classes(class_id, into=into),
                becomes=partial(with_class_replaced, class_id=class_id, into=into),
            )

        def ask(usage: ClassUsage) -> None:
            sentence = tr("Merge {old} into {kept}? {instances}.").format(
                old=old.name, kept=kept.name, instances=_instances(usage)
            )
            self._ask(sentence, tr("Merge"), merge)

        self._count(class_id, ask)

    def move(self, class_id: int, *, by: int) -> None:
        """Puts a class so many places later in the order, or earlier; nothing at its ends."""
        ids = [one.id for one in self.all]
        project = self._project_of()
        if project is None or class_id not in ids:
            return
        place = ids.index(class_id)
        if not 0 <= place + by < len(ids):
            return
        ids.insert(place + by, ids.pop(place))
        try:
            project.reorder_classes(ids)
        except AppError as error:
            self.told.emit(str(error))
        self.changed.emit()

    def delete(self, class_id: int) -> None:
        """Deletes a class with its instances, after asking."""
        old = self.of_id(class_id)
        if old is None:
            return

        def ask(usage: ClassUsage) -> None:
            sentence = tr(
                "Delete {old} and what is labelled so? {instances}; the files as they are now are"
                " kept in .maskloop/history."
            )
            self._ask(
                sentence.format(old=old.name, instances=_instances(usage)),
                tr("Delete class"),
                lambda: self._change(
                    lambda project: project.delete_class(class_id),
                    becomes=partial(without_class, class_id=class_id),
                ),
            )

        self._count(class_id, ask)

    def _change_at_once(self, class_id: int, change: Callable[[LabelClass], LabelClass]) -> None:
        project, one = self._project_of(), self.of_id(class_id)
        if project is None or one is None:
            return
        try:
            project.change_class(change(one))
        except AppError as error:
            self.told.emit(str(error))
        self.changed.emit()

    def _count(self, class_id: int, then: Callable[[ClassUsage], None]) -> None:
        project = self._project_of()
        if project is None:
            return
        self._save_all()  # the writer counts after it has written
        counting = ThreadRun(lambda: project.class_usage(class_id), self._writer, parent=self)
        counting.reported.connect(
            lambda usage: then(usage) if self._project_of() is project else None
        )
        counting.ended.connect(self._on_ended)
        counting.ended.connect(counting.deleteLater)
        counting.start()

    def _ask(self, sentence: str, answer: str, act: Callable[[], object]) -> None:
        project = self._project_of()

        def act_there() -> None:
            # the class of this id may be quite another one in a folder that was opened since
            if self._project_of() is project:
                act()

        answers = ((answer, act_there), (tr("Leave it"), self.changed.emit))
        self.asked.emit(Notice(sentence, answers, topic=_TOPIC))

    def _change(
        self,
        change: Callable[[Project], object],
        *,
        becomes: Callable[[ImageLabels], ImageLabels] | None = None,
    ) -> None:
        project = self._project_of()
        if project is None:
            return
        self._save_all()
        changing = ThreadRun(lambda: change(project), self._writer, parent=self)
        if becomes is not None:
            changing.reported.connect(
                # the documents of a folder that was opened meanwhile know another class by this id
                lambda _: self.gone.emit(becomes) if self._project_of() is project else None
            )
        changing.ended.connect(self._on_ended)
        changing.ended.connect(lambda _: self.rewritten.emit())
        changing.ended.connect(changing.deleteLater)
        changing.start()

    def _on_changed(self) -> None:
        self._shown = self.all

    def _on_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)
        self.refresh()


def _files(usage: ClassUsage) -> str:
    n = usage.n_images
    return tr("1 label file") if n == 1 else tr("%n label files", "", n)


def _instances(usage: ClassUsage) -> str:
    instances, images = n_instances(usage.n_instances), n_images(usage.n_images)
    return tr("{instances} in {images}").format(instances=instances, images=images)
