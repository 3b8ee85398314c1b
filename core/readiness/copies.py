"""Images that are in a project more than once: the same bytes, or other bytes and the same pixels.

Only files of equal size are read, and only pictures of equal hash are decoded.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Generator, Hashable, Mapping, Sequence, Set
from pathlib import Path
from typing import TypeVar

from core.errors import AppError
from core.events import Progress
from core.images import read_image, size_hw
from core.readiness.finding import Finding, warning
from core.readiness.fixes import SplitFix
from core.types import Split
from core.wording import counted, listed

_SAMPLE_BYTES = 1 << 16
"""Of the beginning and of the end: uncompressed photos are all of one size."""
_MOST_DECODED = 24
"""Pictures of equal hash that are decoded to compare them: more of them are a series of drawn or
empty images, and would take long."""

_T = TypeVar("_T", bound=Hashable)


def copies_of(
    files: Mapping[str, Path], *, picture_hash: Callable[[str], str]
) -> Generator[Progress, None, tuple[tuple[str, ...], ...]]:
    """Groups of images that are the same, in the order of the files.

    Args:
        files: by key; those that cannot be read are passed over.
        picture_hash: gives the hash of an image's picture by its key; empty where it has none.
    """
    groups = yield from _of_same_bytes(files)
    same = {key for group in groups for key in group[1:]}
    pictures = yield from _of_same_pixels(
        {key: files[key] for key in files if key not in same}, picture_hash
    )
    place = {key: number for number, key in enumerate(files)}
    of_first = {group[0]: group for group in groups}
    for group in pictures:
        together = [key for first in group for key in of_first.pop(first, (first,))]
        of_first[group[0]] = tuple(sorted(together, key=place.__getitem__))
    return tuple(sorted(of_first.values(), key=lambda group: place[group[0]]))


def of_copies(groups: Sequence[Sequence[str]], splits: Mapping[str, Split]) -> tuple[Finding, ...]:
    """What is to be said of groups of images that are the same; the grave case first.

    Args:
        groups: keys of images that are the same.
        splits: of all done images.
    """
    leaks = [group for group in groups if _leaks({splits[key] for key in group})]
    others = [group for group in groups if group not in leaks]
    return (*_of_leaks(leaks, splits), *_of_weight(others))


def _leaks(splits: Set[Split]) -> bool:
    return Split.TRAIN in splits and len(splits) > 1


def _of_leaks(groups: Sequence[Sequence[str]], splits: Mapping[str, Split]) -> tuple[Finding, ...]:
    if not groups:
        return ()
    n = counted(len(groups), "picture")
    is_, has = ("is", "has a copy") if len(groups) == 1 else ("are", "have copies")
    return (
        warning(
            f"{n} {is_} both learnt from and measured on, because {'it' if is_ == 'is' else 'they'}"
            f" {has} in another split: {listed([group[0] for group in groups])}. AP would be too"
            " good.",
            "Move each copy to the split of the first.",
            keys=tuple(key for group in groups for key in group),
            fix=SplitFix("Move the copies", _moves(groups, splits)),
        ),
    )


def _of_weight(groups: Sequence[Sequence[str]]) -> tuple[Finding, ...]:
    copies = tuple(key for group in groups for key in group[1:])
    if not copies:
        return ()
    are = (
        "1 image is a copy of another"
        if len(copies) == 1
        else (f"{len(copies)} images are copies of others")
    )
    return (
        warning(
            f"{are} and count{'s' if len(copies) == 1 else ''} once more: {listed(copies)}.",
            "Take copies out of the folder, unless they are there on purpose.",
            keys=copies,
        ),
    )


def _moves(groups: Sequence[Sequence[str]], splits: Mapping[str, Split]) -> dict[str, Split]:
    """Each image of a group to the split of its first; to val, where none would be left there."""
    wanted = {key: splits[group[0]] for group in groups for key in group}
    if Split.VAL not in {**splits, **wanted}.values():
        wanted = {
            key: Split.VAL
            for group in groups
            if Split.VAL in [splits[one] for one in group]
            for key in group
        }
    return {key: split for key, split in wanted.items() if splits[key] is not split}


def _of_same_bytes(
    files: Mapping[str, Path],
) -> Generator[Progress, None, list[tuple[str, ...]]]:
    of_size = _grouped({key: size for key, file in files.items() if (size := _n_bytes(file))})
    likely = [key for group in of_size for key in group]
    sampled: dict[str, Hashable] = {}
    for number, key in enumerate(likely):
        yield Progress(number, len(likely), "files compared")
        if digest := _digest(files[key], whole=False):
            sampled[key] = digest
    alike = [key for group in _grouped(sampled) for key in group]
    whole: dict[str, Hashable] = {}
    for number, key in enumerate(alike):
        yield Progress(number, len(alike), "files that begin alike compared")
        if digest := _digest(files[key], whole=True):
            whole[key] = digest
    return _grouped(whole)


def _of_same_pixels(
    files: Mapping[str, Path], picture_hash: Callable[[str], str]
) -> Generator[Progress, None, list[tuple[str, ...]]]:
    hashes = {key: found for key in files if (found := picture_hash(key))}
    alike = [key for group in _grouped(hashes) for key in group]
    sizes = {key: size for key in alike if (size := _size_of(files[key]))}
    likely = [
        key
        for group in _grouped({key: (hashes[key], sizes[key]) for key in sizes})
        for key in group
    ][:_MOST_DECODED]
    digests: dict[str, Hashable] = {}
    for number, key in enumerate(likely):
        yield Progress(number, len(likely), "pictures compared")
        try:
            pixels = read_image(files[key])
        except AppError:
            continue
        digests[key] = (pixels.shape, hashlib.blake2b(pixels.data).digest())
    return _grouped(digests)


def _grouped(values: Mapping[str, _T]) -> list[tuple[str, ...]]:
    """Keys of equal value, in their order; those that are alone are left out."""
    groups: dict[_T, list[str]] = defaultdict(list)
    for key, value in values.items():
        groups[value].append(key)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _n_bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _size_of(file: Path) -> tuple[int, int] | None:
    try:
        return size_hw(file)
    except AppError:
        return None


def _digest(file: Path, *, whole: bool) -> bytes:
    """The hash of a file, or of its beginning and end; empty where it cannot be read."""
    try:
        with file.open("rb") as opened:
            if whole:
                return hashlib.file_digest(opened, "blake2b").digest()
            start = opened.read(_SAMPLE_BYTES)
            opened.seek(max(opened.seek(0, 2) - _SAMPLE_BYTES, 0))
            return hashlib.blake2b(start + opened.read(_SAMPLE_BYTES)).digest()
    except OSError:
        return b""
