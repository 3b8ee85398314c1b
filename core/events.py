"""What a running job says, and the same as one line of JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from core.instance_json import instance_from_json, instance_to_json, parts_from_json, parts_to_json
from core.types import Instance, Json, Part


@dataclass(frozen=True, slots=True)
class Started:
    """The first event of every job."""

    job: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A sentence for the user: a step that begins, or something to know. Not an error."""

    sentence: str
    lasts: bool = False
    """Whether it holds for all that follows, as what an engine says of itself does."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing happened. What waits for a camera or a person says so several times a second, as it
    can only be cancelled between two events; a child keeps this to itself."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    done: int
    total: int
    """0 where it is not known."""
    what: str = ""
    """What is being counted or done now: "images", "Downloading mask_rcnn_R_50_FPN_3x"."""
    eta_s: float | None = None
    unit: str = ""
    """"bytes" where done and total are bytes; empty for things that `what` names."""


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
    """Best first: those from the score on that was asked for."""
    below: tuple[Instance, ...] = ()
    """Those that are less sure, down to what the model reports."""
    size_hw: tuple[int, int] = (0, 0)
    """Of the image, as it was predicted; (0, 0) where nobody says."""


@dataclass(frozen=True, slots=True)
class Assisted:
    """What a model sees where it was asked: an assistant, or the own weights."""

    image: str
    """As in AssistConfig."""
    parts: tuple[tuple[Part, ...], ...]
    """Of each thing found, best first, inside the image; empty where there is none, or where
    nothing was asked."""
    scores: tuple[float, ...]
    """Of each, 0 to 1, as the model rates it."""
    class_names: tuple[str, ...] = ()
    """Of each, as the weights call it; none at all from an assistant, which knows no classes."""


@dataclass(frozen=True, slots=True)
class LiveOpened:
    """A live source delivers and the engine is loaded; again whenever the source came back."""

    source: str
    """As a person calls it: "Camera 0", "film.mp4"."""
    class_names: tuple[str, ...]
    """Of the weights, in the order of LiveFrame's class ids."""
    device: str
    frames_per_s: float
    """What the source says of itself; 0 where it says nothing that can be true."""


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """One frame of a live source with what the engine saw in it.

    Whoever gets it releases its slot (FramesReader.release), whether the frame was shown or not:
    the job waits for a free one, and predicts the newest frame then.
    """

    number: int
    """From 0, counted on when the source begins again or comes back; numbers left out were dropped
    as stale."""
    frames_file: str
    """The mapped file with its pixels (core/live/frames.py); another one when frames grow."""
    slot: int
    size_hw: tuple[int, int]
    captured_at_s: float
    """time.monotonic(), which the processes of a machine share, when the source gave it."""
    predicted_in_s: float
    """How long the engine took, from pixels to instances."""
    instances: tuple[Instance, ...]
    """class_id is the index into LiveOpened.class_names; every score the engine reports."""


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
    Started
    | Noted
    | Waiting
    | Progress
    | Metrics
    | Prelabelled
    | Assisted
    | LiveOpened
    | LiveFrame
    | CheckpointSaved
    | Finished
    | Failed
)
_KINDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        Started, Noted, Waiting, Progress, Metrics, Prelabelled, Assisted, LiveOpened, LiveFrame,
        CheckpointSaved, Finished, Failed,
    )
}  # fmt: skip

_TUPLES = frozenset({"class_names", "size_hw", "scores"})
"""Values that JSON makes lists of."""


def to_line(event: Event) -> str:
    """One line of JSON without its line break; `event` names the kind."""
    values: dict[str, Any] = {f.name: getattr(event, f.name) for f in fields(event)}
    if isinstance(event, Prelabelled | LiveFrame):
        values["instances"] = [instance_to_json(instance) for instance in event.instances]
    if isinstance(event, Prelabelled):
        values["below"] = [instance_to_json(instance) for instance in event.below]
    if isinstance(event, Assisted):
        values["parts"] = [parts_to_json(parts) for parts in event.parts]
    return json.dumps({"event": type(event).__name__, **values}, ensure_ascii=False)


def from_line(line: str) -> Event:
    """The event that to_line wrote.

    Raises:
        ValueError: the line is not one (broken off, or of another program).
    """
    try:
        values = json.loads(line)
    except RecursionError as error:
        raise ValueError(f"not an event: {line[:80]!r}") from error
    return from_values(values)


def from_values(values: Json) -> Event:
    """The event of such a line that was parsed already; the values are used up.

    Raises:
        ValueError: they are not those of an event.
    """
    try:
        kind = _KINDS[values.pop("event")]
        if kind is Prelabelled or kind is LiveFrame:
            values["instances"] = tuple(map(instance_from_json, values["instances"]))
        if kind is Prelabelled:
            values["below"] = tuple(map(instance_from_json, values.get("below", ())))
        if kind is Assisted:
            values["parts"] = tuple(map(parts_from_json, values["parts"]))
        for name in _TUPLES & values.keys():
            values[name] = tuple(values[name])
        return kind(**values)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an event: {str(values)[:80]}") from error
