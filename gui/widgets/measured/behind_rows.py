"""What is behind a number, as rows to go to: an image each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.matches.behind import Pair, by_image
from gui.texts import tr

_MOST_WORDS = 3
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class BehindRow:
    """An image with what of it a number counts."""

    key: str
    n: int
    """How many instances or predictions."""
    words: str = ""
    ids: tuple[str, ...] = ()
    """Of instances of the image's labels."""
    box_xyxy: Box | None = None
    """Around all of it, in image pixels."""


@dataclass(frozen=True, slots=True)
class BehindGroup:
    """Rows of one kind, as wrong ones."""

    title: str
    rows: tuple[BehindRow, ...]

    @property
    def n(self) -> int:
        """How many instances or predictions in all."""
        return sum(row.n for row in self.rows)


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind one number."""

    title: str
    groups: tuple[BehindGroup, ...]


def rows_of(
    pairs: Iterable[Pair], classes: Sequence[str], *, says: bool = True
) -> tuple[BehindRow, ...]:
    """A row an image, in the order in which the images first come.

    Args:
        pairs: what a number counts.
        classes: their names.
        says: whether a row says what became of them.
    """
    images = by_image(pairs)
    return tuple(_row(key, one, classes if says else ()) for key, one in images.items())


def _row(key: str, pairs: Sequence[Pair], classes: Sequence[str]) -> BehindRow:
    said = [_words(one, classes) for one in pairs[:_MOST_WORDS]] if classes else []
    if said and len(pairs) > _MOST_WORDS:
        said.append("…")
    ids = (str(one.truth_name) for one in pairs if one.truth_name is not None)
    return BehindRow(
        key, len(pairs), "; ".join(said), tuple(dict.fromkeys(ids)),
        around(one.box_xywh for one in pairs),
    )  # fmt: skip


def around(boxes_xywh: Iterable[Sequence[float]]) -> Box | None:
    """The box around all of these; None where there is none."""
    boxes = [tuple(one) for one in boxes_xywh]
    if not boxes:
        return None
    return (
        min(x for x, _, _, _ in boxes),
        min(y for _, y, _, _ in boxes),
        max(x + w for x, _, w, _ in boxes),
        max(y + h for _, y, _, h in boxes),
    )


def _words(pair: Pair, classes: Sequence[str]) -> str:
    truth = "" if pair.truth_class is None else classes[pair.truth_class]
    if pair.predicted_class is None or pair.score is None:
        return tr("{class_name} not found").format(class_name=truth)
    score = f"{pair.score:.2f}"
    seen = classes[pair.predicted_class]
    if not truth:
        return tr("{class_name} seen, confidence {score}").format(class_name=seen, score=score)
    overlap = f"{pair.iou:.2f}"
    if truth == seen:
        text = tr("{class_name} found, confidence {score}, IoU {iou}")
        return text.format(class_name=truth, score=score, iou=overlap)
    text = tr("{class_name} taken for {other}, confidence {score}, IoU {iou}")
    return text.format(class_name=truth, other=seen, score=score, iou=overlap)
