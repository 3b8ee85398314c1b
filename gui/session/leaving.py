"""What leaves the project: an export, a model, a pack; and what is told when it has."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.configs import ExportConfig, ExportModelConfig, PackConfig
from core.events import Finished
from core.types import Json
from core.wording import LEFT_OUT, listed
from gui.runs import Run
from gui.session.session import Session
from gui.texts import n_images, n_instances, tr


def export(session: Session, config: ExportConfig) -> None:
    """Writes the labels in another format, when every edit is written."""
    title = tr("Export {file}").format(file=Path(config.out).name)
    _start_when_written(session, "export", config, title=title)


def export_model(session: Session, config: ExportModelConfig) -> None:
    """Writes weights as a folder of their own."""
    _start(session, "export_model", config, title=tr("Export the model"))


def pack(session: Session, config: PackConfig) -> None:
    """Packs the done images of the open project, when every edit is written."""
    project = session.project
    if project is None:
        return
    config = replace(config, folder=str(project.folder), labels_folder=str(project.labels_folder))
    title = tr("Pack {file}").format(file=Path(config.out).name)
    _start_when_written(session, "pack", config, title=title)


def _start_when_written(session: Session, job: str, config: Any, *, title: str) -> None:
    def start(_: object) -> None:
        if session.is_all_saved:
            _start(session, job, config, title=title)
        else:
            sentence = tr(
                "{title}: nothing was written, because some edits are in no label file yet. Answer"
                " what is asked about them, or make room on the disk, and try again."
            )
            session.told.emit(sentence.format(title=title))

    session.work.when_written(lambda _: None, start)


def _start(session: Session, job: str, config: Any, *, title: str) -> None:
    run: Run = session.work.start(job, config, title=title)

    def on_ended(last: object) -> None:
        if isinstance(last, Finished) and not last.was_cancelled:
            session.told.emit(_sentence(config, last.result))

    run.ended.connect(on_ended)


def _sentence(config: Any, result: Mapping[str, Json]) -> str:
    """What was written where, and what stayed behind."""
    if isinstance(config, ExportModelConfig):
        model = tr("The model is in {folder}; README.md there says how it is loaded.")
        return model.format(folder=config.out)
    sentence = tr("{file} is written, with {instances} in {images}.").format(
        file=config.out,
        instances=n_instances(result.get("instances", 0)),
        images=n_images(result.get("images", 0)),
    )
    left_out = [
        str(one["where"])
        for one in result.get("problems", ())
        if str(one["sentence"]).startswith(LEFT_OUT)
    ]
    if not left_out:
        return sentence
    unread = tr("Left out, because they cannot be read: {images}.").format(images=listed(left_out))
    return f"{sentence} {unread}"
