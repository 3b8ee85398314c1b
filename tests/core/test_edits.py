from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import edits
from core.types import ImageLabels, ImageState, Instance, InstanceState, Origin, Part

ACCEPTED, DRAWN = InstanceState.ACCEPTED, InstanceState.DRAWN
EDITED, PREDICTED = InstanceState.EDITED, InstanceState.PREDICTED

SQUARE = np.array([[10.0, 10], [20, 10], [20, 20], [10, 20]])
HOLE = np.array([[12.0, 12], [15, 12], [12, 15]])
ORIGIN = Origin('{"label": "x"}', 0, "print")


def instance(name: str, state: InstanceState = PREDICTED, *parts: Part) -> Instance:
    return Instance(
        name,
        1,
        parts or (Part(SQUARE, origin=ORIGIN),),
        state=state,
        score=0.5,
        source="weights",
        attributes={"occluded": True},
    )


def labels(*instances: Instance) -> ImageLabels:
    return ImageLabels((100, 200), instances)


def ids(of: ImageLabels) -> list[str]:
    return [one.id for one in of.instances]


EDITS_OF_A: dict[str, Callable[[ImageLabels], ImageLabels]] = {
    "class": lambda now: edits.with_class_changed(now, {"a"}, class_id=9),
    "move": lambda now: edits.with_instances_moved(now, {"a"}, by_xy=(1, 2)),
    "vertex moved": lambda now: edits.with_vertex_moved(
        now, "a", part=0, ring=0, vertex=1, to_xy=(25, 5)
    ),
    "edge moved": lambda now: edits.with_edge_moved(
        now, "a", part=0, ring=0, edge=3, by_xy=(-2, 1)
    ),
    "vertex inserted": lambda now: edits.with_vertex_inserted(
        now, "a", part=0, ring=0, edge=3, at_xy=(9, 15)
    ),
    "vertex deleted": lambda now: edits.with_vertex_deleted(now, "a", part=0, ring=0, vertex=1),
    "parts": lambda now: edits.with_parts(now, "a", parts=(Part(HOLE),)),
}


@pytest.mark.parametrize("edit", EDITS_OF_A)
@pytest.mark.parametrize(
    ("before", "after"),
    [(PREDICTED, EDITED), (ACCEPTED, EDITED), (EDITED, EDITED), (DRAWN, DRAWN)],
)
def test_an_edit_makes_a_prediction_a_persons(edit, before, after):
    changed = EDITS_OF_A[edit](labels(instance("a", before), instance("b")))
    assert changed.instance("a").state is after
    assert changed.instance("a").score == 0.5
    assert changed.instance("a").attributes == {"occluded": True}
    assert changed.instance("b").state is PREDICTED


@pytest.mark.parametrize("edit", EDITS_OF_A)
@pytest.mark.parametrize("state", ImageState)
def test_the_first_edit_starts_an_image_and_a_done_one_stays_done(edit, state):
    changed = EDITS_OF_A[edit](replace(labels(instance("a")), state=state))
    started = ImageState.STARTED if state is ImageState.UNTOUCHED else state
    assert changed.state is started


@pytest.mark.parametrize("edit", EDITS_OF_A)
def test_an_edit_leaves_the_old_value_alone(edit):
    before = labels(instance("a"), instance("b"))
    EDITS_OF_A[edit](before)
    assert before == labels(instance("a"), instance("b"))


@pytest.mark.parametrize("edit", [name for name in EDITS_OF_A if name != "parts"])
def test_an_edited_part_remembers_the_shape_it_came_from(edit):
    changed = EDITS_OF_A[edit](labels(instance("a")))
    assert changed.instance("a").parts[0].origin is ORIGIN


@pytest.mark.parametrize("edit", EDITS_OF_A)
def test_changed_ids_names_what_was_edited(edit):
    before = labels(instance("a"), instance("b"))
    assert edits.changed_ids(before, EDITS_OF_A[edit](before)) == {"a"}


def test_changed_ids_names_what_came_and_what_went():
    before, after = labels(instance("a"), instance("b")), labels(instance("b"), instance("c"))
    assert edits.changed_ids(before, after) == {"a", "c"}
    assert edits.changed_ids(before, before) == frozenset()


