"""The settings, made of their declared table; what is changed applies at once."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.settings import SETTINGS, Settings, SettingSpec
from gui.texts import tr


class SettingsDialog(QDialog):
    """A row for every setting that has a title."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Settings"))
        self._settings = settings
        self.fields = {spec.name: self._field(spec) for spec in SETTINGS if spec.title}
        settings.changed.connect(self._on_changed)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        widest = max(QLabel(tr(spec.title)).sizeHint().width() for spec in SETTINGS if spec.title)
        for spec in SETTINGS:
            if spec.title:
                layout.addLayout(self._row(spec, title_px=widest))
        layout.addStretch(1)
        layout.addWidget(buttons)
        width = self.fontMetrics().averageCharWidth() * 100
        self.resize(width, layout.totalHeightForWidth(width))

    def _row(self, spec: SettingSpec, *, title_px: int) -> QGridLayout:
        field = self.fields[spec.name]
        field.setAccessibleName(tr(spec.title))
        field.setToolTip(tr(spec.explanation))
        explanation = QLabel(tr(spec.explanation), wordWrap=True)
        explanation.setForegroundRole(QPalette.ColorRole.PlaceholderText)  # it is read once
        row = QGridLayout()
        row.setHorizontalSpacing(16)
        row.setVerticalSpacing(4)
        row.setColumnMinimumWidth(0, title_px)
        row.setColumnStretch(1, 1)
        row.addWidget(QLabel(tr(spec.title)), 0, 0)
        row.addWidget(field, 0, 1)
        row.addWidget(explanation, 1, 1)
        return row

    def _field(self, spec: SettingSpec) -> QWidget:
        keep = partial(self._settings.set, spec.name)
        if spec.choices:
            choice = QComboBox()
            for value, words in spec.choices.items():
                choice.addItem(tr(words), value)
            choice.activated.connect(lambda _: keep(choice.currentData()))
            field: QWidget = choice
        elif isinstance(spec.default, int):
            number = QSpinBox(minimum=spec.lowest, maximum=spec.highest, suffix=tr(spec.unit))
            number.setSingleStep(spec.step)
            number.valueChanged.connect(keep)
            field = number
        else:
            text = QLineEdit()
            text.editingFinished.connect(lambda: keep(text.text()))
            field = text
        self._show(spec.name, field)
        return field

    def _on_changed(self, name: str) -> None:
        if name in self.fields:
            self._show(name, self.fields[name])

    def _show(self, name: str, field: QWidget) -> None:
        if isinstance(field, QComboBox):
            field.setCurrentIndex(max(field.findData(self._settings.text(name)), 0))
        elif isinstance(field, QSpinBox):
            field.setValue(self._settings.whole(name))
        elif isinstance(field, QLineEdit):
            field.setText(self._settings.text(name))
