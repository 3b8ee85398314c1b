"""The weights of the project as an assistant: whether they can segment in a box."""

from dataclasses import replace

from core.configs import EngineConfig
from core.engines import spec_named
from core.errors import AppError
from gui.session.assist import OwnWeights
from gui.session.gpu_turn import GpuTurn
from gui.session.model import Model
from gui.session.weights import engine_config
from gui.settings import Settings

_INSTEAD = "Choose other weights in the Pre-label panel, or let the assistant outline."


def own_weights(settings: Settings, model: Model, turn: GpuTurn) -> OwnWeights:
    """Those that are chosen at the moment when something is asked of them."""
    return OwnWeights(lambda: own_engine(settings, model, turn), lambda: model.targets)


def own_engine(settings: Settings, model: Model, turn: GpuTurn) -> EngineConfig:
    """The engine that outlines in a box with the weights of the project.

    Raises:
        AppError: no weights are chosen, or they or their engine cannot; it says what to do.
    """
    config = engine_config(settings)
    spec = spec_named(config.engine)
    if not spec.segments_boxes:
        raise AppError(f"The engine “{spec.title}” cannot outline in a box. {_INSTEAD}")
    if model.description is not None and not model.description.has_masks:
        raise AppError(f"These weights find boxes, not outlines. {_INSTEAD}")
    return replace(config, device=turn.device_now(config.device))
