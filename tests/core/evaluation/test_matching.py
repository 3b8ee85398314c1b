"""Who finds whom: COCO's rules on examples worked out by hand, and what must always hold."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation.matching import matches_of
from core.evaluation.sides import sides_of
from core.matches import IGNORED, LEFT_OUT, NONE, Matches
from core.matches.confusion import confusion_of


def truth(*boxes: tuple[Any, ...], crowd: tuple[int, ...] = ()) -> dict[str, Any]:
    """Boxes as (image, category, x, width), all 10 high; some by their number are crowds."""
    return {
        "images": [{"id": i, "file_name": f"{i}.png", "width": 99, "height": 99} for i in (1, 2)],
        "categories": [{"id": 5, "name": "nut"}, {"id": 3, "name": "fruit"}],
        "annotations": [
            {
                "id": 70 + n, "image_id": image, "category_id": category, "bbox": [x, 0, width, 10],
                "iscrowd": int(n in crowd),
            }
            for n, (image, category, x, width) in enumerate(boxes)
        ],
    }  # fmt: skip


def found(*boxes: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Boxes as (image, category, x, width, score)."""
    return [
        {"image_id": image, "category_id": category, "bbox": [x, 0, width, 10], "score": score}
        for image, category, x, width, score in boxes
    ]


def matched(ground_truth: dict[str, Any], detections: list[dict[str, Any]]) -> Matches:
    return matches_of(sides_of(ground_truth, detections))


def test_classes_come_by_ascending_id_and_images_too() -> None:
    matches = matched(truth((2, 5, 0, 10), (1, 3, 0, 10)), [])
    assert (matches.classes, matches.images) == (("fruit", "nut"), ("1.png", "2.png"))
    assert matches.truths.class_index.tolist() == [0, 1]
    assert matches.truths.name == (71, 70)


def test_the_best_score_takes_the_instance_and_the_next_finds_nothing() -> None:
    matches = matched(truth((1, 5, 0, 10)), found((1, 5, 0, 10, 0.5), (1, 5, 1, 10, 0.9)))
    assert matches.found.score.tolist() == [0.9, 0.5]
    assert matches.found.number.tolist() == [1, 0]
    assert matches.found.of_class.tolist() == [0, NONE]
    assert matches.found.iou.tolist() == [9 / 11, 1.0]


def test_of_several_free_instances_it_takes_the_one_that_it_overlaps_most() -> None:
    matches = matched(truth((1, 5, 0, 10), (1, 5, 2, 10)), found((1, 5, 1.5, 10, 0.9)))
    assert matches.found.of_class.tolist() == [1]


def test_an_overlap_of_exactly_half_is_enough() -> None:
    matches = matched(truth((1, 5, 0, 20)), found((1, 5, 0, 10, 0.9)))
    assert matches.found.of_class.tolist() == [0]
    matches = matched(truth((1, 5, 0, 20)), found((1, 5, 0, 9.9, 0.9)))
    assert matches.found.of_class.tolist() == [NONE]


def test_another_class_is_found_by_the_confusion_only() -> None:
    matches = matched(truth((1, 5, 0, 10)), found((1, 3, 0, 10, 0.9)))
    assert (matches.found.of_class.tolist(), matches.found.of_any.tolist()) == ([NONE], [0])


def test_another_image_is_never_found() -> None:
    matches = matched(truth((1, 5, 0, 10)), found((2, 5, 0, 10, 0.9)))
    assert matches.found.of_any.tolist() == [NONE]


def test_in_a_crowd_any_number_counts_neither_way() -> None:
    ground_truth = truth((1, 5, 0, 50), crowd=(0,))
    matches = matched(ground_truth, found((1, 5, 0, 5, 0.9), (1, 5, 2, 5, 0.8)))
    assert matches.found.of_class.tolist() == [IGNORED, IGNORED]
    assert len(matches.truths) == 0


def test_a_crowd_of_another_class_ignores_in_the_confusion_only() -> None:
    ground_truth = truth((1, 3, 0, 50), crowd=(0,))
    matches = matched(ground_truth, found((1, 5, 0, 5, 0.9)))
    assert (matches.found.of_class.tolist(), matches.found.of_any.tolist()) == ([NONE], [IGNORED])


