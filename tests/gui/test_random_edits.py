"""Any sequence of any edits: it can be undone to the start, read back, and is valid all the way."""

from collections.abc import Callable

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from core import edits
from core.geometry import stroke_of_brush
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part, new_instance_id
from gui.document import Document
from tests.core.labelfile.files import read, written

_HEIGHT, _WIDTH = 60, 80
_START = ImageLabels(
    (_HEIGHT, _WIDTH),
    (
        Instance("square", 1, (Part([[5, 5], [35, 5], [35, 35], [5, 35]]),)),
        Instance(
            "ring", 2,
            (
                Part(
                    [[30, 20], [70, 20], [70, 55], [30, 55]],
                    (np.array([[40, 30], [40, 45], [60, 45], [60, 30]]),),
                ),
            ),
            state=InstanceState.PREDICTED, score=0.75, source="a.pth",
        ),
        Instance(
            "pair", 1,
            (Part([[2, 40], [12, 40], [7, 52]]), Part([[15, 45], [24, 45], [24, 56], [15, 56]])),
            state=InstanceState.ACCEPTED, score=0.5,
        ),
    ),
    state=ImageState.STARTED,
)  # fmt: skip

Edit = Callable[[ImageLabels], ImageLabels]
# a mouse gives no numbers of 1e-200
places = st.tuples(
    st.integers(-80, 8 * (_WIDTH + 10)).map(lambda n: n / 8),
    st.integers(-80, 8 * (_HEIGHT + 10)).map(lambda n: n / 8),
)
lines = st.lists(places, min_size=2, max_size=6)
outlines = st.lists(places, min_size=3, max_size=7)


@st.composite
def edits_of(draw: st.DrawFn, labels: ImageLabels) -> Edit:
    """An edit that a person could make now."""
    of_all = [
        lambda _: edits.with_instance_added(
            labels, Instance(new_instance_id(), 2, (Part(draw(outlines)),))
        ),
        lambda now: edits.all_accepted(now),
        lambda now: edits.restored(now, [one.id for one in now.rejected]),
        lambda now: edits.with_image_state(now, draw(st.sampled_from(ImageState))),
    ]
    if not labels.instances:
        return draw(st.sampled_from(of_all))
    several = draw(
        st.lists(st.sampled_from([one.id for one in labels.instances]), min_size=1, unique=True)
    )
    return draw(st.sampled_from([*of_all, *_of_several(draw, several), *_of_one(draw, labels)]))


def _of_several(draw: st.DrawFn, ids: list[str]) -> list[Edit]:
    return [
        lambda now: edits.accepted(now, ids),
        lambda now: edits.rejected(now, ids),
        lambda now: edits.without_instances(now, ids),
        lambda now: edits.with_class_changed(now, ids, class_id=draw(st.sampled_from([1, 2]))),
        lambda now: edits.with_instances_moved(now, ids, by_xy=draw(places)),
        lambda now: edits.with_instances_added(
            now, edits.copies_of([now.instance(one) for one in ids], by_xy=(3.0, 2.0))
        ),
        lambda now: edits.with_crowd(now, ids, crowd=draw(st.booleans())),
        lambda now: edits.with_note(now, ids, note=draw(st.sampled_from(["", "torn", "näher"]))),
        lambda now: edits.brought_to_front(now, ids),
        lambda now: edits.sent_to_back(now, ids),
        lambda now: edits.with_cut(now, ids, line=draw(lines)),
        lambda now: edits.with_parts_split(now, ids),
        lambda now: edits.with_joined(now, ids),
        lambda now: edits.with_united(now, ids),
        lambda now: edits.with_subtracted(now, ids),
        lambda now: edits.with_intersected(now, ids),
        lambda now: edits.with_taken_away(now, ids, below=edits.overlapped_by(now, ids)),
        lambda now: edits.with_holes_filled(now, ids),
        lambda now: edits.with_specks_dropped(now, ids, below=0.2),
        lambda now: edits.with_outlines_simplified(
            now, ids, min_iou=draw(st.floats(0.8, 1)), smoothness=draw(st.floats(0, 1))
        ),
    ]


def _of_one(draw: st.DrawFn, labels: ImageLabels) -> list[Edit]:
    one = draw(st.sampled_from(labels.instances))
    part = draw(st.integers(0, len(one.parts) - 1))
    ring = draw(st.integers(0, len(one.parts[part].rings) - 1))
    vertex = draw(st.integers(0, len(one.parts[part].rings[ring]) - 1))
    at = {"part": part, "ring": ring}
    return [
        lambda now: edits.with_vertex_moved(now, one.id, **at, vertex=vertex, to_xy=draw(places)),
        lambda now: edits.with_vertex_inserted(now, one.id, **at, edge=vertex, at_xy=draw(places)),
        lambda now: edits.with_vertex_deleted(now, one.id, **at, vertex=vertex),
        lambda now: edits.with_edge_moved(now, one.id, **at, edge=vertex, by_xy=draw(places)),
        lambda now: edits.with_stretch_redrawn(now, one.id, **at, line=np.array(draw(lines))),
        lambda now: edits.with_vertices_deleted(now, {one.id: [(part, ring, vertex)]}),
        lambda now: edits.with_painted(now, one.id, stroke=_stroke(draw)),
        lambda now: edits.with_erased(now, one.id, stroke=_stroke(draw)),
    ]


def _stroke(draw: st.DrawFn) -> tuple[Part, ...]:
    return stroke_of_brush(draw(lines), radius_px=draw(st.floats(1, 12)), size_hw=(_HEIGHT, _WIDTH))


def _is_valid(part: Part) -> bool:
    polygon = shapely.Polygon(part.outer, part.holes)
    return polygon.is_valid and polygon.area > 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_sequence_of_edits_is_valid_and_can_be_undone_to_the_start(
    qtbot: QtBot, data: st.DataObject
) -> None:
    document = Document("a.jpg", _START)
    for _ in range(data.draw(st.integers(1, 12), label="edits")):
        before, n_before = document.labels, document.undo_stack.count()
        document.edit("Edit", data.draw(edits_of(document.labels)))
        is_one_step = document.undo_stack.count() == n_before + 1
        assert is_one_step or document.labels is before
        for one in document.labels.instances:
            assert all(_is_valid(part) for part in one.parts), one
    last = document.labels
    assert read(written(last)).labels == last

    while document.undo_stack.canUndo():
        document.undo()
    assert document.labels == _START
    while document.undo_stack.canRedo():
        document.redo()
    assert document.labels == last
