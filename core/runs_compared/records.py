"""A run as it is compared: what its folder says, without what is only there to train with."""

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from core.errors import AppError
from core.events import Event, Metrics
from core.run_folder import RunFolder, Snapshot, SnapshotImage
from core.types import Instance, Json, Split

Curve: TypeAlias = tuple[tuple[int, ...], tuple[float, ...]]
"""Iterations and values."""


@dataclass(frozen=True, slots=True)
class RunImage:
    """An image as a run had it."""

    split: Split
    labels: str
    """A hash of what it teaches and what models are measured on: class, crowd and outline of each
    instance that a person vouches for."""
    n_instances: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Of those of them that are no crowd, by the name of the class."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What one run was told, learnt from, said and came to; empty where it says nothing yet."""

    path: Path
    settings: Mapping[str, Json] = field(default_factory=dict, hash=False)
    """Every choice made; what it was told where it made none."""
    images: Mapping[str, RunImage] | None = field(default=None, hash=False)
    """By their keys; None where the run does not say."""
    evaluation: Mapping[str, Json] = field(default_factory=dict, hash=False)
    curves: Mapping[str, Curve] = field(default_factory=dict, hash=False)
    """By the name of the metric."""


def read_record(folder: RunFolder) -> RunRecord:
    """What a run folder says, as far as it can be read."""
    return RunRecord(
        folder.path,
        settings=_settings(folder),
        images=_images(folder),
        evaluation=_evaluation(folder),
        curves=curves_of(folder.read_events().events),
    )


def curves_of(events: Iterable[Event]) -> dict[str, Curve]:
    """Every metric by iteration.

    A run that went on from an earlier iteration says its numbers again: the later word counts, and
    what came after it before is void.
    """
    growing: dict[str, tuple[list[int], list[float]]] = {}
    for event in events:
        if isinstance(event, Metrics):
            for name, value in event.values.items():
                xs, ys = growing.setdefault(name, ([], []))
                while xs and xs[-1] >= event.iteration:
                    del xs[-1], ys[-1]
                xs.append(event.iteration)
                ys.append(value)
    return {name: (tuple(xs), tuple(ys)) for name, (xs, ys) in growing.items()}


def smoothed(curve: Curve, n: int) -> Curve:
    """The means of n points at a time, each at the middle one of them; the curve itself below 2.

    The first and the last points are means of as many as there are around them. What is no finite
    number is left out.
    """
    if n < 2:
        return curve
    values = np.asarray(curve[1], np.float64)
    is_there = np.isfinite(values)
    xs, values = np.asarray(curve[0], np.int64)[is_there], values[is_there]
    sums = np.concatenate([[0.0], np.cumsum(values)])
    places, reach = np.arange(len(values)), n // 2
    begins, ends = np.maximum(places - reach, 0), np.minimum(places + reach + 1, len(values))
    means = (sums[ends] - sums[begins]) / (ends - begins)
    return tuple(xs.tolist()), tuple(means.tolist())


def images_of(snapshot: Snapshot) -> dict[str, RunImage]:
    """The images of a snapshot by their keys."""
    names = {one.id: one.name for one in snapshot.classes}
    return {one.key: _image(one, names) for one in snapshot.images}


def _image(image: SnapshotImage, names: Mapping[int, str]) -> RunImage:
    there = [one for one in image.labels.instances if one.is_of_person]
    counts = Counter(
        names[one.class_id] for one in there if not one.crowd and one.class_id in names
    )
    prints = sorted(map(_print, there))
    return RunImage(image.split, hashlib.sha1(b"".join(prints)).hexdigest(), dict(counts))


def _print(one: Instance) -> bytes:
    print_ = hashlib.sha1(f"{one.class_id} {one.crowd}".encode())
    for part in one.parts:
        for ring in part.rings:
            print_.update(f" {len(ring)} ".encode() + ring.tobytes())
        print_.update(b";")
    return print_.digest()


def _settings(folder: RunFolder) -> Mapping[str, Json]:
    with contextlib.suppress(AppError):
        return _object(folder.read_settings())
    with contextlib.suppress(AppError):
        return _object(folder.read_config()[1])
    return {}


def _images(folder: RunFolder) -> Mapping[str, RunImage] | None:
    try:
        return images_of(folder.read_snapshot())
    except AppError:
        return None


def _evaluation(folder: RunFolder) -> Mapping[str, Json]:
    try:
        return _object(folder.read_evaluation())
    except AppError:
        return {}


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