def test_an_instance_goes_before_the_crowd_around_it() -> None:
    ground_truth = truth((1, 5, 0, 50), (1, 5, 0, 10), crowd=(0,))
    matches = matched(ground_truth, found((1, 5, 0, 10, 0.9), (1, 5, 0, 10, 0.8)))
    assert matches.found.of_class.tolist() == [0, IGNORED]


def test_past_the_hundredth_of_a_class_nothing_is_counted() -> None:
    many = found(*((1, 5, 0, 10, 1 - i / 200) for i in range(102)))
    matches = matched(truth((1, 5, 0, 10)), many)
    assert (matches.found.of_class == LEFT_OUT).sum() == 2
    assert (matches.found.of_class == NONE).sum() == 99


def test_detections_and_instances_of_unknown_categories_are_left_out() -> None:
    matches = matched(truth((1, 5, 0, 10), (1, 8, 0, 10)), found((1, 9, 0, 10, 0.9)))
    assert (len(matches.truths), len(matches.found)) == (1, 0)


def test_masks_are_compared_where_both_sides_have_some() -> None:
    square = [0, 0, 10, 0, 10, 10, 0, 10]
    ground_truth = truth((1, 5, 0, 10))
    ground_truth["annotations"][0]["segmentation"] = [square]
    assert matched(ground_truth, []).task == "segm"
    assert matched(ground_truth, found((1, 5, 0, 10, 0.9))).task == "bbox"
    assert matched(truth((1, 5, 0, 10)), []).task == "bbox"


def test_nothing_at_all_matches_nothing() -> None:
    empty = {"images": [], "categories": [], "annotations": []}
    matches = matched(empty, [])
    assert (len(matches.truths), len(matches.found), matches.images) == (0, 0, ())


BOXES = st.tuples(
    st.sampled_from([1, 2]), st.sampled_from([5, 3]), st.integers(0, 20), st.integers(4, 20)
)


@settings(deadline=None)
@given(
    st.lists(BOXES, max_size=6),
    st.lists(st.tuples(BOXES, st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9])), max_size=8),
    st.sets(st.integers(0, 5), max_size=2),
    st.sampled_from([0.0, 0.3, 0.6, 1.0]),
)
def test_rows_add_up_to_the_ground_truth_and_columns_to_the_detections(
    boxes: list[tuple[Any, ...]], seen: list[tuple[Any, float]], crowd: set[int], threshold: float
) -> None:
    detections = found(*((*box, score) for box, score in seen))
    matches = matched(truth(*boxes, crowd=tuple(crowd)), detections)
    cells = confusion_of(matches, threshold)
    counting = [box for n, box in enumerate(boxes) if n not in crowd]
    for index, category in enumerate((3, 5)):
        assert cells[index].sum() == sum(box[1] == category for box in counting)
        shown = (matches.found.score >= threshold) & (matches.found.class_index == index)
        n_ignored = int((matches.found.of_any[shown] == IGNORED).sum())
        expected = sum(box[1] == category and score >= threshold for box, score in seen)
        assert cells[:, index].sum() == expected - n_ignored
    assert cells[2, 2] == 0


@settings(deadline=None)
@given(
    st.lists(BOXES, max_size=5),
    st.lists(st.tuples(BOXES, st.floats(0, 1)), max_size=7),
    st.floats(0, 1),
)
def test_what_scores_less_than_a_threshold_changes_no_match_above_it(
    boxes: list[tuple[Any, ...]], seen: list[tuple[Any, float]], threshold: float
) -> None:
    all_of_them = matched(truth(*boxes), found(*((*box, score) for box, score in seen))).found
    kept = found(*((*box, score) for box, score in seen if score >= threshold))
    alone = matched(truth(*boxes), kept).found
    above = all_of_them.score >= threshold
    np.testing.assert_array_equal(all_of_them.of_any[above], alone.of_any)
    np.testing.assert_array_equal(all_of_them.of_class[above], alone.of_class)


@settings(deadline=None)
@given(st.lists(BOXES, max_size=5), st.lists(st.tuples(BOXES, st.floats(0, 1)), max_size=7))
def test_no_instance_is_found_twice(
    boxes: list[tuple[Any, ...]], seen: list[tuple[Any, float]]
) -> None:
    matches = matched(truth(*boxes), found(*((*box, score) for box, score in seen)))
    for column in (matches.found.of_class, matches.found.of_any):
        partners = column[column > NONE]
        assert len(set(partners.tolist())) == len(partners)
