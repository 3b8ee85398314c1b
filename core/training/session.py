"""A fine-tune from its start to the numbers of the weights that come out."""

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import cast

import torch

from core.configs import EngineConfig, TrainConfig, to_json
from core.engines.maskrcnn import MaskRCNNEngine, load, usable_device
from core.events import Event, Finished, Noted, Progress
from core.maskrcnn.checkpoint import write_checkpoint
from core.maskrcnn.fold import quickened
from core.maskrcnn.model import MaskRCNN
from core.run_folder import RunFolder, Snapshot, SnapshotImage
from core.training.learner import Learner
from core.training.loop import Measured, Plan, fit
from core.training.measure import Numbers, measured
from core.training.start import Start, set_threads
from core.training.teaching import OURS, Teaching
from core.training.team import LeaderStopped, joined, left_to_leader, own_device
from core.types import Split


def trained(
    run: RunFolder, config: TrainConfig, snapshot: Snapshot, *, teaching: Teaching = OURS
) -> Generator[Event, None, None]:
    """Trains from the beginning, or from where the run's last checkpoint stands.

    The result of Finished names the weights and what they are worth; so does evaluation.json.

    Raises:
        AppError: the weights, their config or an image cannot be used, or the training diverged.
    """
    device, notes = usable_device(own_device(config.device))
    yield from map(Noted, notes)
    with joined(device) as team:
        team.told(str(run.path))
        start = Start(config, snapshot, device, team)
        with team.led():
            learner, before = yield from _learnt(start, run, teaching)
            team.told(None)  # nothing is asked of the others any more
        yield from _finished(start, run, learner, before=before)


def followed(config: TrainConfig, snapshot: Snapshot) -> Generator[Event, None, None]:
    """Does the share of a process that another one leads; it says nothing and writes nothing.

    It ends when the leader does, and lets the first Ctrl-C pass, which reaches the leader too.

    Raises:
        AppError: as `trained`.
    """
    device, _ = usable_device(own_device(config.device))
    with joined(device) as team, left_to_leader():
        try:
            run = RunFolder(Path(team.told("")))
            for event in _learnt(Start(config, snapshot, device, team), run, OURS):
                if isinstance(event, Progress):
                    yield event
            team.told(None)
        except LeaderStopped:
            yield Finished(was_cancelled=True)
            return
    yield Finished()


def _learnt(
    start: Start, run: RunFolder, teaching: Teaching
) -> Generator[Event, None, tuple[Learner, Numbers | None]]:
    """The learner at its end, and what its start weights were worth."""
    val = _val_images(start.snapshot)
    before: Numbers | None
    if start.team.told(run.last_checkpoint.exists()):
        learner = teaching.resumed(start, run)
        told = run.read_evaluation() or {}
        before = told.get("before")
        if start.team.is_leader:
            run.forget_after(learner.iteration)
        yield Noted(f"Going on after iteration {learner.iteration}.")
        yield from map(Noted, _elsewhere(told.get("device", ""), _device_text(start)))
    else:
        learner, before = yield from teaching.begun(start, run, val)
        if start.team.is_leader:
            told = {"before": before, "after": None, "device": _device_text(start)}
            run.write_evaluation(told)
            run.forget_after(0)
    if not val:
        yield Noted(
            "No done image is kept to measure on, so the last weights are taken for the best, and"
            " nothing can be said of how good they are. Mark more images done."
        )
    plan = _plan(start, run, val, learner.config, teaching=teaching)
    yield from fit(learner, plan, run)
    if learner.iteration < plan.iterations:
        yield Noted(
            f"Stopped early after iteration {learner.iteration}: the AP did not rise in"
            f" {plan.patience} evaluations."
        )
    return learner, before


def _elsewhere(was: str, now: str) -> tuple[str, ...]:
    """A sentence where a run goes on with another device, or with another number of processes."""
    if not was or was == now:
        return ()
    return (
        f"It began with {was} and goes on with {now}: the same images, samples and rates, but its"
        " numbers will differ a little from those of an unbroken run.",
    )


def _val_images(snapshot: Snapshot) -> tuple[SnapshotImage, ...]:
    return tuple(image for image in snapshot.images if image.split is Split.VAL)


def _plan(
    start: Start,
    run: RunFolder,
    val: Sequence[SnapshotImage],
    config: TrainConfig,
    *,
    teaching: Teaching,
) -> Plan:
    def worth(model: MaskRCNN) -> Generator[Progress, None, Measured]:
        # Folded as the engine folds it, so that the numbers are those of the weights in use.
        engine = MaskRCNNEngine(
            quickened(model, start.device),
            device=start.device,
            class_names=start.class_names,
            notes=(),
        )
        return Measured(model, (yield from measured(engine, val, start.snapshot.classes)))

    def evaluate(learner: Learner) -> Generator[Progress, None, Sequence[Measured]]:
        candidates = [(yield from worth(learner.model))]
        if learner.mean is not None:
            candidates.append((yield from worth(cast(MaskRCNN, learner.mean.module))))
        return candidates

    return Plan(
        iterations=config.iterations,
        checkpoint_every=config.checkpoint_every,
        evaluate_every=config.evaluate_every if val else 0,
        patience=config.patience,
        lessons=lambda learner: teaching.lessons_of(start, learner),
        evaluate=evaluate,
        keep=lambda model, iteration: _keep(start, run, model, iteration),
    )


def _keep(start: Start, run: RunFolder, model: MaskRCNN, iteration: int) -> None:
    write_checkpoint(run.best_weights, model, iteration=iteration, class_names=start.class_names)


def _finished(
    start: Start, run: RunFolder, learner: Learner, *, before: Numbers | None
) -> Generator[Event, None, None]:
    """Measures the file that came out, by the engine that will use it, and says so."""
    val = _val_images(start.snapshot)
    if learner.best is None:
        _keep(start, run, learner.model, learner.iteration)
    after = None
    if val:
        engine = load(EngineConfig(str(run.best_weights), device=start.device))
        set_threads(start.config.threads)
        after = yield from measured(engine, val, start.snapshot.classes, with_effort=True)
    result = {
        "run": str(run.path),
        "weights": str(run.best_weights),
        "config": str(run.model_config),
        "classes": list(start.class_names),
        "images": {
            str(split): sum(image.split is split for image in start.snapshot.images)
            for split in Split
        },
        "iterations": learner.iteration,
        "settings": to_json(learner.config),
        "best_iteration": learner.best.iteration if learner.best else learner.iteration,
        "best_is_mean": learner.best is not None and learner.best.is_mean,
        "seconds": round(learner.seconds, 1),
        "device": _device_text(start),
        "before": before,
        "after": after,
    }
    run.write_evaluation(result)
    run.last_checkpoint.unlink(missing_ok=True)
    yield Finished(result)


def _device_text(start: Start) -> str:
    """What computed it, as people call it: "cpu", "NVIDIA H200", "2 x cpu"."""
    is_cuda = start.device.startswith("cuda")
    name = torch.cuda.get_device_name(start.device) if is_cuda else start.device
    return name if start.team.size == 1 else f"{start.team.size} x {name}"
