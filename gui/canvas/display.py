"""How the canvas shows an image, after the settings: its look, the crosshair, the navigator."""

from PySide6.QtCore import QObject

from gui.canvas.crosshair import Crosshair
from gui.canvas.look import Look
from gui.canvas.navigator import Navigator
from gui.canvas.view import Canvas
from gui.settings import Settings


class Display(QObject):
    """Keeps a canvas as the settings say, from now on."""

    def __init__(self, canvas: Canvas, settings: Settings) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._settings = settings
        self.crosshair = Crosshair(canvas)
        self.navigator = Navigator(canvas.viewport())
        self._follow = {
            "brightness": self._show_look,
            "contrast": self._show_look,
            "fill_opacity": self._show_fill,
            "colour_by_state": self._show_colours,
            "crosshair": self._show_crosshair,
            "navigator": self._show_navigator,
        }
        settings.changed.connect(self._on_setting_changed)
        canvas.picture_changed.connect(self._on_picture_changed)
        canvas.zoom_changed.connect(self._show_seen)
        for bar in (canvas.horizontalScrollBar(), canvas.verticalScrollBar()):
            bar.valueChanged.connect(self._show_seen)
        self.navigator.wanted.connect(canvas.centerOn)
        for show in dict.fromkeys(self._follow.values()):
            show()

    def _on_setting_changed(self, name: str) -> None:
        if name in self._follow:
            self._follow[name]()

    def _show_look(self) -> None:
        whole = self._settings.whole
        self._canvas.set_look(Look(whole("brightness"), whole("contrast")))

    def _show_fill(self) -> None:
        self._canvas.set_fill_opacity(self._settings.whole("fill_opacity"))

    def _show_colours(self) -> None:
        self._canvas.colour_by_state(bool(self._settings.whole("colour_by_state")))

    def _show_crosshair(self) -> None:
        self.crosshair.set_on(bool(self._settings.whole("crosshair")))

    def _show_navigator(self) -> None:
        self.navigator.set_on(bool(self._settings.whole("navigator")))

    def _on_picture_changed(self) -> None:
        picture = self._canvas.picture
        self.navigator.set_image(picture.levels[-1] if picture else None)
        self._show_seen()

    def _show_seen(self) -> None:
        self.navigator.show_seen(self._canvas.image_rect(), self._canvas.visible_rect())
