"""The page to watch the model work on a camera, a video file or a folder of frames."""

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.events import LiveOpened
from core.project import Project
from core.project.classes import PALETTE
from core.types import LabelClass
from gui.canvas.live_view import LiveLook, LiveView
from gui.pages import PageSpec
from gui.session import Session
from gui.session.live import LOWEST_SCORE, Live, LivePicture
from gui.session.weights import weights_name
from gui.texts import QT_TR_NOOP, n_instances, tr
from gui.widgets.icons import icon_of
from gui.widgets.live_card import LiveCard
from gui.widgets.live_figures import LiveFigures
from gui.widgets.live_options import SHOWN, LiveOptions
from gui.widgets.live_source import LiveSourceField
from gui.widgets.own_keys import keep_own_keys
from gui.widgets.wrapped import WrappedLabel

_FIGURES_EVERY_MS = 500  # figures that change with every frame cannot be read
_WELCOME = QT_TR_NOOP("Watch the model work")
_HOW = QT_TR_NOOP(
    "Choose a camera, a video file or a folder of frames, and start. A frame that the model gets"
    " wrong goes into your project with one key, ready to be corrected and learnt from."
)


class LivePage(QWidget):
    """The source above, the picture in the middle, notes of the model and figures below."""

    figures_shown = Signal()
    """The figures are those of now; while a source is watched they are so every half second."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._live = session.live
        self.setAcceptDrops(True)
        self.source = LiveSourceField()
        self.start_button, self.pause_button = QPushButton(tr("Start")), QPushButton(tr("Pause"))
        self.grab_button = QPushButton(tr("Grab frame"))
        self._button_of = {
            "live_start_stop": self.start_button,
            "live_pause": self.pause_button,
            "grab_frame": self.grab_button,
        }
        self.options = LiveOptions(lowest_score=LOWEST_SCORE)
        self.view = LiveView()
        self.card = LiveCard()
        self.notes = WrappedLabel()
        self.strip = QLabel()
        self.figures = LiveFigures()
        self._paint_s = 0.0
        self._shown: LivePicture | None = None
        self._was_going = False
        self._tick = QTimer(self, interval=_FIGURES_EVERY_MS)
        self._compose()
        self._connect()
        self._read_settings()
        self._on_changed()

    def _compose(self) -> None:
        self.setAccessibleName(tr("Live"))
        self.setFocusProxy(self.view)
        self.view.setAccessibleName(tr("Live picture"))
        self.notes.setAccessibleName(tr("What is to be known of the model"))
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self.strip.setAccessibleName(tr("Figures of the live view"))
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.source, 1)
        for button in (self.start_button, self.pause_button, self.grab_button):
            above.addWidget(button)
        middle = QGridLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addWidget(self.view, 0, 0)
        middle.addWidget(self.card, 0, 0, Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 8)
        layout.setSpacing(8)
        layout.addLayout(above)
        layout.addWidget(self.options)
        layout.addLayout(middle, 1)
        layout.addWidget(self.notes)
        layout.addWidget(self.strip)
        for control in self.findChildren(QAbstractButton):
            # A click leaves the keys with the picture, where the space bar pauses.
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keep_own_keys(self)

    def _connect(self) -> None:
        live, session = self._live, self._session
        self.source.changed.connect(self._on_source_chosen)
        self.options.changed.connect(self._on_options_changed)
        self.start_button.clicked.connect(live.start_or_stop)
        self.pause_button.clicked.connect(live.pause_or_go_on)
        self.grab_button.clicked.connect(session.grabbing.grab)
        self.card.answered.connect(lambda: live.news.act())
        self.view.painted.connect(self._on_painted)
        self._tick.timeout.connect(self._on_tick)
        live.changed.connect(self._on_changed)
        live.opened.connect(self._on_opened)
        live.shown.connect(self._on_shown)
        session.classes_changed.connect(self._on_classes_changed)
        session.project_changed.connect(self._on_classes_changed)

    # Settings

    def _read_settings(self) -> None:
        settings = self._session.settings
        self.source.set_all(
            settings.text("live_kind"),
            number=settings.whole("live_camera"),
            file=settings.text("live_file"),
            folder=settings.text("live_folder"),
            is_looped=bool(settings.whole("live_is_looped")),
        )
        shown = frozenset(settings.text("live_shows").split()) & SHOWN.keys()
        self.options.set_all(settings.number("live_score"), shown)
        self._take_look()

    def _on_source_chosen(self) -> None:
        settings = self._session.settings
        settings.set("live_kind", self.source.kind)
        settings.set("live_camera", self.source.number.value())
        settings.set("live_file", self.source.path_of("file"))
        settings.set("live_folder", self.source.path_of("folder"))
        settings.set("live_is_looped", int(self.source.loop.isChecked()))
        self._live.source_chosen()

    def _on_options_changed(self) -> None:
        settings = self._session.settings
        settings.set("live_score", self.options.score)
        settings.set("live_shows", " ".join(sorted(self.options.shown)))
        self._take_look()

    def _take_look(self) -> None:
        shown = self.options.shown
        self.view.set_look(
            LiveLook(
                lowest_score=self.options.score,
                has_masks="masks" in shown,
                has_boxes="boxes" in shown,
                has_names="names" in shown,
                has_scores="scores" in shown,
            )
        )
        self._show_figures()

    # What goes on

    def _on_changed(self) -> None:
        live, news = self._live, self._live.news
        is_going = live.is_going
        if is_going != self._was_going:
            self._was_going = is_going
            if is_going and self.source.path.hasFocus():
                self.view.setFocus()  # a letter is a key of the live view now, not of the path
            self._take_icons_and_tips()
        self.start_button.setText(tr("Stop") if is_going else tr("Start"))
        self.pause_button.setText(tr("Go on") if live.is_paused else tr("Pause"))
        self.pause_button.setEnabled(is_going)
        self.grab_button.setEnabled(live.picture is not None)
        if not news.sentence and not is_going and live.picture is None:
            self.card.show_words(tr(_HOW), title=tr(_WELCOME))
        else:
            self.card.show_words(news.sentence, answer=news.answer, explanation=news.explanation)
            if news.progress is not None:
                self.card.show_progress(news.progress)
        self.notes.setText(" ".join(live.notes))
        self.notes.setVisible(bool(live.notes))
        if is_going and self.isVisible():
            self._tick.start()
        else:
            self._tick.stop()
        self._show_figures()

    def _on_opened(self, _opened: LiveOpened) -> None:
        self.figures = LiveFigures()
        self._on_classes_changed()

    def _on_shown(self, picture: LivePicture) -> None:
        self._shown = picture
        self.view.show_picture(picture.bgra, picture.frame.instances)
        self.grab_button.setEnabled(True)

    def _on_painted(self, at_s: float, paint_s: float) -> None:
        if self._shown is not None:
            frame = self._shown.frame
            self._paint_s = paint_s
            self.figures.count(frame.number, captured_at_s=frame.captured_at_s, painted_at_s=at_s)

    def _on_classes_changed(self) -> None:
        shown = _shown_classes(self._live, self._session.project, self._session.classes)
        self.view.set_classes([one.name for one in shown], colours=[one.colour for one in shown])

    def _on_tick(self) -> None:
        self._show_figures()
        self.figures_shown.emit()

    def _show_figures(self) -> None:
        shown, opened = self._shown, self._live.opened_last
        if shown is None or opened is None:
            self.strip.setText(" ")
            return
        figures, (height, width) = self.figures, shown.frame.size_hw
        n = self.view.n_shown
        words = [f"{width} x {height}", n_instances(n)]
        if self._live.is_paused:
            words.insert(0, tr("Paused"))
        elif self._live.is_going and figures.latency_s is not None:
            latency = tr("{milliseconds} ms from capture to screen")
            words.insert(0, latency.format(milliseconds=f"{figures.latency_s * 1000:.0f}"))
            if (rate := figures.frames_per_s(time.monotonic())) is not None:
                words.insert(0, tr("{rate} frames/s").format(rate=f"{rate:.1f}"))
            words.append(tr("%n left out", "", figures.n_left_out))
        words.append(opened.device)
        self.strip.setText("   ·   ".join(words))
        self.strip.setToolTip(
            tr(
                "The model took {predicting} ms for this frame, painting {painting} ms. Frames are"
                " left out where a newer one is there already, so that what you see is never stale."
            ).format(
                predicting=f"{shown.frame.predicted_in_s * 1000:.0f}",
                painting=f"{self._paint_s * 1000:.1f}",
            )
        )

    # Coming and going

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._take_icons_and_tips()
            self._on_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._live.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_button_of"):
            self._take_icons_and_tips()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if (path := _dropped(event)) is not None:
            event.acceptProposedAction()
            self._live.stop()
            self.source.choose_path(path)
            self._live.start()

    def _take_icons_and_tips(self) -> None:
        """Of the window's actions: a person may have changed their shortcuts."""
        for name, button in self._button_of.items():
            is_stop = name == "live_start_stop" and self._live.is_going
            button.setIcon(icon_of("cancel_run" if is_stop else name, self.palette()))
            action = self.window().findChild(QAction, name)
            if action is not None:
                button.setToolTip(action.toolTip())


def _dropped(event: QDropEvent) -> Path | None:
    """The one file or folder of this machine that is dropped."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def _shown_classes(
    live: Live, project: Project | None, classes: Sequence[LabelClass]
) -> list[LabelClass]:
    """For each class of the weights the one of the project that it is, or one made up."""
    if live.opened_last is None:
        return []
    named = {one.name: one for one in classes}
    class_map = project.class_map(weights_name(live.weights)) if project else {}
    return [
        named.get(class_map.get(name, name))
        or LabelClass(index, name, PALETTE[index % len(PALETTE)])
        for index, name in enumerate(live.opened_last.class_names)
    ]


PAGE = PageSpec("live", 4, LivePage)
