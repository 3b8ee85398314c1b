"""What is to be known before a fine-tune is set up. For threads."""

from dataclasses import dataclass

from core.errors import AppError
from core.project import Project
from core.readiness import Finding, Readiness, Severity, readiness_of
from core.run_folder import RunState
from gui.session.run_list import RunInfo, run_infos
from gui.texts import tr

_PASSES = 40
"""Over the images: more of them teaches little (measured on 14 to 200 images, from scratch)."""
_FEWEST, _MOST = 400, 3000
_ROUND = 100


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the project stands, and what it can begin from."""

    readiness: Readiness
    runs: tuple[RunInfo, ...]
    """Finished ones with weights, the newest first."""


def outlook_of(project: Project) -> Outlook:
    """What the dialog of a fine-tune shows first."""
    runs = [
        one
        for one in run_infos(project.labels_folder)
        if one.state is RunState.FINISHED and one.has_weights
    ]
    return Outlook(_readiness(project), tuple(runs))


def _readiness(project: Project) -> Readiness:
    try:
        return readiness_of(project)
    except AppError as error:  # a full disk: an image that became done cannot join its split
        stop = Finding(Severity.STOP, str(error), tr("Once that is mended, open this again."))
        return Readiness((stop,), n_train=0, n_val=0)


def usual_iterations(n_images: int, batch_size: int) -> int:
    """How many iterations suit so many images to learn from."""
    wished = _PASSES * n_images / batch_size
    return max(_FEWEST, min(_MOST, round(wished / _ROUND) * _ROUND))
