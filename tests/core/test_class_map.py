"""Which class of a project each class of the weights is."""

import pytest

from core.class_map import mapped_class_ids
from core.errors import AppError
from core.types import LabelClass

CLASSES = (LabelClass(4, "person", "#112233"), LabelClass(7, "coat", "#445566"))


def test_equal_names_map_and_the_rest_is_ignored() -> None:
    assert mapped_class_ids(("tie", "person"), CLASSES, {}) == {1: 4}


def test_the_map_gives_a_foreign_class_one_of_the_project() -> None:
    assert mapped_class_ids(("tie", "jacket"), CLASSES, {"jacket": "coat"}) == {1: 7}


def test_nothing_that_maps_is_a_sentence_that_leads_on() -> None:
    with pytest.raises(AppError, match=r"tie.*person.*fine-tune"):
        mapped_class_ids(("tie",), CLASSES, {})


@pytest.mark.parametrize("class_map", [{"hat": "coat"}, {"tie": "hat"}])
def test_a_map_with_an_unknown_class_names_it(class_map: dict[str, str]) -> None:
    with pytest.raises(AppError, match="hat"):
        mapped_class_ids(("tie", "person"), CLASSES, class_map)
