"""What a running job says, and the same as one line of JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from core.instance_json import instance_from_json, instance_to_json
from core.types import Instance, Json


@dataclass(frozen=True, slots=True)
class Started:
    """The first event of every job."""

    job: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A sentence for the user: a step that begins, or something to know. Not an error."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    done: int
    total: int
    """0 where it is not known."""
    what: str = ""
    """What is being counted or done now: "images", "Downloading mask_rcnn_R_50_FPN_3x"."""
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Numbers of one moment of a run: losses, learning rate, val AP, under the names shown."""

    iteration: int
    values: Mapping[str, float] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Prelabelled:
    """The predictions for one image, as instances of the project's classes."""

    image: str
    """The image's key in the project: its path below the folder, with forward slashes."""
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A checkpoint is whole on the disk."""

    path: str
    iteration: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a job that ended well, or was cancelled and left all in order."""

    result: Mapping[str, Json] = field(default_factory=dict, hash=False)
    was_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The last event of a job that could not go on."""

    sentence: str
    details: str = ""
    """The traceback of a bug; empty where the sentence says it all."""


Event: TypeAlias = (
    Started | Noted | Progress | Metrics | Prelabelled | CheckpointSaved | Finished | Failed
)
_KINDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        Started, Noted, Progress, Metrics, Prelabelled, CheckpointSaved, Finished, Failed,
    )
}  # fmt: skip


def to_line(event: Event) -> str:
    """One line of JSON without its line break; `event` names the kind."""
    values: dict[str, Any] = {f.name: getattr(event, f.name) for f in fields(event)}
    if isinstance(event, Prelabelled):
        values["instances"] = [instance_to_json(instance) for instance in event.instances]
    return json.dumps({"event": type(event).__name__, **values}, ensure_ascii=False)


def from_line(line: str) -> Event:
    """The event that to_line wrote.

    Raises:
        ValueError: the line is not one (broken off, or of another program).
    """
    try:
        values = json.loads(line)
        kind = _KINDS[values.pop("event")]
        if kind is Prelabelled:
            values["instances"] = tuple(map(instance_from_json, values["instances"]))
        return kind(**values)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not an event: {line[:80]!r}") from error
