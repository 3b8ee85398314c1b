"""Rows that stand for instances in a search."""

from dataclasses import replace

import numpy as np

from core.instance_rows import STATES, notes_of, rows_from, rows_of, with_class_ids
from core.project.project_file import MOST_CLASS_ID
from core.types import Instance, InstanceState, Part

SQUARE = Part(np.array([[0, 0], [10, 0], [10, 10], [0, 10]]), (np.array([[2, 2], [4, 2], [4, 4]]),))
PLAIN = Instance("p", 3, (SQUARE,), InstanceState.DRAWN)
RICH = Instance(
    "r", 5, (SQUARE, Part(SQUARE.outer + 100)), InstanceState.PREDICTED, 0.75,
    crowd=True, attributes={"note": "odd"},
)  # fmt: skip


def test_a_row_has_what_is_asked_of_an_instance() -> None:
    plain, rich = rows_of([PLAIN, RICH])
    assert (plain["class_id"], STATES[plain["state"]], plain["parts"]) == (3, "drawn", 1)
    assert plain["area"] == 98
    assert np.isnan(plain["score"])
    assert not plain["crowd"]
    assert (rich["score"], rich["parts"], rich["area"], rich["crowd"]) == (0.75, 2, 198, True)


def test_rows_are_the_same_from_their_bytes() -> None:
    packed = rows_of([PLAIN]).tobytes() + rows_of([RICH]).tobytes()
    assert rows_from(packed).tobytes() == rows_of([PLAIN, RICH]).tobytes()
    assert len(rows_from(b"")) == 0


def test_class_ids_can_be_replaced() -> None:
    packed = with_class_ids(rows_of([PLAIN, RICH]).tobytes(), {3: 1, 5: 2})
    assert rows_from(packed)["class_id"].tolist() == [1, 2]


def test_notes_are_left_out_where_there_is_none() -> None:
    assert notes_of([PLAIN]) == ()
    assert notes_of([PLAIN, RICH]) == ("", "odd")


def test_the_largest_class_id_has_a_row() -> None:
    (row,) = rows_of([replace(PLAIN, class_id=MOST_CLASS_ID)])
    assert row["class_id"] == MOST_CLASS_ID
