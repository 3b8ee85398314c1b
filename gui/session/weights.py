"""Which weights the window pre-labels with, from its settings."""

from pathlib import Path

from core.configs import EngineConfig
from core.errors import AppError
from core.run_folder import RunFolder
from gui.settings import Settings

NO_WEIGHTS = (
    "No weights are chosen yet. Choose some in the Pre-label panel, or label 10 to 20 images, mark"
    " them as done and fine-tune."
)


def engine_config(settings: Settings) -> EngineConfig:
    """The engine that the settings name.

    Raises:
        AppError: no weights are chosen.
    """
    weights = settings.text("weights")
    if not weights:
        raise AppError(NO_WEIGHTS)
    return EngineConfig(
        weights=weights,
        engine=settings.text("engine"),
        model_config=settings.text("model_config"),
        score=settings.number("score"),
        device=settings.text("device"),
    )


def class_map_of(text: str) -> dict[str, str]:
    """The class map of a text like "person = worker, cat = animal".

    Raises:
        AppError: a piece of it is no pair.
    """
    pairs: dict[str, str] = {}
    for piece in filter(str.strip, text.split(",")):
        of_weights, equals, of_project = piece.partition("=")
        if not equals or not of_weights.strip():
            raise AppError(
                f"{piece.strip()!r} in the class map is no pair;"
                " write person = worker, cat = animal."
            )
        pairs[of_weights.strip()] = of_project.strip()
    return pairs


def weights_name(weights: str) -> str:
    """What weights are called, and class maps are kept under: every run has a best.pth."""
    path = Path(weights)
    return f"{path.parent.name}/{path.name}" if path.parent.name else path.name


def use_weights_of(settings: Settings, run_folder: Path) -> None:
    """Makes what a run trained the weights to pre-label with; their config lies beside them."""
    settings.set("engine", "maskrcnn")
    settings.set("model_config", "")
    settings.set("weights", str(RunFolder(run_folder).best_weights))
