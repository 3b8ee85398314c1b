"""What a config's values are held against when it is built."""

import math
from collections.abc import Sequence

from core.errors import AppError


def require(condition: bool, sentence: str) -> None:
    if not condition:
        raise AppError(sentence)


def require_one_of(name: str, value: str, known: Sequence[str]) -> None:
    names = f"{', '.join(known[:-1])} or {known[-1]}"
    require(value in known, f"The {name} is {names}, not {value or 'empty'}.")


def require_share(name: str, value: float) -> None:
    require(
        value == -1 or 0 <= value <= 1,
        f"The {name} is a number from 0 to 1 (or -1: automatic), not {value:g}.",
    )


def require_from(least: int, name: str, value: int, *, otherwise: str = "") -> None:
    """A count that is so large at least, or one below it that means something else.

    Args:
        least: of the counts.
        name: what it is called: "batch size".
        value: what it is.
        otherwise: the value below that is allowed too and what it means: "0: automatic".
    """
    also = int(otherwise.partition(":")[0]) if otherwise else least
    require(
        value >= least or value == also,
        f"The {name} is a whole number from {least} on{f' (or {otherwise})' if otherwise else ''},"
        f" not {value}.",
    )


def require_number(name: str, value: float, *, otherwise: str = "") -> None:
    """A number from 0 on that is finite; what 0 means is said."""
    meaning = f" ({otherwise})" if otherwise else ""
    require(
        math.isfinite(value) and value >= 0,
        f"The {name} is a number from 0 on{meaning}, not {value:g}.",
    )
