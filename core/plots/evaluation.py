"""The plots of an evaluation's result, from what core.evaluation.details says, as SVG."""

from collections.abc import Mapping, Sequence

from core.plots.charts import Panel, bars_svg, matrix_svg, panels_svg
from core.plots.svg import LIGHT, Palette
from core.types import Json

_MASKS = {"segm": "masks", "bbox": "boxes"}
_NO_TRUTH = "n/a: no ground truth"
_SIZES = {"APs": "small", "APm": "medium", "APl": "large"}


def precision_svg(curves: Mapping[str, Json], *, palette: Palette = LIGHT) -> str:
    """Precision by recall of each class; the stairs are the detections, as they are."""
    return panels_svg(
        [_precision_panel(one) for one in curves["classes"]],
        axes=("recall", "precision"),
        title=f"Precision by recall at IoU {curves['iou']:.2f} of {_MASKS[curves['task']]}",
        palette=palette,
    )


def _precision_panel(curve: Mapping[str, Json]) -> Panel:
    n, points = curve["instances"], curve["points"]
    if not n:
        return Panel(curve["name"], "", (), note=_NO_TRUTH)
    pairs = zip(points["tp"], points["fp"], strict=True)
    return Panel(
        curve["name"],
        f"AP50 {curve['ap50']:.1f}, {n} instance{'' if n == 1 else 's'}",
        [(tp / n, tp / (tp + fp)) for tp, fp in pairs],
        note="no detections",
    )


def f1_svg(f1: Mapping[str, Json], *, palette: Palette = LIGHT) -> str:
    """F1 by the threshold of confidence, of all classes together and of each, the best marked."""
    return panels_svg(
        [_f1_panel(one) for one in (f1["overall"], *f1["classes"])],
        axes=("confidence", "F1"),
        title="F1 by confidence",
        palette=palette,
    )


def _f1_panel(curve: Mapping[str, Json]) -> Panel:
    if not curve["instances"]:
        return Panel(curve["name"], "", (), note=_NO_TRUTH)
    best = curve["best"]
    return Panel(
        curve["name"],
        "no detection is right"
        if best is None
        else f"best at a confidence of {best['threshold']:.2f}",
        _stairs(curve["score"], curve["f1"]),
        mark=None if best is None else (_on_plot(best["threshold"]), best["f1"]),
        mark_text="" if best is None else f"F1 {best['f1']:.2f}",
        note="no detections",
    )


def _stairs(scores: Sequence[float], f1: Sequence[float]) -> list[tuple[float, float]]:
    """Between two scores F1 is that of the higher one: no detection lies between them."""
    points: list[tuple[float, float]] = []
    for at, value in zip(map(_on_plot, reversed(scores)), reversed(f1), strict=True):
        points += [(points[-1][0] if points else 0.0, value), (at, value)]
    return points


def _on_plot(score: float) -> float:
    """Scores of others may lie anywhere; what is no share is drawn at the edge."""
    return min(max(score, 0.0), 1.0)


def ap_svg(by_class: Mapping[str, Json], *, palette: Palette = LIGHT) -> str:
    """AP of each class, of boxes and of masks."""
    pairs = zip(by_class["bbox"], by_class["segm"], strict=True)
    return bars_svg(
        [(box["name"], (box["AP"], mask["AP"])) for box, mask in pairs],
        series=("boxes", "masks"),
        title="AP by class, in percent",
        palette=palette,
    )


def sizes_svg(result: Mapping[str, Json], *, palette: Palette = LIGHT) -> str:
    """AP of small, medium and large objects, of boxes and of masks."""
    return bars_svg(
        [(name, (result["bbox"][key], result["segm"][key])) for key, name in _SIZES.items()],
        series=("boxes", "masks"),
        title="AP by size, in percent",
        palette=palette,
    )


def confusion_svg(confusion: Mapping[str, Json], *, palette: Palette = LIGHT) -> str:
    """The confusion matrix."""
    return matrix_svg(
        confusion["names"],
        confusion["cells"],
        axes=("ground truth", "predicted as"),
        title=f"Confusion at a confidence of {confusion['threshold']:.2f}",
        palette=palette,
    )
