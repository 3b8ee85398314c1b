"""Choosing weights: published ones, runs of the folder, files; each described before it is used."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.events import Failed, Finished
from core.weights import PublishedWeights, WeightsDescription, description_from_json
from core.wording import listed
from gui.dialogs.weights_file import FileFields
from gui.runs import EngineRequest
from gui.session import Session
from gui.session.run_list import RunInfo, run_infos
from gui.session.weights import WeightsChoice, published, recent, weights_name
from gui.texts import QT_TR_NOOP, n_classes, tr
from gui.widgets.browsing import begin_near
from gui.widgets.words import ap_text, size_text

_CHOICE = Qt.ItemDataRole.UserRole
_IS_FILE = Qt.ItemDataRole.UserRole + 1
_AFTER_TYPING_MS = 300
_COLUMNS = (QT_TR_NOOP("Weights"), QT_TR_NOOP("Box AP / mask AP"), QT_TR_NOOP("Size"))


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
        self.list = _weights_list()
        self._of_runs = _group(self.list, tr("Runs of this folder"))
        self._of_zoo = _group(self.list, tr("Published"))
        self._of_files = _group(self.list, tr("Files"))
        self.file_button = QPushButton(tr("Choose a file…"))
        self.file_button.setToolTip(
            tr("A .pth or .pkl file that detectron2, or this program, wrote.")
        )
        self.file_button.setAutoDefault(False)
        self.file_button.clicked.connect(self._ask_for_file)
        self.fields = FileFields(session)
        self.about = QLabel(wordWrap=True)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.about.setMinimumHeight(self.fontMetrics().lineSpacing() * 6)
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
        self.resize(680, 620)

    @property
    def choice(self) -> WeightsChoice | None:
        """What is chosen now; None where no row is."""
        item = self.list.currentItem()
        if item is None:
            return None
        value = item.data(0, _CHOICE)
        if not isinstance(value, WeightsChoice):
            return None
        if not item.data(0, _IS_FILE):
            return value
        return WeightsChoice(value.weights, self.fields.model_config, self.fields.class_names)

    def accept(self) -> None:
        """As Qt asks; nothing while these weights are not known to be usable."""
        if self.use_button.isEnabled() and self.choice is not None:
            self.chosen.emit(self.choice)
            super().accept()

    def done(self, result: int) -> None:
        """As Qt asks."""
        self._drop_question()
        super().done(result)

    def add_file(self, choice: WeightsChoice) -> QTreeWidgetItem:
        """A row for a file of weights."""
        path = Path(choice.weights)
        is_here = path.is_file()
        size = size_text(path.stat().st_size) if is_here else ""
        item = QTreeWidgetItem(
            [weights_name(choice.weights), "", size, "" if is_here else tr("not there any more")]
        )
        item.setToolTip(0, choice.weights)
        item.setData(0, _IS_FILE, True)
        return _added(self._of_files, item, choice)

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        row = QHBoxLayout()
        row.addWidget(self.file_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        layout.addWidget(self.fields)
        layout.addWidget(self.about)
        layout.addWidget(buttons)

    def _fill(self) -> None:
        for one in published(self._session.settings):
            _added(self._of_zoo, _published_item(one), WeightsChoice(one.name))
        for choice in recent(self._session.settings):
            self.add_file(choice)
        project = self._session.project
        if project is not None:
            listing = self._session.work.reading(run_infos, parent=self)
            listing.reported.connect(self._on_runs_listed)
            listing.start(project.labels_folder)

    def _on_runs_listed(self, runs: tuple[RunInfo, ...]) -> None:
        was = self.choice
        for run in runs:
            if run.has_weights:
                weights = str(run.folder.best_weights)
                if (file := self._item_of(weights)) is not None:
                    self._of_files.removeChild(file)  # a run of this folder is listed as one
                _added(self._of_runs, _run_item(run), WeightsChoice(weights))
        for group in (self._of_runs, self._of_files):
            group.setHidden(group.childCount() == 0)
        if was is not None and was.weights:
            self._show(was)

    def _show(self, choice: WeightsChoice) -> None:
        """Makes the row of these weights the current one, added where it is not there."""
        if not choice.weights:
            return
        self.fields.show_choice(choice)
        self.list.setCurrentItem(self._item_of(choice.weights) or self.add_file(choice))

    def _item_of(self, weights: str) -> QTreeWidgetItem | None:
        for group in (self._of_runs, self._of_zoo, self._of_files):
            for row in range(group.childCount()):
                item = group.child(row)
                if item is not None and item.data(0, _CHOICE).weights == weights:
                    return item
        return None

    def _on_row_changed(self) -> None:
        item, choice = self.list.currentItem(), self.choice
        is_file = item is not None and bool(item.data(0, _IS_FILE))
        self.fields.setVisible(is_file)
        if item is not None and is_file:
            self.fields.show_choice(item.data(0, _CHOICE))
        self.use_button.setEnabled(False)
        if choice is None:
            self.about.setText(tr("Choose weights to see which classes they know."))
        else:
            self._describe()

    def _on_fields_changed(self) -> None:
        item, choice = self.list.currentItem(), self.choice
        if item is not None and choice is not None:
            item.setData(0, _CHOICE, choice)
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
        dialog.setNameFilter(tr("Weights (*.pth *.pkl);;All files (*)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda file: self._show(WeightsChoice(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _weights_list() -> QTreeWidget:
    tree = QTreeWidget()
    tree.setAccessibleName(tr("Weights"))
    tree.setHeaderLabels([*map(tr, _COLUMNS), ""])
    tree.setRootIsDecorated(False)
    tree.setItemsExpandable(False)
    tree.setIndentation(12)
    header = tree.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return tree


def _group(tree: QTreeWidget, title: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([title])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    font = item.font(0)
    font.setBold(True)
    item.setFont(0, font)
    tree.addTopLevelItem(item)
    item.setExpanded(True)
    item.setFirstColumnSpanned(True)
    item.setHidden(True)
    return item


def _added(group: QTreeWidgetItem, item: QTreeWidgetItem, choice: WeightsChoice) -> QTreeWidgetItem:
    item.setData(0, _CHOICE, choice)
    group.addChild(item)
    group.setHidden(False)
    return item


def _published_item(one: PublishedWeights) -> QTreeWidgetItem:
    where = tr("here") if one.is_here else tr("downloaded at first use")
    ap = f"{ap_text(one.box_ap)} / {ap_text(one.mask_ap)}"
    item = QTreeWidgetItem([one.short_title, ap, size_text(one.n_bytes), where])
    item.setToolTip(
        0,
        tr("{name}: {title}. Licence of the weights: {licence}.").format(
            name=one.name, title=one.title, licence=one.licence
        ),
    )
    return item


def _run_item(run: RunInfo) -> QTreeWidgetItem:
    after = run.evaluation.get("after") or {}
    box, mask = ((after.get(kind) or {}).get("AP") for kind in ("bbox", "segm"))
    size = size_text(run.folder.best_weights.stat().st_size)
    item = QTreeWidgetItem(
        [
            tr("Run of {when}").format(when=run.when),
            f"{ap_text(box)} / {ap_text(mask)}",
            size,
            tr("here"),
        ]
    )
    item.setToolTip(0, str(run.folder.best_weights))
    return item


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
