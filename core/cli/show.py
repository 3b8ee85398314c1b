"""What a person, or a program that asks for JSON, reads on the command line."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from core.cli.interrupt import asked_to_stop
from core.errors import AppError
from core.events import CheckpointSaved, Event, Failed, Finished, Metrics, Noted, Progress, to_line
from core.types import Json

if TYPE_CHECKING:
    from core.devices import Finding

Events: TypeAlias = Generator[Event, None, None]
_Result: TypeAlias = Mapping[str, Json]
_SECONDS_BETWEEN_LINES = 2.0


class Screen:
    """Prints events as they come and the result at the end."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._next_line_at = 0.0
        self._loss = ""

    def result_of(self, events: Events, text: Callable[[_Result], str]) -> None:
        """Shows a job from its first event to its result.

        Raises:
            AppError: the job failed.
            KeyboardInterrupt: somebody stopped it; the job has ended in good order.
        """
        with contextlib.closing(events), asked_to_stop() as is_to_stop:
            for event in events:
                if is_to_stop() and not isinstance(event, Failed | Finished):
                    raise KeyboardInterrupt
                if isinstance(event, Failed):
                    raise AppError(event.sentence)
                if isinstance(event, Finished):
                    self._say(json.dumps(event.result) if self._as_json else text(event.result))
                elif self._as_json:
                    self._say(to_line(event))
                else:
                    self._follow(event)

    def done(self, result: _Result, sentence: str) -> None:
        """Shows the result of what is no job."""
        self._say(json.dumps(result) if self._as_json else sentence)

    def findings(self, findings: "Sequence[Finding]") -> None:
        """Shows what the doctor found."""
        if self._as_json:
            rows = [
                {"name": f.name, "state": f.state, "sentence": f.sentence, "help": f.help}
                for f in findings
            ]
            self._say(json.dumps({"findings": rows}))
            return
        for finding in findings:
            self._say(f"{finding.state:8}{finding.name}: {finding.sentence}")
            if finding.help:
                self._say(f"{'':8}-> {finding.help}")

    def _follow(self, event: Event) -> None:
        if isinstance(event, Noted):
            self._say(event.sentence)
        elif isinstance(event, CheckpointSaved):
            self._say(f"checkpoint at iteration {event.iteration}: {event.path}")
        elif isinstance(event, Metrics):
            self._follow_metrics(event)
        elif isinstance(event, Progress) and time.monotonic() >= self._next_line_at:
            self._next_line_at = time.monotonic() + _SECONDS_BETWEEN_LINES
            eta = "" if event.eta_s is None else f", {event.eta_s:.0f} s left"
            self._say(f"{_counted(event)}{self._loss}{eta}")

    def _follow_metrics(self, event: Metrics) -> None:
        """Losses go into the next line of progress; an evaluation gets a line of its own."""
        if "total_loss" in event.values:
            self._loss = f", loss {event.values['total_loss']:.3f}"
            return
        numbers = ", ".join(f"{name} {value:.1f}" for name, value in event.values.items())
        self._say(f"iteration {event.iteration}: {numbers}")

    def _say(self, text: str) -> None:
        if sys.stdout is None:  # closed by who started the program
            return
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except OSError as error:
            # what waits in the buffer would fail once more at the end of the program
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise AppError(
                f"Nobody takes what there is to say ({error.strerror}), so the work was ended."
            ) from error


def _counted(event: Progress) -> str:
    if event.unit == "bytes":
        total = f" of {event.total / 1e6:.1f}" if event.total else ""
        return f"{event.what}: {event.done / 1e6:.1f}{total} MB"
    total = f" of {event.total}" if event.total else ""
    is_one = event.done == 1 and not event.total
    return f"{event.done}{total} {event.what.removesuffix('s') if is_one else event.what}"


def counts(result: _Result) -> str:
    """Counts as they are named, then every problem in its sentence."""
    problems = result.get("problems") or []
    lines = [
        f"{name}: {value}"
        for name, value in result.items()
        if name != "problems" and not isinstance(value, dict | list)
    ]
    lines += [f"problem in {one['where']:.300}: {one['sentence']}" for one in problems]
    return "\n".join(lines)


def evaluation(result: _Result) -> str:
    """The table of COCO: a line a number, a column for boxes and one for masks."""
    tasks = [task for task in ("bbox", "segm") if result.get(task)]
    result = {**result, **{task: _in_order(result, task) for task in tasks}}
    names = list(dict.fromkeys(name for task in tasks for name in result[task]))
    width = max((len(name) for name in names), default=0) + 2
    lines = [" " * width + "".join(f"{task:>8}" for task in tasks)]
    for name in names:
        numbers = (result[task].get(name) for task in tasks)
        lines.append(name.ljust(width) + "".join(f"{_percent(n):>8}" for n in numbers))
    if files := result.get("sheets"):
        lines.append(f"sheets: {len(files)}, in {Path(files[0]).parent}")
    if effort := result.get("effort"):
        lines.append(counts({f"effort, {name}": value for name, value in effort.items()}))
    return "\n".join(lines)


def _in_order(result: _Result, task: str) -> dict[str, Json]:
    """COCO's AP, its AR where it was asked for, then the classes."""
    of_all = {name: value for name, value in result[task].items() if not name.startswith("AP-")}
    return {**of_all, **(result.get("recall") or {}).get(task, {}), **result[task]}


def _percent(number: float | None) -> str:
    return "n/a" if number is None else f"{number:.1f}"


def training(result: _Result) -> str:
    """Where the weights are, and AP before and after."""
    lines = [counts({k: v for k, v in result.items() if k != "problems"})]
    for moment in ("before", "after"):
        if result.get(moment):
            lines += [f"AP {moment}, in percent, on the val images:", evaluation(result[moment])]
    return "\n".join(lines)


def demo(result: _Result) -> str:
    """Where the demo left its files, and AP of its rounds."""
    return training(result)
