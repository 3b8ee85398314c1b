"""Predictions as a model made them, kept on disk: another threshold of confidence needs no model.

    .maskloop/predictions/WEIGHTS/NAME.json     what these weights saw in one image
    .maskloop/predictions/WEIGHTS/NAME.aside    the same after its pre-label was taken back: it
                                                counts no more, but spares the model the next time

WEIGHTS and NAME begin with what a person calls them and end with a hash, so that any key is safe.
"""

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.atomic import make_folder, reason_of, remove_file, write_atomically
from core.configs import EngineConfig
from core.errors import AppError
from core.instance_json import instance_from_json, instance_to_json
from core.types import ImageLabels, Instance, InstanceState, Json, LabelClass, Problem
from core.weights import weights_name

LOWEST_SCORE = 0.05
"""Below it models do not report what they see (SCORE_THRESH_TEST of detectron2's)."""
_MOST_WEIGHTS = 3
"""Of so many weights an image keeps what they saw: of the last, and of those that count again where
a pre-label is taken back."""
_VERSION = 1
_MOST_BYTES = 64 << 20
_MOST_INSTANCES = 10_000
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}/[A-Za-z0-9._-]{1,80}\.json")
_OUT_OF_IMAGE_PX = 1.0


@dataclass(frozen=True, slots=True)
class PredictedBy:
    """What predictions depend on beside the image; where it is equal, they are."""

    weights: str
    """As a person calls them."""
    stamp: str
    """Hash of the engine and of the state of its files."""
    class_map: Mapping[str, str] = field(hash=False)
    class_names: tuple[str, ...]
    """Of the project at that time: a class that came later may be one that the weights know."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What weights saw in one image, as instances of the project's classes."""

    image: str
    """The image's key."""
    image_stamp: str
    """Of the image file."""
    size_hw: tuple[int, int]
    by: PredictedBy
    instances: tuple[Instance, ...]
    """Best first, down to the least score that the model reports."""


def predicted_by(
    engine: EngineConfig,
    class_map: Mapping[str, str],
    *,
    classes: Sequence[LabelClass],
    fewer_points: bool = False,
) -> PredictedBy:
    """What predictions of this engine with this class map depend on, as the files are now.

    Args:
        engine: what predicts.
        class_map: as of a PrelabelConfig.
        classes: of the project.
        fewer_points: as of a PrelabelConfig.
    """
    files = [_stamp_of_file(Path(name)) for name in (engine.weights, engine.model_config) if name]
    parts = [engine.engine, engine.weights, engine.model_config, *engine.class_names, *files]
    parts += ["exact"] * engine.exact + ["fewer points"] * fewer_points
    names = tuple(sorted(one.name for one in classes))
    return PredictedBy(weights_name(engine.weights), _hash("\0".join(parts)), class_map, names)


def image_stamp(path: Path) -> str:
    """Another one where the image file is another; empty where there is none."""
    return _stamp_of_file(path)


class PredictionStore:
    """The predictions of a project's images. One process writes; any thread may call."""

    def __init__(
        self, hidden_folder: Path, *, note: Callable[[Problem], object] = lambda _: None
    ) -> None:
        """Predictions below a project's .maskloop.

        Args:
            hidden_folder: .maskloop.
            note: told of files that cannot be used; they count as not there.
        """
        self._folder = hidden_folder / "predictions"
        self._note = note

    def keep(self, predictions: Predictions) -> str:
        """Writes predictions, which are then the latest of their image.

        Returns:
            The name to set them aside with; empty where predictions of the same weights were
            there, whose place they take.

        Raises:
            AppError: they cannot be written; what was there stays.
        """
        name = _name(predictions.by, predictions.image)
        path = self._folder / name
        was_there = path.exists()
        make_folder(path.parent, below=self._folder.parent.parent)
        text = json.dumps(_to_json(predictions), ensure_ascii=False, separators=(",", ":"))
        write_atomically(path, text.encode("utf-8", "backslashreplace"))
        with contextlib.suppress(AppError):  # it counts no more, and does no harm
            remove_file(_aside(path))
        self._drop_oldest(predictions.image)
        return "" if was_there else name

    def latest(self, key: str) -> Predictions | None:
        """The predictions that were made last for an image, unless they were set aside."""
        found = [
            one
            for folder in self._weights_folders()
            if (path := folder / f"{_file_stem(key)}.json").is_file()
            and (one := self._read(path, key)) is not None
        ]
        return max(found, key=lambda one: one[0])[1] if found else None

    def of_each_weights(self, key: str) -> tuple[Predictions, ...]:
        """What the last few weights saw in an image, the newest first; none that was set aside."""
        paths = (folder / f"{_file_stem(key)}.json" for folder in self._weights_folders())
        found = [one for path in paths if path.is_file() and (one := self._read(path, key))]
        return tuple(one for _, one in sorted(found, key=lambda one: one[0], reverse=True))

    def those_kept(self, keys: Iterable[str]) -> list[str]:
        """Those of these images of which predictions are kept and not set aside."""
        names = {path.name for folder in self._weights_folders() for path in _listed(folder)}
        return [key for key in keys if f"{_file_stem(key)}.json" in names]

    def made_by(self, by: PredictedBy, key: str, *, stamp_of_image: str) -> Predictions | None:
        """What these weights saw in this very image file, also where it was set aside."""
        path = self._folder / _name(by, key)
        for one in (path, _aside(path)):
            found = self._read(one, key) if one.is_file() else None
            if found and found[1].by == by and found[1].image_stamp == stamp_of_image:
                return found[1]
        return None

    def set_aside(self, name: str) -> None:
        """Lets predictions count no more: their pre-label was taken back.

        Raises:
            AppError: the name is none that `keep` gave, or the file cannot be moved.
        """
        if not _NAME.fullmatch(name) or ".." in name.split("/"):
            raise AppError(f"{name!r} is not the name of kept predictions.")
        path = self._folder / name
        try:
            os.replace(path, _aside(path))
        except FileNotFoundError:
            return
        except OSError as error:
            raise AppError(f"{path} cannot be moved: {reason_of(error)}.") from error

    def _weights_folders(self) -> list[Path]:
        return sorted(one for one in _listed(self._folder) if one.is_dir())

    def _drop_oldest(self, key: str) -> None:
        """Lets go of what weights of long ago saw in an image: disks are not endless."""
        stem = _file_stem(key)
        files = [
            (changed_ns, path)
            for folder in self._weights_folders()
            for path in (folder / f"{stem}.json", folder / f"{stem}.aside")
            if (changed_ns := _changed_ns(path))
        ]
        for _, path in sorted(files)[:-_MOST_WEIGHTS]:
            with contextlib.suppress(OSError):
                path.unlink()
                path.parent.rmdir()  # fails where it holds those of other images

    def _read(self, path: Path, key: str) -> tuple[int, Predictions] | None:
        """When they were made, and the predictions of a file, if it is a sound one of this key."""
        try:
            return _from_json(json.loads(_bytes_of(path)), key)
        except OSError as error:
            why = reason_of(error)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            why = f"{type(error).__name__}: {error}"[:200]
        except RecursionError:
            why = "it is nested too deeply"
        self._note(
            Problem(
                str(path),
                f"The predictions that were kept for {key} cannot be used ({why}). Pre-label the"
                " image again to make them anew.",
            )
        )
        return None


