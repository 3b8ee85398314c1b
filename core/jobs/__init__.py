"""Jobs: each file here declares its JOBS.

A job is its name and its config; running it yields events. The same job runs in a thread, in a
child process, on the command line, or in a test as `list(run_job(...))`. Whoever consumes the
events cancels by closing the iterator: the job then leaves all in order and ends.
"""

import importlib
import pkgutil
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from core.configs import from_json
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Started


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One job."""

    name: str
    config: type[Any]
    run: Callable[[Any, EngineShelf], Generator[Event, None, None]]
    """Yields events, Finished last. Raises AppError where it cannot go on."""


def all_jobs() -> dict[str, JobSpec]:
    """Every job of this folder by name."""
    specs: dict[str, JobSpec] = {}
    for module in pkgutil.iter_modules(__path__):
        found: tuple[JobSpec, ...] = importlib.import_module(f"{__name__}.{module.name}").JOBS
        specs.update((spec.name, spec) for spec in found)
    return specs


def run_job(
    name: str, config: Any, engines: EngineShelf, *, jobs: Mapping[str, JobSpec]
) -> Generator[Event, None, None]:
    """The events of one of `jobs`; config is its config object, or the JSON of one.

    Raises:
        AppError: there is no such job, the config is not one of it, or the job cannot go on.
    """
    if name not in jobs:
        raise AppError(f"There is no job named {name}; there are {', '.join(sorted(jobs))}.")
    spec = jobs[name]
    checked = config if isinstance(config, spec.config) else from_json(spec.config, config)
    yield Started(name)
    yield from spec.run(checked, engines)
