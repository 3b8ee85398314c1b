"""What a run of Maskloop says in JSON, checked, with the places things have in this project."""

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from core.configs import TrainConfig, from_json
from core.errors import AppError
from core.events import (
    CheckpointSaved,
    Event,
    Failed,
    Finished,
    Metrics,
    Noted,
    Progress,
    Started,
    from_line,
)
from core.maskrcnn.zoo import BASE_ADDRESS, ZOO
from core.run_folder import RunFolder, Snapshot
from core.run_folder.snapshot import snapshot_from_json
from core.types import Json

START_FOLDER = "start"
"""Of a pack: where its start weights lie; a run's are called as the run is."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where a run comes to, and what is there."""

    run: Path
    """Its folder."""
    folder: Path
    labels_folder: Path
    runs: Path
    image_path: Callable[[str], Path | None]
    """Of an image's key; None where the project has no such image."""


def config_at_home(value: Json, home: Home) -> dict[str, Json]:
    """What the run was told, of this project.

    Raises:
        AppError: it is no run's config, or of another job.
    """
    told = value.get("config") if isinstance(value, dict) else None
    if not isinstance(told, dict) or value.get("job") != "train":
        raise AppError("The config.json of what came back is not of a fine-tune.")
    labels = "" if home.folder == home.labels_folder else str(home.labels_folder)
    weights = weights_at_home(str(told.get("weights", "none")), home)
    return {
        **_sound_settings(told),
        "folder": str(home.folder),
        "labels_folder": labels,
        "out": "",
        "weights": weights,
        # on the other machine it lay somewhere else
        "model_config": "",
    }


def _sound_settings(told: Mapping[str, Json]) -> dict[str, Json]:
    """Those that this version knows, with values that they can have."""
    sound = {}
    for name, value in told.items():
        with contextlib.suppress(AppError):
            from_json(TrainConfig, {"folder": "project", name: value})
            sound[name] = value
    return sound


def weights_at_home(weights: str, home: Home) -> str:
    """What the start weights of a run are called here; those of a run of this project are found."""
    if weights in ZOO or weights in ("none", ""):
        return weights or "none"
    address = weights.removeprefix("detectron2://").removeprefix(BASE_ADDRESS)
    for entry in ZOO.values():
        if address == entry.path:
            return entry.name
    path = PurePosixPath(weights.replace("\\", "/"))
    of_run = RunFolder(home.runs / path.stem).best_weights
    return str(of_run) if path.parent.name == START_FOLDER and of_run.is_file() else weights


def snapshot_at_home(value: Json, home: Home) -> Snapshot:
    """The labels as they were, with the images where they lie here.

    Raises:
        AppError: it is no snapshot.
    """
    try:
        snapshot = snapshot_from_json(value)
    except (KeyError, TypeError, ValueError, AttributeError, AppError) as error:
        raise AppError("The snapshot.json of what came back is broken: copy it again.") from error
    images = tuple(
        replace(image, file=str(home.image_path(image.key) or image.file))
        for image in snapshot.images
    )
    return replace(snapshot, images=images)


def evaluation_at_home(value: Json, home: Home) -> dict[str, Json]:
    """The numbers that came out, with the weights where they lie here.

    Raises:
        AppError: they are no numbers.
    """
    if value is None:
        return {"before": None, "after": None}
    if not isinstance(value, dict) or not (
        all(_are_numbers(value.get(moment)) for moment in ("before", "after"))
        and _are_numbers({"effort": value.get("effort") or {}})
    ):
        raise AppError("The evaluation.json of what came back is broken: copy it again.")
    run = RunFolder(home.run)
    at_home = {"run": run.path, "weights": run.best_weights, "config": run.model_config}
    return {**value, **{name: str(path) for name, path in at_home.items() if name in value}}


def _are_numbers(moment: Json) -> bool:
    """Whether it is {"bbox": {...}, "segm": {...}, "effort": {...}} with numbers or nothing."""
    if moment is None:
        return True
    if not isinstance(moment, dict):
        return False
    return all(
        isinstance(of_task, dict) and all(_is_number(one) for one in of_task.values())
        for task, of_task in moment.items()
        if task in ("bbox", "segm", "effort") and of_task is not None
    )


def _is_number(value: Json) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and is_finite(value)


def is_finite(number: float) -> bool:
    """Whether it is a number that a float can hold: JSON knows integers of any size."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def events_at_home(content: bytes, home: Home, evaluation: Mapping[str, Json]) -> Iterator[Event]:
    """What the run said; lines that are no events of a fine-tune are passed over."""
    for line in content.splitlines():
        try:
            event = from_line(line.decode("utf-8"))
        except ValueError:
            continue
        if not _is_sound(event):
            continue
        match event:
            case CheckpointSaved(path, iteration):
                name = path.replace("\\", "/").rpartition("/")[2]
                yield CheckpointSaved(str(home.run / name), iteration)
            case Finished(was_cancelled=False):
                yield Finished(evaluation)
            case _:
                yield event


def _is_sound(event: Event) -> bool:
    """Whether its values are of their types: what draws them does not ask."""
    match event:
        case Started(job):
            return isinstance(job, str)
        case Noted(sentence):
            return isinstance(sentence, str)
        case Failed(sentence, details):
            return isinstance(sentence, str) and isinstance(details, str)
        case Progress(done, total, what, eta_s, unit):
            return (
                _is_count(done)
                and _is_count(total)
                and isinstance(what, str)
                and isinstance(unit, str)
                and _is_number(eta_s)
            )
        case Metrics(iteration, values):
            return (
                _is_count(iteration)
                and isinstance(values, dict)
                and all(one is not None and _is_number(one) for one in values.values())
            )
        case CheckpointSaved(path, iteration):
            return isinstance(path, str) and _is_count(iteration)
        case Finished(result, was_cancelled):
            return isinstance(result, dict) and isinstance(was_cancelled, bool)
        case _:
            return False


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
