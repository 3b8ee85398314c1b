from dataclasses import asdict, replace

import pytest
import yaml

from core.errors import AppError
from core.maskrcnn.config import (
    class_names_from_yaml,
    settings_from_yaml,
    settings_to_yaml,
    small_settings,
    standard_settings,
)

PRESETS = [standard_settings(), standard_settings(101, mask_on=False), small_settings(7)]


def _flat(tree, prefix=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


@pytest.fixture
def whole(golden):
    """detectron2's own dump of a config: every key that it has."""
    return (golden / "mask_rcnn_tiny.yaml").read_text()


def _with(whole, **changes):
    tree = yaml.safe_load(whole)
    for key, value in changes.items():
        *parents, last = key.split("__")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    return yaml.safe_dump(tree)


def test_a_dump_of_detectron2_is_understood(whole):
    settings = settings_from_yaml(whole)
    assert (settings.depth, settings.stem_channels, settings.res2_channels) == (50, 16, 32)
    assert settings.stride_in_1x1
    assert settings.anchor_sizes == ((20.0,), (40.0,), (64.0,), (96.0,), (128.0,))
    assert (settings.min_size_test, settings.max_size_test) == (240, 400)
    assert settings.detections_per_image == 50
    assert settings.num_classes == 5
    assert settings.rpn_pre_nms_train == 300


@pytest.mark.parametrize("settings", PRESETS)
def test_settings_survive_the_way_through_yaml(settings):
    assert settings_from_yaml(settings_to_yaml(settings, ())) == settings


@pytest.mark.parametrize("settings", PRESETS)
def test_what_is_written_has_detectron2s_keys_and_types(settings, whole):
    theirs = dict(_flat(yaml.safe_load(whole)))
    for key, value in _flat(yaml.safe_load(settings_to_yaml(settings, ()))):
        assert key in theirs
        # It refuses 1 where its own value is 1.0.
        assert type(value) is type(theirs[key]), key


def test_the_standard_profile_is_that_of_the_published_configs():
    published = """
        MODEL:
          META_ARCHITECTURE: "GeneralizedRCNN"
          MASK_ON: True
          BACKBONE: {NAME: "build_resnet_fpn_backbone"}
          RESNETS: {OUT_FEATURES: ["res2", "res3", "res4", "res5"], DEPTH: 101}
          FPN: {IN_FEATURES: ["res2", "res3", "res4", "res5"]}
          ANCHOR_GENERATOR:
            SIZES: [[32], [64], [128], [256], [512]]
            ASPECT_RATIOS: [[0.5, 1.0, 2.0]]
          RPN:
            IN_FEATURES: ["p2", "p3", "p4", "p5", "p6"]
            PRE_NMS_TOPK_TRAIN: 2000
            PRE_NMS_TOPK_TEST: 1000
            POST_NMS_TOPK_TRAIN: 1000
            POST_NMS_TOPK_TEST: 1000
          ROI_HEADS: {NAME: "StandardROIHeads", IN_FEATURES: ["p2", "p3", "p4", "p5"]}
          ROI_BOX_HEAD: {NAME: "FastRCNNConvFCHead", NUM_FC: 2, POOLER_RESOLUTION: 7}
          ROI_MASK_HEAD: {NAME: "MaskRCNNConvUpsampleHead", NUM_CONV: 4, POOLER_RESOLUTION: 14}
        SOLVER: {STEPS: (210000, 250000), MAX_ITER: 270000}
        VERSION: 2
    """
    assert settings_from_yaml(published) == standard_settings(101)


def test_a_config_on_the_published_base_is_understood():
    text = '_BASE_: "../Base-RCNN-FPN.yaml"\nMODEL:\n  MASK_ON: True\n  RESNETS:\n    DEPTH: 101\n'
    assert settings_from_yaml(text) == standard_settings(101)


def test_a_base_can_be_given():
    settings = settings_from_yaml("MODEL: {ROI_HEADS: {NUM_CLASSES: 3}}", base=small_settings(80))
    assert settings == small_settings(3)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MODEL__RESNETS__DEFORM_ON_PER_STAGE", [False, True, True, True]),
        ("MODEL__RESNETS__RES5_DILATION", 2),
        ("MODEL__RESNETS__NORM", "LN"),
        ("MODEL__RESNETS__DEPTH", 51),
        ("MODEL__ROI_HEADS__NAME", "CascadeROIHeads"),
        ("MODEL__ROI_HEADS__NAME", "Res5ROIHeads"),
        ("MODEL__KEYPOINT_ON", True),
        ("MODEL__META_ARCHITECTURE", "RetinaNet"),
        ("MODEL__META_ARCHITECTURE", "PanopticFPN"),
        ("MODEL__ANCHOR_GENERATOR__NAME", "RotatedAnchorGenerator"),
        ("MODEL__PROPOSAL_GENERATOR__NAME", "RRPN"),
        ("MODEL__FPN__FUSE_TYPE", "avg"),
        ("MODEL__BACKBONE__NAME", "build_resnet_backbone"),
        ("MODEL__ROI_BOX_HEAD__USE_SIGMOID_CE", True),
        ("MODEL__ROI_BOX_HEAD__TRAIN_ON_PRED_BOXES", True),
        ("MODEL__ROI_BOX_HEAD__BBOX_REG_LOSS_TYPE", "giou"),
        ("MODEL__RPN__BBOX_REG_LOSS_TYPE", "diou"),
        ("MODEL__ROI_BOX_HEAD__POOLER_TYPE", "ROIAlign"),
        ("MODEL__ROI_MASK_HEAD__NAME", "PointRendMaskHead"),
        ("MODEL__RPN__IN_FEATURES", ["p3", "p4"]),
        ("MODEL__ROI_HEADS__IN_FEATURES", ["p2"]),
        ("MODEL__POINT_HEAD__NUM_CLASSES", 3),
        ("MODEL__PIXEL_MEAN", [1.0]),
        ("MODEL__PIXEL_STD", [0.0, 0.0, 0.0]),
        ("MODEL__ROI_HEADS__NUM_CLASSES", 0),
        ("MODEL__ROI_HEADS__NUM_CLASSES", 10**9),
        ("MODEL__ROI_HEADS__NUM_CLASSES", "many"),
        ("MODEL__ROI_HEADS__NUM_CLASSES", float("inf")),
        ("MODEL__RPN__NMS_THRESH", 10**99),
        ("MODEL__RPN__NMS_THRESH", "0x" + "f" * 900),
        ("MODEL__RPN__NMS_THRESH", "{[]: 1}"),
        ("MODEL__RPN__CONV_DIMS", [64] * 65),
        ("MODEL__ANCHOR_GENERATOR__SIZES", [[32] * 65]),
        ("MODEL__ROI_HEADS__SCORE_THRESH_TEST", float("nan")),
        ("MODEL__RPN__IOU_THRESHOLDS", [0.7, 0.3]),
        ("MODEL__ANCHOR_GENERATOR__SIZES", [[32], [64]]),
        ("MODEL__ANCHOR_GENERATOR__SIZES", [[32], [64], [128], [256], [512, 600]]),
        ("MODEL__MASK_ON", "perhaps"),
        ("INPUT__FORMAT", "YUV-BT.601"),
        ("TEST__AUG__ENABLED", True),
        ("VERSION", 1),
    ],
)
def test_what_cannot_be_honoured_is_named(whole, key, value):
    with pytest.raises(AppError) as refused:
        settings_from_yaml(_with(whole, **{key: value}))
    assert key.replace("__", ".") in str(refused.value)
    assert "possible is" in str(refused.value)


