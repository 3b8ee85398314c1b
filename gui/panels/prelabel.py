"""Pre-label: which weights, what their classes mean here; go, take back."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.engines import all_engines
from core.weights import WeightsDescription
from gui.dialogs.class_map import ClassMapDialog
from gui.dialogs.weights import WeightsDialog
from gui.panels import PanelSpec
from gui.runs import Run
from gui.session import Session
from gui.session.downloads import Downloads
from gui.session.run_list import RunInfo, run_infos
from gui.session.weights import (
    WeightsChoice,
    choose_engine,
    recent,
    remembered,
    use,
    weights_name,
    why_not_by,
)
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.class_map import map_text
from gui.widgets.stand_in import stand_for
from gui.widgets.weights_field import WeightsField
from gui.widgets.words import progress_steps, progress_text, size_text
from gui.widgets.wrapped import WrappedLabel

_ENGINES = {
    "maskrcnn": QT_TR_NOOP("Built in (Mask R-CNN)"),
    "torchvision": QT_TR_NOOP("torchvision's models"),
    "detectron2": QT_TR_NOOP("detectron2 itself"),
    "onnx": QT_TR_NOOP("ONNX Runtime"),
}
"""Of those in core/engines, in few words; one more is for tests."""
_NO_WEIGHTS = QT_TR_NOOP(
    "Choose weights. Or label 10 to 20 images, mark them done, fine-tune, and use what comes out."
)
_NOTHING_MAPS = QT_TR_NOOP(
    "No class of these weights is one of this folder, so they would find nothing. Map one, or label"
    " 10 to 20 images with the tools, fine-tune, and pre-label the rest."
)


class PrelabelPanel(QWidget):
    """Chooses the weights and begins."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._settings = session.settings
        self.weights = WeightsField(
            {"": tr("Choose weights")}, asks_for_file=False, only_predicts=True
        )
        self.weights.choices.setMinimumContentsLength(8)  # a dock may be narrow
        self.weights.setToolTip(
            tr("The model that labels: a published one, a file, or a run of yours.")
        )
        self.about = _words()
        self.engine = _engine_box()
        self.class_map = _words()
        self.class_map.setToolTip(tr("What the classes of the weights become in this folder."))
        self.map_button = QPushButton(tr("Edit…"))
        self.map_button.setToolTip(
            tr("Say which class of the weights is which class of this folder.")
        )
        self.image_button = QPushButton(tr("This image"))
        self.image_button.setToolTip(tr("Let the model label this image."))
        self.all_button = QPushButton(tr("All images"))
        self.all_button.setToolTip(tr("Let the model label every image that is not done."))
        self.back_button = QPushButton(tr("Take back"))
        self.back_button.setToolTip(
            tr(
                "Bring back what was before the last pre-label, or before what changed many"
                " images after it: a move of the confidence, a verdict, or a fix before a"
                " fine-tune."
            )
        )
        for button, action in (
            (self.image_button, "prelabel_image"),
            (self.all_button, "prelabel_all"),
            (self.back_button, "take_back_prelabel"),
        ):
            stand_for(button, action)
        self.hint = _words()
        self.downloading = _DownloadRow(Downloads(session.work, self))
        self._lay_out()
        self._connect()
        self._on_project_changed()

    def ask_for_weights(self) -> None:
        """Opens the dialog that offers all weights and describes them."""
        dialog = WeightsDialog(self._session, self.window())
        dialog.chosen.connect(self._use)
        dialog.open()

    def ask_for_map(self) -> None:
        """Opens the class map, once it is known what the weights know."""
        self._session.model.when_described(self._open_map)

    def _connect(self) -> None:
        session, model = self._session, self._session.model
        self.weights.changed.connect(self._on_weights_chosen)
        self.weights.more_wanted.connect(self.ask_for_weights)
        self.engine.activated.connect(self._on_engine_chosen)
        self.map_button.clicked.connect(self.ask_for_map)
        self.image_button.clicked.connect(session.prelabel_image)
        self.all_button.clicked.connect(session.prelabel_all)
        self.back_button.clicked.connect(session.take_back_prelabel)
        self._listing = session.work.reading(run_infos, parent=self)
        self._listing.reported.connect(self._on_runs_listed)
        self._settings.changed.connect(lambda _: self._update())
        model.changed.connect(self._update)
        model.map_wanted.connect(self.ask_for_map)
        session.project_changed.connect(self._on_project_changed)
        session.key_changed.connect(lambda _: self._update())
        session.run_started.connect(self._on_run_started)

    def _lay_out(self) -> None:
        which = QVBoxLayout()
        which.setSpacing(4)
        which.addWidget(self.weights)
        which.addWidget(self.about)
        mapped = QHBoxLayout()
        mapped.addWidget(self.class_map, 1)
        mapped.addWidget(self.map_button, 0, Qt.AlignmentFlag.AlignTop)
        inside = QWidget()
        form = QFormLayout(inside)
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(4)
        form.addRow(tr("Weights"), which)
        form.addRow(tr("Class map"), mapped)
        form.addRow(tr("Engine"), self.engine)
        form.addRow(self.hint)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        buttons = QGridLayout()
        buttons.addWidget(self.image_button, 0, 0)
        buttons.addWidget(self.all_button, 0, 1)
        buttons.addWidget(self.back_button, 1, 0, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(8)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.downloading)
        layout.addLayout(buttons)

    def _on_project_changed(self) -> None:
        for choice in recent(self._settings):
            self.weights.offer(choice.weights)
        self._list_runs()
        self._update()

    def _on_run_started(self, run: Run) -> None:
        if run.is_training:
            run.ended.connect(lambda _: self._list_runs())

    def _list_runs(self) -> None:
        if project := self._session.project:
            self._listing.start(project.labels_folder)

    def _on_runs_listed(self, runs: tuple[RunInfo, ...]) -> None:
        for run in runs:
            if run.has_weights:
                self.weights.offer(str(run.folder.best_weights), run.title)

    def _on_weights_chosen(self, weights: str) -> None:
        self._use(remembered(self._settings, weights))

    def _use(self, choice: WeightsChoice) -> None:
        use(self._settings, choice)
        if choice.weights and self._session.project is not None:
            self._session.model.when_described(self._offer_map)

    def _offer_map(self) -> None:
        """Shows the map of new weights, unless there is nothing to say about it."""
        project, model = self._session.project, self._session.model
        name = weights_name(model.choice.weights)
        is_plain = all(name == to for name, to in model.targets.items())
        if project is not None and not is_plain and not project.class_map(name):
            self._open_map()

    def _open_map(self) -> None:
        if self._session.project is not None:
            ClassMapDialog(self._session, self.window()).open()

    def _on_engine_chosen(self) -> None:
        choose_engine(self._settings, str(self.engine.currentData()))

    def _show_engine(self, weights: str) -> None:
        """Shows which one computes, and offers those that can."""
        items = self.engine.model()
        for row in range(self.engine.count()):
            why_not = why_not_by(str(self.engine.itemData(row)), weights)
            if isinstance(items, QStandardItemModel):
                items.item(row).setEnabled(not why_not)
            whole = f"{all_engines()[self.engine.itemData(row)].title}."
            tip = " ".join((whole, why_not)).strip()
            self.engine.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
        self.engine.setCurrentIndex(self.engine.findData(self._settings.text("engine")))

    def _update(self) -> None:
        model, project = self._session.model, self._session.project
        weights = self._settings.text("weights")
        self.weights.set_weights(weights)
        self._show_engine(weights)
        self.about.setText(model.why_not or _about(model.description))
        self.about.setVisible(bool(self.about.text()))
        self.about.setToolTip("\n".join(model.description.notes) if model.description else "")
        targets = model.targets
        self.class_map.setText(
            map_text(targets) if targets else tr("Equal names are the same class.")
        )
        self.map_button.setEnabled(bool(weights and project and not project.read_only_reason))
        self.image_button.setEnabled(bool(weights and self._session.key))
        self.all_button.setEnabled(bool(weights and project))
        self.back_button.setEnabled(project is not None)
        hint = tr(_NOTHING_MAPS) if weights and model.finds_nothing else ""
        self.hint.setText(hint if weights else tr(_NO_WEIGHTS))
        self.hint.setVisible(bool(self.hint.text()))


