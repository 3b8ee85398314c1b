import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import edits
from core.types import ImageLabels, Instance, InstanceState, Part
from tests.core.labelfile.files import file_of, polygon, read, written

SQUARE = Part([[10, 10], [20, 10], [20, 20], [10, 20]])
LABELS = ImageLabels(
    (100, 200),
    tuple(Instance(name, 1, (SQUARE,), state=InstanceState.PREDICTED) for name in "abcd"),
)


def order(labels: ImageLabels) -> str:
    return "".join(one.id for one in labels.instances)


@pytest.mark.parametrize(
    ("ids", "front", "back"),
    [("b", "acdb", "bacd"), ("ca", "bdac", "acbd"), ("abcd", "abcd", "abcd"), ("", "abcd", "abcd")],
)
def test_instances_go_to_the_front_or_back_in_their_own_order(ids, front, back):
    assert order(edits.brought_to_front(LABELS, set(ids))) == front
    assert order(edits.sent_to_back(LABELS, set(ids))) == back


def test_the_order_alone_changes_no_instance():
    after = edits.sent_to_back(LABELS, {"c"})
    assert after.instances[0] is LABELS.instances[2]
    assert edits.changed_ids(LABELS, after) == frozenset()


def test_what_is_in_front_already_gives_the_same_labels():
    assert edits.brought_to_front(LABELS, {"d", "c"}) is LABELS
    assert edits.sent_to_back(LABELS, {"a"}) is LABELS


@given(st.permutations(range(5)), st.sets(st.integers(0, 4)), st.booleans())
def test_an_order_comes_back_from_the_file(permutation, moved, to_front):
    shapes = [polygon([[2 + n, 2], [9 + n, 2], [9 + n, 9]]) for n in range(4)]
    labels = read(file_of(shapes[0], {**shapes[1], "shape_type": "line"}, *shapes[2:])).labels
    new = Instance("new", labels.instances[0].class_id, (SQUARE,))
    labels = edits.with_instance_added(labels, new)
    ids = [one.id for one in labels.instances]
    first = {ids[n] for n in permutation[:2] if n < len(ids)}
    labels = edits.sent_to_back(labels, first)
    chosen = {ids[n] for n in moved if n < len(ids)}
    labels = (edits.brought_to_front if to_front else edits.sent_to_back)(labels, chosen)
    again = read(written(labels)).labels
    assert [one.id for one in again.instances] == [one.id for one in labels.instances]
    assert again == labels
