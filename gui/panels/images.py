"""The images of the folder: search, thumbnails, how far each one is, and what cannot be read."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.errors import AppError
from core.images import thumbnail
from core.project import Project
from core.types import ImageState, Problem
from gui.dialogs.problems import ProblemsDialog
from gui.panels import PanelSpec
from gui.runs import ThreadRun
from gui.session import Session
from gui.widgets.image_list import THUMBNAIL_PX, ImageListModel, ImageListView, RowContent

_AT_ONCE = 2


class ImagesPanel(QWidget):
    """Lists the images of the session's folder."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.model = ImageListModel(self)
        self._contents = _Contents(session, self.model, self)
        self.search = QLineEdit(clearButtonEnabled=True, placeholderText="Search images")
        self.search.setAccessibleName("Search images")
        self.search.textChanged.connect(self._on_searched)
        self.view = ImageListView(self.model)
        self.view.picked.connect(session.open_image)
        self.count = QLabel()
        self.problems = QPushButton(flat=True)
        self.problems.clicked.connect(self._show_problems)
        self.problems.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        for widget in (self.search, self.view, self.count, self.problems):
            layout.addWidget(widget)
        session.project_changed.connect(self._on_project_changed)
        session.images_added.connect(self._on_images_added)
        session.images_changed.connect(self._on_images_changed)
        session.image_changed.connect(lambda key: self.model.forget([key]))
        session.key_changed.connect(self.view.follow)
        session.image_shown.connect(lambda _: self._tell_count())
        self._tell_count()

    def _on_project_changed(self) -> None:
        self.model.forget()
        self.model.set_keys(self._session.keys)
        self._tell_count()

    def _on_images_added(self, keys: tuple[str, ...]) -> None:
        self.model.add_keys(keys)
        self._tell_count()

    def _on_images_changed(self) -> None:
        self.model.set_keys(self._session.keys)
        self._session.set_order(self.model.shown_keys)
        self.view.follow(self._session.key)
        self._tell_count()

    def _on_searched(self, text: str) -> None:
        self.model.set_search(text)
        self._session.set_order(self.model.shown_keys)
        self.view.follow(self._session.key)
        self._tell_count()

    def _tell_count(self) -> None:
        n_all, n_shown = len(self._session.keys), self.model.rowCount()
        if n_shown != n_all:
            self.count.setText(f"{n_shown} of {n_all} images")
        elif n_all:
            self.count.setText("1 image" if n_all == 1 else f"{n_all} images")
        elif self._session.is_looking:
            self.count.setText("Looking for images…")
        elif self._session.project:
            self.count.setText("No image in this folder.")
        else:
            self.count.setText("No folder is open.")
        n_problems = len(self._problems)
        self.problems.setVisible(n_problems > 0)
        files = "1 file" if n_problems == 1 else f"{n_problems} files"
        self.problems.setText(f"{files} could not be read: show")

    @property
    def _problems(self) -> tuple[Problem, ...]:
        return self._session.project.problems if self._session.project else ()

    def _show_problems(self) -> None:
        ProblemsDialog(self._problems, self.window()).open()


class _Contents(QObject):
    """Makes what rows show, in threads, the row looked at last first."""

    def __init__(self, session: Session, model: ImageListModel, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._model = model
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="thumbnails")
        self._n_going = 0
        self._making = ThreadRun(self._content, self._pool, parent=self)
        self._making.reported.connect(self._on_made)
        self._making.ended.connect(self._on_ended)
        # Queued: it is said while rows are painted.
        model.wanted.connect(self._go_on, Qt.ConnectionType.QueuedConnection)

    def _go_on(self) -> None:
        project = self._session.project
        while self._n_going < _AT_ONCE and project and (key := self._model.take_wanted()):
            self._n_going += 1
            self._making.start(project, key)

    def _content(self, project: Project, key: str) -> tuple[str, RowContent]:
        """Called in a thread."""
        try:
            summary = project.summary(key)
            state, n_predicted = summary.state, summary.n_predicted
        except AppError:
            state, n_predicted = ImageState.UNTOUCHED, 0  # told where the image is opened
        try:
            pixels = np.ascontiguousarray(thumbnail(project.image_path(key), THUMBNAIL_PX * 2))
            height, width = pixels.shape[:2]
            image = QImage(
                pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888
            ).copy()
        except AppError:
            image = None
        return key, RowContent(image, state, n_predicted)

    def _on_made(self, made: tuple[str, RowContent]) -> None:
        self._model.fill(*made)

    def _on_ended(self, _last: object) -> None:
        self._n_going -= 1
        self._go_on()


PANEL = PanelSpec("images", "Images", Qt.DockWidgetArea.LeftDockWidgetArea, 0, ImagesPanel)
