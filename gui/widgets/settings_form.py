"""A form of every setting of a fine-tune, with what each comes to where it is left open."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QSpinBox,
    QWidget,
)

from core.configs import TrainConfig, to_json
from core.configs.overriding import detectron2_name
from core.errors import AppError
from core.types import Json
from gui.texts import tr
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.setting_fields import SettingField
from gui.widgets.setting_specs import GROUPS, SettingGroup, SettingSpec
from gui.widgets.wrapped import WrappedLabel

_LISTS = frozenset({"steps", "scale_jitter"})
_FEWEST_LINES, _USUAL_LINES = 8, 16


class SettingsForm(QScrollArea):
    """Changes a config, setting by setting; what is no value is said beside its field."""

    changed = Signal(object)
    """TrainConfig: the one that was shown, with what a person changed."""
    troubled = Signal()
    """`trouble` is another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("All settings"))
        self.fields: dict[str, SettingField] = {}
        """By the name of the setting."""
        self._config = TrainConfig("")
        self._troubles: dict[str, str] = {}
        """Why what a field shows is no value, by the name of the setting."""
        self._misread: set[str] = set()
        """Those of them whose sentence does not name the setting."""
        self._notes: dict[str, QLabel] = {}
        self._calm = _Calm(self)
        inside = QWidget()
        self._rows = QGridLayout(inside)
        self._rows.setContentsMargins(0, 0, 8, 0)
        self._rows.setHorizontalSpacing(8)
        self._rows.setVerticalSpacing(4)
        self._rows.setColumnStretch(1, 2)
        self._rows.setColumnStretch(2, 3)
        self._rows.setColumnMinimumWidth(1, self.fontMetrics().averageCharWidth() * 26)
        for group in GROUPS:
            self._add_group(group)
        self._rows.setRowStretch(self._rows.rowCount(), 1)
        self.setWidget(inside)
        for part in (inside, self.viewport()):  # what it lies on shows through
            part.setAutoFillBackground(False)
        self.setMinimumHeight(self.fontMetrics().lineSpacing() * _FEWEST_LINES)
        self.show_config(self._config)

    def sizeHint(self) -> QSize:
        """As Qt asks."""
        usual = self.fontMetrics().lineSpacing() * _USUAL_LINES
        return QSize(super().sizeHint().width(), usual)

    @property
    def trouble(self) -> str:
        """What is wrong with the first field that shows no value, in a sentence; or empty."""
        for name, why_not in self._troubles.items():
            if name not in self._misread:
                return why_not
            title = tr(self.fields[name].spec.title)
            return tr("{setting}: {why_not}").format(setting=title, why_not=why_not)
        return ""

    def show_config(self, config: TrainConfig, *, anew: bool = False) -> None:
        """Shows the settings of a config.

        Args:
            config: its folders do not matter.
            anew: whether what is written in fields and is no value goes too.
        """
        self._config = config
        if anew:
            for name in tuple(self._troubles):
                self._set_trouble(name, "")
        values = to_json(config)
        for name, field in self.fields.items():
            if name not in self._troubles:
                field.show_value(values[name])

    def show_automatic(self, settled: TrainConfig | None) -> None:
        """What each setting comes to where it is left open; None: that is not known."""
        open_values, values = to_json(TrainConfig("")), to_json(settled) if settled else {}
        for name, field in self.fields.items():
            value = values.get(name)
            # what is still open in a config with every choice made follows from the model's config
            field.show_automatic(None if value == open_values[name] else value)

    def _add_group(self, group: SettingGroup) -> None:
        row = self._rows.rowCount()
        title = QLabel(tr(group.title))
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        title.setContentsMargins(0, 8 if row > 1 else 0, 0, 0)
        self._rows.addWidget(title, row, 0, 1, 3)
        for number, spec in enumerate(group.specs):
            self._add(spec, row + 1 + 2 * number)

    def _add(self, spec: SettingSpec, row: int) -> None:
        name = spec.name
        field = self.fields[name] = SettingField(spec)
        field.changed.connect(lambda value: self._on_changed(name, value))
        field.misread.connect(lambda why_not: self._set_trouble(name, why_not, names_setting=False))
        control, its = field.control, detectron2_name(name)
        control.setAccessibleName(tr(spec.title))
        control.setToolTip(_hint(spec, its))
        if isinstance(control, QSpinBox | QComboBox):
            control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            control.installEventFilter(self._calm)
        title, of_detectron2, note = QLabel(tr(spec.title)), ElidedLabel(), WrappedLabel()
        title.setBuddy(control)
        of_detectron2.setText(its)
        of_detectron2.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        note.hide()
        self._notes[name] = note
        self._rows.addWidget(title, row, 0)
        self._rows.addWidget(field, row, 1)
        self._rows.addWidget(of_detectron2, row, 2)
        self._rows.addWidget(note, row + 1, 1, 1, 2)

    def _on_changed(self, name: str, value: Json) -> None:
        try:
            changed = replace(self._config, **_typed(name, value))
        except AppError as error:
            self._set_trouble(name, str(error))
            return
        self._set_trouble(name, "")
        if changed != self._config:
            self._config = changed
            self.changed.emit(changed)

    def _set_trouble(self, name: str, why_not: str, *, names_setting: bool = True) -> None:
        if self._troubles.get(name, "") == why_not:
            return
        (self._misread.discard if names_setting else self._misread.add)(name)
        self._troubles.pop(name, None)
        if why_not:
            self._troubles[name] = why_not
        note, control = self._notes[name], self.fields[name].control
        note.setText(why_not)
        note.setVisible(bool(why_not))
        if why_not:  # when it has its place
            QTimer.singleShot(0, note, lambda: self.ensureWidgetVisible(note))
        control.setAccessibleDescription(why_not)
        self.troubled.emit()


class _Calm(QObject):
    """Lets the wheel scroll the form, and not change a field that it happens to be over."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As Qt asks."""
        is_over = event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget)
        if is_over and not watched.hasFocus():  # type: ignore[attr-defined]  # a widget
            event.ignore()
            return True
        return False


def _typed(name: str, value: Json) -> dict[str, Any]:
    return {name: tuple(value) if name in _LISTS else value}


def _hint(spec: SettingSpec, its: str) -> str:
    meaning = tr(spec.meaning)
    names = tr("In a file: {name}, or {detectron2_name}.") if its else tr("In a file: {name}.")
    return f"{meaning}\n{names.format(name=spec.name, detectron2_name=its)}"
