"""What detectron2 says of a run, as a run of Maskloop says it."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from core.class_names import OF_DETECTRON2
from core.configs import TrainConfig, to_json
from core.configs.overriding import overridden
from core.errors import AppError
from core.events import Metrics
from core.plain_yaml import plain_yaml
from core.types import Json
from core.unpacking.finding import LARGEST_JSON_BYTES, Found
from core.unpacking.records import Home, is_finite, weights_at_home

ITS_CONFIG = "detectron2.yaml"
"""All that it was told, beside a config.yaml with the model alone."""
_LARGEST_YAML_BYTES = 1_000_000
_METRICS = ("AP", "AP50", "AP75", "APs", "APm", "APl")
_TASKS = ("bbox", "segm")
_SHOWN = ("AP", "AP50", "AP75")
"""As a fine-tune of Maskloop reports them."""
_NOT_SHOWN = frozenset({"iteration", "eta_seconds", "data_time", "rank_data_time", "time"})
_SAID = (
    "SOLVER.BASE_LR", "SOLVER.STEPS", "SOLVER.GAMMA", "SOLVER.MAX_ITER", "SOLVER.IMS_PER_BATCH",
    "SOLVER.WARMUP_ITERS", "SOLVER.WEIGHT_DECAY", "SOLVER.MOMENTUM", "SOLVER.LR_SCHEDULER_NAME",
    "SOLVER.CHECKPOINT_PERIOD", "MODEL.BACKBONE.FREEZE_AT",
    "MODEL.ROI_HEADS.BATCH_SIZE_PER_IMAGE", "TEST.EVAL_PERIOD",
)  # fmt: skip
"""Of its config.yaml: what is a setting here too."""


def rows_of(found: Found) -> tuple[dict[str, float], ...]:
    """The lines of metrics.json, with finite numbers only; a line that is none is passed over.

    A resumed run writes its last iterations anew: the later word counts.
    """
    if "metrics.json" not in found.files:
        return ()
    rows: list[dict[str, float]] = []
    for line in found.files["metrics.json"].content(LARGEST_JSON_BYTES).splitlines():
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        row = _numbers_in(value)
        if "iteration" not in row:
            continue
        again = -0.5 if "total_loss" in row else 0.0
        while rows and rows[-1]["iteration"] > row["iteration"] + again:
            rows.pop()
        rows.append(row)
    return tuple(rows)


def _numbers_in(value: Json) -> dict[str, float]:
    if not isinstance(value, dict):
        return {}
    return {
        str(name): number
        for name, number in value.items()
        if isinstance(number, int | float) and not isinstance(number, bool) and is_finite(number)
    }


def metrics_of(rows: Sequence[dict[str, float]]) -> Iterator[Metrics]:
    """The curves: losses and rates, and AP under the names that they have here.

    detectron2 numbers an iteration before it is done, and its last evaluation after; Maskloop
    numbers all after.
    """
    last = n_iterations(rows)
    for row in rows:
        learnt = {
            name: number
            for name, number in row.items()
            if name not in _NOT_SHOWN and not name.startswith(tuple(f"{one}/" for one in _TASKS))
        }
        if "time" in row:
            learnt["seconds"] = row["time"]
        names = [f"{task}/{name}" for task in _TASKS for name in _SHOWN]
        measured = {name: row[name] for name in names if name in row}
        at = max(0, min(int(row["iteration"]) + 1, last))
        if "total_loss" in learnt:
            yield Metrics(at, learnt)
        if measured:
            yield Metrics(at, measured)


def n_iterations(rows: Sequence[dict[str, float]]) -> int:
    """How many were done."""
    learnt = [row for row in rows if "total_loss" in row] or rows
    return max((int(row["iteration"]) + 1 for row in learnt), default=0)


def numbers_of(rows: Sequence[dict[str, float]]) -> dict[str, dict[str, Json]] | None:
    """The last evaluation, {"bbox": {...}, "segm": {...}} in percent; None where there is none."""
    for row in reversed(rows):
        if any(f"{task}/AP" in row for task in _TASKS):
            return {task: _of_task(row, f"{task}/") for task in _TASKS}
    return None


def _of_task(row: dict[str, float], start: str) -> dict[str, Json]:
    names = [name.removeprefix(start) for name in row if name.startswith(f"{start}AP-")]
    # NaN, its word for what cannot be said, was dropped with all that is not finite
    return {name: row.get(start + name) for name in (*_METRICS, *names)}


def config_of(found: Found, home: Home) -> dict[str, Json]:
    """What the run was told, as a config of Maskloop; what its config.yaml does not say, or what
    cannot be meant here, is as usual."""
    document = _document(found)
    labels = "" if home.folder == home.labels_folder else str(home.labels_folder)
    weights = _at(document, "MODEL.WEIGHTS")
    plain = TrainConfig(
        str(home.folder),
        labels_folder=labels,
        weights=weights_at_home(weights if isinstance(weights, str) else "", home),
    )
    config, said = plain, dict[str, Json]()
    for name in _SAID:
        value = _at(document, name)
        if isinstance(value, str | int | float | list):
            with contextlib.suppress(AppError):  # a value that has no meaning here
                config = overridden(plain, {**said, name: value})
                said[name] = value
    return dict(to_json(config))


def names_of(found: Found) -> tuple[str, ...]:
    """The class names that a pack laid into the folder; empty where it did not.

    Raises:
        AppError: they cannot be read.
    """
    names = found.json(OF_DETECTRON2)
    if names is None:
        return ()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise AppError(f"{OF_DETECTRON2} of the run is no list of names: copy it again.")
    return tuple(names)


def _document(found: Found) -> Json:
    name = ITS_CONFIG if ITS_CONFIG in found.files else "config.yaml"
    if name not in found.files:
        return {}
    content = found.files[name].content(_LARGEST_YAML_BYTES)
    try:
        return plain_yaml(content.decode("utf-8-sig"))
    except ValueError as error:
        raise AppError(f"The {name} of what came back is broken: copy it again.") from error


def _at(document: Json, name: str) -> Any:
    """A value by its path; None where there is none."""
    for part in name.split("."):
        if not isinstance(document, dict):
            return None
        document = document.get(part)
    return document
