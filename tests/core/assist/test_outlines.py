"""What a model saw to parts: few vertices, no specks, inside the image."""

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from core.assist.library import Sighting
from core.assist.outlines import parts_of_sighting
from core.geometry import mask_of
from core.types import Part

PICTURE_HW = (300, 400)
NOWHERE = np.zeros((0, 2))


def lobed(centre: tuple[float, float], radius: float, *, lobes: int = 3) -> Part:
    """An outline as of a leaf."""
    turns = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radii = radius * (1 + 0.25 * np.sin(lobes * turns) + 0.08 * np.sin(5 * turns))
    return Part(np.stack([radii * np.cos(turns), radii * np.sin(turns)], axis=1) + centre)


def seen(mask: npt.NDArray[np.bool_]) -> Sighting:
    """A mask of the picture as a model tells it: cropped to its box."""
    ys, xs = np.nonzero(mask)
    x0, y0, x1, y1 = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    return Sighting((int(x0), int(y0), int(x1), int(y1)), mask[y0:y1, x0:x1], None)


def parts_of(
    sighting: Sighting,
    *,
    size_hw: tuple[int, int] = PICTURE_HW,
    on: npt.NDArray[np.float64] = NOWHERE,
    beside: npt.NDArray[np.float64] = NOWHERE,
) -> tuple[Part, ...]:
    return parts_of_sighting(sighting, PICTURE_HW, size_hw, on=on, beside=beside)


def region(parts: tuple[Part, ...]) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(part.outer, part.holes) for part in parts])


@pytest.mark.parametrize("factor", [1, 4])
def test_a_leaf_has_its_outline_in_at_most_twenty_vertices(factor: int) -> None:
    counts, ious = [], []
    for lobes in (2, 3, 4):
        for radius in (15, 30, 100):
            leaf = lobed((200, 150), radius, lobes=lobes)
            size_hw = (PICTURE_HW[0] * factor, PICTURE_HW[1] * factor)
            parts = parts_of(seen(mask_of((leaf,), PICTURE_HW)), size_hw=size_hw)
            true = shapely.Polygon(leaf.outer * factor) & shapely.box(0, 0, *size_hw[::-1])
            found = region(parts)
            counts.append(sum(len(part.outer) for part in parts))
            ious.append(found.intersection(true).area / found.union(true).area)
    assert np.median(counts) <= 20
    assert np.median(ious) >= 0.98


def test_specks_go_and_a_part_behind_something_stays() -> None:
    mask = np.zeros(PICTURE_HW, dtype=np.bool_)
    mask[50:150, 50:150] = True
    mask[50:150, 170:190] = True
    mask[200:203, 300:303] = True
    parts = parts_of(seen(mask))
    assert region(parts).bounds == pytest.approx((50, 50, 190, 150), abs=1)
    assert len(parts) == 2


def test_a_speck_that_a_person_clicked_on_stays() -> None:
    mask = np.zeros(PICTURE_HW, dtype=np.bool_)
    mask[50:150, 50:150] = True
    mask[200:204, 300:304] = True
    assert len(parts_of(seen(mask), on=np.array([[302.0, 202.0]]))) == 2


def test_a_piece_under_a_point_beside_the_instance_goes() -> None:
    mask = np.zeros(PICTURE_HW, dtype=np.bool_)
    mask[50:150, 50:100] = True
    mask[50:150, 150:220] = True
    parts = parts_of(seen(mask), on=np.array([[60.0, 60.0]]), beside=np.array([[200.0, 100.0]]))
    assert region(parts).bounds == pytest.approx((50, 50, 100, 150), abs=1)


def test_a_pinhole_is_filled_and_a_true_hole_stays() -> None:
    mask = np.zeros(PICTURE_HW, dtype=np.bool_)
    mask[50:150, 50:150] = True
    mask[60:63, 60:63] = False
    mask[90:120, 90:120] = False
    (part,) = parts_of(seen(mask))
    (hole,) = part.holes
    assert shapely.Polygon(hole).area == pytest.approx(900, rel=0.1)


def test_what_fills_the_picture_goes_to_its_very_border() -> None:
    (part,) = parts_of(seen(np.ones(PICTURE_HW, dtype=np.bool_)), size_hw=(1200, 1600))
    assert region((part,)).bounds == (0, 0, 1600, 1200)
    assert region((part,)).area == pytest.approx(1600 * 1200, rel=1e-3)


def test_a_box_that_reaches_out_of_the_picture_is_cut() -> None:
    sighting = Sighting((-10, -20, 40, 30), np.ones((50, 50), dtype=np.bool_), 0.5)
    assert region(parts_of(sighting)).bounds == pytest.approx((0, 0, 40, 30), abs=0.5)


@pytest.mark.parametrize(
    "sighting",
    [
        Sighting((10, 10, 20, 20), np.zeros((10, 10), dtype=np.bool_), 0.5),
        Sighting((500, 10, 510, 20), np.ones((10, 10), dtype=np.bool_), 0.5),
        Sighting((-30, 10, -20, 20), np.ones((10, 10), dtype=np.bool_), 0.5),
        Sighting((10, 10, 20, 20), None, 0.5),
    ],
    ids=["empty", "right of the picture", "left of it", "a box only"],
)
def test_where_nothing_was_seen_in_the_picture_there_are_no_parts(sighting: Sighting) -> None:
    assert parts_of(sighting) == ()


def test_a_single_pixel_is_a_part() -> None:
    mask = np.zeros(PICTURE_HW, dtype=np.bool_)
    mask[10, 20] = True
    (part,) = parts_of(seen(mask))
    assert region((part,)).contains(shapely.Point(20.5, 10.5))
