"""make verify-zoo, with weights of a few thousand numbers from a server on this machine."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.maskrcnn import zoo_download
from core.maskrcnn.config import settings_from_yaml
from core.maskrcnn.zoo import ZOO, ZooEntry
from tests.bench.verify_zoo import Verified, main, report
from tests.serving import serving_files

GOLDEN = Path(__file__).parents[1] / "golden"
CLASSES = ("a", "b", "c", "d", "e")
Captured = pytest.CaptureFixture[str]


def entry(*, box_ap: float, mask_ap: float) -> ZooEntry:
    weights = (GOLDEN / "mask_rcnn_tiny.pkl").read_bytes()
    prefix = hashlib.md5(weights, usedforsecurity=False).hexdigest()[:6]
    settings = settings_from_yaml((GOLDEN / "mask_rcnn_tiny.yaml").read_text())
    path = f"test/tiny/1/model_final_{prefix}.pkl"
    return ZooEntry(path, settings, "test", box_ap, mask_ap, len(weights), CLASSES)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that a server on this machine shows, where downloads come from."""
    monkeypatch.setattr("core.maskrcnn.zoo.user_cache_folder", lambda: tmp_path / "cache")
    folder = tmp_path / "mirror"
    folder.mkdir()
    with serving_files(folder) as address:
        monkeypatch.setitem(zoo_download.download.__kwdefaults__, "base", address)
        yield folder


@pytest.fixture
def publish(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def it(one: ZooEntry) -> None:
        monkeypatch.setitem(ZOO, one.name, one)
        file = mirror / one.path
        file.parent.mkdir(parents=True)
        shutil.copy(GOLDEN / "mask_rcnn_tiny.pkl", file)

    return it


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """A COCO folder whose truth is what detectron2 saw in its images, so that AP is 100."""
    folder = tmp_path / "coco"
    shutil.copytree(GOLDEN / "images", folder / "val2017")
    answers = json.loads((GOLDEN / "mask_rcnn_tiny_expected.json").read_text())
    images, annotations = [], []
    for number, (name, seen) in enumerate(answers.items(), start=1):
        size = {"height": seen["height"], "width": seen["width"]}
        images.append({"id": number, "file_name": name, **size})
        for (x0, y0, x1, y1), class_id, rle in zip(
            seen["boxes_xyxy"], seen["classes"], seen["masks_rle"], strict=True
        ):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": class_id + 1,
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "area": (x1 - x0) * (y1 - y0),
                    "iscrowd": 0,
                    "segmentation": rle,
                }
            )
    categories = [{"id": place, "name": name} for place, name in enumerate(CLASSES, start=1)]
    truth = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations").mkdir()
    (folder / "annotations" / "instances_val2017.json").write_text(json.dumps(truth))
    return folder


def test_weights_with_the_published_ap_agree(publish: Any, coco: Path, capsys: Captured) -> None:
    publish(entry(box_ap=100.0, mask_ap=100.0))
    assert main([str(coco), "tiny", "--device", "cpu"]) == 0
    line = next(one for one in capsys.readouterr().out.splitlines() if one.startswith("tiny"))
    assert line.split() == ["tiny", "100.0", "100.0", "100.0", "100.0", "agrees"]


def test_weights_with_another_ap_differ_and_fail(
    publish: Any, coco: Path, capsys: Captured
) -> None:
    publish(entry(box_ap=100.0, mask_ap=37.2))
    assert main([str(coco), "tiny", "--device", "cpu"]) == 1
    assert "37.2   100.0  DIFFERS" in capsys.readouterr().out


def test_weights_that_cannot_be_downloaded_fail(
    publish: Any, mirror: Path, coco: Path, capsys: Captured
) -> None:
    one = entry(box_ap=100.0, mask_ap=100.0)
    publish(one)
    (mirror / one.path).unlink()
    assert main([str(coco), "tiny"]) == 1
    assert "the server answered 404" in capsys.readouterr().err


def test_a_folder_without_coco_is_told(tmp_path: Path, capsys: Captured) -> None:
    assert main([str(tmp_path)]) == 1
    assert "instances_val2017.json" in capsys.readouterr().err


def test_a_name_that_nobody_publishes_is_told(coco: Path, capsys: Captured) -> None:
    assert main([str(coco), "mask_rcnn_R_49"]) == 1
    assert "Nobody publishes weights named mask_rcnn_R_49" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("measured", "agrees"),
    [
        ((41.04, 37.16), True),
        ((41.12, 37.3), True),
        ((40.84, 37.2), False),
        ((41.0, 37.36), False),
        ((41.0, None), False),
    ],
)
def test_a_tenth_of_a_point_is_agreement(
    measured: tuple[float, float | None], agrees: bool
) -> None:
    assert Verified("x", (41.0, 37.2), measured).agrees is agrees


def test_boxes_alone_are_reported_without_masks() -> None:
    lines = report([Verified("faster", (40.2, None), (40.24, None))]).splitlines()
    assert lines[1].split() == ["faster", "40.2", "40.2", "-", "-", "agrees"]
