"""Export model: weights leave as a folder or a zip that loads without the project, in
detectron2 too."""

from collections.abc import Generator
from pathlib import Path

from core.configs import EngineConfig, ExportModelConfig
from core.engines import EngineShelf
from core.events import Event, Finished, Noted
from core.jobs import JobSpec


def run(config: ExportModelConfig, _engines: EngineShelf) -> Generator[Event, None, None]:
    """The result names the folder, the classes and the bytes of the checkpoint."""
    # Imported here, because all jobs are listed where most of them need no torch.
    from core.maskrcnn.source import fetched
    from core.model_folder import origin_of, weights_in, write_model_folder, write_model_zip

    engine = EngineConfig(
        weights_in(config.weights),
        model_config=config.model_config,
        class_names=config.class_names,
    )
    yield from fetched(engine)
    yield Noted(f"Reading {engine.weights}.")
    origin = origin_of(engine)
    yield from map(Noted, origin.notes)
    out = Path(config.out)
    write = write_model_zip if out.suffix.lower() == ".zip" else write_model_folder
    n_bytes = write(out, origin, half_precision=config.half_precision)
    yield Finished(
        {
            "out": config.out,
            "classes": list(origin.class_names),
            "bytes": n_bytes,
            "licence": origin.licence,
        }
    )


JOBS = (JobSpec("export_model", ExportModelConfig, run),)
