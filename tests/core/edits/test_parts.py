import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import edits
from core.geometry import parts_area
from core.types import ImageLabels, Instance, InstanceState, Part
from tests.core.labelfile.files import file_of, polygon, read, written

ACCEPTED, DRAWN = InstanceState.ACCEPTED, InstanceState.DRAWN
EDITED, PREDICTED = InstanceState.EDITED, InstanceState.PREDICTED


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Part:
    return Part([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


LARGE, SMALL, TINY = (
    rectangle(10, 10, 50, 50),
    rectangle(60, 10, 80, 30),
    rectangle(60, 40, 65, 45),
)
JACKET = Instance(
    "jacket", 3, (SMALL, LARGE, TINY), state=PREDICTED, score=0.7, source="weights", crowd=True,
    attributes={"note": "torn"},
)  # fmt: skip
FRONT = Instance("front", 1, (rectangle(45, 5, 55, 20),), state=ACCEPTED)
LABELS = ImageLabels((60, 100), (JACKET, FRONT))


def test_a_cut_keeps_the_largest_piece_and_draws_the_others_in_front_of_it():
    after = edits.with_cut(LABELS, {"jacket"}, line=[(20, 0), (20, 60)])
    kept, new, front = after.instances
    assert (kept.id, kept.state, kept.score, kept.source) == ("jacket", EDITED, 0.7, "weights")
    assert (new.state, new.score, new.source) == (DRAWN, None, "")
    assert (new.class_id, new.crowd, new.attributes) == (3, True, {"note": "torn"})
    assert parts_area(new.parts) == 400
    assert kept.parts[1:] == (SMALL, TINY)
    assert front is FRONT


def test_a_cut_goes_through_all_that_it_is_meant_for():
    line = [(0, 12), (100, 12)]
    both = edits.with_cut(LABELS, {"jacket", "front"}, line=line)
    # both of the jacket's larger parts, and the one in front
    assert [one.id for one in both.instances if len(one.id) < 16] == ["jacket", "front"]
    assert len(both.instances) == 6
    assert edits.with_cut(LABELS, {"front"}, line=line).instances[0] is JACKET


def test_a_line_that_goes_through_nothing_changes_nothing():
    assert edits.with_cut(LABELS, {"jacket", "front"}, line=[(30, 30), (90, 35)]) is LABELS


def test_parts_become_instances_and_the_largest_one_keeps_the_id():
    after = edits.with_parts_split(LABELS, {"jacket", "front"})
    assert [one.parts for one in after.instances] == [(LARGE,), (SMALL,), (TINY,), FRONT.parts]
    assert [one.state for one in after.instances] == [EDITED, DRAWN, DRAWN, ACCEPTED]
    assert after.instances[0].id == "jacket"
    assert len({one.id for one in after.instances}) == 4


def test_splitting_an_instance_of_one_part_changes_nothing():
    assert edits.with_parts_split(LABELS, {"front"}) is LABELS


def test_instances_are_joined_to_the_front_one_with_all_their_parts_as_they_were():
    after = edits.with_joined(LABELS, {"jacket", "front"})
    (one,) = after.instances
    assert (one.id, one.class_id, one.state) == ("front", 1, EDITED)
    assert one.parts == (*FRONT.parts, SMALL, LARGE, TINY)
    assert after.rejected == ()


def test_splitting_takes_apart_what_was_joined():
    joined = edits.with_joined(LABELS, {"jacket", "front"})
    apart = edits.with_parts_split(joined, {"front"})
    assert {part for one in apart.instances for part in one.parts} == {
        *JACKET.parts,
        *FRONT.parts,
    }


def test_split_and_joined_shapes_of_a_file_keep_their_flags_and_their_order():
    jacket = [
        polygon([[x, 5], [x + 10, 5], [x + 10, 20], [x, 20]], group_id=4, flags={"torn": True})
        for x in (5, 20)
    ]
    labels = read(file_of(jacket[0], polygon(), jacket[1])).labels
    one = labels.instances[0]
    split = edits.with_parts_split(labels, {one.id})
    again = read(written(split)).labels
    assert again == split
    shapes = written(edits.with_joined(split, {split.instances[0].id, split.instances[1].id}))
    assert [shape["flags"] for shape in shapes["shapes"]].count({"torn": True}) == 2


@given(st.floats(0, 100), st.floats(0, 100))
def test_a_cut_neither_adds_nor_loses_anything(top, bottom):
    after = edits.with_cut(LABELS, {"jacket"}, line=[(top, -1), (bottom, 61)])
    parts = [part for one in after.instances if one.id != "front" for part in one.parts]
    assert sum(parts_area((part,)) for part in parts) == pytest.approx(parts_area(JACKET.parts))
