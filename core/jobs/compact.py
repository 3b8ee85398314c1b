"""Compact: weights made small, measured before and after, and refused where AP falls too far."""

import contextlib
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.atomic import new_folder
from core.configs import CompactConfig, EngineConfig
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, Noted
from core.jobs import JobSpec
from core.wording import counted

if TYPE_CHECKING:
    from core.compact.measuring import Ground, Measured

_NETWORK_SUFFIX = ".onnx"
_FEW = "AP of few images moves by itself, so measure again when more of them are done."


class _RefusedError(Exception):
    """What was made is not kept."""


def run(config: CompactConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The result has "out", "file", "before" and "after": {"bytes", "image_s", "ap": {"bbox",
    "segm"}}, "images" of the val split that AP was measured on, and "refused": a sentence where
    nothing was written."""
    # Imported here, because all jobs are listed where most of them need no torch.
    from core.compact.measuring import ground_of, measured
    from core.compact.writing import filled
    from core.maskrcnn.source import fetched
    from core.model_folder import origin_of

    weights = _weights(config)
    yield from fetched(weights)
    yield Noted(f"Reading {weights.weights}.")
    origin = origin_of(weights)
    yield from map(Noted, origin.notes)
    ground = ground_of(config, origin.class_names)
    if ground.why_no_ap:
        yield Noted(ground.why_no_ap)
    out = Path(config.out)
    _remove_what_a_killed_one_left(out)
    verdict = _Verdict()
    try:
        with new_folder(out) as folder:
            yield Noted(f"Writing {config.to}.")
            images = _to_calibrate(config, ground)
            file = yield from filled(folder, out.name, origin, config.to, images=images)
            small = EngineConfig(str(file), device=config.device)
            shelves = (engines, EngineShelf())
            before, after = yield from measured(config, ground, (weights, small), shelves)
            verdict = _verdict(config, ground, before, after)
            if verdict.refused:
                raise _RefusedError
            if verdict.warning:
                yield Noted(verdict.warning)
    except _RefusedError:
        pass
    yield Finished(
        {
            "to": config.to,
            "out": config.out,
            "file": "" if verdict.refused else str(out / file.name),
            "before": before.as_json(),
            "after": after.as_json(),
            "images": 0 if ground.why_no_ap else ground.n_val,
            "refused": verdict.refused,
        }
    )


JOBS = (JobSpec("compact", CompactConfig, run),)


@dataclass(frozen=True, slots=True)
class _Verdict:
    refused: str = ""
    warning: str = ""


def _weights(config: CompactConfig) -> EngineConfig:
    """The weights as they are before.

    Raises:
        AppError: there are none, or they are such a network already.
    """
    from core.model_folder import weights_in

    found = EngineConfig(
        weights_in(config.weights),
        model_config=config.model_config,
        class_names=config.class_names,
        device=config.device,
    )
    if Path(found.weights).suffix.lower() == _NETWORK_SUFFIX:
        raise AppError(
            f"{Path(found.weights).name} is a network for ONNX Runtime already. Compact the weights"
            " that it was made of."
        )
    out = Path(config.out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AppError(f"{out} is there and is not empty: choose another folder.")
    return found


def _remove_what_a_killed_one_left(out: Path) -> None:
    # As large as a model, under a hidden name. A folder that cannot be listed keeps it.
    from core.unpacking import remove_leftovers

    with contextlib.suppress(OSError):
        remove_leftovers(Path(os.path.realpath(out)).parent)


def _to_calibrate(config: CompactConfig, ground: "Ground") -> list[Path]:
    """Spread over the project, whose images may come in bursts.

    Raises:
        AppError: it has none.
    """
    from core.compact.calibrating import MOST_IMAGES

    if config.to != "onnx-int8":
        return []
    if not ground.images:
        raise AppError(
            f"{config.folder} has no image, and 8 bits in ONNX are chosen on images. Give the"
            " folder of a project."
        )
    step = max(1, len(ground.images) // MOST_IMAGES)
    return list(ground.images[::step][:MOST_IMAGES])


def _verdict(
    config: CompactConfig, ground: "Ground", before: "Measured", after: "Measured"
) -> _Verdict:
    from core.compact.measuring import MOST_FALL, fall_between

    fall = fall_between(before, after)
    if fall.points <= MOST_FALL:
        return _Verdict()
    margin = None if fall.error is None else 2 * fall.error
    give_or_take = "" if margin is None else f", give or take {margin:.1f},"
    fell = (
        f"{fall.name} falls by {fall.points:.2f}{give_or_take} on the"
        f" {counted(ground.n_val, 'val image')}, which is more than the {MOST_FALL} that a small"
        " model may cost."
    )
    if margin is None or fall.points - MOST_FALL < margin:
        fell += f" It may be chance: {_FEW}"
    if config.force:
        return _Verdict(warning=f"{fell} It is written all the same, as you wished.")
    return _Verdict(
        refused=f"{fell} Nothing was written. Take another form, half precision for one, or have"
        " it written all the same."
    )