@pytest.mark.parametrize(
    "nothing",
    [
        lambda now: edits.with_class_changed(now, {"a"}, class_id=1),
        lambda now: edits.with_class_changed(now, {"gone"}, class_id=2),
        lambda now: edits.with_instances_moved(now, {"a"}, by_xy=(0, 0)),
        lambda now: edits.with_vertex_moved(now, "a", part=0, ring=0, vertex=0, to_xy=(10, 10)),
        lambda now: edits.with_edge_moved(now, "a", part=0, ring=0, edge=0, by_xy=(0, 0)),
        lambda now: edits.with_parts(now, "a", parts=(Part(SQUARE),)),
        lambda now: edits.with_instances_added(now, ()),
        lambda now: edits.without_instances(now, {"gone"}),
        lambda now: edits.rejected(now, ()),
        lambda now: edits.accepted(now, ()),
        lambda now: edits.with_image_state(now, ImageState.UNTOUCHED),
        lambda now: edits.rescaled(now, (100, 200)),
    ],
)
def test_what_changes_nothing_gives_the_same_labels_back(nothing):
    before = labels(instance("a"))
    assert nothing(before) is before


def test_a_new_instance_lies_in_front():
    after = edits.with_instance_added(labels(instance("a")), instance("b", DRAWN))
    assert ids(after) == ["a", "b"]
    assert after.state is ImageState.STARTED


def test_an_id_is_not_given_twice():
    with pytest.raises(ValueError, match="same id"):
        edits.with_instance_added(labels(instance("a")), instance("a"))


def test_copies_are_a_persons_own_and_say_nothing_of_their_originals():
    moved = np.array([3, 4])
    (copy,) = edits.copies_of(
        [instance("a", PREDICTED, Part(SQUARE, (HOLE,), ORIGIN))], by_xy=(3, 4)
    )
    assert copy.id != "a"
    assert (copy.state, copy.score, copy.source) == (DRAWN, None, "")
    assert copy.class_id == 1
    assert copy.parts == (Part(SQUARE + moved, (HOLE + moved,)),)
    assert copy.parts[0].origin is None


def test_accepting_touches_predictions_only():
    before = labels(instance("a"), instance("b", EDITED), instance("c"), instance("d", DRAWN))
    after = edits.accepted(before, {"a", "b", "d"})
    assert [one.state for one in after.instances] == [ACCEPTED, EDITED, PREDICTED, DRAWN]
    assert after.state is ImageState.STARTED
    everything = edits.all_accepted(before)
    assert [one.state for one in everything.instances] == [ACCEPTED, EDITED, ACCEPTED, DRAWN]


@pytest.mark.parametrize("state", InstanceState)
def test_only_predictions_are_remembered_when_they_are_rejected(state):
    after = edits.rejected(labels(instance("a", state), instance("b")), {"a"})
    assert ids(after) == ["b"]
    assert [one.id for one in after.rejected] == (["a"] if state is PREDICTED else [])
    assert all(one.state is PREDICTED for one in after.rejected)


def test_removed_instances_are_not_remembered():
    after = edits.without_instances(labels(instance("a")), {"a"})
    assert after.instances == after.rejected == ()


def test_done_keeps_predictions_that_nobody_saw():
    before = labels(instance("a"), instance("b", DRAWN))
    after = edits.with_image_state(before, ImageState.DONE)
    assert after.instances == before.instances
    assert after.state is ImageState.DONE


def test_a_vertex_goes_where_it_is_moved():
    after = edits.with_vertex_moved(
        labels(instance("a")), "a", part=0, ring=0, vertex=2, to_xy=(30, 40)
    )
    assert after.instance("a").parts[0].outer.tolist() == [[10, 10], [20, 10], [30, 40], [10, 20]]


@pytest.mark.parametrize(("edge", "at"), [(0, 1), (1, 2), (3, 4)])
def test_a_vertex_is_inserted_behind_the_one_where_its_edge_starts(edge, at):
    after = edits.with_vertex_inserted(
        labels(instance("a")), "a", part=0, ring=0, edge=edge, at_xy=(0, 1)
    )
    ring = after.instance("a").parts[0].outer.tolist()
    assert ring[at] == [0, 1]
    assert [*ring[:at], *ring[at + 1 :]] == SQUARE.tolist()


