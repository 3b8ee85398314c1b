"""Images that must not be torn apart: near-duplicates, bursts, and frames of one video.

A model that trained on one of two such images has as good as seen the other, so that an AP on the
other says nothing. Images are together when

- their pictures are nearly the same (a difference hash of 256 bits), whatever their names; or
- their names differ only in a number, they follow each other in counting, and their pictures are
  similar; or
- their names differ only in a number after the word "frame".
"""

import itertools
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

PictureHash: TypeAlias = str
"""64 hexadecimal digits: whether each of 16 x 16 places is darker than its right neighbour."""

_SIDE = 16
_NOISE = 2
"""Grey levels that count as no difference, so that flat pictures have few bits, not random ones."""
_SAME = 0.1
"""Share of differing bits among the set ones up to which two pictures are nearly the same. On 22
photos: at most .04 for a copy of half the size as JPEG of quality 60, at least .39 between two."""
_SIMILAR = 0.25
"""The same for neighbours in counting: a camera that moved by 2 % of the width gives about .2."""


def picture_hash(image: npt.NDArray[np.uint8]) -> PictureHash:
    """The hash of a picture, (H, W, 3) uint8; a thumbnail of 64 pixels is enough."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE + 1, _SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = small[:, 1:] > small[:, :-1] + _NOISE
    return np.packbits(bits).tobytes().hex()


def together(keys: Sequence[str], hashes: Mapping[str, PictureHash]) -> list[tuple[str, ...]]:
    """The keys in groups that must not be torn apart, in the order of their first keys.

    Args:
        keys: of images.
        hashes: of those whose picture is known; the others go by name alone.
    """
    forest = {key: key for key in keys}
    for a, b in (*_frames(keys), *_neighbours(keys, hashes), *_near_duplicates(keys, hashes)):
        forest[_root(forest, b)] = _root(forest, a)
    groups: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        groups[_root(forest, key)].append(key)
    return [tuple(group) for group in groups.values()]


def nearly_same(
    hashes: Mapping[str, PictureHash], others: Mapping[str, PictureHash]
) -> list[tuple[str, str]]:
    """Pairs of keys, the second of the others, whose pictures are nearly the same.

    Of a picture that is one flat colour nothing can be told.
    """
    told = {key: one for key, one in others.items() if int(one, 16)}
    if not told:
        return []
    names, words = tuple(told), _words(told.values())
    n_set = _n_set(words)
    pairs = []
    for key, one in hashes.items():
        (own,) = _words([one])
        n_different = _n_set(words ^ own)
        are_same = n_different <= _SAME * (n_set + _n_set(own[None]))
        pairs += [(key, names[int(j)]) for j in np.flatnonzero(are_same)]
    return pairs


def _root(forest: dict[str, str], key: str) -> str:
    while forest[key] != key:
        forest[key] = forest[forest[key]]
        key = forest[key]
    return key


def _series(keys: Iterable[str]) -> dict[str, list[str]]:
    """Keys whose names differ only in their last number, in counting order."""
    series: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for key in keys:
        stem = os.path.splitext(key)[0]
        numbers = list(re.finditer("[0-9]+", stem.rpartition("/")[2]))
        if numbers:
            last = numbers[-1]
            start = len(stem) - len(stem.rpartition("/")[2])
            name = f"{stem[: start + last.start()]}#{stem[start + last.end() :]}"
            series[name].append((int(last[0]), key))
    return {name: [key for _, key in sorted(found)] for name, found in series.items()}


def _frames(keys: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name, found in _series(keys).items():
        if re.search(r"frame[ _.-]*#", name.rpartition("/")[2], re.IGNORECASE):
            yield from itertools.pairwise(found)


def _neighbours(
    keys: Iterable[str], hashes: Mapping[str, PictureHash]
) -> Iterable[tuple[str, str]]:
    for found in _series(keys).values():
        for a, b in itertools.pairwise(found):
            if a in hashes and b in hashes and _difference(hashes[a], hashes[b]) <= _SIMILAR:
                yield a, b


def _difference(a: PictureHash, b: PictureHash) -> float:
    one, other = int(a, 16), int(b, 16)
    return (one ^ other).bit_count() / max(one.bit_count() + other.bit_count(), 1)


def _near_duplicates(
    keys: Iterable[str], hashes: Mapping[str, PictureHash]
) -> Iterable[tuple[str, str]]:
    known = [key for key in keys if key in hashes]
    words = _words([hashes[key] for key in known])
    n_set = _n_set(words)
    for i, key in enumerate(known):
        n_different = _n_set(words[i + 1 :] ^ words[i])
        are_same = n_different <= _SAME * (n_set[i + 1 :] + n_set[i])
        for j in np.flatnonzero(are_same):
            yield key, known[i + 1 + int(j)]


def _words(hashes: Collection[PictureHash]) -> npt.NDArray[np.uint64]:
    """(N, 4): the bits of each hash."""
    packed = bytes.fromhex("".join(hashes))
    return np.frombuffer(packed, np.uint64).reshape(len(hashes), _SIDE * _SIDE // 64)


def _n_set(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """(N,): how many bits of each hash are set."""
    return np.asarray(np.bitwise_count(words).sum(axis=1, dtype=np.int64))
