"""What a fine-tune came to, in a sentence."""

from collections.abc import Mapping

from core.types import Json
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.words import ap_text

_TASKS = (("segm", QT_TR_NOOP("Mask AP")), ("bbox", QT_TR_NOOP("Box AP")))


def outcome_text(result: Mapping[str, Json]) -> str:
    """AP before and after, whether it is better and what to do where it is not; whether it stopped
    early, and which weights it kept."""
    return " ".join(one for one in (_worth(result), _early(result), _kept(result)) if one)


def _worth(result: Mapping[str, Json]) -> str:
    before, after = result.get("before"), result.get("after")
    if not after:
        return tr("Done. No done image was kept to measure on, so there is no AP.")
    parts = []
    for task, name in _TASKS:
        if numbers := after.get(task) or {}:
            old = f"{ap_text((before.get(task) or {}).get('AP'))} → " if before else ""
            parts.append(f"{tr(name)} {old}{ap_text(numbers.get('AP'))}")
    if before:
        sentence = tr("Done. On the val images, before → after: {numbers}.")
    else:
        sentence = tr("Done. On the val images: {numbers}.")
    sentence = sentence.format(numbers=", ".join(parts))
    if not is_worse(result):
        return sentence
    worse = tr(
        "It got worse: the weights it began with are the better ones. Label more images, or learn"
        " for longer."
    )
    return f"{sentence} {worse}"


def _early(result: Mapping[str, Json]) -> str:
    n, planned = result.get("iterations"), (result.get("settings") or {}).get("iterations")
    if not n or not planned or n >= planned:
        return ""
    text = tr("Stopped early after iteration {n} of {planned}: AP rose no more.")
    return text.format(n=f"{n:,}", planned=f"{planned:,}")


def _kept(result: Mapping[str, Json]) -> str:
    if not (at := result.get("best_iteration")):
        return ""
    raw = tr("Kept are the weights of iteration {n}.")
    mean = tr("Kept is the running mean of the weights at iteration {n}.")
    return (mean if result.get("best_is_mean") else raw).format(n=f"{at:,}")


def is_worse(result: Mapping[str, Json]) -> bool:
    """Whether the weights that came out measure worse than those it began with: by their masks, or
    by their boxes where there are no masks."""
    for task, _ in _TASKS:
        old, new = (
            ((result.get(side) or {}).get(task) or {}).get("AP") for side in ("before", "after")
        )
        if old is not None and new is not None:
            return bool(new < old)
    return False
