"""Pictures that are nearly the same, one learnt from and one measured on."""

from collections.abc import Callable, Generator, Sequence

from core.events import Progress
from core.project import nearly_same
from core.readiness.finding import Finding, warning
from core.readiness.looked import Looked
from core.types import Split
from core.wording import counted, listed

_MOST = 5000
"""Of more images each pair is not compared: it would take half a minute."""


def of_alike(
    images: Sequence[Looked], *, copies: frozenset[str], picture_hash: Callable[[str], str]
) -> Generator[Progress, None, tuple[Finding, ...]]:
    """Images to measure on that look like images to learn from: resized, saved anew, or the next
    frame.

    Args:
        images: the done ones.
        copies: keys of images that are told of already.
        picture_hash: gives the hash of an image's picture by its key; empty where it has none.
    """
    if len(images) > _MOST:
        return ()
    yield Progress(0, 1, "pictures compared")
    train, others = (
        {
            one.key: found
            for one in images
            if (one.split is Split.TRAIN) is is_train
            and one.key not in copies
            and (found := picture_hash(one.key))
        }
        for is_train in (True, False)
    )
    pairs = nearly_same(others, train)
    keys = tuple(dict.fromkeys(key for key, _ in pairs))
    if not keys:
        return ()
    look, their = ("looks", "one") if len(keys) == 1 else ("look", "ones")
    return (
        warning(
            f"{counted(len(keys), 'image')} to measure on {look} nearly the same as {their} to"
            f" learn from: {listed([f'{one} like {other}' for one, other in pairs])}. AP may be too"
            " good.",
            "Mark one of each pair as not done, or take it out of the folder. Of a single video"
            " nothing better can be done: measure on another one.",
            keys=keys,
        ),
    )
