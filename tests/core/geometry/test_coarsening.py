import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from core.geometry.coarsening import TOLERANCES, Outlines, douglas_peucker, ring_areas

TURNS = np.linspace(0, 2 * np.pi, 300, endpoint=False)


def lobed(seed: int, *, radius: float = 100) -> np.ndarray:
    rng = np.random.default_rng(seed)
    r = radius * (1 + sum(0.3 * rng.normal() / k**2 * np.cos(k * TURNS) for k in range(2, 8)))
    return np.stack([150 + r * np.cos(TURNS), 150 + r * np.sin(TURNS)], axis=1)


def iou(ring: np.ndarray, other: np.ndarray) -> float:
    a, b = shapely.Polygon(ring), shapely.Polygon(other)
    return shapely.intersection(a, b).area / shapely.union(a, b).area


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.95, 0.98, 0.99, 0.995]))
def test_the_iou_of_a_step_is_known_to_a_few_thousandths(seed, wanted):
    ring = lobed(seed)
    outlines = Outlines([[[ring]]])
    (step,) = outlines.coarsest_steps(np.array([wanted]))
    (((found,),),) = outlines.at_steps(np.array([0]), np.array([step]))
    assert iou(ring, found) >= wanted - 0.004
    if step > 0:
        (((coarser,),),) = outlines.at_steps(np.array([0]), np.array([step - 1]))
        assert iou(ring, coarser) <= wanted + 0.004


def test_an_iou_of_one_is_the_last_step_and_of_none_the_first():
    outlines = Outlines([[[lobed(1)]], [[lobed(2)]]])
    steps = outlines.coarsest_steps(np.array([1.0, 0.0]))
    assert steps.tolist() == [len(TOLERANCES) - 1, 0]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=6), st.floats(0.9, 0.995))
def test_instances_do_not_see_each_other(seeds, wanted):
    instances = [[[lobed(seed), lobed(seed + 1, radius=30)]] for seed in seeds]
    together = Outlines(instances)
    steps = together.coarsest_steps(np.full(len(seeds), wanted))
    made = together.at_steps(np.arange(len(seeds)), steps)
    for i, instance in enumerate(instances):
        alone = Outlines([instance])
        assert alone.coarsest_steps(np.array([wanted])).tolist() == [steps[i]]
        (((outer, hole),),) = alone.at_steps(np.array([0]), steps[[i]])
        assert np.allclose(made[i][0][0], outer)
        assert np.allclose(made[i][0][1], hole)


def test_some_of_the_instances_are_simplified_alone():
    outlines = Outlines([[[lobed(seed)]] for seed in range(4)])
    everything = outlines.at_steps(np.arange(4), np.full(4, 8))
    some = outlines.at_steps(np.array([1, 3]), np.full(2, 8))
    assert np.array_equal(some[0][0][0], everything[1][0][0])
    assert np.array_equal(some[1][0][0], everything[3][0][0])


def test_a_simplified_ring_covers_the_area_of_the_ring():
    ring = lobed(5)
    (((found,),),) = Outlines([[[ring]]]).at(np.array([0]), np.array([6.0]))
    assert len(found) < 30
    assert abs(ring_areas([found])[0]) == pytest.approx(abs(ring_areas([ring])[0]), rel=0.005)


@pytest.mark.parametrize("turns", [1, -1])
def test_the_area_of_a_ring_has_the_sign_of_its_direction(turns):
    rings = [lobed(1)[::turns], lobed(2)[::-turns]]
    found = ring_areas(rings)
    assert np.allclose(np.abs(found), [shapely.Polygon(ring).area for ring in rings])
    assert np.sign(found).tolist() == [turns, -turns]


def test_no_rings_have_no_areas():
    assert ring_areas([]).shape == (0,)


def test_kept_vertices_ascend_and_lie_near_the_ring():
    ring = lobed(7)
    kept = douglas_peucker(ring, 2.0)
    assert (np.diff(kept) > 0).all()
    away = shapely.distance(shapely.LinearRing(ring[kept]), shapely.points(ring))
    assert away.max() <= 2.01


def test_a_ring_smaller_than_the_tolerance_keeps_three_vertices():
    (((found,),),) = Outlines([[[lobed(3, radius=1)]]]).at(np.array([0]), np.array([50.0]))
    assert len(found) == 3
