"""What the tools look like in use: each is worked by mouse and left in the middle of it."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from core.types import Instance, Ring
from gui.main_window import MainWindow

Steps = Iterator[Callable[[], bool]]
Xy = tuple[float, float]
_LEFT = Qt.MouseButton.LeftButton
_NONE = Qt.KeyboardModifier.NoModifier
_ENOUGH = 25  # looks of the tour: until a thread or a child has answered


class Hand:
    """Works the canvas of a window, in pixels of the image."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self._viewport = window.canvas.viewport()
        self._is_down = False

    @property
    def largest(self) -> Instance:
        """The instance that most is seen of."""
        document = self.window.session.document
        assert document is not None
        return max(
            document.labels.instances,
            key=lambda one: float(np.prod(np.ptp(one.parts[0].outer, axis=0))),
        )

    def take(self, tool: str) -> None:
        """Takes a tool, and nothing is selected."""
        document = self.window.session.document
        assert document is not None
        document.select(())
        self.window.actions_by_name["fit"].trigger()
        self.window.actions_by_name[f"{tool}_tool"].trigger()

    def click(self, xy: Xy) -> None:
        """Moves there and clicks."""
        QTest.mouseMove(self._viewport, self._place(xy))
        QTest.mouseClick(self._viewport, _LEFT, _NONE, self._place(xy))

    def move(self, *way: Xy) -> None:
        """Moves through these places."""
        for xy in way:
            QTest.mouseMove(self._viewport, self._place(xy))

    def press(self, xy: Xy) -> None:
        """Moves there and presses, until `leave` or `release`."""
        self.move(xy)
        QTest.mousePress(self._viewport, _LEFT, _NONE, self._place(xy))
        self._is_down = True

    def release(self, xy: Xy) -> None:
        """Lets go there."""
        self.move(xy)
        QTest.mouseRelease(self._viewport, _LEFT, _NONE, self._place(xy))
        self._is_down = False

    def leave(self) -> None:
        """Gives up what the tool has begun, and takes the first tool."""
        canvas = self.window.canvas
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        if self._is_down:
            self.release((1.0, 1.0))
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        self.window.actions_by_name["select_tool"].trigger()

    def _place(self, xy: Xy) -> QPoint:
        return self.window.canvas.mapFromScene(QPointF(*xy))


def _ways(ring: Ring, *, n: int) -> list[Xy]:
    """So many points of a ring, one as far from the next as the other."""
    places = np.linspace(0, len(ring), n, endpoint=False).astype(int)
    return [(float(x), float(y)) for x, y in ring[places]]


def _box(hand: Hand, *, margin: float = 4.0) -> tuple[Xy, Xy]:
    ring = hand.largest.parts[0].outer
    (left, top), (right, bottom) = ring.min(axis=0) - margin, ring.max(axis=0) + margin
    return (float(left), float(top)), (float(right), float(bottom))


def _middle_of_body(hand: Hand) -> Xy:
    """Half way from the left border to the middle: in a ring this is not its hole."""
    (left, top), (right, bottom) = _box(hand, margin=0)
    return left + 0.15 * (right - left), (top + bottom) / 2


def polygon(hand: Hand) -> Steps:
    """Five points along an object."""
    hand.take("polygon")
    *points, last = _ways(hand.largest.parts[0].outer, n=6)
    for xy in points:
        hand.click(xy)
        yield lambda: True
    hand.move(last)


def lasso(hand: Hand) -> Steps:
    """Two anchors, and the border that follows the mouse."""
    hand.take("lasso")
    first, second, third, *_ = _ways(hand.largest.parts[0].outer, n=5)
    for xy in (first, second):
        hand.click(xy)
        yield from _wait()
    hand.move(third)
    yield from _wait()


def grabcut(hand: Hand) -> Steps:
    """An object in a box, cut out."""
    hand.take("grabcut")
    yield from _wait()
    start, end = _box(hand)
    hand.press(start)
    hand.move(((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    hand.release(end)
    yield from _wait()


def wand(hand: Hand) -> Steps:
    """What has the colour of the point."""
    hand.take("wand")
    hand.click(_middle_of_body(hand))
    yield from _wait()


def brush(hand: Hand) -> Steps:
    """In the middle of a stroke that makes an object larger."""
    one = hand.largest
    hand.take("brush")
    document = hand.window.session.document
    assert document is not None
    document.select([one.id])
    (left, top), (right, bottom) = _box(hand)
    hand.press((left, (top + bottom) / 2))
    hand.move(*_line((left, (top + bottom) / 2), ((left + right) / 2, bottom)))
    yield lambda: True


def ellipse(hand: Hand) -> Steps:
    """Half drawn."""
    hand.take("ellipse")
    start, end = _box(hand, margin=0)
    hand.press(start)
    hand.move(*_line(start, end))
    yield lambda: True


def redraw(hand: Hand) -> Steps:
    """A stretch of the border, while it is drawn."""
    one = hand.largest
    hand.take("redraw")
    document = hand.window.session.document
    assert document is not None
    document.select([one.id])
    ring = one.parts[0].outer
    first, _, third, *_ = _ways(ring, n=8)
    outside = np.asarray(_ways(ring, n=8)[1])
    out = outside + 0.3 * (outside - ring.mean(axis=0))
    hand.press(first)
    hand.move(*_line(first, (float(out[0]), float(out[1]))))
    hand.move(*_line((float(out[0]), float(out[1])), third))
    yield lambda: True


def cut(hand: Hand) -> Steps:
    """A line through an object."""
    hand.take("cut")
    (left, top), (right, bottom) = _box(hand, margin=6)
    hand.press((left, top))
    hand.move(*_line((left, top), (right, bottom)))
    yield lambda: True


def _line(start: Xy, end: Xy) -> Sequence[Xy]:
    return [(float(x), float(y)) for x, y in np.linspace(start, end, 12)]


def _wait() -> Steps:
    for _ in range(_ENOUGH):
        yield lambda: True


TOOLS: dict[str, Callable[[Hand], Steps]] = {
    one.__name__: one
    for one in (
        polygon, lasso, grabcut, wand, ellipse, redraw, brush, cut,
    )
}  # fmt: skip
"""By the names of their tools."""
