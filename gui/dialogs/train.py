"""The few things to choose before a fine-tune, what speaks against it, and how long it takes."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.configs import TrainConfig
from core.events import Progress
from gui.dialogs.pack import open_pack_dialog
from gui.dialogs.train_choices import TrainChoices
from gui.dialogs.train_findings import TrainFindings
from gui.dialogs.train_offers import is_long, lighter
from gui.dialogs.train_settings import TrainSettings
from gui.dialogs.train_time import TrainTime
from gui.dialogs.weights_advice import usual_that_is_here
from gui.runs import Run
from gui.session import Session
from gui.session.outlook import Outlook
from gui.session.preflight import Preflight
from gui.session.probing import Estimate, Probing
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.findings import FoundSoFar
from gui.widgets.setting_words import SCRATCH
from gui.widgets.wrapped import WrappedLabel

_BUSY = QT_TR_NOOP("A fine-tune is running already. Wait for it, or cancel it first.")
_WHAT_HELPS = QT_TR_NOOP(
    "Its first steps were tried just now, and the fine-tune would end the same way. Choose"
    " otherwise, or mend it and try again."
)
_FRAME_PX = 64  # of a window: its title, and some room around it
_INTRO = QT_TR_NOOP(
    "Learns from the images that are done. A fifth of them is kept to measure with, always the"
    " same. It goes on in the background: you can go on labelling."
)


class TrainDialog(QDialog):
    """Start weights, how much to learn, iterations, device; all else is chosen by itself."""

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
        self._config = TrainConfig("", device=session.settings.text("device"))
        self._has_looked = False
        self._n_train = 0
        project = session.project
        self._probing = Probing(session.work, project, self) if project else None
        self._preflight = Preflight(session, self)
        self._build()
        self._lay_out()
        self._connect()
        self._show_config()
        self._preflight.look()

    def config(self) -> TrainConfig:
        """What is chosen now; what is left open is chosen when it begins."""
        return self._config

    def accept(self) -> None:
        """As Qt asks."""
        if not self.start_button.isEnabled():
            return
        config = self.config()
        self._session.settings.set("train_weights", config.weights)
        self.done(int(QDialog.DialogCode.Accepted))
        self.chosen.emit(config)

    def done(self, result: int) -> None:
        """As Qt asks; what looks and what measures ends first, whatever comes next."""
        self._preflight.close()
        if self._probing is not None:
            self._probing.close()
        super().done(result)

    # Composing

    def _build(self) -> None:
        self.before = TrainFindings()
        self.choices = TrainChoices()
        self.settings = TrainSettings()
        self.findings, self.weights = self.before.findings, self.choices.weights
        self.layers, self.iterations = self.choices.layers, self.choices.iterations
        self.passes, self.device = self.choices.passes, self.choices.device
        self.cost = TrainTime()
        self.time, self.offer = self.cost.time, self.cost.offer
        self.offer_button, self.pack_button = self.cost.offer_button, self.cost.pack_button
        self.why_not = WrappedLabel()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start_button = self.buttons.addButton(
            tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.start_button.setToolTip(tr("Begin to learn (Enter)."))
        self.weights.file_button.setAutoDefault(False)

    def _lay_out(self) -> None:
        main = QWidget()
        in_main = QVBoxLayout(main)
        in_main.setContentsMargins(8, 8, 8, 8)
        in_main.setSpacing(8)
        in_main.addWidget(self.before, 1)
        in_main.addWidget(self.choices)
        in_main.addStretch(0)
        self.tabs = QTabWidget()
        self.tabs.addTab(main, tr("Main choices"))
        self.tabs.addTab(self.settings, tr("All settings"))
        last = QHBoxLayout()
        last.addWidget(self.why_not, 1)
        last.addWidget(self.buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(QLabel(tr(_INTRO), wordWrap=True))
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.cost)
        layout.addLayout(last)
        self.start_button.setDefault(True)  # now that it is inside
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 106)

    def _connect(self) -> None:
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.findings.image_wanted.connect(self._go_to)
        self.findings.images_wanted.connect(self._list)
        self.findings.fix_wanted.connect(self._preflight.mend)
        self.before.take_back_wanted.connect(self._preflight.take_back)
        self.choices.changed.connect(self._take)
        self.settings.changed.connect(self._take)
        self.settings.troubled.connect(self._update)
        self.cost.taken.connect(self._take_offer)
        self.cost.pack_wanted.connect(self._pack)
        self.cost.again_wanted.connect(self._try_again)
        self._preflight.looked.connect(self._on_looked)
        self._preflight.changed.connect(self._on_changed)
        self._preflight.progressed.connect(self._on_progressed)
        self._preflight.told.connect(self.before.tell)
        if self._probing is not None:
            self._probing.changed.connect(self._on_changed)
        self._session.project_changed.connect(self.reject)
        self._session.run_started.connect(self._watch)
        if (training := self._session.work.training) is not None:
            self._watch(training)

    # Following

    def _take(self, config: TrainConfig) -> None:
        """Makes these the choices."""
        self._config = config
        self._show_config()
        self._on_changed()

    def _show_config(self) -> None:
        self.choices.show_config(self._config)
        self.settings.show_config(self._config)
        self._update()

    def _on_looked(self) -> None:
        outlook, n_before = self._preflight.outlook, self._n_train
        if outlook is None:
            return
        is_first, self._has_looked = not self._has_looked, True
        self._n_train = outlook.readiness.n_train
        if n_before != self._n_train and self._probing is not None:
            self._probing.forget()  # what is chosen follows from how many there are
        if not is_first:
            self._on_changed()
            return
        for run in outlook.runs:
            self.weights.offer(str(run.folder.best_weights), run.title)
        self._take(replace(self._config, weights=self._first_weights(outlook)))
        can_start = self.start_button.isEnabled()
        (self.start_button if can_start else self.weights.choices).setFocus()
        self.adjustSize()

    def _first_weights(self, outlook: Outlook) -> str:
        if self._start_from:
            return self._start_from
        if outlook.runs:
            return str(outlook.runs[0].folder.best_weights)
        remembered = self._session.settings.text("train_weights")
        if not remembered:
            return usual_that_is_here(self._session) or SCRATCH
        is_offered = self.weights.choices.findData(remembered) >= 0
        return remembered if is_offered or Path(remembered).is_file() else SCRATCH

    def _on_changed(self) -> None:
        self._update()
        QTimer.singleShot(0, self, self._grow)  # when the parts have told each other their heights
        config, probing = self.config(), self._probing
        ready = self._preflight.readiness(config)
        if ready is None or probing is None or ready.why_not or self._is_busy:
            return
        estimate = probing.estimate_of(config)
        takes_long = estimate is not None and is_long(estimate, config)
        probing.ask(config, *(lighter(config) if takes_long else ()))

    def _on_progressed(self, progress: Progress) -> None:
        self.before.show_progress(progress)
        self._fit()

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
        for part in (self.choices, self.settings):  # which choose anew when it has looked
            part.setEnabled(self._has_looked)
        why_not, probing = self._why_not(), self._probing
        refusal = probing.refusal(config) if probing and not why_not else ""
        can_start, had_focus = not why_not and not refusal, self.start_button.hasFocus()
        self.start_button.setEnabled(self._has_looked and can_start)
        if had_focus and self._has_looked and not can_start:
            self.weights.choices.setFocus()  # where it can be mended, and no button of a finding
        self.why_not.setText(" ".join((refusal, tr(_WHAT_HELPS))) if refusal else why_not)
        estimate = probing.estimate_of(config) if probing else None
        settled = estimate.settled(config) if estimate else None
        self.choices.show_automatic(settled, n_train=self._n_train)
        self.settings.form.show_automatic(settled)
        self._show_findings(estimate)
        self.cost.show_time(config, probing if self._has_looked and not why_not else None)
        self._fit()

    def _fit(self) -> None:
        """Makes room for what is said now: text that wraps would be squeezed otherwise. Where the
        screen is too low for that, the findings and the settings scroll."""
        if (layout := self.layout()) is not None and layout.hasHeightForWidth():
            width = max(self.width(), self.minimumWidth())
            wished = layout.totalHeightForWidth(width)
            left = self.tabs.heightForWidth(width) - self.tabs.minimumSizeHint().height()
            room = self.screen().availableGeometry().height() - _FRAME_PX
            self.setMinimumHeight(max(wished - max(left, 0), min(wished, room)))

    def _grow(self) -> None:
        """Makes room for what was found since, where the screen has it; it never shrinks."""
        if (layout := self.layout()) is not None and self.isVisible():
            room = self.screen().availableGeometry().height() - _FRAME_PX
            wished = min(layout.totalHeightForWidth(self.width()), room)
            if wished > self.height():
                self.resize(self.width(), wished)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As Qt asks; Enter ends what is typed into a setting, and begins nothing."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        typed_in = self.focusWidget()
        if is_enter and typed_in is not None and self.settings.isAncestorOf(typed_in):
            self.focusNextChild()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As Qt asks."""
        super().resizeEvent(event)
        self._fit()

    def _why_not(self) -> str:
        if self._is_busy:
            return tr(_BUSY)
        ready = self._preflight.readiness(self.config())
        stop = ready.why_not if ready else None
        return stop.sentence if stop else self.settings.form.trouble

    def _show_findings(self, estimate: Estimate | None) -> None:
        before, preflight = self.before, self._preflight
        ready = preflight.readiness(self.config())
        before.allow(can_mend=preflight.can_mend, can_take_back=preflight.can_take_back)
        if not preflight.is_looking:
            before.show_progress(None)
        if ready is None:
            looking = tr("Looking at the images that are done…")
            before.show_findings(FoundSoFar((), if_none=looking, is_looking=True))
            return
        of_machine = estimate.findings if estimate else ()
        nothing = tr("Nothing is missing: {images} to learn from, {n_val} to measure on.")
        so_far = tr("Nothing is missing so far: {images} to learn from, {n_val} to measure on.")
        words = so_far if preflight.is_looking else nothing
        before.show_findings(
            FoundSoFar(
                (*preflight.findings(self.config()), *of_machine),
                if_none=words.format(images=n_images(ready.n_train), n_val=ready.n_val),
                is_looking=preflight.is_looking,
            )
        )

    def _take_offer(self, config: TrainConfig) -> None:
        self._take(config)
        self.start_button.setFocus()

    def _try_again(self) -> None:
        if self._probing is not None:
            self._probing.try_again(self.config())
            self._update()

    def _pack(self) -> None:
        config, parent = self.config(), self.parentWidget()
        self.reject()
        open_pack_dialog(self._session, parent, train=config)

    def _go_to(self, key: str) -> None:
        self.reject()
        self._session.open_image(key)
        self.image_shown.emit()

    def _list(self, keys: Sequence[str], words: str) -> None:
        self._session.order.show_only(keys, words)
        self._go_to(keys[0])


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
