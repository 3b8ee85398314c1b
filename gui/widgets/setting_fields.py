"""Controls for the settings of a fine-tune, one for each kind of value."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from core.types import Json
from gui.texts import tr
from gui.widgets.setting_specs import USUAL, Kind, SettingSpec


class CountSpin(QSpinBox):
    """A whole number, or what is automatic: its least value, of which it says what it comes to."""

    def __init__(
        self, *, open_at: int | None, least: int = 0, step: int = 1, most: int = 2**31 - 1
    ) -> None:
        """Where it is left open it shows "Automatic".

        Args:
            open_at: the value that leaves it open; None: it cannot be.
            least: of the values that do not.
            step: of one click.
            most: of all values.
        """
        super().__init__(maximum=most, singleStep=step)
        self.setMinimum(least if open_at is None else open_at)
        self._open_at, self._least = open_at, least
        self._automatic: int | None = None
        self.show_automatic(None)

    def show_automatic(self, value: int | None) -> None:
        """What it comes to where it is left open; None: that is not known."""
        self._automatic = value
        if self._open_at is not None:
            self.setSpecialValueText(automatic_text("" if value is None else f"{value:,}"))
            self.updateGeometry()

    def stepBy(self, steps: int) -> None:
        """As Qt asks; from what is automatic it goes on from what that comes to."""
        if self.value() == self._open_at:
            if steps > 0 or self._automatic is not None:
                here = self._least if self._automatic is None else self._automatic
                self.setValue(max(self._least, here + steps * self.singleStep()))
        elif self.value() + steps * self.singleStep() < self._least:
            at_least = self.value() > self._least or self._open_at is None
            self.setValue(self._least if at_least else self.minimum())
        else:
            super().stepBy(steps)

    def stepEnabled(self) -> QSpinBox.StepEnabledFlag:
        """As Qt asks."""
        both = QSpinBox.StepEnabledFlag.StepUpEnabled | QSpinBox.StepEnabledFlag.StepDownEnabled
        return both if self._automatic is not None else super().stepEnabled()


class SettingField(QWidget):
    """The control of one setting."""

    changed = Signal(object)
    """The value that a person gave it, as JSON has it."""
    misread = Signal(str)
    """Why what a person wrote is no value."""

    def __init__(self, spec: SettingSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._is_filling = False
        self.control = _CONTROLS[spec.kind](self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.control)
        self.setFocusProxy(self.control)

    def show_value(self, value: Json) -> None:
        """Shows this value; what a person is writing that means the same stays as it is."""
        self._is_filling = True
        control, is_open = self.control, self.spec.is_automatic and value == self._usual
        if isinstance(control, QSpinBox):
            control.setValue(int(value))
        elif isinstance(control, QCheckBox):
            control.setChecked(bool(value))
        elif isinstance(control, QComboBox):
            control.setCurrentIndex(max(0, control.findData(value)))
        elif isinstance(control, QLineEdit):
            text = "" if is_open else _text_of(value)
            if bool(control.text()) != bool(text) or self._meaning(control.text()) != (True, value):
                control.setText(text)
        self._is_filling = False

    def show_automatic(self, value: Json) -> None:
        """What it comes to where it is left open; None: that is not known."""
        if not self.spec.is_automatic:
            return
        control, said = self.control, "" if value is None else _rounded(value)
        if isinstance(control, CountSpin):
            control.show_automatic(None if value is None else int(value))
        elif isinstance(control, QComboBox):
            control.setItemText(0, automatic_text(said))
        elif isinstance(control, QLineEdit):
            control.setPlaceholderText(automatic_text(said))

    def take(self, value: Json) -> None:
        """Tells of a value that the control has now."""
        if not self._is_filling:
            self.changed.emit(value)

    def take_text(self, text: str) -> None:
        """Tells of what is written, or why it means nothing."""
        if self._is_filling:
            return
        is_value, value = self._meaning(text)
        if is_value:
            self.changed.emit(value)
        else:
            self.misread.emit(str(value))

    @property
    def _usual(self) -> Json:
        return USUAL[self.spec.name]

    def _meaning(self, text: str) -> tuple[bool, Any]:
        """Whether a text is a value, and the value; or why it is none."""
        text, spec = text.strip(), self.spec
        if spec.kind is Kind.TEXT:
            return True, text or self._usual
        if not text and (spec.is_automatic or spec.kind is Kind.COUNTS):
            return True, self._usual
        try:
            if spec.kind is Kind.WHOLE:
                return True, int(text)
            if spec.kind is Kind.NUMBER:
                return True, float(text)
            pieces = text.strip("()[]").split(",")
            kind = int if spec.kind is Kind.COUNTS else float
            return True, [kind(piece) for piece in pieces if piece.strip()]
        except ValueError:
            return False, _why_not(spec)


def automatic_text(said: str) -> str:
    """That a setting is automatic, and what it comes to; empty: that is not known."""
    return tr("Automatic: {value}").format(value=said) if said else tr("Automatic")


def _why_not(spec: SettingSpec) -> str:
    if spec.kind is Kind.COUNTS:
        return tr("Write whole numbers with commas between them, as in 600, 800.")
    if spec.kind is Kind.NUMBERS:
        return tr("Write two numbers with a comma between them, as in 0.8, 1.25.")
    if spec.kind is Kind.WHOLE:
        return tr("Write a whole number, as in 42.")
    if spec.is_automatic:
        return tr("Write a number, as in 0.001; or leave it empty for automatic.")
    return tr("Write a number, as in 0.001.")


def _text_of(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text_of, value))
    if isinstance(value, float) and float(f"{value:g}") == value:
        return f"{value:g}"
    return str(value)


def _rounded(value: Json) -> str:
    """A value as it shows where nobody wrote it."""
    if isinstance(value, list):
        return ", ".join(map(_rounded, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _spin(field: SettingField) -> QWidget:
    spec = field.spec
    usual = USUAL[spec.name]
    spin = CountSpin(
        open_at=int(usual) if spec.is_automatic else None,
        least=spec.least,
        step=spec.step,
        most=spec.most,
    )
    spin.valueChanged.connect(field.take)
    return spin


def _choice(field: SettingField) -> QWidget:
    box = QComboBox()
    if field.spec.is_automatic:
        box.addItem(automatic_text(""), USUAL[field.spec.name])
    for value in field.spec.choices:
        box.addItem(value, value)
    box.currentIndexChanged.connect(lambda _: field.take(box.currentData()))
    return box


def _switch(field: SettingField) -> QWidget:
    box = QCheckBox()
    box.toggled.connect(field.take)
    return box


def _line(field: SettingField) -> QWidget:
    line = QLineEdit(placeholderText=automatic_text("") if field.spec.is_automatic else "")
    if field.spec.kind is Kind.TEXT:  # half a path is none
        line.editingFinished.connect(lambda: field.take_text(line.text()))
    else:
        line.textEdited.connect(field.take_text)
    return line


_CONTROLS = {
    Kind.COUNT: _spin,
    Kind.WHOLE: _line,
    Kind.NUMBER: _line,
    Kind.NUMBERS: _line,
    Kind.COUNTS: _line,
    Kind.CHOICE: _choice,
    Kind.SWITCH: _switch,
    Kind.TEXT: _line,
}
