"""The classes of a project, and changes of them carried into every label file."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from core.errors import AppError
from core.project import classes
from core.project.project_file import ProjectFile, ProjectFileStore
from core.project.rewriting import Rewriter, without_class
from core.project.values import ClassUsage
from core.thresholds import Thresholds
from core.types import LabelClass


class ClassBook(ABC):
    """The part of Project that owns the classes."""

    read_only_reason: str
    """Why nothing can be written, as a sentence for the user; empty: it can."""
    _file: ProjectFileStore
    _rewriter: Rewriter

    @abstractmethod
    def _all_keys(self) -> tuple[str, ...]: ...

    @property
    def classes(self) -> tuple[LabelClass, ...]:
        """The classes in the user's order."""
        return self._file.value.classes

    def class_named(self, name: str) -> LabelClass | None:
        """The class of this name, if there is one."""
        return next((one for one in self.classes if one.name == name), None)

    def add_class(self, name: str, *, wished_id: int | None = None) -> LabelClass:
        """The class of this name, made if it is not there.

        Args:
            name: of the class.
            wished_id: its id, if no class ever had that.

        Raises:
            AppError: the name is empty, or maskloop.json cannot be written.
        """
        if found := self.class_named(name):
            return found
        if not name.strip():
            raise AppError("A class needs a name.")
        self._change(lambda file: classes.with_class_added(file, name, wished_id=wished_id)[0])
        return next(one for one in self.classes if one.name == name)

    def add_classes(self, wished: Iterable[tuple[str, int | None]]) -> None:
        """Makes the classes of these names and wished ids where they are not there, in one write.

        Raises:
            AppError: maskloop.json cannot be written.
        """
        self.require_writable()

        def with_all(file: ProjectFile) -> ProjectFile:
            for name, wished_id in wished:
                if name.strip():
                    file, _ = classes.with_class_added(file, name.strip(), wished_id=wished_id)
            return file

        self._change(with_all)

    def change_class(self, changed: LabelClass) -> None:
        """Gives a class another colour or key. Raises AppError where there is no such class."""
        self.require_writable()
        self._change(lambda file: classes.with_class_changed(file, changed))

    def reorder_classes(self, ids: Sequence[int]) -> None:
        """Puts the classes in another order. Raises AppError where ids are not all of them."""
        self.require_writable()
        self._change(lambda file: classes.with_classes_reordered(file, ids))

    def class_usage(self, class_id: int) -> ClassUsage:
        """What a rename, merge or delete would touch. Raises AppError where there is no such."""
        return self._rewriter.usage(self._all_keys(), [self._file.value.class_of_id(class_id).name])

    def rename_class(self, class_id: int, name: str) -> None:
        """Gives a class another name, in every label file that uses it.

        Labels of images that are open have to be saved before and read again afterwards; so it is
        with merge_classes and delete_class too.

        Raises:
            AppError: the name is another class's, or some files could not be written. Those still
                mean the class; what is missing is done when the folder is opened again.
        """
        self._require_saved(class_id)
        self._change(lambda file: classes.with_class_renamed(file, class_id, name))
        self._finish_renaming()

    def merge_classes(self, class_id: int, *, into: int) -> None:
        """Makes every instance of a class one of another, in all files.

        Raises:
            AppError: as with rename_class.
        """
        self._require_saved(class_id)
        self._change(lambda file: classes.with_class_merged(file, class_id, into=into))
        self._finish_renaming()

    def delete_class(self, class_id: int) -> None:
        """Deletes a class and its instances; files that had some are kept in history.

        Raises:
            AppError: some files could not be written; the class then stays.
        """
        self._require_saved(class_id)
        self._rewriter.rewrite(
            self._all_keys(),
            [self._file.value.class_of_id(class_id).name],
            step=lambda labels: without_class(labels, class_id),
            keeps_old=True,
        )
        self._change(lambda file: classes.without_class(file, class_id))

    def _require_saved(self, class_id: int) -> None:
        self.require_writable()
        name = self._file.value.class_of_id(class_id).name
        self._rewriter.require_saved(self._all_keys(), [name])

    def _finish_renaming(self) -> None:
        names = set(self._file.value.renaming)
        self._rewriter.rewrite(self._all_keys(), names)
        self._change(lambda file: replace(file, renaming={}))

    def class_map(self, weights: str) -> Mapping[str, str]:
        """For weights of this name: their classes to classes here, empty for "ignore"."""
        return self._file.value.class_maps.get(weights, {})

    def keep_class_map(self, weights: str, class_map: Mapping[str, str]) -> None:
        """Remembers a class map. Raises AppError where it cannot be written."""
        self.require_writable()
        maps = self._file.value.class_maps
        self._change(lambda file: replace(file, class_maps={**maps, weights: dict(class_map)}))

    @property
    def confidence(self) -> float | None:
        """The score from which on predictions show in this project; None: nobody said yet."""
        return self._file.value.confidence

    def keep_confidence(self, score: float) -> None:
        """Remembers it. Raises AppError where it cannot be written."""
        self.keep_thresholds(self.thresholds(score).with_least(None, score))

    def thresholds(self, default: float) -> Thresholds:
        """The score from which on predictions of each class show, as far as somebody said."""
        file = self._file.value
        overall = default if file.confidence is None else file.confidence
        return Thresholds(overall, file.class_confidence)

    def keep_thresholds(self, thresholds: Thresholds) -> None:
        """Remembers them. Raises AppError where they cannot be written."""
        self.require_writable()
        overall, of_class = thresholds.overall, dict(thresholds.of_class)
        file = self._file.value
        if (overall, of_class) != (file.confidence, file.class_confidence):
            self._change(lambda file: replace(file, confidence=overall, class_confidence=of_class))

    def require_writable(self) -> None:
        """Raises AppError, with read_only_reason, where nothing may be written."""
        if self.read_only_reason:
            raise AppError(self.read_only_reason)

    def _class_id_of(self, name: str) -> int:
        renamed = self._file.value.renaming.get(name)
        return self.add_class(name).id if renamed is None else renamed

    def _change(self, step: Callable[[ProjectFile], ProjectFile]) -> None:
        self._file.change(step, on_disk=not self.read_only_reason)
