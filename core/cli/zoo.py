"""The subcommand that lists published weights, and fetches them."""

import argparse
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias

from core.cli import show
from core.configs import EngineConfig
from core.devices import device_report, imported, nvidia_smi
from core.engines import EngineSpec, all_engines
from core.errors import AppError
from core.events import Finished
from core.maskrcnn.zoo_download import is_published_file
from core.types import Json
from core.weights import PublishedWeights, licence_in_short, usual_of

_Add: TypeAlias = Callable[[str, Callable[..., None], str], argparse.ArgumentParser]

_USUAL_ENGINE = "maskrcnn"
_WIDTH = 96
"""Characters of a line of names."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """Weights and the engine that they are for."""

    engine: EngineSpec
    weights: PublishedWeights


def add_zoo(add: _Add) -> None:
    """Adds the subcommand."""
    sub = add("zoo", _zoo, "published weights: what they are, which are here; fetches them")
    sub.add_argument("names", metavar="NAME", nargs="*", help="only these; default: all")
    sub.add_argument("--download", action="store_true", help="fetch them, to be used without a net")
    sub.set_defaults(fail=sub.error)


def _zoo(options: argparse.Namespace, shown: show.Screen) -> None:
    if options.download and not options.names:
        options.fail("which weights to download: name some of those that `zoo` lists")
    offers = _offers()
    chosen = _chosen(offers, options.names)
    if options.download:
        for one in chosen:
            shown.result_of(_fetched(one), lambda result: str(result["said"]))
        return
    usual = usual_of((one.weights for one in offers), has_gpu=_has_gpu())
    default = usual.name if usual else ""
    result = {"default": default, "weights": [_as_json(one, default) for one in chosen]}
    text = "\n\n".join(map(_about, chosen)) if options.names else _table(chosen, default)
    shown.done(result, text)


def _offers() -> list[_Offer]:
    """Of every engine, the usual one first; what several can load is the first one's."""
    specs = sorted(all_engines().values(), key=lambda spec: spec.name != _USUAL_ENGINE)
    offers: dict[str, _Offer] = {}
    for spec in specs:
        for one in spec.published():
            offers.setdefault(one.name, _Offer(spec, one))
    return list(offers.values())


def _chosen(offers: Sequence[_Offer], names: Sequence[str]) -> Sequence[_Offer]:
    by_name = {one.weights.name: one for one in offers}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise AppError(
            f"Nobody publishes weights named {unknown[0]}. There are {', '.join(by_name)}."
        )
    return [by_name[name] for name in names] or offers


def _has_gpu() -> bool:
    torch, _ = imported("torch")
    return device_report(torch, nvidia_smi()).devices[0].name != "cpu"


def _fetched(offer: _Offer) -> show.Events:
    """Events of a download; the result says where the file is."""
    one = offer.weights
    config = EngineConfig(one.name, engine=offer.engine.name)
    yield from offer.engine.prepare(config)
    yield Finished({"name": one.name, "file": one.file, "said": _outcome(one)})


def _outcome(one: PublishedWeights) -> str:
    if one.is_here and one.hash_prefix and not is_published_file(one):
        return (
            f"{one.name} was here already, but the sum of {one.file} is not that of the published"
            " file. Delete it and download it again, unless you put another one there."
        )
    said = f"{one.name} was here already" if one.is_here else f"{one.name} is downloaded"
    return f"{said}: {one.file}" if one.file else f"{said}."


def _as_json(offer: _Offer, default: str) -> dict[str, Json]:
    is_default = offer.weights.name == default
    return {"engine": offer.engine.name, **asdict(offer.weights), "is_default": is_default}


def _about(offer: _Offer) -> str:
    one = offer.weights
    lines = [
        one.name,
        f"{one.title}.",
        f"About {_mb(one)}. Licence of the weights: {one.licence}.",
        f"The file's {one.hash_name.upper()} begins with {one.hash_prefix}; no other sum of it is"
        " known."
        if one.hash_prefix
        else "",
        f"Published at {one.address}." if one.address else "",
        _where(one),
        *textwrap.wrap(f"Classes: {', '.join(one.class_names)}.", _WIDTH),
    ]
    return "\n  ".join(line for line in lines if line)


def _where(one: PublishedWeights) -> str:
    if one.is_here:
        return f"Downloaded to {one.file}." if one.file else "Downloaded."
    return f"Not here yet; it would lie at {one.file}." if one.file else "Not here yet."


def _table(offers: Sequence[_Offer], default: str) -> str:
    """A row for each, below its engine; the default is marked."""
    heads = ("", "name", "box", "mask", "size", "licence", "")
    rows = [_row(one, default) for one in offers]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines, engine = [], ""
    for offer, row in zip(offers, rows, strict=True):
        if offer.engine.name != engine:
            engine = offer.engine.name
            lines += ["", f"{offer.engine.title}", _laid_out(heads, widths)]
        lines.append(_laid_out(row, widths))
    return "\n".join([*lines[1:], "", *_below(default)])


def _row(offer: _Offer, default: str) -> tuple[str, ...]:
    one = offer.weights
    mask = "-" if one.mask_ap is None else f"{one.mask_ap:.1f}"
    mark = "*" if one.name == default else ""
    where = "downloaded" if one.is_here else ""
    return mark, one.name, f"{one.box_ap:.1f}", mask, _mb(one), licence_in_short(one.licence), where


def _laid_out(row: Sequence[str], widths: Sequence[int]) -> str:
    is_number = (False, False, True, True, True, False, False)
    cells = [
        text.rjust(width) if right else text.ljust(width)
        for text, width, right in zip(row, widths, is_number, strict=True)
    ]
    return "  ".join(cells).rstrip()


def _below(default: str) -> Iterator[str]:
    yield "box, mask: AP on COCO val2017, in percent, as published. All know COCO's classes."
    if default:
        yield "*: what a new project begins with on this machine."
    yield "`zoo NAME` tells more of one, `zoo NAME --download` fetches it."


def _mb(one: PublishedWeights) -> str:
    return f"{one.n_bytes / 1e6:.0f} MB"
