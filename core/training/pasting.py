"""Instances of one image pasted on another: simple copy-paste (Ghiasi et al. 2021)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.geometry import (
    bounds_of,
    boxes_of,
    clip,
    intersection,
    mask_of,
    near,
    overlap,
    parts_area,
    without,
)
from core.training.cropping import Crop, Pixels, reduced, with_parts
from core.training.lesson import SLIVER_SHARE, TaughtInstance, TrainingImage
from core.types import Part

Group = tuple[TaughtInstance, ...]
_ON_THE_EDGE_PX = 1.0
"""An instance this near to the edge of its photo is taken to go on behind it."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """An image as it is shown."""

    pixels: Pixels
    lesson: TrainingImage
    """In pixels of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Instances cut out of their image, as they are pasted."""

    pixels: Pixels
    """(H, W, 3) of its box."""
    mask: npt.NDArray[np.bool_]
    """(H, W): what of the box is pasted."""
    instances: Group
    """In pixels of the box."""
    is_on_edge: tuple[bool, bool, bool, bool]
    """Whether it went up to the left, top, right and bottom edge of its photo."""


def groups_of(image: TrainingImage, size_hw: tuple[int, int]) -> tuple[Group, ...]:
    """The instances that can be pasted elsewhere, with those that have to go along.

    Instances that overlap by more than a sliver go together, or what is pasted would show another
    one that nobody speaks of. A group on which something lies that teaches nothing stays.

    Args:
        image: with its instances in pixels of its file.
        size_hw: of the file's image.
    """
    clipped = [replace(one, parts=clip(one.parts, size_hw)) for one in image.taught]
    instances = [one for one in clipped if one.parts and parts_area(one.parts) > 0]
    boxes = np.array([bounds_of(one.parts) for one in instances]).reshape(-1, 4)
    areas = [parts_area(one.parts) for one in instances]
    group_of = list(range(len(instances)))
    for index, one in enumerate(instances):
        for other in near(one.parts, boxes[:index]):
            shared = parts_area(intersection(one.parts, instances[other].parts))
            if shared > SLIVER_SHARE * min(areas[index], areas[other]):
                joined, gone = group_of[index], group_of[other]
                group_of = [joined if group == gone else group for group in group_of]
    groups = [
        tuple(one for one, of in zip(instances, group_of, strict=True) if of == group)
        for group in sorted(set(group_of))
    ]
    return tuple(group for group in groups if not _is_unclear(group, image.ignored))


def _is_unclear(group: Group, ignored: Sequence[tuple[Part, ...]]) -> bool:
    parts = _parts_of(group)
    x0, y0, x1, y1 = bounds_of(parts)
    for region in ignored:
        left, top, right, bottom = bounds_of(region)
        if left < x1 and right > x0 and top < y1 and bottom > y0 and overlap(parts, region):
            return True
    return False


def _parts_of(group: Group) -> tuple[Part, ...]:
    return tuple(part for one in group for part in one.parts)


def chosen(groups: Sequence[Group], rng: np.random.Generator) -> Group:
    """The instances of a random subset of groups, of one at least; none of none."""
    if not groups:
        return ()
    count = int(rng.integers(1, len(groups) + 1))
    places = sorted(rng.permutation(len(groups))[:count].tolist())
    return tuple(one for place in places for one in groups[place])


def patch_of(instances: Group, image: Pixels, crop: Crop) -> Patch | None:
    """Instances in the size and on the side that their image is shown; None below a pixel.

    Args:
        instances: in pixels of their file, at least one.
        image: all of it, in its own size or another.
        crop: how their image is shown; it counts whole, what is cropped away too.
    """
    height, width = crop.scaled_hw
    whole = replace(crop, crop_hw=crop.scaled_hw, corner_xy=(0, 0), mirrored=False)
    bounds = bounds_of(whole.moved(_parts_of(instances)))
    left, top = (max(0, int(np.floor(value))) for value in bounds[:2])
    right, bottom = min(width, int(np.ceil(bounds[2]))), min(height, int(np.ceil(bounds[3])))
    if right <= left or bottom <= top:
        return None
    box = replace(crop, crop_hw=(bottom - top, right - left), corner_xy=(left, top))
    there = tuple(replace(one, parts=box.moved(one.parts)) for one in instances)
    mask = mask_of(_parts_of(there), box.crop_hw)
    if not mask.any():
        return None
    on_left, on_right = bounds[0] < _ON_THE_EDGE_PX, bounds[2] > width - _ON_THE_EDGE_PX
    if crop.mirrored:
        on_left, on_right = on_right, on_left
    on_top, on_bottom = bounds[1] < _ON_THE_EDGE_PX, bounds[3] > height - _ON_THE_EDGE_PX
    return Patch(box.pixels(image), mask, there, (on_left, on_top, on_right, on_bottom))


def pasted(scene: Scene, patch: Patch, rng: np.random.Generator) -> Scene:
    """The scene with a patch somewhere on it; at its edge, if it went up to the edge of its photo.

    What lies under it keeps what is left of it. A patch larger than the scene is cut.
    """
    height, width = scene.pixels.shape[:2]
    patch_h, patch_w = patch.mask.shape
    on_left, on_top, on_right, on_bottom = patch.is_on_edge
    left = _start(patch_w, width, at_start=on_left, at_end=on_right, share=rng.random())
    top = _start(patch_h, height, at_start=on_top, at_end=on_bottom, share=rng.random())
    moved = [_shifted(one, (left, top)) for one in patch.instances]
    clipped = [with_parts(one, clip(one.parts, (height, width))) for one in moved]
    added = tuple(one for one in clipped if one.parts)
    if not added:
        return scene
    rows = slice(max(top, 0), min(top + patch_h, height))
    columns = slice(max(left, 0), min(left + patch_w, width))
    of_patch = (
        slice(rows.start - top, rows.stop - top),
        slice(columns.start - left, columns.stop - left),
    )
    pixels = scene.pixels.copy()
    np.copyto(pixels[rows, columns], patch.pixels[of_patch], where=patch.mask[of_patch][..., None])
    cover = _parts_of(added)
    boxes = boxes_of(cover)

    def left_of(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return without(parts, [cover[place] for place in near(parts, boxes)])

    lesson = reduced(scene.lesson, left_of)
    return Scene(pixels, replace(lesson, taught=(*lesson.taught, *added)))


def _start(side: int, whole: int, *, at_start: bool, at_end: bool, share: float) -> int:
    """Where a side begins in a longer one; below 0 where it is the longer one itself."""
    if at_start != at_end:
        return 0 if at_start else whole - side
    low, high = min(0, whole - side), max(0, whole - side)
    return min(low + int(share * (high - low + 1)), high)


def _shifted(instance: TaughtInstance, by_xy: tuple[int, int]) -> TaughtInstance:
    parts = tuple(
        Part(part.outer + by_xy, tuple(hole + by_xy for hole in part.holes))
        for part in instance.parts
    )
    return replace(instance, parts=parts)
