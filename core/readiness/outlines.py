"""What is said of flaws in outlines, each kind with what mends it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from core.readiness.finding import Finding, warning
from core.readiness.fixes import LabelFix, MendFlaws
from core.readiness.flaws import Flaw
from core.readiness.looked import Looked
from core.wording import counted


class _Words(NamedTuple):
    one: str
    """The end of the sentence where one instance has the flaw."""
    several: str
    help: str
    fix: str


_WORDS: Mapping[Flaw, _Words] = MappingProxyType(
    {
        Flaw.OUTSIDE: _Words(
            "lies beside its image and teaches nothing",
            "lie beside their images and teach nothing",
            "Look whether the labels belong to another image, or to another size of it; if not,"
            " delete what lies outside.",
            "Delete what lies outside",
        ),
        Flaw.FLAT: _Words(
            "covers less than a pixel and teaches nothing",
            "cover less than a pixel and teach nothing",
            "Delete them: most are slips of the hand, or what another tool left of a polygon.",
            "Delete them",
        ),
        Flaw.CROSSING: _Words(
            "has an outline that crosses itself, so that its mask may have holes",
            "have outlines that cross themselves, so that their masks may have holes",
            "Mend them: each becomes the parts that it encloses.",
            "Mend the outlines",
        ),
        Flaw.OVER_EDGE: _Words(
            "reaches over the edge of its image",
            "reach over the edges of their images",
            "Cut off what lies outside. Where it is much, the labels may belong to another size of"
            " the image.",
            "Cut them off",
        ),
        Flaw.TWICE: _Words(
            "is labelled twice",
            "are labelled twice",
            "Leave one of each: a thing that is labelled twice counts as one that was missed.",
            "Leave one of each",
        ),
    }
)


def of_flaws(images: Sequence[Looked]) -> tuple[Finding, ...]:
    """What is to be said of the outlines in these images, the worst flaw first."""
    found = []
    for flaw in Flaw:
        seen = {one.key: _ids(one, flaw) for one in images}
        keys = tuple(key for key, ids in seen.items() if ids)
        if keys:
            n = sum(map(len, seen.values()))
            words = _WORDS[flaw]
            where = f"{counted(n, 'instance')} in {counted(len(keys), 'image')}"
            change = MendFlaws(flaw, {key: seen[key] for key in keys})
            found.append(
                warning(
                    f"{where} {words.one if n == 1 else words.several}.",
                    words.help,
                    keys=keys,
                    fix=LabelFix(words.fix, keys, change),
                )
            )
    return tuple(found)


def _ids(image: Looked, flaw: Flaw) -> frozenset[tuple[str, ...]]:
    return frozenset(one.doubt.ids for one in image.flaws if one.flaw is flaw)