@pytest.mark.parametrize(("edge", "ends"), [(0, (0, 1)), (2, (2, 3)), (3, (3, 0))])
def test_moving_an_edge_is_moving_its_two_vertices(edge, ends):
    before = labels(instance("a"))
    by_vertices = before
    for end in ends:
        x, y = SQUARE[end]
        by_vertices = edits.with_vertex_moved(
            by_vertices, "a", part=0, ring=0, vertex=end, to_xy=(x + 3, y - 4)
        )
    after = edits.with_edge_moved(before, "a", part=0, ring=0, edge=edge, by_xy=(3, -4))
    assert after == by_vertices


def test_an_edge_of_a_hole_is_moved():
    before = labels(instance("a", DRAWN, Part(SQUARE, (HOLE,))))
    after = edits.with_edge_moved(before, "a", part=0, ring=1, edge=2, by_xy=(1, 1))
    assert after.instance("a").parts[0].holes[0].tolist() == [[13, 13], [15, 12], [13, 16]]
    assert after.instance("a").parts[0].outer.tolist() == SQUARE.tolist()


def test_a_vertex_of_a_hole_is_moved():
    before = labels(instance("a", PREDICTED, Part(SQUARE), Part(SQUARE, (HOLE,))))
    after = edits.with_vertex_moved(before, "a", part=1, ring=1, vertex=0, to_xy=(11, 11))
    assert after.instance("a").parts[1].holes[0][0].tolist() == [11, 11]
    assert after.instance("a").parts[0] == Part(SQUARE)


def test_a_hole_without_its_third_vertex_is_filled():
    other = HOLE + 3
    before = labels(instance("a", DRAWN, Part(SQUARE, (HOLE, other))))
    after = edits.with_vertex_deleted(before, "a", part=0, ring=1, vertex=2)
    assert after.instance("a").parts == (Part(SQUARE, (other,)),)


def test_a_part_without_its_third_vertex_goes():
    before = labels(instance("a", DRAWN, Part(HOLE), Part(SQUARE)))
    after = edits.with_vertex_deleted(before, "a", part=0, ring=0, vertex=0)
    assert after.instance("a").parts == (Part(SQUARE),)


def test_what_was_rejected_comes_back_as_a_prediction():
    before = labels(instance("a"), instance("b"), instance("c"))
    after = edits.restored(edits.rejected(before, {"a", "b"}), {"a"})
    assert ids(after) == ["c", "a"]
    assert after.instance("a") == before.instance("a")
    assert [one.id for one in after.rejected] == ["b"]


def test_restoring_what_is_not_rejected_changes_nothing():
    now = edits.rejected(labels(instance("a"), instance("b")), {"a"})
    assert edits.restored(now, {"b", "z"}) is now


def test_a_restored_prediction_whose_id_is_taken_gets_another():
    now = replace(labels(instance("a", DRAWN)), rejected=(instance("a"),))
    after = edits.restored(now, {"a"})
    assert len({one.id for one in after.instances}) == 2
    assert after.rejected == ()


def test_what_a_model_saw_is_added_accepted_with_a_free_id_and_no_shape_of_a_file():
    *_, added = edits.with_seen_added(labels(instance("a", DRAWN)), instance("a")).instances
    assert added.state is ACCEPTED
    assert added.id != "a"
    assert added.parts[0].origin is None


def test_two_rejected_predictions_of_one_id_come_back_as_two():
    now = replace(labels(), rejected=(instance("a"), instance("a")))
    after = edits.restored(now, {"a"})
    assert len({one.id for one in after.instances}) == 2


@pytest.mark.parametrize("state", [DRAWN, PREDICTED])
def test_an_instance_without_its_last_part_is_rejected(state):
    after = edits.with_vertex_deleted(
        labels(instance("a", state, Part(HOLE))), "a", part=0, ring=0, vertex=0
    )
    assert after.instances == ()
    assert [one.id for one in after.rejected] == (["a"] if state is PREDICTED else [])


@pytest.mark.parametrize(
    "place",
    [
        {"part": 1, "ring": 0, "vertex": 0},
        {"part": 0, "ring": 1, "vertex": 0},
        {"part": 0, "ring": 0, "vertex": 4},
        {"part": 0, "ring": 0, "vertex": -1},
        {"part": -1, "ring": 0, "vertex": 0},
    ],
)
def test_an_index_out_of_range_is_an_error(place):
    before = labels(instance("a"))
    with pytest.raises(IndexError):
        edits.with_vertex_deleted(before, "a", **place)
    with pytest.raises(IndexError):
        edits.with_vertex_moved(before, "a", **place, to_xy=(0, 0))
    edge = {"part": place["part"], "ring": place["ring"], "edge": place["vertex"]}
    with pytest.raises(IndexError):
        edits.with_vertex_inserted(before, "a", **edge, at_xy=(0, 0))
    with pytest.raises(IndexError):
        edits.with_edge_moved(before, "a", **edge, by_xy=(0, 0))


