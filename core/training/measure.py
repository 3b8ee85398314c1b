"""AP of a model on the images of a snapshot."""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from core.engines import Engine
from core.errors import AppError
from core.evaluation.coco import evaluate
from core.evaluation.datasets import ground_truth_of, results_of
from core.evaluation.effort import effort
from core.evaluation.predictions import detections_of_files
from core.events import Progress
from core.run_folder import SnapshotImage
from core.types import Json, LabelClass, Problem

Numbers: TypeAlias = Mapping[str, Mapping[str, Json]]
"""{"bbox": {"AP": ...}, "segm": {...}} in percent, None for what cannot be said; "effort" beside
them where it was counted (core/evaluation/effort.py)."""


def measured(
    engine: Engine,
    images: Sequence[SnapshotImage],
    classes: Sequence[LabelClass],
    *,
    with_effort: bool = False,
) -> Generator[Progress, None, Numbers]:
    """What COCO says of the engine on these images; classes are the same where their names are.

    Args:
        engine: with its classes.
        images: with what a person says of each.
        classes: of the images' labels.
        with_effort: whether the numbers say what is left for a person to do, under "effort".

    Raises:
        AppError: an image cannot be read.
    """
    ids = {one.name: one.id for one in classes}
    class_ids = {i: ids[name] for i, name in enumerate(engine.class_names) if name in ids}
    results = []
    files = [Path(image.file) for image in images]
    for number, (_, found) in enumerate(detections_of_files(engine, files), start=1):
        if isinstance(found, Problem):
            raise AppError(f"{found.where} cannot be measured on: {found.sentence}")
        results += results_of(found, number, class_ids)
        yield Progress(number, len(images), "val images")
    truth = ground_truth_of([(one.key, one.labels) for one in images], classes)
    numbers = evaluate(truth, results)
    return {**numbers, "effort": effort(truth, results)} if with_effort else numbers