class _DownloadRow(QWidget):
    """A download while it goes on, with a way to stop it."""

    def __init__(self, downloads: Downloads) -> None:
        super().__init__()
        self._downloads = downloads
        self.words = _words()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(tr("Download"))
        self.bar.setToolTip(tr("How much of the weights has arrived."))
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setToolTip(
            tr(
                "Stop the download. What has arrived is kept; the next pre-label goes on from"
                " there."
            )
        )
        self.cancel_button.clicked.connect(downloads.cancel)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.words)
        layout.addLayout(row)
        downloads.changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        progress = self._downloads.progress
        self.setVisible(progress is not None)
        if progress is not None:
            done, total = progress_steps(progress)
            self.bar.setMaximum(total)
            self.bar.setValue(done)
            self.words.setText(progress_text(progress))


def _words() -> QLabel:
    label = WrappedLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _engine_box() -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(tr("Engine"))
    box.setToolTip(
        tr(
            "What computes. Weights choose it by themselves: networks (.onnx) and torchvision's"
            " models have one of their own. detectron2's own package is used where it is installed;"
            " where it is not, the first pre-label says what helps."
        )
    )
    for name, title in _ENGINES.items():
        box.addItem(tr(title), name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box


def _about(description: WeightsDescription | None) -> str:
    """What a person should know before these weights are used."""
    if description is None:
        return ""
    sentences = []
    if not description.is_here and description.n_bytes:
        size = size_text(description.n_bytes)
        sentences.append(tr("The first pre-label downloads {size}.").format(size=size))
    if not description.has_masks:
        sentences.append(tr("They find boxes, not outlines."))
    sentences += description.notes
    return " ".join(sentences)


PANEL = PanelSpec(
    "prelabel", QT_TR_NOOP("Pre-label"), Qt.DockWidgetArea.RightDockWidgetArea, 3, PrelabelPanel
)
