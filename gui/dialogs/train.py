"""The few things to choose before a fine-tune, what speaks against it, and how long it takes."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.configs import TrainConfig
from gui.dialogs.pack import open_pack_dialog
from gui.runs import Run
from gui.session import Session
from gui.session.outlook import Outlook, outlook_of, usual_iterations
from gui.session.probing import Estimate, Probing
from gui.settings import DEVICES
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.findings import FindingsList
from gui.widgets.weights_field import WeightsField
from gui.widgets.words import size_text, spoken_duration

SCRATCH = "none"
_SCRATCH_TITLE = QT_TR_NOOP("A small model, from scratch")
_FREEZE = {
    -1: QT_TR_NOOP("As usual: all but the first layers of a large model"),
    0: QT_TR_NOOP("All layers"),
    5: QT_TR_NOOP("Heads and neck only (frozen backbone, faster)"),
}
"""TrainConfig.freeze_at in words."""
_BATCH_SIZE = 4
_LONG_S = 30 * 60
_WORTH_IT = 0.7
"""Of the time that it takes now; what saves less is not worth an offer."""
_BUSY = QT_TR_NOOP("A fine-tune is running already. Wait for it, or cancel it first.")
_INTRO = QT_TR_NOOP(
    "Learns from the images that are done. A fifth of them is kept to measure with, always the"
    " same. It goes on in the background: you can go on labelling."
)


class TrainDialog(QDialog):
    """Start weights, how much to learn, iterations, device; all else has a good default."""

    chosen = Signal(object)
    """TrainConfig, without the project's folder."""
    image_shown = Signal()
    """It has closed, and an image is open that a person wants to see."""

    def __init__(
        self, session: Session, parent: QWidget | None = None, *, start_from: str = ""
    ) -> None:
        """A dialog that looks at the images now.

        Args:
            session: with a project.
            parent: as of any QWidget.
            start_from: the weights that are chosen first; empty: those of the newest run.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Fine-tune"))
        self._start_from = start_from
        self._session = session
        self._outlook: Outlook | None = None
        self._offered: TrainConfig | None = None
        project = session.project
        self._probing = Probing(session.work, project, self) if project else None
        self._build_choices()
        self._build_answers()
        self._lay_out()
        self._connect()
        self.findings.show_findings((), if_none=tr("Looking at the images that are done…"))
        self._update()
        session.work.when_written(outlook_of, self._on_looked)

    def config(self) -> TrainConfig:
        """What is chosen now."""
        weights = self.weights.weights or SCRATCH
        return TrainConfig(
            folder="",
            weights=weights,
            freeze_at=-1 if weights == SCRATCH else int(self.layers.currentData()),
            iterations=self.iterations.value(),
            batch_size=_BATCH_SIZE,
            device=self.device.currentData(),
        )

    def accept(self) -> None:
        """As Qt asks."""
        if not self.start_button.isEnabled():
            return
        config = self.config()
        self._session.settings.set("train_weights", config.weights)
        self.done(int(QDialog.DialogCode.Accepted))
        self.chosen.emit(config)

    def done(self, result: int) -> None:
        """As Qt asks; the child that measures ends first, whatever comes next."""
        if self._probing is not None:
            self._probing.close()
        super().done(result)

    # Composing

    def _build_choices(self) -> None:
        self.findings = FindingsList()
        self.weights = WeightsField({SCRATCH: tr(_SCRATCH_TITLE)})
        self.weights.setToolTip(
            tr("What it begins with: a run of yours, published weights, a file.")
        )
        self.layers = QComboBox()
        self.layers.setAccessibleName(tr("How much to learn"))
        self.layers.setToolTip(
            tr("Which layers change. Those that stay as they are need no time to learn.")
        )
        for freeze_at, title in _FREEZE.items():
            self.layers.addItem(tr(title), freeze_at)
        self.iterations = QSpinBox(minimum=1, maximum=1_000_000, singleStep=100)
        self.iterations.setAccessibleName(tr("Iterations"))
        self.iterations.setToolTip(tr("Steps of learning; each looks at a few images."))
        self.passes = QLabel()
        self.device = QComboBox()
        self.device.setAccessibleName(tr("Device"))
        self.device.setToolTip(tr("What computes the fine-tune."))
        for name, title in DEVICES.items():
            self.device.addItem(tr(title), name)
        wished = self.device.findData(self._session.settings.text("device"))
        self.device.setCurrentIndex(max(0, wished))

    def _build_answers(self) -> None:
        self.time = QLabel()
        self.time.setWordWrap(True)
        self.offer = QLabel()
        self.offer.setWordWrap(True)
        self.offer_button = QPushButton(tr("Choose this"))
        self.offer_button.setToolTip(tr("Choose what takes less time."))
        self.pack_button = QPushButton(tr("Pack for a machine with a GPU…"))
        self.pack_button.setToolTip(
            tr("Write the done images into one file, to fine-tune elsewhere.")
        )
        self.pack_button.setVisible(False)
        self.why_not = QLabel()
        self.why_not.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start_button = self.buttons.addButton(
            tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.start_button.setToolTip(tr("Begin to learn (Enter)."))
        for button in (self.offer_button, self.pack_button, self.weights.file_button):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        intro = QLabel(tr(_INTRO))
        intro.setWordWrap(True)
        iterations = QHBoxLayout()
        iterations.addWidget(self.iterations)
        iterations.addWidget(self.passes, 1)
        self._form = form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Start from"), self.weights)
        form.addRow(tr("How much to learn"), self.layers)
        form.addRow(tr("Iterations"), iterations)
        form.addRow(tr("Device"), self.device)
        offers = QHBoxLayout()
        offers.addWidget(self.offer_button)
        offers.addWidget(self.pack_button)
        offers.addStretch(1)
        last = QHBoxLayout()
        last.addWidget(self.why_not, 1)
        last.addWidget(self.buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(intro)
        layout.addWidget(self.findings)
        layout.addLayout(form)
        layout.addWidget(self.time)
        layout.addWidget(self.offer)
        layout.addLayout(offers)
        layout.addStretch(1)
        layout.addLayout(last)
        self.start_button.setDefault(True)  # now that it is inside
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 84)

    def _connect(self) -> None:
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.findings.image_wanted.connect(self._go_to)
        self.weights.changed.connect(lambda _: self._on_changed())
        self.layers.currentIndexChanged.connect(lambda _: self._on_changed())
        self.device.currentIndexChanged.connect(lambda _: self._on_changed())
        self.iterations.valueChanged.connect(lambda _: self._on_changed())
        self.offer_button.clicked.connect(self._take_offer)
        self.pack_button.clicked.connect(self._pack)
        if self._probing is not None:
            self._probing.changed.connect(self._on_changed)
        self._session.project_changed.connect(self.reject)
        self._session.run_started.connect(self._watch)
        if (training := self._session.work.training) is not None:
            self._watch(training)

    # Following

    def _on_looked(self, outlook: Outlook) -> None:
        self._outlook = outlook
        ready = outlook.readiness
        for run in outlook.runs:
            self.weights.offer(str(run.folder.best_weights), run.title)
        self.weights.set_weights(self._first_weights(outlook))
        self.iterations.setValue(usual_iterations(ready.n_train, self.config().batch_size))
        self.findings.show_findings(
            ready.findings,
            if_none=tr("Nothing is missing: {images} to learn from, {n_val} to measure on.").format(
                images=n_images(ready.n_train), n_val=ready.n_val
            ),
        )
        self._on_changed()
        can_start = self.start_button.isEnabled()
        (self.start_button if can_start else self.weights.choices).setFocus()
        self.adjustSize()

    def _first_weights(self, outlook: Outlook) -> str:
        if self._start_from:
            return self._start_from
        if outlook.runs:
            return str(outlook.runs[0].folder.best_weights)
        remembered = self._session.settings.text("train_weights")
        is_offered = self.weights.choices.findData(remembered) >= 0
        return remembered if is_offered or Path(remembered).is_file() else SCRATCH

    def _on_changed(self) -> None:
        self._update()
        outlook, probing = self._outlook, self._probing
        if outlook is None or probing is None or outlook.readiness.why_not or self._is_busy:
            return
        config = self.config()
        estimate = probing.estimate_of(config)
        is_long = estimate is not None and _is_long(estimate, config)
        probing.ask(config, *(_lighter(config) if is_long else ()))

    def _watch(self, run: Run) -> None:
        """While a fine-tune goes on no other can begin."""
        if run.is_training:
            run.ended.connect(self._on_changed)
            self._update()

    @property
    def _is_busy(self) -> bool:
        return self._session.work.training is not None

    def _update(self) -> None:
        config = self.config()
        has_looked = self._outlook is not None  # which chooses anew
        for choice in (self.weights, self.layers, self.iterations, self.device):
            choice.setEnabled(has_looked)
        # A model that begins from scratch learns in all its layers.
        self._form.setRowVisible(self.layers, config.weights != SCRATCH)
        why_not = self._why_not()
        self.start_button.setEnabled(has_looked and not why_not)
        self.why_not.setText(why_not)
        n_train = self._outlook.readiness.n_train if self._outlook else 0
        self.passes.setText(_passes_text(config, n_train) if n_train else "")
        self._show_time(config)
        self._show_offer(config)
        self._fit()

    def _fit(self) -> None:
        """Makes room for what is said now: text that wraps would be squeezed otherwise."""
        if (layout := self.layout()) is not None and layout.hasHeightForWidth():
            self.setMinimumHeight(
                layout.totalHeightForWidth(max(self.width(), self.minimumWidth()))
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As Qt asks."""
        super().resizeEvent(event)
        self._fit()

    def _why_not(self) -> str:
        if self._is_busy:
            return tr(_BUSY)
        stop = self._outlook.readiness.why_not if self._outlook else None
        return stop.sentence if stop else ""

    def _show_time(self, config: TrainConfig) -> None:
        if self._outlook is None or self._probing is None or self._why_not():
            self.time.setText("")
            return
        estimate = self._probing.estimate_of(config)
        if estimate is not None:
            self.time.setText(_time_text(estimate, config))
        else:
            why_not = self._probing.why_not(config)
            self.time.setText(why_not or tr("Measuring how long it takes…"))

    def _show_offer(self, config: TrainConfig) -> None:
        probing = self._probing
        estimate = probing.estimate_of(config) if probing else None
        is_long = estimate is not None and _is_long(estimate, config) and not self._why_not()
        self._offered = (
            _best_of(_lighter(config), probing, estimate)
            if is_long and probing and estimate
            else None
        )
        offered_s = probing.seconds_of(self._offered) if probing and self._offered else None
        if self._offered is not None and offered_s is not None:
            self.offer.setText(
                tr("{choice}: about {duration}, measured just now. It learns less well.").format(
                    choice=_name_of(self._offered), duration=spoken_duration(offered_s)
                )
            )
        elif is_long and probing is not None and probing.is_going:
            self.offer.setText(tr("Measuring what would take less time…"))
        else:
            self.offer.setText("")
        self.offer.setVisible(bool(self.offer.text()))
        self.offer_button.setVisible(self._offered is not None)
        self.pack_button.setVisible(is_long)

    def _take_offer(self) -> None:
        if self._offered is not None:
            self.weights.set_weights(self._offered.weights)
            self.layers.setCurrentIndex(self.layers.findData(self._offered.freeze_at))
            self._on_changed()
            self.start_button.setFocus()

    def _pack(self) -> None:
        config, parent = self.config(), self.parentWidget()
        self.reject()
        open_pack_dialog(self._session, parent, train=config)

    def _go_to(self, key: str) -> None:
        self.reject()
        self._session.open_image(key)
        self.image_shown.emit()


