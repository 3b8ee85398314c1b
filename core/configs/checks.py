"""What a config's values are held against when it is built."""

from collections.abc import Sequence

from core.errors import AppError


def require(condition: bool, sentence: str) -> None:
    if not condition:
        raise AppError(sentence)


def require_one_of(name: str, value: str, known: Sequence[str]) -> None:
    names = f"{', '.join(known[:-1])} or {known[-1]}"
    require(value in known, f"The {name} is {names}, not {value}.")


def require_share(name: str, value: float) -> None:
    require(
        value == -1 or 0 <= value <= 1,
        f"{name} lies between 0 and 1, or is -1 for the usual, not {value}.",
    )
