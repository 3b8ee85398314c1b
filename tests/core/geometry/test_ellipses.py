"""Ellipses as rings of few vertices."""

import numpy as np
import pytest
import shapely
from shapely.affinity import scale

from core.geometry import ellipse_ring


@pytest.mark.parametrize("box", [(0, 0, 100, 100), (10, 20, 300, 40), (5, 5, 6, 90)])
def test_few_vertices_cover_an_ellipse_at_an_iou_of_99_percent(
    box: tuple[float, float, float, float],
) -> None:
    x0, y0, x1, y1 = box
    middle = shapely.Point((x0 + x1) / 2, (y0 + y1) / 2)
    wanted = scale(middle.buffer(1, quad_segs=512), (x1 - x0) / 2, (y1 - y0) / 2)

    ring = ellipse_ring(box)

    got = shapely.Polygon(ring)
    assert got.intersection(wanted).area / got.union(wanted).area >= 0.99
    assert got.area == pytest.approx(wanted.area, rel=1e-3)
    assert len(ring) <= 20


def test_more_vertices_come_with_a_higher_iou() -> None:
    assert len(ellipse_ring((0, 0, 10, 10), min_iou=0.999)) > len(ellipse_ring((0, 0, 10, 10)))
    assert len(ellipse_ring((0, 0, 10, 10), min_iou=1)) == 64


def test_the_ring_is_as_wide_and_high_as_its_box_within_two_percent() -> None:
    low, high = np.split(np.array([[10, 20], [110, 70]]), 2)
    ring = ellipse_ring((10, 20, 110, 70))

    assert np.abs(ring.min(axis=0) - low).max() < 2
    assert np.abs(ring.max(axis=0) - high).max() < 2
