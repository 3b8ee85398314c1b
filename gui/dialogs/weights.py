"""Choosing weights: published ones, runs of the folder, files; each described before it is used."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.engines import all_published
from core.errors import AppError
from core.events import Failed, Finished
from core.weights import WeightsDescription, description_from_json
from core.wording import listed
from gui.dialogs.weights_advice import advice, usual_here
from gui.dialogs.weights_file import FileFields
from gui.dialogs.weights_list import WeightsList
from gui.runs import EngineRequest
from gui.session import Session
from gui.session.run_list import RunInfo, run_infos
from gui.session.weights import WeightsChoice, recent
from gui.texts import n_classes, tr
from gui.widgets.browsing import begin_near
from gui.widgets.words import size_text

_AFTER_TYPING_MS = 300
_LINES_OF_ABOUT = 9


class WeightsDialog(QDialog):
    """A list, what is known of its row, and for files what they do not say of themselves."""

    chosen = Signal(object)
    """WeightsChoice."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Weights"))
        self._session = session
        self._asking: EngineRequest | None = None
        self.list = WeightsList()
        self.advice = QLabel(wordWrap=True)
        self.advice.setTextFormat(Qt.TextFormat.PlainText)
        self._published = all_published()
        self._newest_run = ""
        self._advised = ""
        """The weights whose row is the current one because nobody has chosen others."""
        self.file_button = QPushButton(tr("Choose a file…"))
        self.file_button.setToolTip(
            tr("A .pth, .pkl or .onnx file that detectron2, torchvision or this program wrote.")
        )
        self.file_button.setAutoDefault(False)
        self.file_button.clicked.connect(self._ask_for_file)
        self.fields = FileFields(session)
        self.about = QLabel(wordWrap=True)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use_button = buttons.addButton(
            tr("Use these weights"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.use_button.setToolTip(tr("Pre-label with these weights from now on."))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._lay_out(buttons)
        self._later = QTimer(self, singleShot=True, interval=_AFTER_TYPING_MS)
        self._later.timeout.connect(self._describe)
        self._fill()
        self.list.currentItemChanged.connect(self._on_row_changed)
        self.list.itemDoubleClicked.connect(lambda *_: self.accept())
        self.fields.changed.connect(self._on_fields_changed)
        self._show(session.model.choice)
        self._on_row_changed()
        session.model.engine.devices_changed.connect(self._advise)
        self._advise()
        self.resize(self._roomy_size())

    @property
    def choice(self) -> WeightsChoice | None:
        """What is chosen now; None where no row is."""
        item = self.list.currentItem()
        choice = self.list.choice_of(item)
        if choice is None or not self.list.is_file(item):
            return choice
        return WeightsChoice(choice.weights, self.fields.model_config, self.fields.class_names)

    def accept(self) -> None:
        """As Qt asks; nothing while these weights are not known to be usable."""
        if self.use_button.isEnabled() and self.choice is not None:
            self.chosen.emit(self.choice)
            super().accept()

    def done(self, result: int) -> None:
        """As Qt asks."""
        self._drop_question()
        super().done(result)

    def _roomy_size(self) -> QSize:
        """So that most lists need no scrolling, with letters of any size."""
        metrics = self.fontMetrics()
        wished = QSize(148 * metrics.averageCharWidth(), 46 * metrics.lineSpacing())
        return wished.boundedTo(self.screen().availableSize())

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        row = QHBoxLayout()
        row.addWidget(self.file_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.advice)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        layout.addWidget(self.fields)
        layout.addWidget(self._scrolled_about())
        layout.addWidget(buttons)

    def _scrolled_about(self) -> QScrollArea:
        """Room for what is said, so that nothing jumps; a long list of what is wrong scrolls."""
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES_OF_ABOUT)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.about)
        return scroll

    def _fill(self) -> None:
        for one in self._published:
            self.list.add_published(one)
        for choice in recent(self._session.settings):
            self.list.add_file(choice)
        project = self._session.project
        if project is not None:
            listing = self._session.work.reading(run_infos, parent=self)
            listing.reported.connect(self._on_runs_listed)
            listing.start(project.labels_folder)

    def _on_runs_listed(self, runs: tuple[RunInfo, ...]) -> None:
        was = self.choice
        of_weights = [run for run in runs if run.has_weights]
        for run in of_weights:
            self.list.add_run(run)
        self.list.hide_empty_groups()
        if of_weights:
            self._newest_run = str(of_weights[0].folder.best_weights)
        if was is not None:
            self._show(was)
        self._advise()

    def _advise(self) -> None:
        """Says what to take, and makes it the current row where a person has chosen nothing."""
        report = self._session.model.engine.report
        usual = usual_here(self._published, report, self._session.settings.text("device"))
        self.advice.setText(advice(usual, has_runs=bool(self._newest_run)))
        self.advice.setVisible(bool(self.advice.text()))
        wanted = self._newest_run or (usual.name if usual else "")
        choice = self.choice
        if wanted and (choice is None or choice.weights == self._advised):
            self._advised = wanted
            self._show(WeightsChoice(wanted))

    def _show(self, choice: WeightsChoice) -> None:
        """Makes the row of these weights the current one, added where it is not there."""
        if not choice.weights:
            return
        self.fields.show_choice(choice)
        item = self.list.item_of(choice.weights) or self.list.add_file(choice)
        self.list.setCurrentItem(item)

    def _on_row_changed(self) -> None:
        item, choice = self.list.currentItem(), self.choice
        self.fields.setVisible(self.list.is_file(item))
        if (of_row := self.list.choice_of(item)) is not None and self.list.is_file(item):
            self.fields.show_choice(of_row)
        self.use_button.setEnabled(False)
        if choice is None:
            self.about.setText(tr("Choose weights to see which classes they know."))
        else:
            self._describe()

    def _on_fields_changed(self) -> None:
        item, choice = self.list.currentItem(), self.choice
        if item is not None and choice is not None:
            self.list.set_choice(item, choice)
        self._drop_question()  # what is being described is another choice
        self.use_button.setEnabled(False)
        self._later.start()

    def _describe(self) -> None:
        self._drop_question()
        choice = self.choice
        if choice is None:
            return
        self.about.setText(tr("Looking at the weights…"))
        try:
            self._asking = self._session.model.describe(choice)
        except AppError as error:
            self.about.setText(str(error))
            return
        self._asking.ended.connect(self._on_described)

    def _drop_question(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None and asking.is_going:
            asking.ended.disconnect(self._on_described)
            asking.cancel()

    def _on_described(self, last: object) -> None:
        if isinstance(last, Finished) and "class_names" in last.result:
            description = description_from_json(last.result)
            self.about.setText(_described(description))
            self.about.setToolTip(", ".join(description.class_names))
            self.use_button.setEnabled(True)
        elif isinstance(last, Failed):
            self.about.setText(last.sentence)

    def _ask_for_file(self) -> None:
        dialog = begin_near(QFileDialog(self, tr("Weights")))
        dialog.setNameFilter(tr("Weights (*.pth *.pkl *.onnx);;All files (*)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda file: self._show(WeightsChoice(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _described(description: WeightsDescription) -> str:
    """What a person should know before these weights are used."""
    names = description.class_names
    classes = tr("{classes}: {names}.").format(classes=n_classes(len(names)), names=listed(names))
    lines = [f"{description.title}.", classes]
    if not description.has_masks:
        lines.append(tr("They find boxes, not outlines."))
    if not description.is_here and description.n_bytes:
        size = size_text(description.n_bytes)
        lines.append(
            tr(
                "The first pre-label downloads {size}; that can be stopped and goes on later."
            ).format(size=size)
        )
    if description.licence:
        lines.append(tr("Licence of the weights: {licence}.").format(licence=description.licence))
    if description.config_file:
        lines.append(tr("Built as {file} says.").format(file=description.config_file))
    return "\n".join([*lines, *description.notes])
