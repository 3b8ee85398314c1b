"""How the image is shown, without changing it: brightness, contrast, fill, crosshair, navigator."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from gui.panels import PanelSpec
from gui.session import Session
from gui.settings import Settings
from gui.texts import QT_TR_NOOP, tr

_SLIDERS = (
    ("brightness", QT_TR_NOOP("Brightness"), -100, 100, 0),
    ("contrast", QT_TR_NOOP("Contrast"), -100, 100, 0),
    ("fill_opacity", QT_TR_NOOP("Fill"), 0, 300, 100),
)
"""Setting, what it is called, least, most and usual value in percent."""
_SWITCHES = (
    (
        "colour_by_state",
        QT_TR_NOOP("By state"),
        QT_TR_NOOP("Colour instances by their state, not by their class (Ctrl+Alt+K)."),
    ),
    (
        "crosshair",
        QT_TR_NOOP("Crosshair"),
        QT_TR_NOOP("A line across and down through the mouse (Ctrl+Alt+C)."),
    ),
    (
        "navigator",
        QT_TR_NOOP("Navigator"),
        QT_TR_NOOP("The whole image in a corner while a part of it is seen."),
    ),
)


class DisplayPanel(QWidget):
    """Sets it, by the settings; files and models never see it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.sliders: dict[str, QSlider] = {}
        self.switches: dict[str, QCheckBox] = {}
        self._values: dict[str, QLabel] = {}
        grid = QGridLayout()
        grid.setSpacing(4)
        for row, (name, title, low, high, _) in enumerate(_SLIDERS):
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(low, high)
            slider.setPageStep(20)
            slider.setAccessibleName(tr(title))
            slider.setToolTip(
                tr("{title} on the screen, in percent; the file stays as it is.").format(
                    title=tr(title)
                )
            )
            slider.valueChanged.connect(lambda value, name=name: settings.set(name, value))
            value = QLabel()
            value.setMinimumWidth(value.fontMetrics().horizontalAdvance("+100 %"))
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.sliders[name], self._values[name] = slider, value
            for column, widget in enumerate((QLabel(tr(title)), slider, value)):
                grid.addWidget(widget, row, column)
        self.reset = QPushButton(tr("Reset"))
        self.reset.setToolTip(tr("Brightness, contrast and fill as they usually are."))
        self.reset.clicked.connect(self._reset)
        below = QHBoxLayout()
        for name, title, tip in _SWITCHES:
            switch = QCheckBox(tr(title))
            switch.setToolTip(tr(tip))
            switch.toggled.connect(lambda on, name=name: settings.set(name, int(on)))
            self.switches[name] = switch
            below.addWidget(switch)
        below.addStretch(1)
        below.addWidget(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(grid)
        layout.addLayout(below)
        layout.addStretch(1)
        settings.changed.connect(self._show)
        for name in (*self.sliders, *self.switches):
            self._show(name)

    def _show(self, name: str) -> None:
        if (slider := self.sliders.get(name)) is not None:
            with QSignalBlocker(slider):
                slider.setValue(self._settings.whole(name))
            sign = "+" if slider.value() > 0 > slider.minimum() else ""
            self._values[name].setText(f"{sign}{slider.value()} %")
        if (switch := self.switches.get(name)) is not None:
            with QSignalBlocker(switch):
                switch.setChecked(bool(self._settings.whole(name)))

    def _reset(self) -> None:
        for name, _, _, _, usual in _SLIDERS:
            self._settings.set(name, usual)


def _build(session: Session) -> DisplayPanel:
    return DisplayPanel(session.settings)


PANEL = PanelSpec(
    "display",
    QT_TR_NOOP("Display"),
    Qt.DockWidgetArea.RightDockWidgetArea,
    50,
    _build,
    is_open_at_first=False,
)