def test_an_unknown_instance_is_an_error():
    with pytest.raises(KeyError):
        edits.with_parts(labels(), "gone", parts=())
    with pytest.raises(KeyError):
        edits.with_parts(labels(), "gone", parts=(Part(SQUARE),))
    with pytest.raises(KeyError):
        edits.with_vertex_deleted(labels(), "gone", part=0, ring=0, vertex=0)


def test_rescaling_is_no_edit():
    before = edits.rejected(labels(instance("a"), instance("b")), {"b"})
    after = edits.rescaled(replace(before, state=ImageState.UNTOUCHED), (50, 400))
    assert after.size_hw == (50, 400)
    assert after.state is ImageState.UNTOUCHED
    assert after.instance("a").state is PREDICTED
    scaled = Part(SQUARE * (2, 0.5))
    assert after.instance("a").parts == after.rejected[0].parts == (scaled,)


coordinates = st.floats(-50, 300)
xy = st.tuples(coordinates, coordinates)
small = st.integers(0, 5)
one_or_two = st.sets(st.sampled_from(["a", "b", "c"]), max_size=2)
new_rings = st.lists(xy, min_size=3, max_size=5).map(np.array)
new_parts = st.lists(st.builds(Part, new_rings), max_size=2).map(tuple)

random_edits = st.one_of(
    st.builds(lambda i: lambda now: edits.accepted(now, i), one_or_two),
    st.builds(lambda i: lambda now: edits.rejected(now, i), one_or_two),
    st.builds(
        lambda i, c: lambda now: edits.with_class_changed(now, i, class_id=c), one_or_two, small
    ),
    st.builds(lambda i, d: lambda now: edits.with_instances_moved(now, i, by_xy=d), one_or_two, xy),
    st.builds(
        lambda i, p: lambda now: edits.with_parts(now, i, parts=p),
        st.sampled_from("abc"),
        new_parts,
    ),
    st.builds(
        lambda i, p, r, v, to: (
            lambda now: edits.with_vertex_moved(now, i, part=p, ring=r, vertex=v, to_xy=to)
        ),
        st.sampled_from("abc"),
        small,
        small,
        small,
        xy,
    ),
    st.builds(
        lambda i, p, r, v, at: (
            lambda now: edits.with_vertex_inserted(now, i, part=p, ring=r, edge=v, at_xy=at)
        ),
        st.sampled_from("abc"),
        small,
        small,
        small,
        xy,
    ),
    st.builds(
        lambda i, p, r, v, by: (
            lambda now: edits.with_edge_moved(now, i, part=p, ring=r, edge=v, by_xy=by)
        ),
        st.sampled_from("abc"),
        small,
        small,
        small,
        xy,
    ),
    st.builds(
        lambda i, p, r, v: lambda now: edits.with_vertex_deleted(now, i, part=p, ring=r, vertex=v),
        st.sampled_from("abc"),
        small,
        small,
        small,
    ),
    st.builds(lambda s: lambda now: edits.with_image_state(now, s), st.sampled_from(ImageState)),
    st.builds(
        lambda: lambda now: edits.with_instances_added(now, edits.copies_of(now.instances[:2]))
    ),
)


@settings(max_examples=200)
@given(st.lists(random_edits, max_size=12))
def test_any_edits_in_any_order_leave_valid_labels(sequence):
    now = labels(
        instance("a"), instance("b", ACCEPTED, Part(SQUARE, (HOLE,))), instance("c", DRAWN)
    )
    for edit in sequence:
        try:
            after = edit(now)
        except (KeyError, IndexError):
            continue  # the instance, or that vertex of it, is gone
        assert len(set(ids(after))) == len(after.instances)
        assert all(one.parts for one in after.instances)
        assert all(one.state is PREDICTED for one in after.rejected)
        assert after.size_hw == now.size_hw
        touched = edits.changed_ids(now, after)
        assert touched or after.instances == now.instances
        now = after
