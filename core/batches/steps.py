"""What a batch changed, step by step, as lines of its file."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

from core.thresholds import Thresholds
from core.types import Json, Split


@dataclass(frozen=True, slots=True)
class Step:
    """What it did to one image."""

    key: str
    before: bytes | None
    """Of its label file."""
    after: str
    """The stamp of that file with the change."""
    made: str = ""
    """The name of kept predictions that came with it; empty where none did."""
    confidence_before: Thresholds | None = None
    """The project's threshold before the batch, which was a move of it."""
    verdict: str = ""
    """What a person did to many instances at once, which was the batch: "Accept"."""
    move: tuple[Split, Split] | None = None
    """The image's split before and after, where the batch moved images; no label file changed."""


def steps_in(data: bytes) -> Iterator[Step]:
    """The steps in the bytes of a batch's file; what is none is passed over."""
    for line in data.split(b"\n"):
        try:
            value = json.loads(line)
            before = value["before"]
            key, after = str(value["key"]), str(value["after"])
            was = _thresholds_before(value)
            yield Step(
                key,
                None if before is None else base64.b64decode(before),
                after,
                str(value.get("made", "")),
                was,
                str(value.get("verdict", "")),
                _move(value.get("move")),
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            continue  # cut off by the end of the process; the file it is about was not written yet


def _thresholds_before(value: Json) -> Thresholds | None:
    overall = value.get("confidence_before")
    if overall is None:
        return None
    of_class = value.get("class_confidence_before", {}).items()
    return Thresholds(float(overall), {int(one): float(score) for one, score in of_class})


def _move(value: Json) -> tuple[Split, Split] | None:
    if value is None:
        return None
    before, after = value
    return Split(before), Split(after)


def line_of(step: Step) -> Json:
    """The line of a step, as `steps_in` reads it."""
    before = None if step.before is None else base64.b64encode(step.before).decode()
    line: dict[str, Json] = {"key": step.key, "before": before, "after": step.after}
    if step.made:
        line["made"] = step.made
    if step.confidence_before is not None:
        line["confidence_before"] = step.confidence_before.overall
        if of_class := step.confidence_before.of_class:
            line["class_confidence_before"] = {str(one): of_class[one] for one in of_class}
    if step.verdict:
        line["verdict"] = step.verdict
    if step.move:
        line["move"] = list(step.move)
    return line
