"""What a model's size, speed and AP are, before it was made small and after."""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from core.compact.chance import standard_error
from core.configs import CompactConfig, EngineConfig, EvaluateConfig
from core.engines import Engine, EngineShelf
from core.errors import AppError
from core.evaluation.coco import ap_of, counted
from core.evaluation.comparison import Comparison
from core.evaluation.projects import project_comparison
from core.evaluation.sides import sides_of
from core.events import Event, Noted, Progress
from core.images import Pixels, read_image
from core.project import Project
from core.types import Json, Split
from core.wording import listed

MOST_FALL = 0.5
"""Points of AP that may be lost: COCO's own numbers differ by 0.2 from one training to the next."""
_TIMED, _LEAST_TIMED = 5, 2
"""Images of which each is predicted by both, one after the other."""
_LONGEST_S = 30.0
"""After which no more than the least are."""
_TASKS = {"bbox": "Box AP", "segm": "Mask AP"}


@dataclass(frozen=True, slots=True)
class Ground:
    """What of a project it is measured on."""

    images: tuple[Path, ...] = ()
    """Files to time on and to calibrate on: no val image where there are others."""
    n_val: int = 0
    """Done images of the split val."""
    why_no_ap: str = ""
    """Why AP cannot be measured, in a sentence; empty where it can."""


def ground_of(config: CompactConfig, class_names: Sequence[str]) -> Ground:
    """Looks into the project of the config.

    Raises:
        AppError: its folder is none.
    """
    if not config.folder:
        return Ground(why_no_ap="AP was not measured, as no project was given.")
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder, wants_to_write=False)
    try:
        for _ in project.scan():
            pass
        done = project.done_keys()
        project.assign_splits()  # in memory, for images that have none yet
        val = {key for key in done if project.splits.get(key) == Split.VAL}
        others = [key for key in done if key not in val]
        keys = others or [key for key in project.keys if key not in val] or sorted(val)
        why_not = _why_no_ap(len(val), class_names, [one.name for one in project.classes])
        return Ground(tuple(project.image_path(key) for key in keys), len(val), why_not)
    finally:
        project.close()


def _why_no_ap(n_val: int, class_names: Sequence[str], of_project: Sequence[str]) -> str:
    if n_val == 0:
        return (
            "AP was not measured: no image of the split val is done. Mark more images done; one of"
            " five goes to val."
        )
    if not set(class_names) & set(of_project):
        return (
            "AP was not measured, as no class of the weights is a class of the project: the weights"
            f" know {listed(class_names)}."
        )
    return ""


@dataclass(frozen=True, slots=True)
class Measured:
    """A model's numbers."""

    n_bytes: int
    """Of its file."""
    image_s: float
    """Seconds an image, the median; from pixels to detections."""
    ap: Mapping[str, Json] = field(default_factory=dict)
    """{"bbox": AP, "segm": AP} in percent; nothing where it was not measured."""
    compared: Comparison | None = None
    """What AP was counted from."""

    def as_json(self) -> dict[str, Json]:
        """The same as a JSON object."""
        return {"bytes": self.n_bytes, "image_s": self.image_s, "ap": dict(self.ap)}


def measured(
    config: CompactConfig,
    ground: Ground,
    weights: Sequence[EngineConfig],
    shelves: Sequence[EngineShelf],
) -> Generator[Event, None, tuple[Measured, ...]]:
    """Each model's numbers; they are timed in turns, so that what else runs here slows all alike.

    Args:
        config: which says what project AP is measured on.
        ground: of that project.
        weights: the models.
        shelves: one for each, which keeps its engine.
    """
    engines = []
    for one, shelf in zip(weights, shelves, strict=True):
        engines.append((yield from shelf.engine(one)))
    times = yield from _timed(engines, _pictures(ground))
    found = []
    for number, one in enumerate(weights):
        ap: Mapping[str, Json] = {}
        compared = None
        if not ground.why_no_ap:
            yield Noted(f"Measuring AP, {number + 1} of {len(weights)}: {Path(one.weights).name}.")
            compared = yield from _compared(config, one, shelves[number])
            numbers = counted(sides_of(compared.truth, compared.detections))
            ap = {task: ap_of(of_task).get("AP") for task, of_task in numbers.items()}
        found.append(Measured(_n_bytes(one.weights), times[number], ap, compared))
    return tuple(found)


def _n_bytes(weights: str) -> int:
    from core.maskrcnn.zoo import ZOO, zoo_path

    return (zoo_path(weights) if weights in ZOO else Path(weights)).stat().st_size


def _timed(
    engines: Sequence[Engine], pictures: Sequence[Pixels]
) -> Generator[Progress, None, list[float]]:
    """The median of the seconds that each engine takes for a picture."""
    for engine in engines:
        engine.predict([pictures[0]])  # the first is always slow
    taken: list[list[float]] = [[] for _ in engines]
    for turn in range(_TIMED):
        if turn >= _LEAST_TIMED and sum(map(sum, taken)) > _LONGEST_S:
            break
        picture = pictures[turn % len(pictures)]
        for own, engine in zip(taken, engines, strict=True):
            began = time.perf_counter()
            engine.predict([picture])
            own.append(time.perf_counter() - began)
        yield Progress(turn + 1, _TIMED, "images to time")
    return [median(own) for own in taken]


def _pictures(ground: Ground) -> list[Pixels]:
    """Some of the project's, or a drawn one."""
    found = []
    for file in ground.images[: 2 * _TIMED]:
        try:
            found.append(read_image(file))
        except AppError:
            continue
        if len(found) == _TIMED:
            break
    return found or [_drawn()]


def _drawn() -> Pixels:
    """(480, 640, 3) squares in many colours on grey noise."""
    random = np.random.default_rng(0)
    pixels = random.integers(90, 130, (480, 640, 3), dtype=np.uint8)
    for x, y in random.integers(0, (560, 400), (12, 2)):
        side = int(random.integers(20, 80))
        pixels[y : y + side, x : x + side] = random.integers(0, 256, 3, dtype=np.uint8)
    return pixels


def _compared(
    config: CompactConfig, weights: EngineConfig, shelf: EngineShelf
) -> Generator[Event, None, Comparison]:
    asked = EvaluateConfig(
        folder=config.folder, labels_folder=config.labels_folder, engine=weights, split=Split.VAL
    )
    return (yield from project_comparison(asked, weights, shelf))


@dataclass(frozen=True, slots=True)
class Fall:
    """What AP lost most."""

    name: str = ""
    """Of the AP, as people call it; empty where none can be said."""
    points: float = 0.0
    error: float | None = None
    """The standard error of it, as images are few; None where it cannot be said."""


def fall_between(before: Measured, after: Measured) -> Fall:
    """The AP that fell most. How sure it is, is looked at only where it fell too much."""
    falls = [
        (float(was) - float(after.ap.get(task) or 0), task)
        for task, was in before.ap.items()
        if was is not None
    ]
    most, task = max(falls, default=(0.0, ""))
    if most <= MOST_FALL or before.compared is None or after.compared is None:
        return Fall(_TASKS.get(task, ""), most)
    return Fall(_TASKS[task], most, standard_error(before.compared, after.compared, task))
