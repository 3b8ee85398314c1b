"""What is to be known before a fine-tune is set up. For threads."""

from dataclasses import dataclass

from core.batches import batches, moved_in
from core.errors import AppError
from core.project import Project
from core.readiness import (
    SMALL_LIMITS,
    Finding,
    ModelLimits,
    Readiness,
    Severity,
    readiness_of,
)
from core.run_folder import RunState
from gui.session.run_list import RunInfo, run_infos
from gui.texts import tr


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the project stands, and what it can begin from."""

    readiness: Readiness
    of_small: Readiness
    """The same for the small model that begins from scratch, which sees less."""
    runs: tuple[RunInfo, ...]
    """Finished ones with weights, the newest first."""
    last_move: str = ""
    """The last batch, where that is a move of images to other splits; else empty."""


def outlook_of(project: Project) -> Outlook:
    """What the dialog of a fine-tune shows first."""
    runs = [
        one
        for one in run_infos(project.labels_folder)
        if one.state is RunState.FINISHED and one.has_weights
    ]
    last = next(reversed(batches(project)), "")
    return Outlook(
        _readiness(project),
        _readiness(project, SMALL_LIMITS),
        tuple(runs),
        last_move=last if last and moved_in(project, last) else "",
    )


def _readiness(project: Project, limits: ModelLimits | None = None) -> Readiness:
    try:
        return readiness_of(project, limits=limits)
    except AppError as error:  # a full disk: an image that became done cannot join its split
        stop = Finding(Severity.STOP, str(error), tr("Once that is mended, open this again."))
        return Readiness((stop,), n_train=0, n_val=0)