def open_train_dialog(
    session: Session, parent: QWidget, *, start_from: str = ""
) -> TrainDialog | None:
    """Asks what a fine-tune shall be, and begins it; says so where no folder is open.

    Args:
        session: where it begins.
        parent: of the dialog.
        start_from: the weights that are chosen first; empty: those of the newest run.
    """
    if session.project is None:
        session.told.emit(tr("Open a folder first; then there is something to learn from."))
        return None
    dialog = TrainDialog(session, parent, start_from=start_from)
    dialog.chosen.connect(session.work.start_training)
    window = parent.window()
    if isinstance(annotate := window.findChild(QAction, "page_annotate"), QAction):
        dialog.image_shown.connect(annotate.trigger)
    dialog.open()
    return dialog


def _lighter(config: TrainConfig) -> tuple[TrainConfig, ...]:
    """What takes less time, the best of it first."""
    if config.weights == SCRATCH:
        return ()
    frozen = () if config.freeze_at == max(_FREEZE) else (replace(config, freeze_at=max(_FREEZE)),)
    return (*frozen, replace(config, weights=SCRATCH, freeze_at=-1))


def _best_of(
    lighter: tuple[TrainConfig, ...], probing: Probing, estimate: Estimate
) -> TrainConfig | None:
    """The first that is quick enough, else the quickest, of those that save enough time."""
    worth = []
    for one in lighter:
        seconds = probing.seconds_of(one)
        if seconds is None and not probing.why_not(one):
            return None  # it may be the better offer
        if seconds is not None and seconds < _WORTH_IT * estimate.seconds(one.iterations):
            worth.append((seconds, one))
            if seconds <= _LONG_S:
                return one
    return min(worth, key=lambda pair: pair[0])[1] if worth else None


