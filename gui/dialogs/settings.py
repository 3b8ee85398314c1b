"""The settings, made of their declared table; what is changed applies at once."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.settings import SETTINGS, Settings, SettingSpec


class SettingsDialog(QDialog):
    """A row for every setting that has a title."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Settings")
        self._settings = settings
        self.fields = {spec.name: self._field(spec) for spec in SETTINGS if spec.title}
        form = QFormLayout()
        form.setVerticalSpacing(4)
        form.setHorizontalSpacing(16)
        for spec in SETTINGS:
            if spec.title:
                self._add_row(form, spec)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.resize(self.fontMetrics().averageCharWidth() * 84, self.sizeHint().height())

    def _add_row(self, form: QFormLayout, spec: SettingSpec) -> None:
        field = self.fields[spec.name]
        field.setAccessibleName(spec.title)
        field.setToolTip(spec.explanation)
        form.addRow(spec.title, field)
        explanation = QLabel(spec.explanation, wordWrap=True)
        explanation.setEnabled(False)  # paler: it is read once
        explanation.setContentsMargins(0, 0, 0, 8)
        form.addRow("", explanation)

    def _field(self, spec: SettingSpec) -> QWidget:
        keep = partial(self._settings.set, spec.name)
        if spec.choices:
            choice = QComboBox()
            for value, words in spec.choices.items():
                choice.addItem(words, value)
            choice.setCurrentIndex(max(choice.findData(self._settings.text(spec.name)), 0))
            choice.activated.connect(lambda _: keep(choice.currentData()))
            return choice
        if isinstance(spec.default, bool):
            check = QCheckBox()
            check.setChecked(self._settings.flag(spec.name))
            check.toggled.connect(keep)
            return check
        if isinstance(spec.default, int):
            number = QSpinBox(minimum=spec.lowest, maximum=spec.highest, suffix=spec.unit)
            number.setSingleStep(spec.step)
            number.setValue(self._settings.whole(spec.name))
            number.valueChanged.connect(keep)
            return number
        text = QLineEdit(self._settings.text(spec.name))
        text.editingFinished.connect(lambda: keep(text.text()))
        return text
