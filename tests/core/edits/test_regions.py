from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from core import edits
from core.errors import AppError
from core.geometry import bounds_of, mask_of, parts_area
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

ACCEPTED, DRAWN = InstanceState.ACCEPTED, InstanceState.DRAWN
EDITED, PREDICTED = InstanceState.EDITED, InstanceState.PREDICTED


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Part:
    return Part([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def instance(
    name: str, *parts: Part, state: InstanceState = PREDICTED, class_id: int = 1
) -> Instance:
    return Instance(
        name, class_id, parts, state=state, score=0.5, source="weights", crowd=True,
        attributes={"occluded": True},
    )  # fmt: skip


BACK = instance("back", rectangle(10, 10, 50, 50))
FRONT = instance("front", rectangle(30, 10, 70, 50), state=ACCEPTED, class_id=2)
FAR = instance("far", rectangle(100, 10, 120, 30), state=DRAWN)
INSIDE = instance("inside", rectangle(20, 20, 25, 25))
LABELS = ImageLabels((100, 200), (BACK, FRONT, FAR))
STROKE = (rectangle(40, 40, 60, 60),)


def ids(labels: ImageLabels) -> list[str]:
    return [one.id for one in labels.instances]


def test_a_stroke_is_added_to_one_instance_which_becomes_a_persons():
    after = edits.with_painted(LABELS, "back", stroke=STROKE)
    painted = after.instance("back")
    assert parts_area(painted.parts) == 1600 + 300
    assert painted == replace(BACK, parts=painted.parts, state=EDITED)
    assert after.instance("front") is FRONT
    assert after.state is ImageState.STARTED


def test_a_stroke_is_taken_out_of_several_instances():
    after = edits.with_erased(LABELS, {"back", "front"}, stroke=STROKE)
    assert parts_area(after.instance("back").parts) == 1500
    assert parts_area(after.instance("front").parts) == 1400
    assert after.instance("far") is FAR


def test_an_instance_that_is_erased_wholly_is_rejected():
    after = edits.with_erased(LABELS, {"back", "far"}, stroke=(rectangle(0, 0, 200, 100),))
    assert ids(after) == ["front"]
    # a prediction is remembered, what a person drew is gone
    assert after.rejected == (BACK,)


def test_painting_in_an_instance_or_erasing_beside_it_changes_nothing():
    within = (rectangle(15, 15, 20, 20),)
    assert edits.with_painted(LABELS, "back", stroke=within) is LABELS
    assert edits.with_erased(LABELS, {"far"}, stroke=within) is LABELS


def test_painting_on_what_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        edits.with_painted(LABELS, "nobody", stroke=STROKE)


def test_holes_are_filled_and_specks_dropped_in_the_given_instances_alone():
    holed = Part(rectangle(0, 0, 40, 40).outer, (rectangle(10, 10, 20, 20).outer,))
    speck = rectangle(60, 60, 62, 62)
    one, other = instance("one", holed, speck), instance("other", holed, speck)
    labels = ImageLabels((100, 200), (one, other))
    filled = edits.with_holes_filled(labels, {"one"})
    assert filled.instance("one").parts == (rectangle(0, 0, 40, 40), speck)
    assert filled.instance("other") is other
    dropped = edits.with_specks_dropped(labels, {"one"}, below=0.01)
    assert dropped.instance("one").parts == (holed,)
    assert dropped.instance("other") is other
    assert edits.with_specks_dropped(labels, {"one"}, below=0.001) is labels
    assert edits.with_holes_filled(LABELS, {"back"}) is LABELS


def test_united_instances_become_the_front_one():
    after = edits.with_united(LABELS, {"back", "front"})
    assert ids(after) == ["front", "far"]
    (part,) = after.instances[0].parts
    assert parts_area((part,)) == 2400
    assert after.instances[0] == replace(FRONT, parts=(part,), state=EDITED)
    # nothing is remembered as rejected: it is still there
    assert after.rejected == ()


def test_united_instances_that_do_not_touch_become_several_parts():
    after = edits.with_united(LABELS, {"back", "far"})
    assert after.instance("far").parts == (*FAR.parts, *BACK.parts)
    assert after.instance("far").state is DRAWN


def test_the_front_ones_are_subtracted_from_the_backmost_and_go():
    after = edits.with_subtracted(LABELS, {"back", "front"})
    assert ids(after) == ["back", "far"]
    assert parts_area(after.instance("back").parts) == 800
    assert after.instance("back").state is EDITED
    assert after.rejected == ()


def test_what_all_have_in_common_becomes_the_front_one():
    after = edits.with_intersected(LABELS, {"back", "front"})
    assert ids(after) == ["front", "far"]
    assert parts_area(after.instance("front").parts) == 800
    assert after.instance("front").class_id == 2


@pytest.mark.parametrize(
    "edit", [edits.with_united, edits.with_subtracted, edits.with_intersected, edits.with_joined]
)
def test_one_instance_alone_cannot_be_combined(edit):
    with pytest.raises(AppError, match="at least two"):
        edit(LABELS, {"back"})


def test_instances_apart_have_nothing_to_intersect_or_subtract():
    with pytest.raises(AppError, match="nothing in common"):
        edits.with_intersected(LABELS, {"back", "far"})
    with pytest.raises(AppError, match="do not overlap"):
        edits.with_subtracted(LABELS, {"back", "far"})


def test_subtracting_that_would_leave_nothing_is_refused():
    labels = replace(LABELS, instances=(INSIDE, BACK))
    with pytest.raises(AppError, match="nothing would be left"):
        edits.with_subtracted(labels, {"inside", "back"})


def test_those_that_instances_overlap_are_found_whatever_their_order():
    labels = replace(LABELS, instances=(INSIDE, FRONT, BACK, FAR))
    assert edits.overlapped_by(labels, {"back"}) == ("inside", "front")
    assert edits.overlapped_by(labels, {"far"}) == ()
    assert edits.overlapped_by(labels, ()) == ()


def test_what_lies_under_instances_is_taken_away_from_the_others():
    after = edits.with_taken_away(LABELS, {"front"}, below={"back", "far"})
    assert parts_area(after.instance("back").parts) == 800
    assert after.instance("front") is FRONT
    assert after.instance("far") is FAR


def test_an_instance_that_lies_wholly_under_another_stays():
    labels = replace(LABELS, instances=(INSIDE, BACK))
    assert edits.with_taken_away(labels, {"back"}, below={"inside"}) is labels


corners = st.tuples(st.integers(0, 180), st.integers(0, 80), st.integers(3, 60), st.integers(3, 60))
rectangles = corners.map(
    lambda c: rectangle(c[0], c[1], min(c[0] + c[2], 200), min(c[1] + c[3], 100))
)


names = st.sets(st.sampled_from("012345"), min_size=1, max_size=3)


@st.composite
def edits_of_regions(draw: st.DrawFn) -> Callable[[ImageLabels], ImageLabels]:
    ids, part = draw(names), draw(rectangles)
    x, y = part.outer[0].tolist()
    several = {
        "paint": lambda now: (
            edits.with_painted(now, min(ids), stroke=(part,)) if min(ids) in all_ids(now) else now
        ),
        "erase": lambda now: edits.with_erased(now, ids, stroke=(part,)),
        "fill": lambda now: edits.with_holes_filled(now, ids),
        "drop": lambda now: edits.with_specks_dropped(now, ids, below=0.1),
        "cut": lambda now: edits.with_cut(now, ids, line=[(x, y), (199.0 - y, 101.0), (-1.0, x)]),
        "unite": lambda now: edits.with_united(now, ids),
        "subtract": lambda now: edits.with_subtracted(now, ids),
        "intersect": lambda now: edits.with_intersected(now, ids),
        "take away": lambda now: edits.with_taken_away(now, ids, below=all_ids(now) - ids),
        "join": lambda now: edits.with_joined(now, ids),
        "split": lambda now: edits.with_parts_split(now, ids),
        "front": lambda now: edits.brought_to_front(now, ids),
        "back": lambda now: edits.sent_to_back(now, ids),
    }
    return several[draw(st.sampled_from(sorted(several)))]


def all_ids(labels: ImageLabels) -> set[str]:
    return {one.id for one in labels.instances}


@given(st.lists(rectangles, min_size=4, max_size=6), st.lists(edits_of_regions(), max_size=12))
def test_whatever_is_done_one_after_the_other_every_outline_is_valid(several, steps):
    now = ImageLabels((100, 200), tuple(instance(f"{n}", one) for n, one in enumerate(several)))
    for step in steps:
        with suppress(AppError):
            after = step(now)
            assert edits.mended(now, after).labels is after
            now = after
    assert len(all_ids(now)) == len(now.instances)
    for part in (part for one in now.instances for part in one.parts):
        assert Polygon(part.outer, part.holes).is_valid
        left, top, right, bottom = bounds_of((part,))
        assert left >= 0
        assert top >= 0
        assert right <= 200
        assert bottom <= 100


@given(rectangles, rectangles, rectangles)
def test_what_instances_make_of_each_other_is_what_masks_would(a, b, c):
    labels = ImageLabels((100, 200), (instance("a", a), instance("b", b, c)))
    first, second = (mask_of(one.parts, labels.size_hw) for one in labels.instances)

    def mask_after(edit: Callable[..., ImageLabels]) -> np.ndarray:
        try:
            (one,) = edit(labels, {"a", "b"}).instances
        except AppError:
            return np.zeros(0)
        return mask_of(one.parts, labels.size_hw)

    for edit, mask in (
        (edits.with_united, first | second),
        (edits.with_intersected, first & second),
        (edits.with_subtracted, first & ~second),
    ):
        made = mask_after(edit)
        # crumbs and pinholes of two square pixels may differ
        assert not made.size or np.count_nonzero(made ^ mask) <= 6


@given(st.lists(rectangles, min_size=2, max_size=6))
def test_after_taking_away_nothing_overlaps_but_what_lies_wholly_under(several):
    labels = ImageLabels(
        (100, 200), tuple(instance(f"{n}", part) for n, part in enumerate(several))
    )
    below = edits.overlapped_by(labels, {"0"})
    after = edits.with_taken_away(labels, {"0"}, below=below)
    assert after.instance("0") is labels.instances[0]
    for one in edits.overlapped_by(after, {"0"}):
        assert after.instance(one) is labels.instance(one)
        assert parts_area((*after.instance(one).parts, several[0])) == pytest.approx(
            parts_area((several[0],)), abs=3
        )