def usable(
    predictions: Predictions | None, labels: ImageLabels, *, classes: Sequence[LabelClass]
) -> tuple[Instance, ...]:
    """Those of kept predictions that fit the image and the classes as they are now."""
    if predictions is None or predictions.size_hw != labels.size_hw:
        return ()
    there = {one.id for one in classes}
    return tuple(one for one in predictions.instances if one.class_id in there)


def _listed(folder: Path) -> list[Path]:
    """What lies in a folder; nothing where it is not there, or went away meanwhile."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _changed_ns(path: Path) -> int:
    """When a file was changed last; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError("it is larger than any that this program writes")
    return data


def _stamp_of_file(path: Path) -> str:
    try:
        state = path.stat()
    except OSError:
        return ""  # published weights have a name and no file
    return f"{state.st_size} {state.st_mtime_ns}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _readable(text: str) -> str:
    return _UNSAFE.sub("_", text)[:40].strip("._-") or "x"


def _file_stem(key: str) -> str:
    return f"{_readable(key.rpartition('/')[2])}-{_hash(key)}"


def _name(by: PredictedBy, key: str) -> str:
    folder = f"{_readable(by.weights)}-{_hash(f'{by.weights} {by.stamp}')}"
    return f"{folder}/{_file_stem(key)}.json"


def _aside(path: Path) -> Path:
    return path.with_suffix(".aside")


def _to_json(predictions: Predictions) -> Json:
    return {
        "version": _VERSION,
        "image": predictions.image,
        "image_stamp": predictions.image_stamp,
        "size_hw": list(predictions.size_hw),
        "weights": predictions.by.weights,
        "stamp": predictions.by.stamp,
        "class_map": dict(predictions.by.class_map),
        "class_names": list(predictions.by.class_names),
        "made_ns": time.time_ns(),
        "instances": [instance_to_json(one) for one in predictions.instances],
    }


def _from_json(value: Json, key: str) -> tuple[int, Predictions]:
    if value["version"] != _VERSION:
        raise ValueError(f"version {str(value['version'])[:20]} is not known here")
    if value["image"] != key:
        raise ValueError("it is of another image")
    height, width = (int(side) for side in value["size_hw"])
    if height < 1 or width < 1:
        raise ValueError("an image has a height and a width")
    if len(value["instances"]) > _MOST_INSTANCES:
        raise ValueError("there are more instances than any model reports")
    instances = tuple(_instance(one, (height, width)) for one in value["instances"])
    if len({one.id for one in instances}) < len(instances):
        raise ValueError("two instances have the same id")
    by = PredictedBy(
        str(value["weights"]),
        str(value["stamp"]),
        {str(a): str(b) for a, b in value["class_map"].items()},
        tuple(map(str, value["class_names"])),
    )
    predictions = Predictions(key, str(value["image_stamp"]), (height, width), by, instances)
    return int(value["made_ns"]), predictions


def _instance(value: Json, size_hw: tuple[int, int]) -> Instance:
    instance = instance_from_json(value)
    if instance.state is not InstanceState.PREDICTED:
        raise ValueError("an instance is no prediction")
    if instance.score is None or not 0 <= instance.score <= 1:
        raise ValueError("a score lies between 0 and 1")
    most = (size_hw[1] + _OUT_OF_IMAGE_PX, size_hw[0] + _OUT_OF_IMAGE_PX)
    for part in instance.parts:
        for ring in part.rings:
            # rasters of what lies far outside would take all memory
            if (ring < -_OUT_OF_IMAGE_PX).any() or (ring > most).any():
                raise ValueError("an instance lies outside the image")
    return instance
