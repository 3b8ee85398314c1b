"""All settings of a fine-tune: a form, and files that it is read from and written to."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.atomic import reason_of, write_atomically
from core.configs import TrainConfig
from core.configs.overriding import known_here, overridden, read_settings, settings_text
from core.engines import all_engines
from core.errors import AppError
from core.wording import listed
from gui.texts import tr
from gui.widgets.browsing import begin_near
from gui.widgets.setting_words import SCRATCH
from gui.widgets.settings_form import SettingsForm

_LARGEST_BYTES = 1 << 20


class TrainSettings(QWidget):
    """The form, with buttons for files and for what is recommended."""

    changed = Signal(object)
    """TrainConfig."""
    troubled = Signal()
    """`form.trouble` is another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = TrainConfig("")
        self.form = SettingsForm()
        self.words = QLabel(wordWrap=True)
        self.words.hide()
        self.load_button = _button(
            tr("Load settings…"),
            tr(
                "From a file: YAML or JSON, by these names or as detectron2's config.yaml has them."
            ),
        )
        self.save_button = _button(
            tr("Save settings…"), tr("Into a file, which the command line takes too.")
        )
        self.usual_button = _button(
            tr("As recommended"),
            tr("Leave everything to be chosen again, but for the weights and the device."),
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.load_button, self.save_button, self.usual_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.form, 1)
        layout.addWidget(self.words)
        layout.addLayout(buttons)
        self.form.changed.connect(self._on_changed)
        self.form.troubled.connect(self.troubled)
        self.load_button.clicked.connect(self._ask_what_to_load)
        self.save_button.clicked.connect(self._ask_where_to_save)
        self.usual_button.clicked.connect(self.reset)

    def show_config(self, config: TrainConfig) -> None:
        """Shows the settings of a config."""
        self._config = config
        self.form.show_config(config)

    def reset(self) -> None:
        """Leaves everything open but what is begun from, and where."""
        self._say("")
        self._take(_plain(self._config))

    def load(self, file: Path) -> None:
        """Sets what a file says, and leaves the rest as it is recommended."""
        try:
            said, others = known_here(read_settings(_text_of(file)))
            is_known = "weights" in said or "MODEL.WEIGHTS" in said
            config = overridden(_plain(self._config), said)
        except AppError as error:
            nothing = tr("The settings in {file} are not used. {why_not}")
            self._say(nothing.format(file=file.name, why_not=error))
            return
        sentences = [tr("The settings of {file} are shown.").format(file=file.name)]
        if is_known and not _is_there(weights := config.weights, file.parent):
            sentences.append(
                tr("Its weights {weights} are not here: others are chosen.").format(weights=weights)
            )
            config = replace(config, weights=self._config.weights)
        elif is_known:
            config = replace(config, weights=_found(config.weights, file.parent))
        if others:
            sentences.append(_passed_over(others))
        self._say(" ".join(sentences))
        self._take(config)

    def save(self, file: Path) -> None:
        """Writes what is set, and no more: what is left open stays open."""
        text = settings_text(self._config, as_json=file.suffix.lower() == ".json")
        try:
            write_atomically(file, text.encode("utf-8", "backslashreplace"))
        except AppError as error:
            self._say(str(error))
            return
        self._say(tr("The settings are in {file}.").format(file=file))

    def _take(self, config: TrainConfig) -> None:
        self._config = config
        self.form.show_config(config, anew=True)
        self.changed.emit(config)

    def _on_changed(self, config: TrainConfig) -> None:
        self._config = config
        self._say("")
        self.changed.emit(config)

    def _say(self, sentence: str) -> None:
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))

    def _ask_what_to_load(self) -> None:
        dialog = begin_near(QFileDialog(self.window(), tr("Load settings")))
        dialog.setNameFilter(tr("Settings (*.yaml *.yml *.json);;All files (*)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda file: self.load(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_where_to_save(self) -> None:
        dialog = begin_near(QFileDialog(self.window(), tr("Save settings")))
        dialog.setNameFilter(tr("Settings (*.yaml *.yml *.json)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("yaml")
        dialog.fileSelected.connect(lambda file: self.save(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _plain(config: TrainConfig) -> TrainConfig:
    """A config that says what it begins from and where it computes, and leaves the rest open."""
    return TrainConfig(
        "", weights=config.weights, model_config=config.model_config, device=config.device
    )


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST_BYTES:
            raise AppError(tr("It is too large for settings: choose a YAML or JSON file."))
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise AppError(tr("It is no text: choose a YAML or JSON file.")) from error
    except OSError as error:
        sentence = tr("It cannot be read: {reason}.")
        raise AppError(sentence.format(reason=reason_of(error))) from error


def _is_there(weights: str, beside: Path) -> bool:
    published = {one.name for one in all_engines()["maskrcnn"].published()}
    return weights in (SCRATCH, *published) or Path(_found(weights, beside)).is_file()


def _found(weights: str, beside: Path) -> str:
    """The weights by their whole path where they lie beside the file that names them."""
    there = beside / weights
    return str(there) if weights and there.is_file() else weights


def _passed_over(names: tuple[str, ...]) -> str:
    text = (
        tr("It says one thing that is no setting of a fine-tune and was passed over: {names}.")
        if len(names) == 1
        else tr("It says things that are no settings of a fine-tune and were passed over: {names}.")
    )
    return text.format(names=listed(names))


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    button.setAutoDefault(False)
    return button
