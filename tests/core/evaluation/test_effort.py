"""Edits counted on squares whose overlaps are known by hand."""

from typing import Any

import numpy as np
import pytest

from core.effort.left import Left, left_from_json, left_to_json
from core.errors import AppError
from core.evaluation.effort import counted_effort, effort


def ring(x: float, y: float, w: float, h: float) -> list[float]:
    return [x, y, x + w, y, x + w, y + h, x, y + h]


def truth(*outlines: list[float], **more: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 1, "file_name": "a.png", "width": 200, "height": 200}],
        "categories": [{"id": 1, "name": "nut"}, {"id": 2, "name": "fruit"}],
        "annotations": [
            {
                "id": i, "image_id": 1, "category_id": 1, "iscrowd": 0, "segmentation": [outline],
                **more,
            }
            for i, outline in enumerate(outlines, start=1)
        ],
    }  # fmt: skip


def seen(outline: list[float], *, category: int = 1, score: float = 0.9) -> dict[str, Any]:
    return {"image_id": 1, "category_id": category, "score": score, "segmentation": [outline]}


OBJECT = ring(50, 50, 60, 60)


def test_an_exact_prediction_is_accepted_for_nothing() -> None:
    assert effort(truth(OBJECT), [seen(OBJECT)]) == {
        "instances": 1, "accepted": 1, "fixed": 0, "drawn": 0, "false_positives": 0,
        "wrong_class": 0, "edits_per_instance": 0, "edits_drawing_all": 4,
    }  # fmt: skip


def test_an_iou_of_nine_tenths_is_good_enough() -> None:
    counted = effort(truth(OBJECT), [seen(ring(50, 50, 60, 54))])
    assert (counted["accepted"], counted["edits_per_instance"]) == (1, 0)


def test_nothing_predicted_means_drawing_each_vertex() -> None:
    counted = effort(truth(OBJECT), [])
    assert (counted["drawn"], counted["edits_per_instance"]) == (1, 4)


def test_a_side_that_is_short_is_fixed_by_moving_its_two_vertices() -> None:
    counted = effort(truth(OBJECT), [seen(ring(50, 50, 60, 40))])
    assert (counted["fixed"], counted["edits_per_instance"]) == (1, 2)


def test_one_vertex_astray_is_one_move() -> None:
    spike = [50, 50, 110, 50, 170, 170, 50, 110]
    counted = effort(truth(OBJECT), [seen(spike)])
    assert (counted["fixed"], counted["edits_per_instance"]) == (1, 1)


def test_less_than_half_an_overlap_is_drawn_anew_and_deleted() -> None:
    counted = effort(truth(OBJECT), [seen(ring(50, 50, 60, 20))])
    assert (counted["drawn"], counted["false_positives"]) == (1, 1)
    assert counted["edits_per_instance"] == 5


def test_a_wrong_class_costs_one_edit() -> None:
    counted = effort(truth(OBJECT), [seen(OBJECT, category=2)])
    assert (counted["wrong_class"], counted["accepted"], counted["fixed"]) == (1, 0, 1)
    assert counted["edits_per_instance"] == 1


def test_of_two_classes_for_one_object_the_right_one_is_kept() -> None:
    counted = effort(truth(OBJECT), [seen(OBJECT, category=2), seen(ring(50, 50, 60, 57))])
    assert (counted["accepted"], counted["wrong_class"], counted["false_positives"]) == (1, 0, 1)


def test_a_prediction_of_nothing_costs_one_edit() -> None:
    counted = effort(truth(OBJECT), [seen(OBJECT), seen(ring(150, 150, 20, 20))])
    assert (counted["false_positives"], counted["edits_per_instance"]) == (1, 1)


def test_a_prediction_in_a_crowd_costs_nothing() -> None:
    data = truth(OBJECT, ring(120, 120, 60, 60))
    data["annotations"][1]["iscrowd"] = 1
    counted = effort(data, [seen(OBJECT), seen(ring(130, 130, 20, 20))])
    assert (counted["instances"], counted["false_positives"]) == (1, 0)


def test_what_scores_too_little_is_not_seen_by_a_person() -> None:
    counted = effort(truth(OBJECT), [seen(OBJECT, score=0.49)])
    assert (counted["drawn"], counted["false_positives"]) == (1, 0)
    assert effort(truth(OBJECT), [seen(OBJECT, score=0.49)], min_score=0.4)["accepted"] == 1


def test_an_outline_traced_pixel_by_pixel_is_drawn_with_few_clicks() -> None:
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.column_stack([100 + 50 * np.cos(angles), 100 + 50 * np.sin(angles)])
    counted = effort(truth(circle.ravel().tolist()), [])
    assert 6 <= counted["edits_drawing_all"] <= 16


def test_a_prediction_that_cannot_be_fixed_sooner_is_drawn() -> None:
    corner = [50, 50, 115, 50, 50, 115]  # a triangle never covers nine tenths of a square
    counted = effort(truth(OBJECT), [seen(corner)])
    assert counted["drawn"] == 1
    assert counted["edits_per_instance"] == 4


def test_a_box_without_a_mask_is_a_polygon_of_four_vertices() -> None:
    box = {"image_id": 1, "category_id": 1, "score": 0.9, "bbox": [50, 50, 60, 60]}
    assert effort(truth(OBJECT), [box])["accepted"] == 1


def test_no_objects_leave_no_number_an_instance() -> None:
    counted = effort(truth(), [seen(OBJECT)])
    assert counted["edits_per_instance"] is None
    assert counted["false_positives"] == 1


@pytest.mark.parametrize("shift", [0, 5, 12, 18])
def test_accepted_fixed_and_drawn_add_up(shift: int) -> None:
    objects = [ring(10 + 45 * i, 20, 40, 40) for i in range(4)]
    found = [seen(ring(10 + 45 * i + shift, 20, 40, 40)) for i in range(4)]
    counted = effort(truth(*objects), found)
    assert counted["accepted"] + counted["fixed"] + counted["drawn"] == counted["instances"] == 4


def test_it_is_said_of_each_object_what_is_left_to_do() -> None:
    other, third = ring(120, 120, 40, 40), ring(5, 5, 30, 30)
    good, short = seen(OBJECT), seen(ring(120, 120, 40, 27), category=2)
    nothing = seen(ring(160, 5, 30, 30))
    counts, left = counted_effort(truth(OBJECT, other, third), [good, short, nothing])
    assert left == (
        Left("accepted", "a.png", 1, False, 0, (50, 50, 60, 60)),
        Left("fixed", "a.png", 2, True, 3, (120, 120, 40, 40)),
        Left("drawn", "a.png", 3, False, 4, (5, 5, 30, 30)),
        Left("false_positives", "a.png", None, False, 1, (160, 5, 30, 30)),
    )
    assert counts["edits_per_instance"] * 3 == pytest.approx(8)
    assert left_from_json(left_to_json(left)) == left


@pytest.mark.parametrize("value", [[1], [["fixed"]], [["fixed", "a", 1, True, 1, 7]], 5])
def test_what_is_no_list_of_what_is_left_is_refused(value: Any) -> None:
    with pytest.raises(AppError, match="no list of what is left"):
        left_from_json(value)
