"""Compare: the weights of several runs, measured on the images that all of them kept for it."""

from collections.abc import Generator, Sequence
from pathlib import Path

from core.configs import CompareConfig, EngineConfig
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, Noted
from core.jobs import JobSpec
from core.run_folder import RunFolder, Snapshot, SnapshotImage
from core.runs_compared import RunRecord, images_of, val_compared
from core.wording import listed


def run(config: CompareConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The result is {"images": their number, "runs": {folder: {"bbox": {...}, "segm": {...},
    "effort": {...}}}} in percent. It writes nothing.

    Labels are those of the run that began last, so that one truth counts for all.
    """
    # Imported here, because all jobs are listed where most of them need no torch.
    from core.training.measure import measured

    folders = [RunFolder(Path(path)) for path in config.runs]
    for folder in folders:
        if not folder.best_weights.is_file():
            raise AppError(f"The run {folder.path.name} has no weights that could be measured.")
    snapshots = [folder.read_snapshot() for folder in folders]
    # Names of run folders begin with the time.
    newest = snapshots[max(range(len(folders)), key=lambda place: folders[place].path.name)]
    images = _shared(folders, snapshots, newest)
    names = {one.name for one in newest.classes}
    found = {}
    for number, folder in enumerate(folders, start=1):
        yield Noted(f"Measuring {folder.path.name}, run {number} of {len(folders)}.")
        engine = yield from engines.engine(
            EngineConfig(str(folder.best_weights), device=config.device)
        )
        if lacking := sorted(names - set(engine.class_names)):
            yield Noted(f"{folder.path.name} does not know {listed(lacking)}: AP 0 there.")
        found[str(folder.path)] = yield from measured(
            engine, images, newest.classes, with_effort=True
        )
    yield Finished({"images": len(images), "runs": found})


JOBS = (JobSpec("compare", CompareConfig, run),)


def _shared(
    folders: Sequence[RunFolder], snapshots: Sequence[Snapshot], newest: Snapshot
) -> list[SnapshotImage]:
    """The images that are val images of all, as the newest one has them.

    Raises:
        AppError: there are none.
    """
    records = [
        RunRecord(folder.path, images=images_of(snapshot))
        for folder, snapshot in zip(folders, snapshots, strict=True)
    ]
    keys = set(val_compared(records).shared)
    if not keys:
        raise AppError(
            "These runs share no image that was kept to measure on. Measure their weights on the"
            " Evaluate page instead: there all see the images that are val images now."
        )
    return [one for one in newest.images if one.key in keys]
