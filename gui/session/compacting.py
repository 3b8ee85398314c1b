"""Models made small, in a child; what became of it is told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.configs import CompactConfig
from core.events import Finished
from gui.runs import Run
from gui.session.session import Session
from gui.texts import tr


def compact(session: Session, config: CompactConfig, then: Callable[[Run], object]) -> None:
    """Makes weights small, and measures them on the open project once every edit is written.

    Args:
        session: whose project counts.
        config: what is to be made; its project is the open one, if any.
        then: is given the run when it begins.
    """
    project = session.project
    if project is None:
        then(_started(session, config))
        return
    labels = str(project.labels_folder)
    config = replace(config, folder=str(project.folder), labels_folder=labels)
    session.work.when_written(lambda _: None, lambda _: then(_started(session, config)))


def _started(session: Session, config: CompactConfig) -> Run:
    run: Run = session.work.start("compact", config, title=tr("Make the model smaller"))

    def on_ended(last: object) -> None:
        if isinstance(last, Finished) and not last.was_cancelled:
            session.told.emit(told(last))

    run.ended.connect(on_ended)
    return run


def told(last: Finished) -> str:
    """What was written, or why nothing was."""
    if refused := str(last.result.get("refused", "")):
        return refused
    sentence = tr("The small model is in {folder}; README.md there says how it is loaded.")
    return sentence.format(folder=Path(str(last.result.get("out", ""))))
