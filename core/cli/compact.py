"""The subcommand that makes models small."""

import argparse
import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from core import configs
from core.cli import show
from core.cli.running import class_names_in, job_events
from core.configs.compacting import EIGHT_BITS, ONNX, ONNX_EIGHT_BITS
from core.errors import AppError
from core.events import Finished
from core.types import Json

_Add: TypeAlias = Callable[[str, Callable[..., None], str], argparse.ArgumentParser]


def add_compact(add: _Add) -> None:
    """Adds the subcommand."""
    sub = add("compact", _compact, "a model in half precision, in 8 bits, or for ONNX Runtime")
    sub.add_argument("weights", metavar="W", help="a run, a file, or a zoo name")
    sub.add_argument("--to", required=True, choices=configs.COMPACT_KINDS)
    sub.add_argument("--int8", action="store_true", help="with --to onnx the same as onnx-int8")
    sub.set_defaults(fail=sub.error)
    sub.add_argument(
        "--project", default="", metavar="FOLDER",
        help="measure AP on its val images, and speed on its images",
    )  # fmt: skip
    sub.add_argument("--labels", default="", metavar="DIR", help="where the project's labels live")
    sub.add_argument("--config", default="", help="detectron2's config.yaml of the weights")
    sub.add_argument("--classes", default="", metavar="names.txt", help="a class name a line")
    sub.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    sub.add_argument("--out", default="", metavar="DIR", help="default: beside the weights")
    sub.add_argument("--force", action="store_true", help="write it although AP falls")


def _compact(options: argparse.Namespace, shown: show.Screen) -> None:
    to = _kind(options)
    config = configs.CompactConfig(
        weights=options.weights,
        to=to,
        out=options.out or _beside(Path(options.weights), to),
        folder=options.project,
        labels_folder=options.labels,
        model_config=options.config,
        class_names=class_names_in(options.classes),
        device=options.device,
        force=options.force,
    )
    refused: list[str] = []
    shown.result_of(_noting(job_events("compact", config), refused), table)
    if refused:
        raise AppError(f"{refused[0].removesuffix('.')} (--force).")


def _kind(options: argparse.Namespace) -> str:
    kind: str = options.to
    if not options.int8 or kind.endswith(EIGHT_BITS):
        return kind
    if kind != ONNX:
        options.fail(f"--int8 with --to {ONNX}, or --to {EIGHT_BITS} alone: {kind} is not 8 bits")
    return ONNX_EIGHT_BITS


def _beside(weights: Path, to: str) -> str:
    # Of a run it is best.pth that is made small. A zoo name is no path: that lands where one works.
    if weights.is_dir():
        return str(weights / f"best-{to}")
    return str(weights.with_name(f"{weights.stem}-{to}"))


def _noting(events: show.Events, refused: list[str]) -> show.Events:
    """The same events; a refusal is put into the list."""
    with contextlib.closing(events):
        for event in events:
            if isinstance(event, Finished) and event.result.get("refused"):
                refused.append(str(event.result["refused"]))
            yield event


def table(result: Mapping[str, Json]) -> str:
    """A line a number, a column before and one after."""
    before, after = result["before"], result["after"]
    lines = [f"{'':16}{'before':>10}{'after':>10}"]
    lines += [f"{name:16}{was:>10}{now:>10}" for name, was, now in _rows(before, after)]
    if result["images"]:
        lines.append(f"AP in percent, on the val images: {result['images']}")
    if result["file"]:
        lines.append(f"file: {result['file']}")
    return "\n".join(lines)


def _rows(before: Json, after: Json) -> Iterator[tuple[str, ...]]:
    yield "size, MB", *(f"{one['bytes'] / 1e6:.1f}" for one in (before, after))
    yield "ms an image", *(f"{one['image_s'] * 1e3:.0f}" for one in (before, after))
    for task, name in (("bbox", "box AP"), ("segm", "mask AP")):
        if task in before["ap"]:
            yield name, *(_number(one["ap"].get(task)) for one in (before, after))


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.1f}"
