"""Pre-label: which weights, how sure they must be, what their classes mean here; go, take back."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from core.engines import all_engines
from core.errors import AppError
from core.run_folder import runs_of
from gui.panels import PanelSpec
from gui.session import Session
from gui.session.weights import class_map_of, weights_name
from gui.widgets.weights_field import WeightsField

_ENGINES = ("maskrcnn", "detectron2")  # of those in core/engines; one more is for tests


class PrelabelPanel(QWidget):
    """Chooses the weights and begins."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._settings = session.settings
        self.weights = WeightsField({"": "Choose weights"})
        self.weights.setToolTip(
            "The model that labels: a published one, a file, or a run of yours."
        )
        self.score = QSlider(Qt.Orientation.Horizontal)
        self.score.setRange(5, 95)
        self.score.setAccessibleName("Lowest confidence")
        self.score.setToolTip("Predictions that are less sure than this are dropped.")
        self.score_text = QLabel()
        self.engine = QComboBox()
        self.engine.setAccessibleName("Engine")
        self.engine.setToolTip(
            "What computes. detectron2's own package is used where it is installed; where it is"
            " not, the first pre-label says what helps."
        )
        for name in _ENGINES:
            self.engine.addItem(all_engines()[name].title, name)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.engine.setSizeAdjustPolicy(policy)
        self.class_map = QLineEdit(placeholderText="person = worker, cat = animal")
        self.class_map.setToolTip(
            "Classes of the weights = classes of this folder. Equal names need no entry; what is in"
            " neither is ignored."
        )
        self.image_button = QPushButton("This image")
        self.image_button.setToolTip("Let the model label this image.")
        self.all_button = QPushButton("All images")
        self.all_button.setToolTip("Let the model label every image that is not done.")
        self.back_button = QPushButton("Take back")
        self.back_button.setToolTip("Bring back the labels as they were before the last pre-label.")
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self._lay_out()
        self.weights.changed.connect(self._on_weights_chosen)
        self.score.valueChanged.connect(self._on_score_changed)
        self.engine.activated.connect(self._on_engine_chosen)
        self.class_map.editingFinished.connect(self._on_class_map_edited)
        self.image_button.clicked.connect(session.prelabel_image)
        self.all_button.clicked.connect(session.prelabel_all)
        self.back_button.clicked.connect(session.take_back_prelabel)
        self._settings.changed.connect(lambda _: self._update())
        session.project_changed.connect(self._on_project_changed)
        session.key_changed.connect(lambda _: self._update())
        self._on_project_changed()

    def _lay_out(self) -> None:
        sure = QHBoxLayout()
        sure.addWidget(self.score, 1)
        sure.addWidget(self.score_text)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(4)
        form.addRow("Weights", self.weights)
        form.addRow("Lowest confidence", sure)
        form.addRow("Class map", self.class_map)
        form.addRow("Engine", self.engine)
        buttons = QGridLayout()
        buttons.addWidget(self.image_button, 0, 0)
        buttons.addWidget(self.all_button, 0, 1)
        buttons.addWidget(self.back_button, 1, 0, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(6)
        layout.addLayout(form)
        layout.addWidget(self.hint)
        layout.addLayout(buttons)
        layout.addStretch(1)

    def _on_project_changed(self) -> None:
        project = self._session.project
        for folder in runs_of(project.labels_folder) if project else ():
            if folder.best_weights.is_file():
                shown = self.weights.weights
                self.weights.set_weights(str(folder.best_weights), f"Run {folder.path.name}")
                self.weights.set_weights(shown)
        self._update()

    def _on_weights_chosen(self, weights: str) -> None:
        self._settings.set("model_config", "")  # the one beside the weights, or the zoo's
        self._settings.set("weights", weights)

    def _on_engine_chosen(self) -> None:
        self._settings.set("engine", self.engine.currentData())

    def _on_score_changed(self, percent: int) -> None:
        self._settings.set("score", percent / 100)

    def _on_class_map_edited(self) -> None:
        project = self._session.project
        if project is None:
            return
        try:
            pairs = class_map_of(self.class_map.text())
            project.keep_class_map(self._name, pairs)
        except AppError as error:
            self._session.told.emit(str(error))

    @property
    def _name(self) -> str:
        return weights_name(self._settings.text("weights"))

    def _update(self) -> None:
        weights = self._settings.text("weights")
        self.weights.set_weights(weights)
        percent = round(self._settings.number("score") * 100)
        self.score.setValue(percent)
        self.score_text.setText(f"{percent} %")
        self.engine.setCurrentIndex(self.engine.findData(self._settings.text("engine")))
        project = self._session.project
        if not self.class_map.hasFocus():
            pairs = project.class_map(self._name) if project else {}
            self.class_map.setText(", ".join(f"{a} = {b}" for a, b in pairs.items()))
        self.image_button.setEnabled(bool(weights and self._session.key))
        self.all_button.setEnabled(bool(weights and project))
        self.back_button.setEnabled(project is not None)
        self.hint.setVisible(not weights)
        self.hint.setText(
            "Choose weights. Or label 10 to 20 images, mark them done, fine-tune, and use what"
            " comes out."
        )


PANEL = PanelSpec("prelabel", "Pre-label", Qt.DockWidgetArea.RightDockWidgetArea, 2, PrelabelPanel)
