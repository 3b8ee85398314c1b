"""How a run by detectron2's loop begins, or begins again."""

import os
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

from core.configs import TrainConfig, from_json
from core.detectron2_training.dataset import dataset_dicts, n_left_to_background
from core.detectron2_training.learner import Detectron2Learner, Detectron2Lessons, cfg_of
from core.detectron2_training.settings import as_detectron2_can
from core.errors import AppError
from core.events import Event, Noted
from core.maskrcnn.config import settings_from_yaml
from core.maskrcnn.model import MaskRCNN
from core.run_folder import RunFolder, SnapshotImage
from core.training import start as ours
from core.training.checkpoint import load_state
from core.training.learner import Learner
from core.training.measure import Numbers
from core.training.start import Start
from core.training.teaching import Teaching

_MOST_WORKERS = 4
_WHAT_IT_DOES = (
    "detectron2's own loop learns: SGD with its schedule, its sampling, images flipped and scaled,"
    " gradients clipped one parameter at a time. It keeps no running mean of the weights, pastes no"
    " instances and changes no colours."
)


def begun(
    start: Start, run: RunFolder, val: Sequence[SnapshotImage]
) -> Generator[Event, None, tuple[Learner, Numbers | None]]:
    """A learner at iteration 0 with the start weights, and AP of these.

    Raises:
        AppError: the weights or their config cannot be used.
    """
    start = _where_it_can(start)
    yield Noted(_WHAT_IT_DOES)
    if n_left := n_left_to_background(start.snapshot):
        yield Noted(_sentence_about_background(n_left))
    started = replace(start, config=as_detectron2_can(start.config, start.device))
    learner, before = yield from ours.begun(started, run, val)
    return _learner(start, learner.model, learner.config), before


def resumed(start: Start, run: RunFolder) -> Learner:
    """A learner where the run's last checkpoint left it.

    Raises:
        AppError: the checkpoint, the settings or the model's config cannot be read.
    """
    start = _where_it_can(start)
    ours.set_threads(start.config.threads)
    settings = settings_from_yaml(_text_of(run.model_config))
    config = from_json(TrainConfig, run.read_settings())
    learner = _learner(start, MaskRCNN(settings).to(start.device), config)
    load_state(run.last_checkpoint, learner)
    return learner


def lessons_of(start: Start, learner: Learner) -> Detectron2Lessons:
    """What the learner is taught, iteration by iteration."""
    dicts = dataset_dicts(start.snapshot)
    cfg = cfg_of(learner.model, learner.config, dicts, n_workers=_n_workers())
    return Detectron2Lessons(dicts, cfg=cfg)


def _learner(start: Start, model: MaskRCNN, config: TrainConfig) -> Detectron2Learner:
    cfg = cfg_of(model, config, dataset_dicts(start.snapshot), n_workers=_n_workers())
    return Detectron2Learner(model, config, cfg=cfg)


def _where_it_can(start: Start) -> Start:
    """detectron2 knows the CPU and CUDA."""
    return replace(start, device="cpu") if start.device == "mps" else start


def _n_workers() -> int:
    """Processes that load images: none where there is one core."""
    able = (
        os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    )
    return min(_MOST_WORKERS, len(able) - 1)


def _sentence_about_background(n: int) -> str:
    what = "1 instance is" if n == 1 else f"{n} instances are"
    return (
        f"{what} a crowd or a prediction that nobody looked at. detectron2 leaves such out and"
        " takes their place for background."
    )


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AppError(f"The model's config {path} cannot be read: {error}.") from error


DETECTRON2 = Teaching(begun, resumed, lessons_of)
