"""The engine of torchvision's models, held against torchvision's own calls; weights are random."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torchvision.models import detection
from torchvision.models.detection.roi_heads import paste_masks_in_image
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from core.configs import EngineConfig
from core.engines import all_engines
from core.engines.torchvision import TorchvisionEngine, described, load
from core.errors import AppError
from core.maskrcnn.paste import whole_mask
from core.torchvision_models.published import path_of
from core.types import Detections

BUILDERS = (
    "maskrcnn_resnet50_fpn",
    "maskrcnn_resnet50_fpn_v2",
    "fasterrcnn_mobilenet_v3_large_fpn",
)  # the others are of the same parts
GOLDEN = Path(__file__).parents[2] / "golden"
COCO = detection.MaskRCNN_ResNet50_FPN_Weights.COCO_V1.meta["categories"]


@dataclass(frozen=True)
class Made:
    """A model with random weights, and its file."""

    builder: str
    model: Any
    file: Path


class Room:
    """A memory that holds what a backbone takes up to a width, in pixels."""

    def __init__(self, widest: int) -> None:
        self.widths: list[int] = []
        self._widest = widest

    def __call__(self, _: object, given: tuple[torch.Tensor]) -> None:
        self.widths.append(given[0].shape[3])
        if self.widths[-1] > self._widest:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        torch.set_num_threads(1)
        yield
    torch.set_num_threads(before)


def made_by(builder: str, file: Path, *, n_labels: int = 4) -> Made:
    torch.manual_seed(7)
    model = getattr(detection, builder)(
        weights=None, weights_backbone=None, num_classes=n_labels
    ).eval()
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            if builder.endswith("resnet50_fpn"):
                module.eps = 0.0  # as torchvision sets it for its COCO_V1
            if "mobilenet" in builder and name.startswith("backbone"):
                torch.nn.init.constant_(module.weight, 1.8)  # else nothing is left of the image
    torch.save(model.state_dict(), file)
    return Made(builder, model, file)


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_by(BUILDERS[0], tmp_path_factory.mktemp("masked") / "own.pth")


@pytest.fixture(scope="module")
def answer(masked: Made) -> dict[str, torch.Tensor]:
    """What torchvision says of the picture."""
    return answer_of(masked.model, picture())


@pytest.fixture(scope="module")
def engine(masked: Made) -> TorchvisionEngine:
    return engine_of(masked.file)


@pytest.fixture(scope="module")
def found(engine: TorchvisionEngine) -> Detections:
    """What the engine says of it."""
    (detections,) = engine.predict([picture()])
    return detections


def picture(height: int = 6, width: int = 160) -> npt.NDArray[np.uint8]:
    """Long and narrow: scaled to torchvision's longest side it costs a fifth of a usual one."""
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def answer_of(model: Any, image: npt.NDArray[np.uint8]) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        (answer,) = model([torch.from_numpy(image).permute(2, 0, 1).float() / 255])
    found: dict[str, torch.Tensor] = answer
    return found


def engine_of(weights: Path | str, *, names: tuple[str, ...] = ()) -> TorchvisionEngine:
    return load(EngineConfig(str(weights), engine="torchvision", class_names=names, device="cpu"))


def require_same(found: Detections, answer: dict[str, torch.Tensor]) -> None:
    assert len(found) > 5
    np.testing.assert_allclose(found.boxes, answer["boxes"].numpy(), atol=0.01, rtol=0)
    np.testing.assert_allclose(found.scores, answer["scores"].numpy(), atol=1e-4, rtol=0)


@pytest.mark.parametrize("builder", BUILDERS)
def test_detections_are_those_of_torchvisions_own_call(builder: str, tmp_path: Path) -> None:
    made, image = made_by(builder, tmp_path / "own.pth"), picture()
    (found,) = engine_of(made.file).predict([image])
    answer = answer_of(made.model, image)
    assert found.size_hw == image.shape[:2]
    require_same(found, answer)
    assert found.class_ids.tolist() == (answer["labels"] - 1).tolist()
    assert (found.masks is not None) == ("masks" in answer)


def test_mask_crops_are_those_that_torchvision_pastes(
    found: Detections, answer: dict[str, torch.Tensor]
) -> None:
    assert found.masks is not None
    crops = torch.from_numpy(found.masks)[:, None]
    theirs = paste_masks_in_image(crops, torch.from_numpy(found.boxes), found.size_hw)
    np.testing.assert_allclose(theirs.numpy(), answer["masks"].numpy(), atol=1e-3, rtol=0)


