"""Unpack: a run that was made on another machine comes into the runs of its project."""

from collections.abc import Generator
from pathlib import Path

from core.configs import UnpackConfig
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, Noted
from core.jobs import JobSpec
from core.project import Project
from core.run_folder import runs_folder
from core.unpacking import Home, arrived, entries_of, found_run, free_name, run_folder_of


def run(config: UnpackConfig, _engines: EngineShelf) -> Generator[Event, None, None]:
    """The result names the run's folder here, its weights and their classes."""
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder, wants_to_write=False)
    try:
        for _ in project.scan():
            pass
        home = _home(project)
        names = [one.name for one in sorted(project.classes, key=lambda one: one.id)]
    finally:
        project.close()
    source = run_folder_of(Path(config.source)).resolve()
    if home.runs.resolve() in (source, *source.parents):
        raise AppError(f"{source} is a run of this project already: choose it in the list of runs.")
    with entries_of(source) as entries:
        found = found_run(entries, source.name)
        yield Noted(f"A run of {found.kind} comes in from {source / found.place}.")
        came = yield from arrived(found, home, class_names=config.class_names, project_names=names)
    yield Finished(
        {
            "run": str(came.run.path),
            "weights": str(came.run.best_weights),
            "classes": list(came.class_names),
            "bytes": came.n_bytes,
            "from": str(found.kind),
            "notes": list(came.sentences),
        }
    )


def _home(project: Project) -> Home:
    keys = frozenset(project.keys)

    def image_path(key: str) -> Path | None:
        return project.image_path(key).resolve() if key in keys else None

    runs = runs_folder(project.labels_folder)
    return Home(free_name(runs), project.folder, project.labels_folder, runs, image_path)


JOBS = (JobSpec("unpack", UnpackConfig, run),)
