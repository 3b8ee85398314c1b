"""How long a fine-tune takes, and what is offered where that is long."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.configs import TrainConfig
from gui.dialogs.train_offers import (
    best_of,
    is_long,
    lighter,
    offer_text,
    small_instead,
    small_text,
    time_text,
)
from gui.session.probing import Probing
from gui.texts import tr


class TrainTime(QWidget):
    """Sentences, and a button for each way to take less time."""

    taken = Signal(object)
    """TrainConfig: a person chose what takes less time."""
    pack_wanted = Signal()
    """It shall be done on another machine."""
    again_wanted = Signal()
    """What could not be measured shall be tried once more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered: TrainConfig | None = None
        self.time = QLabel(wordWrap=True)
        self.offer = QLabel(wordWrap=True)
        self.offer_button = QPushButton(tr("Choose this"))
        self.offer_button.setToolTip(tr("Make this the choice instead."))
        self.pack_button = QPushButton(tr("Pack for a machine with a GPU…"))
        self.pack_button.setToolTip(
            tr("Write the done images into one file, to fine-tune elsewhere.")
        )
        self.pack_button.setVisible(False)
        self.again_button = QPushButton(tr("Try again"))
        self.again_button.setToolTip(tr("Try a few steps of the fine-tune once more."))
        self.again_button.setVisible(False)
        buttons = QHBoxLayout()
        for button in (self.offer_button, self.again_button, self.pack_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.time)
        layout.addWidget(self.offer)
        layout.addLayout(buttons)
        self.offer_button.clicked.connect(self._take_offer)
        self.again_button.clicked.connect(self.again_wanted)
        self.pack_button.clicked.connect(self.pack_wanted)

    def show_time(self, config: TrainConfig, probing: Probing | None) -> None:
        """Says how long it takes.

        Args:
            config: what is chosen.
            probing: that measures it; None: it cannot begin, so that nothing is said. What it was
                refused for is said elsewhere; what can be done instead is offered here.
        """
        is_refused = probing is not None and bool(probing.refusal(config))
        time = _time(config, probing) if probing and not is_refused else ""
        self.time.setText(time)
        self.time.setVisible(bool(time))
        self.again_button.setVisible(probing is not None and bool(probing.why_not(config)))
        self._show_offer(config, probing)

    def _show_offer(self, config: TrainConfig, probing: Probing | None) -> None:
        estimate = probing.estimate_of(config) if probing else None
        takes_long = estimate is not None and is_long(estimate, config)
        self._offered = None
        words = ""
        if probing and probing.refusal(config):
            small = small_instead(config)
            if small is not None and not probing.refusal(small):
                self._offered, words = small, small_text()
        elif probing and estimate and takes_long:
            offered = best_of(lighter(config), probing, now_s=estimate.seconds(config))
            offered_s = probing.seconds_of(offered) if offered else None
            if offered is not None and offered_s is not None:
                self._offered, words = offered, offer_text(offered, offered_s)
            elif probing.is_going:
                words = tr("Measuring what would take less time…")
        self.offer.setText(words)
        self.offer.setVisible(bool(words))
        self.offer_button.setVisible(self._offered is not None)
        self.pack_button.setVisible(takes_long)

    def _take_offer(self) -> None:
        if self._offered is not None:
            self.taken.emit(self._offered)


def _time(config: TrainConfig, probing: Probing) -> str:
    estimate = probing.estimate_of(config)
    if estimate is not None:
        return time_text(estimate, config)
    return probing.why_not(config) or tr("Measuring how long it takes…")