def _name_of(config: TrainConfig) -> str:
    return tr(_SCRATCH_TITLE if config.weights == SCRATCH else _FREEZE[config.freeze_at])


def _is_long(estimate: Estimate, config: TrainConfig) -> bool:
    return estimate.device == "cpu" and estimate.seconds(config.iterations) > _LONG_S


def _time_text(estimate: Estimate, config: TrainConfig) -> str:
    pace = estimate.seconds_per_iteration
    sentence = (
        tr("About {duration} on this CPU ({pace} s an iteration, measured just now).")
        if estimate.device == "cpu"
        else tr("About {duration} on this GPU ({pace} s an iteration, measured just now).")
    ).format(
        duration=spoken_duration(estimate.seconds(config.iterations)),
        pace=f"{pace:.{1 if pace >= 1 else 2}f}",
    )
    if not estimate.peak_memory_bytes:
        return sentence
    needs = tr("It needs {size} of memory.").format(size=size_text(estimate.peak_memory_bytes))
    return f"{sentence} {needs}"


def _passes_text(config: TrainConfig, n_of_images: int) -> str:
    n = round(config.iterations * config.batch_size / n_of_images)
    passes = tr("1 pass") if n == 1 else tr("%n passes", "", n)
    return tr("about {passes} over {images}").format(passes=passes, images=n_images(n_of_images))
