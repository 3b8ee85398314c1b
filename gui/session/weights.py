"""Which weights the window pre-labels with, from its settings."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.configs import EngineConfig
from core.engines import all_engines, all_published, engine_for
from core.errors import AppError
from core.run_folder import RunFolder
from core.weights import weights_name as weights_name  # what the window calls them too
from gui.settings import Settings
from gui.texts import QT_TR_NOOP, tr

NO_WEIGHTS = QT_TR_NOOP(
    "No weights are chosen yet. Choose some in the Pre-label panel, or label 10 to 20 images, mark"
    " them as done and fine-tune."
)
_MOST_RECENT = 8
_OF_NETWORKS = "onnx"
_NEEDS_NETWORK = QT_TR_NOOP(
    "It computes networks: choose a .onnx file, and it is chosen by itself. “Make model smaller…”"
    " in the menu Model writes one of any weights."
)
_IS_NETWORK = QT_TR_NOOP("A .onnx file is a network, and only ONNX Runtime computes networks.")
_OF_ANOTHER = QT_TR_NOOP("The chosen file is of another kind of model than this engine computes.")


@dataclass(frozen=True, slots=True)
class WeightsChoice:
    """Weights with what a person said about them."""

    weights: str
    """A published name or a file; empty: none."""
    model_config: str = ""
    """A config.yaml; empty: the one beside the weights, or the published one."""
    class_names: tuple[str, ...] = ()
    """In the order of training; empty: as the config or the file says."""


def chosen(settings: Settings) -> WeightsChoice:
    """The weights that a pre-label uses now."""
    names = tuple(settings.text("class_names").splitlines())
    return WeightsChoice(settings.text("weights"), settings.text("model_config"), names)


def use(settings: Settings, choice: WeightsChoice) -> None:
    """Makes these the weights that a pre-label uses, by the engine that can; files are
    remembered."""
    if choice.weights:
        settings.set("engine", engine_for(choice.weights, wished=settings.text("engine")))
    settings.set("class_names", "\n".join(choice.class_names))
    settings.set("model_config", choice.model_config)
    settings.set("weights", choice.weights)
    if choice.weights and choice.weights not in {one.name for one in all_published()}:
        others = [one for one in recent(settings) if one.weights != choice.weights]
        kept = [asdict(one) for one in [choice, *others][:_MOST_RECENT]]
        settings.set("recent_weights", json.dumps(kept))


def recent(settings: Settings) -> tuple[WeightsChoice, ...]:
    """Files of weights that were used, the last one first."""
    try:
        values = json.loads(settings.text("recent_weights") or "[]")
        return tuple(
            WeightsChoice(
                str(one["weights"]), str(one["model_config"]), tuple(map(str, one["class_names"]))
            )
            for one in values
        )
    except (ValueError, KeyError, TypeError):
        return ()  # somebody else wrote there


def remembered(settings: Settings, weights: str) -> WeightsChoice:
    """These weights with what a person said about them when they were used."""
    said = (one for one in (chosen(settings), *recent(settings)) if one.weights == weights)
    return next(said, WeightsChoice(weights))


def choose_engine(settings: Settings, engine: str) -> None:
    """Makes this the engine; published weights that it does not know are chosen no more."""
    specs, weights = all_engines(), settings.text("weights")
    knows = {one.name for one in specs[engine].published()}
    if weights in {one.name for one in all_published()} - knows:
        use(settings, WeightsChoice(""))  # first: no engine is to be asked for another's
    settings.set("engine", engine)


def why_not_by(engine: str, weights: str) -> str:
    """Why this engine cannot compute a file of weights, in a sentence; empty where it may."""
    is_network = Path(weights).suffix.lower() == ".onnx"
    if engine == _OF_NETWORKS and not is_network:
        return tr(_NEEDS_NETWORK)
    if engine != _OF_NETWORKS and is_network:
        return tr(_IS_NETWORK)
    if all_engines()[engine].takes_file(weights) is False:
        return tr(_OF_ANOTHER)
    return ""


def config_of(settings: Settings, choice: WeightsChoice) -> EngineConfig:
    """The engine that computes these weights: the one of the settings, where it can.

    Raises:
        AppError: no weights are chosen.
    """
    if not choice.weights:
        raise AppError(tr(NO_WEIGHTS))
    return EngineConfig(
        weights=choice.weights,
        engine=engine_for(choice.weights, wished=settings.text("engine")),
        model_config=choice.model_config,
        class_names=choice.class_names,
        score=settings.number("score"),
        device=settings.text("device"),
        exact=settings.text("arithmetic") == "exact",
    )


def engine_config(settings: Settings) -> EngineConfig:
    """The engine that the settings name.

    Raises:
        AppError: no weights are chosen.
    """
    return config_of(settings, chosen(settings))


def use_weights_of(settings: Settings, run_folder: Path) -> None:
    """Makes what a run trained the weights to pre-label with; their config lies beside them."""
    settings.set("engine", "maskrcnn")
    use(settings, WeightsChoice(str(RunFolder(run_folder).best_weights)))
