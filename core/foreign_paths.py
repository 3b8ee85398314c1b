"""Image names as other tools write them, and the files that are meant by them.

A name out of a label file is never used as a path: it only picks one of the files that are there.
So nothing outside the folders that a person chose is ever read, whatever the name says.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from core.images import IMAGE_SUFFIXES

_URL: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://[^/?#]*([^?#]*)")
_ROOT: Final = re.compile(r"^(?:[^/]:|/)+")


@dataclass(frozen=True, slots=True)
class Match:
    """What a name means."""

    path: str = ""
    """The one that is meant, below its folder, with forward slashes; empty where none is."""
    depth: int = 0
    """How many of the last parts of its path are the name's: 1 is the file's name alone."""
    rivals: tuple[str, ...] = ()
    """The several that it may mean, where that cannot be told."""


def plain_key(name: str) -> str:
    """A name as a relative path with forward slashes, never absolute, never with `..`.

    What is absolute, leads up or is an address is known by its last part alone; empty where there
    is none.
    """
    parts, is_relative = _parts(name)
    key = _ROOT.sub("", "/".join(parts if is_relative else parts[-1:]))
    return "" if key in (".", "..") else key


def _parts(name: str) -> tuple[tuple[str, ...], bool]:
    address = _URL.match(name)
    path = (unquote(address[1]) if address else name).replace("\0", "").replace("\\", "/")
    plain = _ROOT.sub("", path)
    steps = plain.split("/")
    is_relative = address is None and plain == path and ".." not in steps
    return tuple(step for step in steps if step not in ("", ".", "..")), is_relative


class NameIndex:
    """Finds among many paths the one that a name from elsewhere means."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: dict[str, list[str]] = {}
        for path in paths:
            self._by_name.setdefault(path.rpartition("/")[2].casefold(), []).append(path)

    def match(self, name: str) -> Match:
        """The path whose end agrees with most of the name's end, in any case of letters."""
        parts, is_relative = _parts(name)
        candidates = self._by_name.get(parts[-1].casefold(), []) if parts else []
        if is_relative and "/".join(parts) in candidates:
            return Match("/".join(parts), len(parts))
        if not candidates:
            return Match()
        depths = [_common_depth(parts, path.split("/")) for path in candidates]
        best = [
            path for path, depth in zip(candidates, depths, strict=True) if depth == max(depths)
        ]
        if len(best) > 1:
            # two files may differ in the case of letters alone
            exact = [path for path in best if path.endswith("/".join(parts[-max(depths) :]))]
            best = exact if len(exact) == 1 else best
        if len(best) > 1:
            return Match(rivals=tuple(sorted(best)))
        return Match(best[0], max(depths))


def _common_depth(a: Sequence[str], b: Sequence[str]) -> int:
    depth = 0
    for one, other in zip(reversed(a), reversed(b), strict=False):
        if one.casefold() != other.casefold():
            break
        depth += 1
    return depth


@dataclass(frozen=True, slots=True)
class FoundImage:
    """What became of a name."""

    key: str
    """The path of the file below its folder; where none was found, what plain_key makes of it."""
    file: Path | None
    sentence: str = ""
    """Why no file was taken, where that needs to be said: several could be meant."""


def found_images(names: Iterable[str], folders: Sequence[Path]) -> dict[str, FoundImage]:
    """For every name the image that it means, from the first folder that has one.

    Two names that are known by their last part alone and would get the same file get none: which
    of them is meant cannot be told.
    """
    distinct = list(dict.fromkeys(names))
    found: dict[str, FoundImage] = {}
    for folder in folders:
        index = NameIndex(image_files(folder))
        for name, match in _undisputed(distinct, index).items():
            if name in found and (found[name].file or not (match.path or match.rivals)):
                continue
            if match.path:
                found[name] = FoundImage(match.path, folder / match.path)
            else:
                found[name] = FoundImage(plain_key(name), None, _rival_sentence(match))
    return {name: found.get(name, FoundImage(plain_key(name), None)) for name in distinct}


def _undisputed(names: Sequence[str], index: NameIndex) -> dict[str, Match]:
    matches = {name: index.match(name) for name in names}
    claims: dict[str, list[str]] = {}
    for name, match in matches.items():
        if match.path:
            claims.setdefault(match.path, []).append(name)
    for path, claimers in claims.items():
        if len({_parts(name) for name in claimers}) == 1:
            continue
        deepest = max(matches[name].depth for name in claimers)
        winners = [name for name in claimers if matches[name].depth == deepest]
        for name in claimers:
            if name not in winners or len(winners) > 1:
                matches[name] = Match(rivals=(path,)) if name in winners else Match()
    return matches


def _rival_sentence(match: Match) -> str:
    if not match.rivals:
        return ""
    shown = ", ".join(match.rivals[:3])
    return f"Several images have this name, and which is meant cannot be told ({shown})."


def image_files(folder: Path) -> list[str]:
    """Every image file below a folder, as paths with forward slashes.

    Hidden ones are left out, and links that lead out of the folder.
    """
    return _files(folder, IMAGE_SUFFIXES)


def json_files(folder: Path) -> list[str]:
    """Every .json below a folder; as `image_files`."""
    return _files(folder, frozenset((".json",)))


def _files(folder: Path, suffixes: frozenset[str]) -> list[str]:
    files: list[str] = []
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        below = Path(at).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        files += [
            prefix + name
            for name in sorted(names)
            if not name.startswith(".")
            and os.path.splitext(name)[1].lower() in suffixes
            and not _leads_out(os.path.join(at, name), folder)
        ]
    return files


def _leads_out(file: str, folder: Path) -> bool:
    if not os.path.islink(file):
        return False
    return not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder))
