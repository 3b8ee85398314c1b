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
from gui.texts import QT_TR_NOOP, tr

_INSTEAD = QT_TR_NOOP("Choose other weights in the Pre-label panel, or let the assistant outline.")


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
        engine = spec.title.partition(" (")[0]
        cannot = tr("{engine} cannot outline in a box.").format(engine=engine)
        raise AppError(" ".join((cannot, tr(_INSTEAD))))
    if model.description is not None and not model.description.has_masks:
        find_boxes = tr("These weights find boxes, not outlines.")
        raise AppError(" ".join((find_boxes, tr(_INSTEAD))))
    return replace(config, device=turn.device_now(config.device))