def test_a_key_that_garbles_what_follows_is_told_without_that(whole):
    with pytest.raises(AppError) as refused:
        settings_from_yaml(_with(whole, **{"MODEL__A\u202eB": 1}))
    assert str(refused.value).isprintable()


def test_a_value_without_end_is_told_by_its_beginning(whole):
    with pytest.raises(AppError) as refused:
        settings_from_yaml(_with(whole, MODEL__META_ARCHITECTURE="x" * 500_000))
    assert len(str(refused.value)) < 600


def test_a_default_of_detectron2_that_is_no_fpn_is_named():
    with pytest.raises(AppError, match=r"MODEL\.BACKBONE\.NAME.*as the key is left out"):
        settings_from_yaml("MODEL: {MASK_ON: true}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SOLVER__BASE_LR", "nonsense"),
        ("DATASETS__TRAIN", ["mine"]),
        ("INPUT__MIN_SIZE_TRAIN", [1]),
        ("MODEL__RETINANET__NUM_CLASSES", 3),
        ("MODEL__WEIGHTS", "elsewhere.pkl"),
        ("MODEL__DEVICE", "cuda"),
        ("VIS_PERIOD", 20),
        ("MY_OWN", {"KEY": 1}),
    ],
)
def test_what_decides_nothing_is_ignored(whole, key, value):
    assert settings_from_yaml(_with(whole, **{key: value})) == settings_from_yaml(whole)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (
            "MODEL: {ROI_BOX_HEAD: {BBOX_REG_WEIGHTS: '(1.0, 2, 3, 4)'}}",
            "box_weights",
            (1, 2, 3, 4),
        ),
        ("MODEL: {ROI_HEADS: {SCORE_THRESH_TEST: 1e-3}}", "score_threshold", 0.001),
        ("MODEL: {RPN: {NMS_THRESH: 1}}", "rpn_nms_threshold", 1.0),
        ("MODEL: {FPN: {NORM: }}", "fpn_norm", ""),
        ("MODEL: {ANCHOR_GENERATOR: {SIZES: [8, 16]}}", "anchor_sizes", ((8.0, 16.0),)),
    ],
)
def test_values_are_read_as_detectron2_reads_them(text, field, value):
    assert asdict(settings_from_yaml(text, base=standard_settings()))[field] == value