def test_a_mask_lies_where_torchvision_pastes_it() -> None:
    ys, xs = np.mgrid[:28, :28] + 0.5
    crop = (1 / (1 + np.exp(np.hypot(xs - 14, ys - 14) - 11))).astype(np.float32)
    box = np.array([10.3, 20.6, 90.2, 77.9], np.float32)
    ours = whole_mask(crop, box, (120, 130))
    pasted = paste_masks_in_image(
        torch.from_numpy(crop)[None, None], torch.from_numpy(box)[None], (120, 130)
    )
    theirs = pasted[0, 0].numpy() >= 0.5
    assert (ours & theirs).sum() / (ours | theirs).sum() > 0.97


def test_published_weights_find_what_torchvision_finds_under_cocos_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("core.torchvision_models.published.weights_folder", lambda: tmp_path)
    name = "maskrcnn_resnet50_fpn"
    made = made_by(name, path_of(name), n_labels=91)
    weights = detection.MaskRCNN_ResNet50_FPN_Weights
    monkeypatch.setattr(weights, "get_state_dict", lambda *_a, **_k: made.model.state_dict())
    answer = answer_of(detection.maskrcnn_resnet50_fpn(weights=weights.COCO_V1).eval(), picture())
    engine = engine_of(name)
    (found,) = engine.predict([picture()])
    is_class = torch.tensor([COCO[label] != "N/A" for label in answer["labels"]])
    assert not is_class.all()  # random weights find what no image shows
    require_same(found, {key: value[is_class] for key, value in answer.items()})
    names = [engine.class_names[index] for index in found.class_ids]
    assert names == [COCO[label] for label in answer["labels"][is_class]]
    assert len(engine.class_names) == 80
    assert list(engine.notes) == []


def test_a_higher_score_drops_the_rest_and_changes_nothing_else(
    masked: Made, found: Detections
) -> None:
    score = float(np.median(found.scores))
    config = EngineConfig(str(masked.file), engine="torchvision", score=score, device="cpu")
    (fewer,) = load(config).predict([picture()])
    kept = found.scores > score
    assert 0 < kept.sum() < len(found)
    np.testing.assert_array_equal(fewer.boxes, found.boxes[kept])


def test_several_images_at_once_give_what_each_gives_alone(
    engine: TorchvisionEngine, found: Detections
) -> None:
    _, second = engine.predict([picture(6, 90), picture()])
    np.testing.assert_array_equal(second.boxes, found.boxes)


def test_what_is_seen_does_not_depend_on_a_narrow_image_before(
    masked: Made, found: Detections
) -> None:
    engine = engine_of(masked.file)
    engine.predict([picture(2, 80)])
    (after,) = engine.predict([picture()])
    np.testing.assert_array_equal(after.boxes, found.boxes)


def test_an_image_that_scales_to_nothing_holds_nothing(engine: TorchvisionEngine) -> None:
    line = picture(1, 3000)
    assert len(engine.predict([line])[0]) == 0
    assert len(engine.in_boxes(line, np.array([[0, 0, 10, 1]], np.float32))) == 0


def test_in_a_box_stands_what_the_heads_see_there(
    engine: TorchvisionEngine, found: Detections
) -> None:
    again = engine.in_boxes(picture(), found.boxes)
    assert found.masks is not None
    assert again.masks is not None
    np.testing.assert_allclose(again.boxes, found.boxes, atol=0.01, rtol=0)
    same = again.class_ids == found.class_ids
    assert same.sum() > 5
    np.testing.assert_allclose(again.masks[same], found.masks[same], atol=1e-3, rtol=0)


def test_boxes_without_an_area_in_the_image_are_left_out(engine: TorchvisionEngine) -> None:
    boxes = np.array([[5, 2, 5, 5], [150, 2, 900, 5], [-9, -9, -1, -1]], np.float32)
    np.testing.assert_allclose(
        engine.in_boxes(picture(), boxes).boxes, [[150, 2, 160, 5]], atol=1e-3
    )
    assert len(engine.in_boxes(picture(), boxes[:1])) == 0


def test_a_box_is_of_one_of_the_classes_that_it_may_be(engine: TorchvisionEngine) -> None:
    image, box = picture(), np.array([[5, 1, 35, 5]], np.float32)
    image.flags.writeable = False  # as the image that a person draws on is
    ids = range(len(engine.class_names))
    each = [engine.in_boxes(image, box, [one]) for one in ids]
    assert [int(found.class_ids[0]) for found in each] == list(ids)
    likeliest = max(each, key=lambda found: found.scores[0])
    assert engine.in_boxes(image, box).class_ids[0] == likeliest.class_ids[0]


def test_the_next_box_in_the_same_image_costs_no_second_look(engine: TorchvisionEngine) -> None:
    looks: list[object] = []
    hook = engine._detector._model.backbone.register_forward_pre_hook(lambda *_: looks.append(1))
    engine.predict([picture()])
    for left in (5, 90):
        box = np.array([[left, 1, left + 30, 5]], np.float32)
        assert len(engine.in_boxes(picture(), box)) == 1
    hook.remove()
    assert len(looks) == 2  # the prediction and the first box


