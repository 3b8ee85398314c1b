"""A run that was made on another machine comes back into the open project."""

from collections.abc import Mapping
from pathlib import Path

from core.configs import UnpackConfig
from core.events import Finished
from core.types import Json
from core.wording import listed
from gui.session.session import Session
from gui.texts import tr
from gui.widgets.notices import Notice


def unpack(session: Session, source: Path) -> None:
    """Copies a run into the runs of the open project; then its weights can be used.

    Args:
        session: with a project.
        source: a zip, a run's folder, or a file in it.
    """
    project = session.project
    if project is None:
        return
    config = UnpackConfig(str(source), str(project.folder), str(project.labels_folder))
    title = tr("Bring back {file}").format(file=source.name)

    def start(_: object) -> None:
        run = session.work.start("unpack", config, title=title)
        run.ended.connect(lambda last: _on_ended(session, last))

    session.work.when_written(lambda _: None, start)


def _on_ended(session: Session, last: object) -> None:
    if not isinstance(last, Finished) or last.was_cancelled:
        return
    run_folder = Path(str(last.result.get("run", "")))
    use = (tr("Use these weights"), lambda: session.use_weights(run_folder))
    session.asked.emit(Notice(_sentence(last.result), (use,), topic="unpacked"))


def _sentence(result: Mapping[str, Json]) -> str:
    came = tr(
        "The run has come back and is among the runs of this folder. Its weights know {classes}."
    )
    sentence = came.format(classes=listed([str(name) for name in result.get("classes", ())]))
    return " ".join((sentence, *map(str, result.get("notes", ()))))
