"""The page that holds runs against each other: a table to choose them from, their curves in one
plot, and what of their settings, their data and their AP differs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.run_folder import RunFolder, RunState
from core.run_folder.about import About, about_named, about_noted, write_about
from core.runs_compared import ApRow, RunComparison, ap_rows, read_record, runs_compared
from gui.dialogs.run_ends import open_export_dialog
from gui.dialogs.train import open_train_dialog
from gui.pages import PageSpec
from gui.runs import ProcessRun, Run
from gui.session import Session
from gui.session.run_list import RunInfo, names_of_weights, run_infos
from gui.session.run_measuring import RunMeasuring
from gui.session.run_removal import RunRemoval
from gui.session.runs_watch import RunsWatch
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.run_curves import RunCurve, RunCurves
from gui.widgets.run_differences import (
    Differences,
    count_lines,
    image_words,
    setting_lines,
    setting_words,
    shared_words,
    val_words,
)
from gui.widgets.run_grid import NAME, NOTE, RunGrid
from gui.widgets.run_measures import RunMeasures
from gui.widgets.setting_words import Places
from gui.widgets.words import progress_text
from gui.widgets.wrapped import WrappedLabel

_NO_PROJECT = QT_TR_NOOP(
    "No folder is open.\n\nOpen a folder of images (Ctrl+O); its fine-tunes are compared here."
)
_NO_RUNS = QT_TR_NOOP(
    "Nothing was fine-tuned in this folder yet.\n\nFine-tune (Ctrl+T) at least twice, with more"
    " images or with other settings; what differed and what it was worth is shown here."
)
_LOOKING = QT_TR_NOOP("Looking for the fine-tunes of this folder…")
_CHOOSE = QT_TR_NOOP("Choose two runs or more in the table above: hold Ctrl or Shift.")
_POLL_MS = 5000
"""Between two looks at a run that goes on."""

_Listed: TypeAlias = tuple[Path, tuple[RunInfo, ...]]


class ComparePage(QWidget):
    """Lists the runs while it is seen, and reads those that are chosen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._listed: Sequence[RunInfo] = ()
        self._listed_folder: Path | None = None
        """The project that they are of; None before they are known."""
        self._chosen: tuple[RunInfo, ...] = ()
        self._compared = runs_compared(())
        self._removal = RunRemoval(session, self)
        self._measuring = RunMeasuring(session, self)
        self._listing = session.work.reading(_infos_of, parent=self)
        self._reading = session.work.reading(_compared_of, parent=self)
        self._watch = RunsWatch(self)
        self._again = QTimer(self, singleShot=True, interval=_POLL_MS)
        self._again.timeout.connect(self._list)
        self._build()
        self._lay_out()
        self._connect()
        self._show_runs(())

    def _build(self) -> None:
        self.runs = RunGrid()
        self.rename_button = _button(
            tr("Rename"), tr("Write what you call the chosen run (F2 in the table).")
        )
        self.note_button = _button(tr("Note"), tr("Write what you know about the chosen run."))
        self.go_on_button = _button(
            tr("Go on from here…"),
            tr("Fine-tune once more, beginning with the best weights of the chosen run."),
        )
        self.export_button = _button(
            tr("Export model…"), tr("Write the weights of the chosen run into a folder.")
        )
        self.delete_button = _button(
            tr("Delete run…"), tr("Move the chosen run to the trash, after asking.")
        )
        self.for_one = ElidedLabel()
        self.for_one.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.locked = WrappedLabel()
        self.locked.hide()
        self.hint = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.curves = RunCurves()
        self.settings = Differences(
            tr("Settings that differ"), tr("Settings that are not the same in all chosen runs.")
        )
        self.images = Differences(
            tr("Data that differ"),
            tr("How many images and instances the chosen runs had, where the numbers differ."),
        )
        self.measures = RunMeasures()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in self._buttons:
            buttons.addWidget(button)
        buttons.addWidget(self.for_one, 1)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.measures, tr("AP"))
        self.tabs.addTab(self.settings, tr("Settings"))
        self.tabs.addTab(self.images, tr("Data"))
        below = QSplitter()
        below.setChildrenCollapsible(False)
        below.addWidget(self.curves)
        below.addWidget(self.tabs)
        below.setSizes([560, 640])
        whole = QSplitter(Qt.Orientation.Vertical)
        whole.setChildrenCollapsible(False)
        whole.addWidget(self.runs)
        whole.addWidget(below)
        whole.setSizes([220, 480])
        whole.setStretchFactor(1, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.hint)
        self.stack.addWidget(whole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addLayout(buttons)
        layout.addWidget(self.locked)
        layout.addWidget(self.stack, 1)
        self.setFocusProxy(self.runs)

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return (
            self.rename_button, self.note_button, self.go_on_button, self.export_button,
            self.delete_button,
        )  # fmt: skip

    def _connect(self) -> None:
        session = self._session
        self.runs.chosen.connect(self._on_chosen)
        self.runs.renamed.connect(lambda run, name: self._say(run, about_named(run.about, name)))
        self.runs.noted.connect(lambda run, note: self._say(run, about_noted(run.about, note)))
        self._listing.reported.connect(self._on_listed)
        self._reading.reported.connect(self._on_read)
        self._removal.removed.connect(self._list)
        self.rename_button.clicked.connect(partial(self.runs.write, NAME))
        self.note_button.clicked.connect(partial(self.runs.write, NOTE))
        self.go_on_button.clicked.connect(lambda: self._with_one(self._go_on))
        self.export_button.clicked.connect(lambda: self._with_one(self._export))
        self.delete_button.clicked.connect(lambda: self._with_one(self._removal.ask))
        self.measures.anew_wanted.connect(self._measure)
        self._measuring.changed.connect(self._show_measures)
        self._measuring.progressed.connect(
            lambda progress: self.measures.progress.setText(progress_text(progress))
        )
        self._watch.changed.connect(self._list)
        session.project_changed.connect(self._on_project_changed)
        session.run_started.connect(self._on_run_started)

    def showEvent(self, event: QShowEvent) -> None:
        """As Qt asks."""
        super().showEvent(event)
        if not event.spontaneous():
            self._list()

    def hideEvent(self, event: QHideEvent) -> None:
        """As Qt asks; it lists anew when it is seen again."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._watch.stop()

    def changeEvent(self, event: QEvent) -> None:
        """As Qt asks; the colours of runs are for the ground."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "tabs"):
            self._show_compared()

    # The list

    def _on_project_changed(self) -> None:
        project = self._session.project
        if project is None or project.labels_folder != self._listed_folder:
            self._listed_folder = None
            self._watch.stop()
            self._show_runs(())
        self._list()

    def _list(self) -> None:
        project = self._session.project
        if project is not None and self.isVisible():
            self._listing.start(project.labels_folder)

    def _on_listed(self, listed: _Listed) -> None:
        project = self._session.project
        folder, runs = listed
        if self.runs.is_written_into:
            self._again.start()
        elif project is not None and project.labels_folder == folder:
            self._listed_folder = folder
            if self.isVisible():
                self._watch.watch(folder, [run.folder.path for run in runs])
            self._show_runs(runs)

    def _show_runs(self, runs: Sequence[RunInfo]) -> None:
        none = _LOOKING if self._listed_folder is None else _NO_RUNS
        self.hint.setText(tr(none) if self._session.project else tr(_NO_PROJECT))
        self.stack.setCurrentIndex(1 if runs else 0)
        self._listed = runs
        self.runs.show_runs(runs)

    def _on_run_started(self, run: Run) -> None:
        if run.is_training or (isinstance(run, ProcessRun) and run.name == "unpack"):
            run.ended.connect(lambda _: self._list())

    # Those that are chosen

    def _on_chosen(self, runs: tuple[RunInfo, ...]) -> None:
        self._chosen = runs
        only = runs[0] if len(runs) == 1 else None
        has_weights = only is not None and only.has_weights
        why_locked = self._why_locked
        is_one_wanted = only is None and bool(self._listed)
        self.for_one.setText(
            tr("Choose one run alone to do this with it.") if is_one_wanted else ""
        )
        self.runs.allow_writing(may_write=not why_locked)
        for button in (self.rename_button, self.note_button):
            button.setEnabled(only is not None and not why_locked)
        for button in (self.go_on_button, self.export_button):
            button.setEnabled(has_weights)
        is_ended = only is not None and only.state is not RunState.RUNNING
        self.delete_button.setEnabled(is_ended and not why_locked)
        self.locked.setText(why_locked)
        self.locked.setVisible(bool(why_locked))
        self._reading.start(tuple(run.folder for run in runs))

    def _on_read(self, compared: RunComparison) -> None:
        if [one.path for one in compared.records] != [one.folder.path for one in self._chosen]:
            return  # others are chosen by now, and are read next
        self._compared = compared
        self._show_compared()
        if any(run.state is RunState.RUNNING for run in self._chosen) and self.isVisible():
            self._again.start()

    def _show_compared(self) -> None:
        compared, names = self._compared, self._names
        pairs = zip(names, compared.records, strict=True)
        self.curves.show_runs([RunCurve(name, one.curves) for name, one in pairs])
        self._show_measures()
        if len(names) < 2:
            for differences in (self.settings, self.images):
                differences.show_rows(tr(_CHOOSE), (), ())
            return
        settings = compared.settings
        lines = setting_lines(settings, self._places)
        self.settings.show_rows(setting_words(settings), names, lines)
        words = image_words(compared.images, names)
        self.images.show_rows(words, names, count_lines(compared.counts))

    def _show_measures(self) -> None:
        records, val, names = self._compared.records, self._compared.val, self._names
        is_several = len(records) > 1
        folders = [RunFolder(one.path) for one in records]
        ap: Mapping[str, Sequence[ApRow]] = self._compared.ap
        words = val_words(val)
        if shared := self._measuring.found(folders):
            anew = [
                replace(one, evaluation={"after": shared.numbers.get(str(one.path))})
                for one in records
            ]
            ap = {task: ap_rows(anew, task=task) for task in ap}
            words = shared_words(shared.n_images)
        is_fair = val.is_same or shared is not None
        self.measures.show_ap(words if is_several else tr(_CHOOSE), names, ap, is_fair=is_fair)
        is_going = self._measuring.is_going
        have_weights = all(one.best_weights.is_file() for one in folders)
        self.measures.anew_button.setVisible(is_several and not is_fair)
        self.measures.anew_button.setEnabled(bool(val.shared) and have_weights and not is_going)
        if not is_going:
            self.measures.progress.setText("")

    def _measure(self) -> None:
        self._measuring.start([RunFolder(one.path) for one in self._compared.records])

    @property
    def _why_locked(self) -> str:
        """Why nothing can be written into this folder, or an empty string."""
        project = self._session.project
        return (project.read_only_reason or "") if project is not None else ""

    @property
    def _places(self) -> Places:
        project = self._session.project
        folder = project.folder if project is not None else None
        return Places(folder, names_of_weights(self._listed))

    @property
    def _names(self) -> tuple[str, ...]:
        """Of the runs that are shown, which may be others than are chosen for a moment."""
        called = {run.folder.path: run.called for run in self._listed}
        return tuple(called.get(one.path, one.path.name) for one in self._compared.records)

    # What is done with one

    def _with_one(self, do: Callable[[RunInfo], object]) -> None:
        if len(self._chosen) == 1:
            do(self._chosen[0])

    def _go_on(self, run: RunInfo) -> None:
        open_train_dialog(self._session, self, start_from=str(run.folder.best_weights))

    def _export(self, run: RunInfo) -> None:
        open_export_dialog(self._session, run.folder.path, self.window())

    def _say(self, run: RunInfo, about: About) -> None:
        if self._why_locked:
            self._on_said(self._why_locked)
            return
        self._session.work.when_written(
            lambda _: _why_unwritten(run.folder.path, about), self._on_said
        )

    def _on_said(self, why_not: str) -> None:
        if why_not:
            self._session.told.emit(why_not)
        self._list()


def _why_unwritten(run_folder: Path, about: About) -> str:
    """Called in a thread. Keeps what is said of a run; a sentence where that failed."""
    try:
        write_about(run_folder, about)
    except AppError as error:
        return str(error)
    return ""


def _infos_of(labels_folder: Path) -> _Listed:
    """Called in a thread."""
    return labels_folder, run_infos(labels_folder)


def _compared_of(folders: Sequence[RunFolder]) -> RunComparison:
    """Called in a thread."""
    return runs_compared([read_record(folder) for folder in folders])


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    return button


PAGE = PageSpec("compare", 8, ComparePage)
