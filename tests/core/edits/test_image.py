"""Labels of a picture as it is stored, turned as EXIF turns the picture."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from core import edits
from core.geometry import mask_of
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

RING = [(3, 2), (12, 2), (12, 9), (5, 7)]
HOLE = [(6, 4), (9, 4), (9, 6)]
SEEN = Instance("a", 1, (Part(RING, (HOLE,)),), state=InstanceState.PREDICTED, score=0.5)
STORED = ImageLabels((12, 20), (SEEN,), ImageState.DONE, rejected=(replace(SEEN, id="b"),))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_labels_turn_as_the_picture_does(orientation: int) -> None:
    picture = Image.fromarray(mask_of(SEEN.parts, STORED.size_hw).astype(np.uint8))
    picture.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(picture)).astype(bool)
    after = edits.turned(STORED, orientation)
    assert after.size_hw == expected.shape
    for one in (*after.instances, *after.rejected):
        assert np.array_equal(mask_of(one.parts, after.size_hw), expected)
        assert one.state is InstanceState.PREDICTED


def test_labels_of_an_upright_picture_are_the_very_same() -> None:
    assert edits.turned(STORED, 1) is STORED
