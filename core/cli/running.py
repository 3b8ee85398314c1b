"""What every subcommand needs to run its job."""

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from core.class_names import clean_name, text_of_names
from core.cli.show import Events
from core.demo import JOBS as DEMO_JOBS
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Noted
from core.jobs import all_jobs, run_job


def job_events(name: str, config: Any) -> Events:
    """The events of a job of this name."""
    jobs = {**all_jobs(), **{spec.name: spec for spec in DEMO_JOBS}}
    return run_job(name, config, EngineShelf(), jobs=jobs)


def noted(sentences: Sequence[str], events: Events) -> Events:
    """The events of a job, with what was found before it began told first."""
    with closing(events):
        yield from map(Noted, sentences)
        yield from events


def class_names_in(path: str) -> tuple[str, ...]:
    """The names in a file, one a line; none where no file is named.

    Raises:
        AppError: the file cannot be read or holds none.
    """
    if not path:
        return ()
    try:
        lines = text_of_names(Path(path)).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AppError(f"The class names in {path} cannot be read: {error}.") from error
    names = tuple(name for line in lines if (name := clean_name(line)))
    if not names:
        raise AppError(f"{path} holds no class name; it needs one a line.")
    return names


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse.

    Raises:
        ArgumentTypeError: it is less.
        ValueError: it is no whole number.
    """
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"it is at least 1, not {number}")
    return number
