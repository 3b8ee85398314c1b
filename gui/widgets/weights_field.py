"""A field for weights: names to choose from, or a file."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from core.engines import all_engines, all_published
from gui.texts import tr
from gui.widgets.browsing import begin_near


class WeightsField(QWidget):
    """Chooses one of the offered weights, or a file."""

    changed = Signal(str)
    """A person chose other weights."""
    more_wanted = Signal()
    """A person wants more than the list; only where the field does not ask for a file itself."""

    def __init__(
        self,
        first: Mapping[str, str],
        parent: QWidget | None = None,
        *,
        asks_for_file: bool = True,
        only_predicts: bool = False,
    ) -> None:
        """Offers `first` (weights to how they are called), own ones, then the published ones.

        Args:
            first: offered before the published ones.
            parent: as of any QWidget.
            asks_for_file: whether the button asks for a file; else it reports `more_wanted`.
            only_predicts: whether nothing but predictions is wanted of them, so that weights of all
                engines are offered; else those that can be fine-tuned.
        """
        super().__init__(parent)
        self.choices = QComboBox()
        self.choices.setAccessibleName(tr("Weights"))
        self.choices.setToolTip(tr("No weights are chosen yet."))
        self.choices.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choices.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choices.setMinimumContentsLength(16)
        for weights, title in first.items():
            self.choices.addItem(title, weights)
        self._only_predicts = only_predicts
        self._first_published = self._offer_published()
        self.file_button = QPushButton(tr("File…") if asks_for_file else tr("Choose…"))
        self.file_button.setAutoDefault(False)
        if asks_for_file:
            with_networks = tr("Choose a .pth, .pkl or .onnx file; config.yaml lies beside it.")
            without = tr("Choose a .pth or .pkl file; config.yaml lies beside it.")
            self.file_button.setToolTip(with_networks if only_predicts else without)
            self.file_button.clicked.connect(self._ask_for_file)
        else:
            self.file_button.setToolTip(
                tr("See all weights, or choose a file with its class names.")
            )
            self.file_button.clicked.connect(self.more_wanted)
        self.choices.activated.connect(self._on_activated)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.choices, 1)
        layout.addWidget(self.file_button)

    @property
    def weights(self) -> str:
        """A published name or a file, or empty."""
        return str(self.choices.currentData() or "")

    def set_weights(self, weights: str, title: str = "") -> None:
        """Shows these as the chosen ones; they are offered if they were not."""
        self.offer(weights, title)
        self.choices.setCurrentIndex(self.choices.findData(weights))
        self.choices.setToolTip(weights or tr("No weights are chosen yet."))

    def offer(self, weights: str, title: str = "") -> None:
        """Adds weights to the list, or gives those in it this title."""
        row = self.choices.findData(weights)
        if row < 0:
            before = self.choices.findData(self._first_published)
            self.choices.insertItem(before, title or _short(weights), weights)
        elif title:
            self.choices.setItemText(row, title)

    def withdraw(self, weights: str) -> None:
        """Offers these no more; where they were chosen, the first of the list are."""
        is_chosen = self.weights == weights
        if (row := self.choices.findData(weights)) >= 0:
            self.choices.removeItem(row)
        if is_chosen:
            self.set_weights(str(self.choices.itemData(0) or ""))

    def _offer_published(self) -> str:
        """Adds them; the name of the first."""
        usual = tuple(all_engines()["maskrcnn"].published())
        published = all_published() if self._only_predicts else usual
        for one in published:
            self.choices.addItem(one.short_title, one.name)
            where = tr("On this machine.") if one.is_here else tr("Downloaded at first use.")
            last = self.choices.count() - 1
            self.choices.setItemData(last, f"{one.title}. {where}", Qt.ItemDataRole.ToolTipRole)
        return published[0].name

    def _on_activated(self) -> None:
        self.choices.setToolTip(self.weights)
        self.changed.emit(self.weights)

    def _ask_for_file(self) -> None:
        dialog = begin_near(QFileDialog(self.window(), tr("Weights")))
        with_networks = tr("Weights (*.pth *.pkl *.onnx);;All files (*)")
        without = tr("Weights (*.pth *.pkl);;All files (*)")
        dialog.setNameFilter(with_networks if self._only_predicts else without)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_file_selected(self, file: str) -> None:
        self.set_weights(file)
        self.changed.emit(file)


def _short(weights: str) -> str:
    """The file and its folder: runs all have a best.pth."""
    return "/".join(Path(weights).parts[-2:]) if weights else tr("Choose weights")
