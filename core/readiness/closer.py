"""A closer look at all done images: it opens each file, and compares those that may be the same."""

from collections.abc import Callable, Generator, Sequence

from core.doubts import Dismissals
from core.events import Progress
from core.project import Project
from core.readiness.alike import of_alike
from core.readiness.copies import copies_of, of_copies
from core.readiness.files import of_broken, of_sizes, of_trouble, of_turned
from core.readiness.finding import Finding
from core.readiness.looked import Looked, looked_at
from core.readiness.outlines import of_flaws


def look(project: Project) -> Generator[Progress, None, tuple[Finding, ...]]:
    """What `readiness_of` cannot know: a closer look at files, outlines and copies. For threads.

    What it found of a picture is remembered until the file changes. Closing it between two events
    ends it.

    Args:
        project: whose done images have their splits.
    """
    keys = project.done_keys()
    left = Dismissals(project.hidden_folder).left
    images = []
    for number, key in enumerate(keys):
        yield Progress(number, len(keys), "images looked at")
        images.append(looked_at(project, key, left=left))
    return (yield from closer_findings(images, picture_hash=project.picture_hash))


def closer_findings(
    images: Sequence[Looked], *, picture_hash: Callable[[str], str]
) -> Generator[Progress, None, tuple[Finding, ...]]:
    """What is to be said of images that were looked at, what spoils most first.

    Args:
        images: the done ones.
        picture_hash: gives the hash of an image's picture by its key; empty where it has none.
    """
    sound = [one for one in images if not one.trouble]
    files = {one.key: one.file for one in sound}
    groups = yield from copies_of(files, picture_hash=picture_hash)
    copies = frozenset(key for group in groups for key in group)
    alike = yield from of_alike(sound, copies=copies, picture_hash=picture_hash)
    return (
        *of_trouble(images),
        *of_copies(groups, {one.key: one.split for one in images}),
        *alike,
        *of_turned(sound),
        *of_sizes(sound),
        *of_broken(sound),
        *of_flaws(sound),
    )
