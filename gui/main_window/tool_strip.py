"""The strip above the canvas: what can be set of the tool, and what the mouse does now."""

import json
from functools import partial
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from gui.canvas.tool_options import (
    ButtonOption,
    ChoiceOption,
    NumberOption,
    Option,
    SwitchOption,
    TextOption,
)
from gui.canvas.view import Canvas
from gui.settings import Settings
from gui.widgets.elided_label import ElidedLabel

_SETTING = "tool_options"
_MARGIN_PX = 2


class ToolStrip(QWidget):
    """Follows the tool of the canvas. Values are kept in the settings, and set at the start."""

    def __init__(self, canvas: Canvas, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._settings = settings
        self.hint = ElidedLabel()
        self._controls = QWidget()
        # as high with controls as without: the image below stays where it is
        self.setMinimumHeight(QSpinBox().sizeHint().height() + 2 * _MARGIN_PX)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(8, _MARGIN_PX, 8, _MARGIN_PX)
        self._layout.setSpacing(12)
        self._layout.addWidget(self._controls)
        self._layout.addWidget(self.hint, 1)
        self._take_kept()
        canvas.tool_changed.connect(self._on_tool_changed)
        canvas.hint_changed.connect(self.hint.setText)
        self._on_tool_changed(canvas.tool)

    def control(self, name: str) -> QWidget:
        """What sets the option of this name, of the tool that is shown.

        Raises:
            KeyError: the tool has no such option.
        """
        found: QWidget | None = self._controls.findChild(QWidget, name)
        if found is None:
            raise KeyError(name)
        return found

    def _on_tool_changed(self, name: str) -> None:
        old, self._controls = self._controls, QWidget()
        row = QHBoxLayout(self._controls)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for option in self._canvas.tools[name].options:
            self._add(row, option)
        self._layout.replaceWidget(old, self._controls)
        self._controls.setVisible(row.count() > 0)
        old.hide()
        old.deleteLater()
        self.hint.setText(self._canvas.hint)

    def _add(self, row: QHBoxLayout, option: Option) -> None:
        if isinstance(option, NumberOption | ChoiceOption | TextOption):
            label = QLabel(option.text)
            row.addWidget(label)
        control = _control_of(option)
        control.setObjectName(option.name)
        control.setAccessibleName(option.text)
        control.setToolTip(option.tip)
        _show(option, control)
        row.addWidget(control)
        row.addSpacing(8)
        if isinstance(control, QSpinBox | QLineEdit):  # its keys are the tool's again
            control.editingFinished.connect(self._canvas.setFocus)
        elif isinstance(control, QComboBox):
            control.activated.connect(lambda _: self._canvas.setFocus())
        elif isinstance(control, QCheckBox | QPushButton):
            control.clicked.connect(lambda _: self._canvas.setFocus())

    def _take_kept(self) -> None:
        kept = self._kept()
        for tool, one in self._canvas.tools.items():
            for option in one.options:
                _take(option, kept.get(f"{tool}_{option.name}"))
                option.changed.connect(partial(self._on_option_changed, tool, option))

    def _on_option_changed(self, tool: str, option: Option) -> None:
        if tool == self._canvas.tool:
            _show(option, self.control(option.name))
        values = {
            f"{name}_{option.name}": option.value
            for name, one in self._canvas.tools.items()
            for option in one.options
            if isinstance(option, NumberOption | SwitchOption | ChoiceOption)
            and (not isinstance(option, SwitchOption) or option.is_kept)
        }
        self._settings.set(_SETTING, json.dumps(values))

    def _kept(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._settings.text(_SETTING) or "{}")
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) else {}


def _control_of(option: Option) -> QWidget:
    if isinstance(option, NumberOption):
        box = QSpinBox()
        box.setRange(option.low, option.high)
        box.setSuffix(option.unit)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(option.set_value)
        return box
    if isinstance(option, SwitchOption):
        check = QCheckBox(option.text)
        check.toggled.connect(option.set_value)
        return check
    if isinstance(option, ChoiceOption):
        choices = QComboBox()
        for value, shown in option.choices.items():
            choices.addItem(shown, value)
        choices.activated.connect(lambda place: option.set_value(str(choices.itemData(place))))
        return choices
    if isinstance(option, TextOption):
        line = QLineEdit()
        line.setPlaceholderText(option.placeholder)
        line.returnPressed.connect(lambda: option.set_value(line.text().strip()))
        return line
    button = QPushButton(option.text)
    button.clicked.connect(lambda _: option.press())
    return button


def _take(option: Option, value: object) -> None:
    """Sets an option to what was kept, where it is of its type."""
    if isinstance(option, SwitchOption) and option.is_kept and isinstance(value, bool):
        option.set_value(value)
    if isinstance(option, NumberOption) and isinstance(value, int):
        option.set_value(value)
    if isinstance(option, ChoiceOption) and isinstance(value, str):
        option.set_value(value)


def _show(option: Option, control: QWidget) -> None:
    """Shows in a control what an option is now."""
    with QSignalBlocker(control):
        if isinstance(option, NumberOption) and isinstance(control, QSpinBox):
            control.setValue(option.value)
        elif isinstance(option, SwitchOption) and isinstance(control, QCheckBox):
            control.setChecked(option.value)
        elif isinstance(option, ChoiceOption) and isinstance(control, QComboBox):
            control.setCurrentIndex(control.findData(option.value))
        elif isinstance(option, TextOption) and isinstance(control, QLineEdit):
            control.setText(option.value)
        elif isinstance(option, ButtonOption):
            control.setEnabled(option.is_enabled)
