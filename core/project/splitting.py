"""Splits for images that became done, with their pictures looked at once."""

from collections.abc import Collection, Mapping, Sequence

from core.errors import AppError
from core.images import thumbnail
from core.project.grouping import PictureHash, picture_hash, together
from core.project.index import Index, version_of
from core.project.places import Places
from core.project.splits import new_splits
from core.types import Split

_MOST_LOOKED_AT = 2000
"""New images at a time. Decoding that many takes a minute; where more come at once, as with the
import of a big data set, their names alone say what belongs together."""
_THUMBNAIL_PX = 64


class Splitter:
    """Gives images a split; see grouping.py and splits.py for how."""

    def __init__(self, places: Places, index: Index) -> None:
        self._places = places
        self._index = index

    def splits_for(
        self,
        done: Sequence[str],
        splits: Mapping[str, Split],
        class_names: Mapping[str, Collection[str]],
    ) -> dict[str, Split]:
        """A split for each done image that has none.

        Args:
            done: keys of all done images.
            splits: what is decided already.
            class_names: the classes that each of them has.
        """
        n_new = sum(key not in splits for key in done)
        if not n_new:
            return {}
        looks = n_new <= _MOST_LOOKED_AT
        hashes = {key: found for key in done if (found := self.hash_of(key, may_look=looks))}
        return new_splits(together(done, hashes), class_names, splits)

    def hash_of(self, key: str, *, may_look: bool = True) -> PictureHash:
        """The hash of an image's picture; empty where it cannot be decoded.

        Args:
            key: of the image.
            may_look: whether it is decoded where nothing is remembered of it; else it is empty.
        """
        path = self._places.image_path(key)
        try:
            version = version_of(path)
            if version is None:
                return ""
            known = self._index.get("picture", key, version)
            if isinstance(known, str) or not may_look:
                return known or ""
            found = picture_hash(thumbnail(path, _THUMBNAIL_PX))
        except (AppError, OSError):
            return ""  # its name still says something; the picture is listed where it is read
        self._index.put("picture", key, version, value=found)
        return found