def test_r18_and_r34_need_what_detectron2_needs(whole):
    with pytest.raises(AppError, match=r"RES2_OUT_CHANNELS = 32.*64 for depth 18 and 34"):
        settings_from_yaml(_with(whole, MODEL__RESNETS__DEPTH=18))


def test_group_norm_needs_channels_that_32_divides():
    with pytest.raises(AppError, match=r"MODEL\.RESNETS\.NORM"):
        replace(small_settings(2), backbone_norm="GN")


def test_python_objects_in_yaml_are_refused(tmp_path, whole):
    canary = tmp_path / "canary"
    tag = f"!!python/object/apply:os.system ['touch {canary}']"
    with pytest.raises(AppError, match="never Python objects"):
        settings_from_yaml(whole + f"\nEXTRA: {tag}\n")
    assert not canary.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just a sentence",
        "- a\n- list",
        "MODEL: [unclosed",
        "[" * 5000,
        "x" * 1_100_000,
        "_BASE_: other.yaml",
        "a: &a [*a]\nMODEL: {RPN: *a}",
        "MODEL: &m {RPN: *m}",
        "MODEL: 3",
    ],
)
def test_what_is_no_config_is_refused(text):
    with pytest.raises(AppError):
        settings_from_yaml(text)


def test_a_tree_that_unfolds_without_end_is_refused():
    lines = ["a0: &a0 {x: 1, y: 2}"]
    lines += [f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}}}" for n in range(1, 40)]
    with pytest.raises(AppError, match="nested"):
        settings_from_yaml("\n".join([*lines, "MODEL: *a39"]))


@pytest.mark.parametrize(
    "names", [("jacket", "T-shirt"), ('"quoted"', "a\nb"), ("裤子", "# maskloop: {}"), ("", " ")]
)
def test_class_names_ride_in_the_first_line(names):
    text = settings_to_yaml(small_settings(2), names)
    assert text.startswith('# maskloop: {"class_names": [')
    assert class_names_from_yaml(text) == names
    assert settings_from_yaml(text) == small_settings(2)


def test_a_config_of_somebody_else_names_no_classes(whole):
    assert class_names_from_yaml(whole) == ()


@pytest.mark.parametrize("rest", ["{", "{}", '{"class_names": 3}', '{"class_names": [1]}', "[]"])
def test_a_damaged_line_of_names_is_said(rest):
    with pytest.raises(AppError, match="class names"):
        class_names_from_yaml(f"# maskloop: {rest}\n")
