"""A short film of the loop, made of what the window looks like at its steps."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gui.main_window import MainWindow

_WIDTH = 960
_DRAG_FRAMES = 8
_SMALL_FOR_A_PAGE = 2_000_000


class Film:
    """Frames, each with how long it is seen."""

    def __init__(self) -> None:
        self._frames: list[Image.Image] = []
        self._seconds: list[float] = []
        self._watched: list[Image.Image] = []

    def add(self, widget: QWidget, *, seconds: float) -> None:
        """One frame more: what the widget looks like now."""
        self._frames.append(_small(widget))
        self._seconds.append(seconds)

    def watch(self, widget: QWidget) -> None:
        """Remembers what the widget looks like now, for `add_watched`."""
        self._watched.append(_small(widget))

    def add_watched(self, n_most: int, *, seconds: float) -> None:
        """Some frames more, from all that was watched, as far from each other as they can be."""
        places = np.linspace(0, len(self._watched) - 1, min(n_most, len(self._watched)))
        for place in places.round().astype(int):
            self._frames.append(self._watched[place])
            self._seconds.append(seconds)
        self._watched.clear()

    def write(self, file: Path) -> None:
        """Writes it as an animated picture that goes on and on, small enough for a page."""
        if not self._frames:
            return
        for quality in (75, 60, 45, 30):
            self._frames[0].save(
                file,
                save_all=True,
                append_images=self._frames[1:],
                duration=[round(seconds * 1000) for seconds in self._seconds],
                loop=0,
                quality=quality,
                method=6,
            )
            if file.stat().st_size < _SMALL_FOR_A_PAGE:
                return


def pillow_image(widget: QWidget) -> Image.Image:
    """What a widget looks like now."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888).save(buffer, "PPM")
    return Image.open(BytesIO(data.data())).convert("RGB")


def _small(widget: QWidget) -> Image.Image:
    picture = pillow_image(widget)
    height = round(picture.height * _WIDTH / picture.width)
    return picture.resize((_WIDTH, height), Image.Resampling.LANCZOS)


def drag_a_vertex(window: MainWindow, film: Film) -> Iterator[Callable[[], bool]]:
    """Picks the surest instance and pulls its last vertex out and nearly back, with the mouse."""
    session, canvas = window.session, window.canvas
    document = session.document
    if document is None or not document.labels.instances:
        return
    one = max(document.labels.instances, key=lambda instance: instance.score or 0)
    document.select([one.id])
    window.actions_by_name["show_selected"].trigger()
    yield lambda: True
    film.add(window, seconds=0.8)
    ring = one.parts[0].outer
    start, outwards = ring[-1], ring[-1] - ring.mean(axis=0)
    ways = (*np.linspace(0, 0.35, _DRAG_FRAMES), *np.linspace(0.3, 0.05, _DRAG_FRAMES // 2))
    places = [canvas.mapFromScene(QPointF(*(start + outwards * way))) for way in ways]
    viewport = canvas.viewport()
    QTest.mouseMove(viewport, places[0])
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    for place in places:
        QTest.mouseMove(viewport, place)
        yield lambda: True
        film.add(window, seconds=0.12)
    QTest.mouseRelease(
        viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1]
    )
    yield lambda: True
    film.add(window, seconds=0.8)
    window.actions_by_name["fit"].trigger()
