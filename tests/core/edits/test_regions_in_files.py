"""What edits of regions leave behind comes back from the label file."""

import json
from collections.abc import Callable
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from core import edits
from core.errors import AppError
from core.types import ImageLabels, ImageState, Part
from tests.core.edits.test_regions import edits_of_regions, instance, rectangles
from tests.core.labelfile.files import read, written

SIZE_HW = (100, 200)


def read_back(labels: ImageLabels) -> ImageLabels:
    value = {**written(labels), "imageHeight": SIZE_HW[0], "imageWidth": SIZE_HW[1]}
    return read(json.dumps(value).encode(), SIZE_HW).labels


@given(
    st.lists(rectangles, min_size=4, max_size=6),
    st.lists(st.tuples(edits_of_regions(), st.booleans()), max_size=10),
)
def test_labels_come_back_after_any_edits_and_saves_between(
    several: list[Part], steps: list[tuple[Callable[[ImageLabels], ImageLabels], bool]]
) -> None:
    instances = tuple(instance(f"{n}", one) for n, one in enumerate(several))
    now = ImageLabels(SIZE_HW, instances, state=ImageState.STARTED)
    for step, is_saved in [*steps, (lambda labels: labels, True)]:
        with suppress(AppError):
            now = step(now)
        if is_saved:
            again = read_back(now)
            assert again == now
            assert edits.changed_ids(now, again) == frozenset()
            now = again
