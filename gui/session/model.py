"""The chosen weights: what they know, what their classes are in this folder, and their engine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor

from PySide6.QtCore import QObject, QTimer, Signal

from core.configs import DescribeConfig
from core.errors import AppError
from core.events import Failed, Finished
from core.project import Project
from core.weights import WeightsDescription, description_from_json
from core.wording import listed
from gui.runs import EngineProcess, EngineRequest, Run, ThreadRun
from gui.session.class_list import ClassList
from gui.session.warm_engine import WarmEngine
from gui.session.weights import WeightsChoice, chosen, config_of, engine_config, weights_name
from gui.session.work import Work
from gui.settings import Settings
from gui.texts import tr
from gui.widgets.class_map import entries_of, targets_of
from gui.widgets.notices import Notice

CLASS_MAP_TOPIC = "class_map"
_CHANGES_IT = frozenset(
    {"weights", "model_config", "class_names", "engine", "device", "arithmetic"}
)


class Model(QObject):
    """What the weights of the settings are, and how they fit the open folder."""

    changed = Signal()
    """Other weights, their description, or their class map."""
    told = Signal(str)
    asked = Signal(object)
    """Notice."""
    answered = Signal(str)
    map_wanted = Signal()
    """A person wants to say which class of the weights is which."""

    def __init__(
        self,
        settings: Settings,
        engine: EngineProcess,
        work: Work,
        class_list: ClassList,
        writer: Executor,
        *,
        project_of: Callable[[], Project | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.description: WeightsDescription | None = None
        """None while it is not known."""
        self.why_not = ""
        """Why the weights cannot be described."""
        self._settings = settings
        self._engine = engine
        self._work = work
        self._class_list = class_list
        self._writer = writer
        self._project_of = project_of
        self._has_begun = False
        self._asking: EngineRequest | None = None
        self._waiting: list[Callable[[], object]] = []
        self.engine = WarmEngine(engine, self)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._go_on)
        settings.changed.connect(self._on_setting_changed)
        class_list.changed.connect(self.changed)
        work.run_started.connect(self._on_run_started)

    # What the weights are

    @property
    def choice(self) -> WeightsChoice:
        """The weights that are chosen."""
        return chosen(self._settings)

    @property
    def is_looking(self) -> bool:
        """Whether the description is on its way."""
        return self._asking is not None

    def begin(self) -> None:
        """From now on the weights are looked at, and their engine loaded, ahead of their use."""
        self._has_begun = True
        self._later.start()

    def look(self) -> None:
        """Says that another folder is open: what was found out is looked at again for it."""
        self.answered.emit(CLASS_MAP_TOPIC)
        self.changed.emit()
        if self._has_begun:
            self._later.start()

    def describe(self, choice: WeightsChoice) -> EngineRequest:
        """Asks what is known of weights; nothing is downloaded. The result is their description.

        Raises:
            AppError: no weights are named.
        """
        config = DescribeConfig(config_of(self._settings, choice))
        return self._engine.ask("describe_weights", config, goes_first=True)

    def when_described(self, then: Callable[[], object]) -> None:
        """Calls `then` once the description is there, at once where it is; tells where it fails."""
        if self.description is not None:
            then()
            return
        self._waiting.append(then)
        self._ask()

    # Which class is which

    @property
    def targets(self) -> Mapping[str, str]:
        """For each class of the weights the class of the folder, empty for ignored.

        Empty while there is no folder or no description.
        """
        project = self._project_of()
        if project is None or self.description is None:
            return {}
        kept = project.class_map(weights_name(self.choice.weights))
        names = [one.name for one in project.classes]
        return targets_of(self.description.class_names, names, kept)

    @property
    def finds_nothing(self) -> bool:
        """Whether it is known that no class of the weights is one of the folder."""
        targets = self.targets
        return bool(targets) and not any(targets.values())

    def keep_targets(self, targets: Mapping[str, str], new_classes: Iterable[str] = ()) -> None:
        """Keeps which class of the weights is which of the folder, and makes the new ones."""
        project, name = self._project_of(), weights_name(self.choice.weights)
        if project is None:
            return
        wished = [(one, None) for one in new_classes]

        def keep() -> None:
            if wished:
                project.add_classes(wished)
            known = [one.name for one in project.classes]
            project.keep_class_map(name, entries_of(targets, known))

        keeping = ThreadRun(keep, self._writer, parent=self)
        keeping.ended.connect(self._on_kept)
        keeping.ended.connect(keeping.deleteLater)
        keeping.start()

    def may_prelabel(self) -> bool:
        """Whether a pre-label can find anything; else it says what to do."""
        if not self.finds_nothing or self.description is None:
            return True
        project = self._project_of()
        own = [one.name for one in project.classes] if project else []
        sentence = _nothing_to_find(self.description.class_names, own)
        answers = ((tr("Map classes…"), self.map_wanted.emit),)
        self.asked.emit(Notice(sentence, answers, topic=CLASS_MAP_TOPIC))
        return False

    # Inside

    def _go_on(self) -> None:
        """Looks at the weights and the devices, and loads the engine behind the window."""
        if self._project_of() is None or not self._has_begun:
            return
        if self.engine.report is None:
            self.engine.look_at_devices()
        if not self.choice.weights:
            self.engine.forget()
        elif self.description is None and not self.why_not:
            self._ask()
        else:
            self._warm()

    def _ask(self) -> None:
        if self._asking is not None:
            return
        try:
            self._asking = self.describe(self.choice)
        except AppError as error:
            self._waiting.clear()
            self.told.emit(str(error))
            return
        asking = self._asking
        self._asking.ended.connect(lambda last: self._on_described(asking, last))
        self.changed.emit()

    def _on_described(self, asking: EngineRequest, last: object) -> None:
        if asking is not self._asking:
            return
        self._asking = None
        waiting, self._waiting = self._waiting, []
        if isinstance(last, Finished) and "class_names" in last.result:
            self.description = description_from_json(last.result)
            for then in waiting:
                then()
        elif isinstance(last, Failed):
            self.why_not = last.sentence
            if waiting:
                self.told.emit(last.sentence)
        self.changed.emit()
        self._warm()

    def _warm(self) -> None:
        is_here = self.description is not None and self.description.is_here
        if self._has_begun and is_here and self._work.training is None:
            self.engine.load(engine_config(self._settings))

    def _forget(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None and asking.is_going:
            asking.cancel()
        self.description, self.why_not = None, ""
        self.answered.emit(CLASS_MAP_TOPIC)
        self.changed.emit()

    def _on_setting_changed(self, name: str) -> None:
        if name in _CHANGES_IT:
            self._forget()
            self.engine.forget()
            self._later.start()  # once, for all that change together

    def _on_run_started(self, run: Run) -> None:
        run.ended.connect(self._on_run_ended)
        if self._has_begun:
            self.engine.look_at_devices()

    def _on_run_ended(self, _: object) -> None:
        """A pre-label may have downloaded the weights; a fine-tune has left the device."""
        if not self._has_begun:
            return
        if self.description is not None and not self.description.is_here:
            self._forget()
        self.engine.look_at_devices()
        self._later.start()

    def _on_kept(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)
        self.answered.emit(CLASS_MAP_TOPIC)
        self._class_list.look()
        self.changed.emit()


def _nothing_to_find(theirs: Sequence[str], own: Sequence[str]) -> str:
    """Why a pre-label would find nothing with these classes, and what to do."""
    would = tr(
        "A pre-label would find nothing: no class of these weights is a class of this folder."
    )
    both = tr("They know {theirs}; the folder has {own}.")
    theirs_alone = tr("They know {theirs}; the folder has no class yet.")
    known = (both if own else theirs_alone).format(theirs=listed(theirs), own=listed(own))
    to_do = tr(
        "Map one to another. Or label 10 to 20 images with the tools, fine-tune on them, and"
        " pre-label the rest with what comes out."
    )
    return f"{would} {known} {to_do}"
