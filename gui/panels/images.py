"""The images of the folder: search, filter, order, thumbnails, and what cannot be read."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.images import thumbnail
from core.project import Project
from core.thresholds import Thresholds
from core.types import ImageState, Problem
from gui.dialogs.problems import ProblemsDialog
from gui.panels import PanelSpec
from gui.runs import ThreadRun
from gui.session import Session
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.image_filter import ImageFilterButton
from gui.widgets.image_list import THUMBNAIL_PX, ImageListModel, ImageListView, RowContent
from gui.widgets.image_order import Known, Sorting, Wish, arranged
from gui.widgets.query_field import QueryField
from gui.widgets.wrapped import WrappedLabel

_AT_ONCE = 2
_ANEW_AFTER_MS = 1000
"""A list whose order depends on the labels follows what the model writes not more often."""


class ImagesPanel(QWidget):
    """Lists the images of the session's folder."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.model = ImageListModel(self)
        self._contents = _Contents(session, self.model, self)
        self.search = QueryField(
            tr("Search images"), tr("the path of the image; Enter goes to the list")
        )
        self.search.entered.connect(self._go_to_list)
        self.trouble = WrappedLabel()
        self.trouble.hide()
        self.filter = ImageFilterButton()
        self.view = ImageListView(self.model)
        self.view.picked.connect(session.open_image)
        self.count = WrappedLabel()
        self.all_button = QPushButton(tr("Show all"), flat=True)
        self.all_button.setToolTip(tr("List every image again."))
        self.problems = QPushButton(flat=True)
        self.problems.setToolTip(tr("Say what could not be read, and why."))
        self.problems.clicked.connect(self._show_problems)
        self.problems.hide()
        self._compose()
        self._visited: set[str] = set()
        """Images that were open since the list was arranged: their edits do not move them."""
        self._arranging = ThreadRun(
            arranged,
            ThreadPoolExecutor(1, thread_name_prefix="order"),
            latest_only=True,
            parent=self,
        )
        self._arranging.reported.connect(self._on_arranged)
        self._anew = QTimer(self, singleShot=True, interval=_ANEW_AFTER_MS)
        self._anew.timeout.connect(self._arrange_anew)
        self._keeps_place = False
        self.search.changed.connect(self._on_search_changed)
        self.filter.chosen.connect(self._arrange)
        self.all_button.clicked.connect(self._show_all)
        session.project_changed.connect(self._on_project_changed)
        session.images_added.connect(self._on_images_added)
        session.images_changed.connect(self._on_images_changed)
        session.image_changed.connect(self._on_image_changed)
        session.summaries_changed.connect(self._on_summaries_changed)
        session.classes_changed.connect(self._on_classes_changed)
        session.order.changed.connect(self._on_disagreements_changed)
        session.order.only_wanted.connect(self._show_only)
        session.key_changed.connect(self._on_key_changed)
        session.image_shown.connect(lambda _: self._tell_count())
        self._tell_count()

    @property
    def wish(self) -> Wish:
        """What the person wants to see."""
        return replace(self.filter.wish, query=self.search.query)

    def _compose(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        for row, widgets in ((above, (self.search, self.filter)), (below, (self.count,))):
            row.setSpacing(4)
            for widget in widgets:
                row.addWidget(widget)
        below.addStretch(1)
        below.addWidget(self.all_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(above)
        layout.addWidget(self.trouble)
        layout.addWidget(self.view)
        layout.addLayout(below)
        layout.addWidget(self.problems)

    def _on_project_changed(self) -> None:
        self._arranging.drop()
        self._visited.clear()
        if self.filter.wish.is_filter:
            self.filter.show_all()  # another project has other classes
        if self.search.query.needs_labels:
            self.search.clear()
        self.model.forget()
        self.model.set_keys(self._session.keys)
        self._tell_count()

    def _on_images_added(self, keys: tuple[str, ...]) -> None:
        self.model.add_keys(keys)
        if self._session.key in keys:
            self.view.follow(self._session.key)
        self._tell_count()

    def _on_images_changed(self) -> None:
        if self.wish.needs_labels:
            self.model.know_keys(self._session.keys)
            self._arrange()
        else:
            self.model.set_keys(self._session.keys)
            self._follow()

    def _on_image_changed(self, key: str) -> None:
        if (known := self._session.summaries.get(key)) is not None:
            self.model.update_content(key, state=known.state, n_predicted=known.n_predicted)
        else:
            self.model.forget([key])

    def _on_key_changed(self, key: str) -> None:
        self._visited.add(key)
        self.view.follow(key)

    def _on_summaries_changed(self, keys: frozenset[str]) -> None:
        if self.wish.needs_labels and not keys <= self._visited and not self._anew.isActive():
            self._anew.start()

    def _on_search_changed(self) -> None:
        self.trouble.setText(self.search.trouble)
        self.trouble.setVisible(bool(self.search.trouble))
        self._arrange()

    def _on_classes_changed(self) -> None:
        self.filter.set_classes(self._session.classes)
        self.search.set_classes(self._session.classes)

    def _on_disagreements_changed(self) -> None:
        if self.wish.sorting is Sorting.DISAGREEMENT and not self._anew.isActive():
            self._anew.start()

    def _arrange(self) -> None:
        """Lists what the wish wants to see; where labels decide, a thread finds that out."""
        wish = self.wish
        self._keeps_place = False
        self._visited = {self._session.key}
        if wish.sorting is Sorting.DISAGREEMENT:
            self._session.order.look_for_disagreements()
        if wish.needs_labels:
            self._arranging.start(wish, tuple(self._session.keys), self._known())
            return
        self._arranging.drop()
        self.model.set_search(wish.query)
        self._follow()

    def _known(self) -> Known:
        """What decides, as it is now: a thread reads it while this goes on."""
        session = self._session
        confidence = session.confidence
        return Known(
            dict(session.summaries),
            self.model.unreadable_keys.union(one.where for one in self._problems),
            session.classes,
            dict(session.project.splits) if session.project else {},
            confidence.thresholds if confidence else Thresholds(0.0),
            dict(session.order.disagreements),
        )

    def _arrange_anew(self) -> None:
        self._arrange()
        self._keeps_place = True  # nobody asked for it, so what is seen of the list stays

    def _on_arranged(self, keys: list[str]) -> None:
        bar = self.view.verticalScrollBar()
        place = bar.value()
        self.model.arrange(keys)
        self._follow()
        if self._keeps_place:
            bar.setValue(place)

    def _follow(self) -> None:
        self._session.set_order(self.model.shown_keys)
        self.view.follow(self._session.key)
        self._tell_count()

    def _go_to_list(self) -> None:
        """From the search: to the open image where it is listed, or else to the first one."""
        if self.model.rowCount():
            self.view.setFocus()
            if self.model.row_of(self._session.key) < 0:
                self._session.open_image(self.model.key_at(0))

    def _show_only(self, keys: Sequence[str], words: str) -> None:
        self.search.clear()
        self.filter.show_only(keys, words)

    def _show_all(self) -> None:
        self.search.clear()
        self.filter.show_all()

    def _tell_count(self) -> None:
        n_all, n_shown = len(self._session.keys), self.model.rowCount()
        self.all_button.setVisible(n_shown != n_all)
        if n_shown != n_all:
            count = (
                tr("{shown} of %n images", "", n_all).format(shown=n_shown)
                if n_shown
                else tr("None of %n images", "", n_all)
            )
            words = self.filter.words
            self.count.setText(f"{count} · {words}" if words else count)
        elif n_all:
            self.count.setText(n_images(n_all))
        elif self._session.is_looking:
            self.count.setText(tr("Looking for images…"))
        elif self._session.project:
            self.count.setText(tr("No image in this folder."))
        else:
            self.count.setText(tr("No folder is open."))
        n_problems = len(self._problems)
        self.problems.setVisible(n_problems > 0)
        self.problems.setText(
            tr("1 file could not be read: show")
            if n_problems == 1
            else tr("%n files could not be read: show", "", n_problems)
        )

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

    def _content(self, project: Project, key: str) -> tuple[Project, str, RowContent]:
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
        return project, key, RowContent(image, state, n_predicted)

    def _on_made(self, made: tuple[Project, str, RowContent]) -> None:
        project, key, content = made
        if project is self._session.project:  # another folder may have an image of the same name
            self._model.fill(key, content)

    def _on_ended(self, _last: object) -> None:
        self._n_going -= 1
        self._go_on()


PANEL = PanelSpec(
    "images", QT_TR_NOOP("Images"), Qt.DockWidgetArea.LeftDockWidgetArea, 0, ImagesPanel
)
