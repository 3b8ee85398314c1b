"""The fine-tunes of a project, as lists of them need them. For threads: it reads their folders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from core.errors import AppError
from core.run_folder import RunFolder, RunState, runs_of
from core.run_folder.about import UNSAID, About, read_about
from core.types import Json
from gui.texts import tr
from gui.widgets.moments import minute_text

_TIME = "%Y-%m-%d_%H%M%S"
_N_OF_TIME = len("2026-01-31_235959")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is known of one run without what it said."""

    folder: RunFolder
    state: RunState
    config: Mapping[str, Json] = field(default_factory=dict, hash=False)
    """What it was told; empty where that cannot be read."""
    evaluation: Mapping[str, Json] = field(default_factory=dict, hash=False)
    """The numbers that came out; empty while there are none."""
    has_weights: bool = False
    """Whether something came out that can predict."""
    can_resume: bool = False
    """Whether it stopped before it was done, and can go on."""
    about: About = UNSAID
    """What a person says of it."""

    @property
    def name(self) -> str:
        """Of its folder."""
        return self.folder.path.name

    @property
    def when(self) -> str:
        """When it began, as people say it; its name where that does not tell."""
        try:
            began = datetime.strptime(self.name[:_N_OF_TIME], _TIME)
        except ValueError:
            return self.name
        return minute_text(began)

    @property
    def called(self) -> str:
        """How a person called it; else when it began."""
        return self.about.name or self.when

    @property
    def mask_ap(self) -> float | None:
        """Of the weights that came out, in percent; None where nothing can be said."""
        return self.ap_of("after", "segm")

    def ap_of(self, side: str, task: str) -> float | None:
        """Its AP in percent; None where nothing can be said.

        Args:
            side: before, of the weights it began with, or after.
            task: segm for masks, bbox for boxes.
        """
        value = ((self.evaluation.get(side) or {}).get(task) or {}).get("AP")
        return float(value) if isinstance(value, int | float) else None

    @property
    def title(self) -> str:
        """What its weights are called in a list to choose from."""
        if self.about.name:
            if self.mask_ap is None:
                return self.about.name
            return tr("{name}, mask AP {ap}").format(name=self.about.name, ap=f"{self.mask_ap:.1f}")
        if self.mask_ap is None:
            return tr("Run of {when}").format(when=self.when)
        return tr("Run of {when}, mask AP {ap}").format(when=self.when, ap=f"{self.mask_ap:.1f}")


def run_infos(labels_folder: Path) -> tuple[RunInfo, ...]:
    """The fine-tunes of a project, the newest first."""
    infos = [_info(folder) for folder in runs_of(labels_folder)]
    return tuple(one for one in infos if one is not None)


def names_of_weights(runs: Iterable[RunInfo]) -> dict[str, str]:
    """What the weights of runs are called, by their files."""
    return {
        str(run.folder.best_weights): run.about.name or tr("Run of {when}").format(when=run.when)
        for run in runs
    }


def _info(folder: RunFolder) -> RunInfo | None:
    try:
        job, config = folder.read_config()
        if job != "train":
            return None
        evaluation = folder.read_evaluation() or {}
    except AppError:
        return None  # half a folder: nothing can be shown of it, and nothing done with it
    state = folder.state()
    stopped = state is not RunState.RUNNING
    return RunInfo(
        folder,
        state,
        config if isinstance(config, dict) else {},
        evaluation if isinstance(evaluation, dict) else {},
        has_weights=folder.best_weights.is_file(),
        can_resume=stopped and folder.last_checkpoint.is_file(),
        about=read_about(folder.path),
    )
