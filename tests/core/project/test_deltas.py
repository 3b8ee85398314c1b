import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.project.deltas import delta_of, with_delta, with_deltas
from core.types import ImageLabels, ImageState, Instance, InstanceState, Origin, Part


def _part(x: float) -> Part:
    return Part([[x, 0], [x + 5, 0], [x + 5, 5]], ([[x + 3, 1], [x + 4, 1], [x + 4, 2]],))


_INSTANCES = st.builds(
    lambda name, x, state: Instance(name, 1, (_part(x),), state=state),
    st.sampled_from("abcdefgh"),
    st.floats(0, 100),
    st.sampled_from(InstanceState),
)
_UNIQUE = st.lists(_INSTANCES, unique_by=lambda one: one.id).map(tuple)
_LABELS = st.builds(
    ImageLabels,
    st.tuples(st.integers(1, 99), st.integers(1, 99)),
    _UNIQUE,
    st.sampled_from(ImageState),
    _UNIQUE,
)


@given(before=_LABELS, after=_LABELS)
def test_a_delta_makes_any_labels_of_any_others(before: ImageLabels, after: ImageLabels) -> None:
    assert with_delta(before, delta_of(before, after)) == after


@given(steps=st.lists(_LABELS, min_size=2, max_size=6))
def test_deltas_one_after_another_lead_to_the_last_labels(steps: list[ImageLabels]) -> None:
    deltas = [delta_of(a, b) for a, b in itertools.pairwise(steps)]
    assert with_deltas(steps[0], deltas) == steps[-1]


def test_a_delta_holds_only_what_changed() -> None:
    instances = tuple(Instance(name, 1, (_part(0),)) for name in "abc")
    before = ImageLabels((9, 9), instances)
    moved = replace(instances[1], parts=(_part(1),))
    delta = delta_of(before, replace(before, instances=(instances[0], moved, instances[2])))
    assert [one["id"] for one in delta["put"]] == ["b"]
    assert (delta["drop"], "order" in delta, "rejected" in delta) == ([], False, False)


def test_unchanged_parts_of_a_changed_instance_keep_their_origin() -> None:
    kept = replace(_part(0), origin=Origin('{"label": "x"}', 3, "print"))
    before = ImageLabels((9, 9), (Instance("a", 1, (kept, _part(1))),))
    after = replace(before, instances=(Instance("a", 1, (_part(0), _part(2))),))
    first, second = with_delta(before, delta_of(before, after)).instances[0].parts
    assert (first.origin, second.origin) == (kept.origin, None)


def test_an_instance_dropped_and_brought_back_has_its_origin_again() -> None:
    kept = replace(_part(0), origin=Origin('{"label": "x"}', 3, "print"))
    there = ImageLabels((9, 9), (Instance("a", 1, (kept,)),))
    gone = replace(there, instances=())
    undone = with_deltas(there, [delta_of(there, gone), delta_of(gone, there)])
    assert undone.instances[0].parts[0].origin == kept.origin
