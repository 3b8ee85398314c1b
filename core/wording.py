"""Lists of names and numbers of things as people say them, for sentences."""

from collections.abc import Sequence

LEFT_OUT = "Left out"
"""How the sentence about an image begins that does not go out, as its labels cannot be read."""
_MOST = 5


def listed(names: Sequence[str], *, none: str = "none") -> str:
    """The first few names: "a, b, c, d, e and 3 more"; `none` where there is no name."""
    if not names:
        return none
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def counted(n: int, what: str) -> str:
    """So many of something: "1 image", "3 images"."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def one_line(text: str, *, most: int = 200) -> str:
    """A text that somebody else wrote, in a sentence: its beginning, without what garbles the rest
    (line breaks, control characters, those that turn the direction of writing)."""
    plain = "".join(one if one.isprintable() else "?" for one in text[:most])
    return plain if len(text) <= most else f"{plain} ..."
