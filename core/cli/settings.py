"""A file of settings on the command line: Maskloop's, or the config.yaml of a run of detectron2."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from core.configs.overriding import is_written_by_detectron2, of_any_file, read_settings
from core.errors import AppError
from core.maskrcnn.zoo import BASE_ADDRESS, ZOO
from core.types import Json
from core.wording import listed

_WEIGHTS = "MODEL.WEIGHTS"
_FEW = 5


def settings_in(file: Path) -> tuple[dict[str, Json], tuple[str, ...]]:
    """What a file sets, and what was made of it, in sentences.

    Weights that it names are found where they lie beside it, or by the address that detectron2
    publishes them at.

    Raises:
        AppError: it cannot be read, or names a setting that is none.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AppError(f"The settings in {file} cannot be read: {error}.") from error
    in_file = read_settings(text)
    settings, left_out = of_any_file(in_file)
    sentences = [_left_out(file, left_out)] if left_out else []
    told = settings.get(_WEIGHTS)
    if isinstance(told, str) and (found := _found(told, file.parent)):
        settings[_WEIGHTS] = found
    elif isinstance(told, str) and is_written_by_detectron2(in_file):
        del settings[_WEIGHTS]
        if told:
            sentences.append(
                f"Its weights, {told}, are not here and were left out too: --weights says what to"
                " begin with."
            )
    return settings, tuple(sentences)


def _found(told: str, beside: Path) -> str:
    """The name or the file of weights as detectron2 names them; empty where there are none."""
    address = told.removeprefix("detectron2://").removeprefix(BASE_ADDRESS)
    for name, entry in ZOO.items():
        if address == entry.path:
            return name
    places = (beside / told, Path(told))
    return next((str(one) for one in places if told and one.is_file()), "")


def _left_out(file: Path, names: Sequence[str]) -> str:
    if len(names) <= _FEW:
        return (
            f"Of {file.name}, {listed(names)} was left out: a fine-tune here has no such setting."
        )
    counts = Counter(name.split(".")[0] for name in names)
    sections = ", ".join(f"{n} of {section}" for section, n in counts.items())
    return (
        f"Of {file.name}, {len(names)} settings were left out that a fine-tune here does not have:"
        f" {sections}."
    )
