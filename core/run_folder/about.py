"""What a person says of a run: a name and a note, in about.json of its folder."""

import json
from dataclasses import dataclass
from pathlib import Path

from core.atomic import write_atomically
from core.errors import AppError
from core.types import Json

_FILE = "about.json"
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class About:
    """The words of a person; empty where there are none."""

    name: str = ""
    """In one line."""
    note: str = ""


UNSAID = About()


def about_named(about: About, name: str) -> About:
    """With another name: one line, without blanks around it, not longer than a list can show."""
    return About(" ".join(name.split())[:_LONGEST_NAME].rstrip(), about.note)


def about_noted(about: About, note: str) -> About:
    """With another note."""
    return About(about.name, note.strip())


def read_about(run_folder: Path) -> About:
    """What is said of a run; nothing where the file cannot be read, which holds nothing up."""
    try:
        value: Json = json.loads((run_folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return About()
    if not isinstance(value, dict):
        return About()
    words = {name: value.get(name) for name in ("name", "note")}
    return About(**{name: word for name, word in words.items() if isinstance(word, str)})


def write_about(run_folder: Path, about: About) -> None:
    """Keeps what is said of a run.

    Raises:
        AppError: the run is gone, or the file cannot be written.
    """
    if not run_folder.is_dir():
        raise AppError(f"The run {run_folder.name} is not there any more, so it keeps no name.")
    text = json.dumps({"name": about.name, "note": about.note}, ensure_ascii=False)
    write_atomically(run_folder / _FILE, text.encode("utf-8", "backslashreplace"))
