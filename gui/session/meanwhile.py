"""Fine-tunes that ended while no window was there: told once, and used with one button."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from core.errors import AppError
from core.events import Finished
from core.project import Project
from core.run_folder import RunFolder, runs_of
from core.types import Json
from gui.runs import Run, ThreadRun
from gui.session.told_runs import mark_told, was_told
from gui.session.work import Work
from gui.texts import tr
from gui.widgets.notices import Notice


@dataclass(frozen=True, slots=True)
class Ended:
    """A fine-tune that is done and that nobody was told of."""

    run_folder: Path
    evaluation: Mapping[str, Json]

    @property
    def sentence(self) -> str:
        """Which it is, and what it is worth."""
        name = self.run_folder.name
        before, after = (_main_ap(self.evaluation.get(when)) for when in ("before", "after"))
        if not after:
            unmeasured = tr(
                "The fine-tune {run} finished while the window was closed. Nothing was kept to"
                " measure on, so nothing can be said of its AP."
            )
            return unmeasured.format(run=name)
        kind, ap = after
        was = f"{before[1]:.1f} → " if before and before[0] == kind else ""
        if kind == "mask":
            sentence = tr("The fine-tune {run} finished while the window was closed: mask AP {ap}.")
        else:
            sentence = tr("The fine-tune {run} finished while the window was closed: box AP {ap}.")
        return sentence.format(run=name, ap=f"{was}{ap:.1f}")


class Meanwhile(QObject):
    """Looks through the runs of a project when it is opened."""

    def __init__(
        self,
        work: Work,
        *,
        ask: Callable[[Notice], object],
        use_weights: Callable[[Path], object],
        parent: QObject | None = None,
    ) -> None:
        """Asks by notices; an answer may be to use the weights of a run folder."""
        super().__init__(parent)
        self._ask, self._use_weights = ask, use_weights
        self._looking: ThreadRun = work.reading(newly_ended, parent=self)
        self._looking.reported.connect(self._on_found)
        work.run_started.connect(self._follow)

    def look(self, project: Project, weights: str) -> None:
        """Tells of a fine-tune of this project that is done and was not told, if there is one.

        Args:
            project: the one that was opened.
            weights: those in use; their run needs no telling.
        """
        self._looking.start(project.labels_folder, weights)

    def _follow(self, run: Run) -> None:
        if run.is_training:
            run.ended.connect(lambda last: _on_seen_to_end(run, last))

    def _on_found(self, ended: Ended | None) -> None:
        if ended is None:
            return
        use = (tr("Use the new weights"), lambda: self._use_weights(ended.run_folder))
        self._ask(Notice(ended.sentence, (use,), topic="ended_meanwhile"))


def newly_ended(labels_folder: Path, weights: str) -> Ended | None:
    """The newest fine-tune that is done and untold; all are told from then on. For threads."""
    found = None
    for folder in runs_of(labels_folder):
        if was_told(folder.path) or folder.is_alive():
            continue
        evaluation = _evaluation_of(folder)
        if not evaluation.get("weights"):
            continue  # it is not done
        mark_told(folder.path)
        if found is None and not _is_same(weights, folder.best_weights):
            found = Ended(folder.path, evaluation)
    return found


def _on_seen_to_end(run: Run, last: object) -> None:
    if run.run_folder and isinstance(last, Finished) and not last.was_cancelled:
        mark_told(Path(run.run_folder))


def _evaluation_of(folder: RunFolder) -> Mapping[str, Json]:
    try:
        value = folder.read_evaluation()
    except AppError:
        return {}
    return value if isinstance(value, dict) else {}


def _main_ap(numbers: Json) -> tuple[str, float] | None:
    """Of masks if there are any, else of boxes."""
    for task, kind in (("segm", "mask"), ("bbox", "box")):
        ap = ((numbers or {}).get(task) or {}).get("AP")
        if isinstance(ap, int | float):
            return kind, float(ap)
    return None


def _is_same(weights: str, file: Path) -> bool:
    return bool(weights) and Path(weights) == file