def test_at_a_scale_an_image_is_seen_as_by_a_model_of_that_size(
    masked: Made, answer: dict[str, torch.Tensor]
) -> None:
    assert len(answer["boxes"])  # it has seen an image that is less narrow than the smaller one
    engine, theirs = engine_of(masked.file), masked.model.transform
    scaled = GeneralizedRCNNTransform(
        600, 999.75, theirs.image_mean, theirs.image_std, size_divisible=theirs.size_divisible
    )
    usual = engine._detector.detect(picture())
    found = engine._detector.detect(picture(), scale=0.75)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masked.model, "transform", scaled.eval())
        require_same(found, answer_of(masked.model, picture()))
    assert found.size_hw == picture().shape[:2]
    assert not np.array_equal(found.boxes, usual.boxes)
    np.testing.assert_array_equal(engine._detector.detect(picture()).boxes, usual.boxes)


def test_an_image_that_does_not_fit_is_looked_at_smaller_and_that_is_noted_once(
    masked: Made,
) -> None:
    engine, tried = engine_of(masked.file), Room(1100)
    engine._detector._model.backbone.register_forward_pre_hook(tried)
    for n in (2, 1):
        assert [len(found) > 5 for found in engine.predict([picture()] * n)] == [True] * n
    assert tried.widths == [1344, 1024, 1024, 1024]
    assert [note for note in engine.notes if "too little memory" in note] == [
        "The device cpu had too little memory: from here on it looks at images at 75 % of the"
        " usual size. Close what else uses it and begin again to have it all."
    ]


def test_what_fits_no_more_is_noted_again(masked: Made) -> None:
    engine = engine_of(masked.file)
    backbone = engine._detector._model.backbone
    for widest in (1100, 700):
        hook = backbone.register_forward_pre_hook(Room(widest))
        engine.predict([picture()])
        hook.remove()
    said = [note.partition("looks at images ")[2] for note in engine.notes]
    assert [words.partition(" %")[0] for words in said if words] == ["at 75", "at 50"]


def test_too_little_memory_at_half_the_size_is_told_in_a_sentence(masked: Made) -> None:
    engine, tried = engine_of(masked.file), Room(0)
    engine._detector._model.backbone.register_forward_pre_hook(tried)
    with pytest.raises(AppError, match="The device cpu has too little memory"):
        engine.predict([picture()])
    assert tried.widths == [1344, 1024, 672]


def test_only_weights_that_are_here_are_read_and_the_others_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("core.torchvision_models.published.weights_folder", lambda: tmp_path)
    with pytest.raises(AppError, match="have not been downloaded to"):
        engine_of("maskrcnn_resnet50_fpn_v2")
    with pytest.raises(AppError, match="no weights at nowhere"):
        engine_of("nowhere.pth")


def test_weights_of_detectron2_are_sent_to_its_engine() -> None:
    with pytest.raises(AppError, match="Choose the engine maskrcnn"):
        engine_of(GOLDEN / "mask_rcnn_tiny.pth")


def test_a_config_of_detectron2_is_told_to_be_no_use(masked: Made) -> None:
    config = EngineConfig(str(masked.file), model_config="config.yaml", device="cpu")
    assert any("need none" in note for note in load(config).notes)


def test_published_weights_are_described_before_they_are_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("core.torchvision_models.published.weights_folder", lambda: tmp_path)
    known = described(EngineConfig("maskrcnn_resnet50_fpn_v2", engine="torchvision"))
    assert "mask AP 41.8" in known.title
    assert (known.is_here, known.has_masks, len(known.class_names)) == (False, True, 80)
    assert "no licence" in known.notes[0]
    boxes = described(EngineConfig("fasterrcnn_resnet50_fpn", engine="torchvision"))
    assert not boxes.has_masks


def test_a_file_is_described_by_what_its_shapes_say(masked: Made) -> None:
    known = described(EngineConfig(str(masked.file), engine="torchvision"))
    assert known.title == "torchvision's Mask R-CNN, maskrcnn_resnet50_fpn, 3 classes"
    assert known.class_names == ("class 1", "class 2", "class 3")
    assert not known.are_named
    assert known.n_bytes == masked.file.stat().st_size


def test_it_is_offered_with_its_weights_without_loading_torch() -> None:
    code = (
        "import sys; from core.engines import all_engines\n"
        "from core.configs import EngineConfig as C\n"
        "spec = all_engines()['torchvision']\n"
        "spec.describe(C(spec.published()[0].name, engine='torchvision'))\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert all_engines()["torchvision"].segments_boxes
