"""What is said of weights, whichever engine publishes or reads them."""

from pathlib import Path

import pytest

from core.maskrcnn.zoo import ZOO
from core.torchvision_models.published import ENTRIES
from core.weights import Publication, ap_in_words, kind_of_model, offered, title_of_model


@pytest.mark.parametrize(
    "publication", [*ZOO.values(), *ENTRIES.values()], ids=lambda one: one.name
)
def test_published_weights_are_offered_as_their_list_has_them(
    publication: Publication, tmp_path: Path
) -> None:
    known = offered(publication, tmp_path / "there.pkl")
    for field in ("name", "title", "short_title", "box_ap", "mask_ap", "n_bytes", "licence"):
        assert getattr(known, field) == getattr(publication, field)
    assert known.address == publication.address
    assert known.title.startswith(("Mask R-CNN", "Faster R-CNN (boxes only)", "torchvision's "))
    assert ("boxes only" in known.title) == (known.mask_ap is None)
    assert ap_in_words(known.box_ap, known.mask_ap) in known.title


def test_whether_published_weights_are_here_their_file_says(tmp_path: Path) -> None:
    entry, file = next(iter(ZOO.values())), tmp_path / "there.pkl"
    assert not offered(entry, file).is_here
    file.touch()
    known = offered(entry, file, usual_on="cpu")
    assert (known.is_here, known.file, known.usual_on) == (True, str(file), "cpu")


def test_a_model_is_told_by_its_kind_its_backbone_and_its_classes() -> None:
    of_masks = title_of_model("ResNet-50", has_masks=True, n_classes=1)
    of_boxes = title_of_model("ResNeXt-101", has_masks=False, n_classes=3)
    assert of_masks == "Mask R-CNN, ResNet-50, 1 class"
    assert of_boxes == f"{kind_of_model(has_masks=False)}, ResNeXt-101, 3 classes"


def test_ap_is_told_of_boxes_and_where_there_are_any_of_masks() -> None:
    assert ap_in_words(41.0, 37.2) == "box AP 41.0, mask AP 37.2"
    assert ap_in_words(40.2, None) == "box AP 40.2"
