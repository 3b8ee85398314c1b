"""Where the image and the label file of a key lie."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import AppError
from core.project.facts import Facts, Kind, KnownFacts
from core.project.project_file import PROJECT_FILE
from core.project.scan import FolderListing, listing_of
from core.types import Problem


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """The label file of an image."""

    name: str
    """Its path below the labels folder, with forward slashes."""
    facts: Facts
    """What is in it."""
    problems: tuple[Problem, ...] = ()
    """Files that look as if they were meant for this image and cannot be used."""


@dataclass(frozen=True, slots=True)
class _Folder:
    images: frozenset[str]
    sharers: dict[str, tuple[str, ...]]
    """Images that differ only in their suffix, by their small-letter stem."""


class Places:
    """Finds the files of a key. Keys are paths below the folder, with forward slashes."""

    def __init__(self, folder: Path, labels_folder: Path, facts: KnownFacts) -> None:
        self._folder = folder
        self._labels_folder = labels_folder
        self._facts = facts
        self._folders: dict[str, _Folder] = {}

    def remember(self, listing: FolderListing) -> None:
        """Takes over what a scan saw of a folder."""
        by_stem: dict[str, list[str]] = {}
        for image in listing.images:
            by_stem.setdefault(_stem(image).casefold(), []).append(image)
        sharers = {stem: tuple(names) for stem, names in by_stem.items() if len(names) > 1}
        self._folders[listing.below] = _Folder(frozenset(listing.images), sharers)

    def image_added(self, key: str) -> None:
        """Looks at a folder anew the next time, because an image came into it."""
        self._folders.pop(_split(key)[0], None)

    def image_path(self, key: str) -> Path:
        """The image.

        Raises:
            AppError: the key would lead out of the folder.
        """
        return self._folder / checked_key(key)

    def label_path(self, key: str) -> Path:
        """The label file, which may not exist yet.

        Raises:
            AppError: the key would lead out of the folder.
        """
        return self._labels_folder / self.place(key).name

    def place(self, key: str) -> LabelPlace:
        """Which file holds the labels of an image, or would.

        It is a.json for a.jpg. Where a.png is there too, imagePath tells whose a.json is, and the
        other has a.png.json. An a.json that is not labelme's is left alone: a.jpg.json it is, and
        a.jpg.labels.json where that is taken too (photo clouds write such files).

        Raises:
            AppError: the key would lead out of the folder.
        """
        below, image = _split(checked_key(key))
        short = f"{below}{_stem(image)}.json"
        facts = Facts(Kind.OTHER) if short == PROJECT_FILE else self._facts.of(short)
        short_is_mine = self._is_owner(facts, below, image)
        others = {
            name: self._facts.of(name)
            for name in (f"{below}{image}.labels.json", f"{below}{image}.json")
        }
        for name, found in others.items():
            if found.kind is Kind.LABELS and self._is_of(found, below, image):
                problems: tuple[Problem, ...] = ()
                if short_is_mine and facts.kind is Kind.LABELS:
                    used = name.rpartition("/")[2]
                    sentence = f"{image} has two label files; {used} is used, not this."
                    problems = (Problem(short, sentence),)
                return LabelPlace(name, found, problems)
        if short_is_mine:
            return LabelPlace(short, facts, _problems_of(short, facts))
        problems = _problems_of(short, facts)
        third, own = others
        free = own if others[own].kind in (Kind.MISSING, Kind.UNREADABLE) else third
        problems += _problems_of(own, others[own])
        return LabelPlace(free, others[free], problems)

    def _is_owner(self, facts: Facts, below: str, image: str) -> bool:
        """Whether the short name, of these facts, is this image's among those of its stem."""
        if facts.kind in (Kind.OTHER, Kind.BROKEN):
            return False
        sharers = self._sharers(below, image)
        if len(sharers) == 1 or facts.kind is Kind.UNREADABLE:
            return True
        named = [one for one in sharers if one == facts.image_name] or [
            one for one in sharers if one.casefold() == facts.image_name.casefold()
        ]
        if named:
            return image == named[0]
        without_own = [
            one for one in sharers if self._facts.of(f"{below}{one}.json").kind is not Kind.LABELS
        ]
        return image == (without_own or list(sharers))[0]

    def _is_of(self, facts: Facts, below: str, image: str) -> bool:
        # a.png.json can also be the label file of an image named a.png.jpg.
        return facts.image_name == image or facts.image_name not in self._in(below).images

    def _sharers(self, below: str, image: str) -> tuple[str, ...]:
        return self._in(below).sharers.get(_stem(image).casefold(), (image,))

    def _in(self, below: str) -> _Folder:
        if below not in self._folders:
            self.remember(listing_of(self._folder, below))
        return self._folders[below]


def _problems_of(name: str, facts: Facts) -> tuple[Problem, ...]:
    return (Problem(name, facts.sentence),) if facts.sentence else ()


def checked_key(key: str) -> str:
    """The key, if it names a file below the folder.

    Raises:
        AppError: it is empty, absolute, has a drive, a backslash or goes up.
    """
    parts = key.split("/")
    if not key or "\\" in key or "\0" in key or any(part in ("", ".", "..") for part in parts):
        raise AppError(f"{key!r} is not the name of an image in this folder.")
    if os.path.splitdrive(key)[0]:
        raise AppError(f"{key!r} is not the name of an image in this folder.")
    return key


def label_names_of(image: str) -> Iterator[str]:
    """Every name that the label file of an image can have."""
    yield f"{_stem(image)}.json"
    yield f"{image}.json"
    yield f"{image}.labels.json"


def _split(key: str) -> tuple[str, str]:
    below, slash, image = key.rpartition("/")
    return below + slash, image


def _stem(image: str) -> str:
    return os.path.splitext(image)[0]
