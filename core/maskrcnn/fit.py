"""Why weights do not fit a model, in words: what is missing, what is too much, and the reason."""

import re
from collections.abc import Mapping, Sequence

from core.wording import listed

Shapes = Mapping[str, tuple[int, ...]]
"""Parameters by their names."""

_CLASSES = "roi_heads.box_predictor.cls_score.weight"
_BOXES = "roi_heads.box_predictor.bbox_pred.weight"
_MASKS = "roi_heads.mask_head.predictor.weight"
_ANCHORS = "proposal_generator.rpn_head.objectness_logits.weight"
_BOTTOM = "backbone.bottom_up."
_ON_THE_WAY = ("backbone.", "proposal_generator.", "roi_heads.box_", "roi_heads.mask_head.")
_OTHERS = (
    (r"backbone\.body\.|roi_heads\.mask_predictor\.", "torchvision's Mask R-CNN or Faster R-CNN:"
     " its engine is called torchvision"),
    (r"roi_heads\.keypoint_head\.", "a Keypoint R-CNN, which finds points and not masks"),
    (r"roi_heads\.box_(head|predictor)\.0\.|roi_heads\.box_heads\.", "a Cascade R-CNN, which has"
     " three box heads"),
    (r"roi_heads\.res5\.", "a Mask R-CNN with a C4 backbone, without a feature pyramid"),
    (r"sem_seg_head\.", "a Panoptic FPN, or a model of whole-image segmentation"),
    (r"(head\.)?(cls|bbox)_subnet\.|head\.(cls_score|bbox_pred)\.", "a RetinaNet, which has no"
     " box and mask heads"),
    (r"backbone\.(stem|res[2-5])\.", "a model with a C4 or dilated C5 backbone, without a feature"
     " pyramid"),
    (r"rpn_head\.rpn_conv\.|roi_head\.bbox_head\.|bbox_head\.", "a model of MMDetection, whose"
     " parameters have other names"),
    (r"model\.\d+\.|\d+\.(conv|cv\d|bn)\.", "a YOLO model"),
    (r"transformer\.|.*\.self_attn\.|class_embed\.", "a DETR or another transformer"),
    (r"backbone\.net\.|.*\.attn\.qkv\.|.*relative_position_bias_table", "a model with a vision"
     " transformer as its backbone"),
    (r"backbone\.bottom_up\.s\d\.", "a model with a RegNet as its backbone"),
    (r".*\.conv2_offset\.", "a model with deformable convolutions"),
    (r"(conv1|layer[1-4]\.\d+\.conv\d|fc)\.", "a ResNet of torchvision for whole images, without"
     " any detection heads"),
)  # fmt: skip
"""What names of parameters give away."""


def kind_of_model(names: Sequence[str]) -> str:
    """What model these names of parameters are of, where it is one that is not read here; empty
    where it is not known, or may well be one that is."""
    for pattern, kind in _OTHERS:
        compiled = re.compile(pattern)
        if any(compiled.match(name) for name in names):
            return kind
    bare = [name for name in names if name.startswith(_BOTTOM)]
    return "a backbone alone, without any detection heads" if len(bare) == len(names) > 0 else ""


def misfit(wanted: Shapes, there: Shapes) -> str:
    """What does not fit, in sentences, the last without its full stop; empty where all does.

    Args:
        wanted: what the model has.
        there: what the weights hold. More than is wanted is no misfit where it is of a head that
            the model has not, and is one where the model would leave out a layer on the way.
    """
    missing = [name for name in wanted if name not in there]
    misshapen = [
        f"{name} is {shown(there[name])} and should be {shown(shape)}"
        for name, shape in wanted.items()
        if name in there and there[name] != shape
    ]
    extra = [name for name in there if name not in wanted]
    left_out = [name for name in extra if _is_on_the_way(name, wanted)]
    if not missing and not misshapen and not left_out:
        return ""
    said = [f"{listed(missing)} missing"] if missing else []
    said += [listed(misshapen)] if misshapen else []
    said += [f"{listed(extra)} not needed"] if extra else []
    counts = [
        f"{len(names):,} {what}"
        for names, what in (
            (missing, "missing"),
            (misshapen, "of another shape"),
            (left_out, "more than the config has a place for"),
        )
        if names
    ]
    reason = likely_reason(wanted, there)
    told = f"{reason} " if reason else ""
    return f"{told}{', '.join(counts)} of {len(wanted):,} parameters: {'; '.join(said)}"


def _is_on_the_way(name: str, wanted: Shapes) -> bool:
    """Whether a parameter is of a layer, or the statistics of a norm, between image and result."""
    parts = [part for part in _ON_THE_WAY if name.startswith(part)]
    is_of_a_head = any(known.startswith(part) for part in parts for known in wanted)
    is_layer = name.endswith(".weight") and not name.endswith(".norm.weight")
    return is_of_a_head and (is_layer or name.endswith(".running_mean"))


def shown(shape: Sequence[int]) -> str:
    """A shape as people write it: 6x64."""
    return "x".join(str(side) for side in shape) or "a number"


def likely_reason(wanted: Shapes, there: Shapes) -> str:
    """Why they most likely do not fit, in a sentence; empty where nothing tells."""
    if kind := kind_of_model(list(there)):
        return f"They are of {kind}."
    if not any(name in there for name in wanted):
        return "Not one name is that of a Mask R-CNN or Faster R-CNN of detectron2's."
    for differs in (_depth, _widths, _norms, _classes, _agnostic, _heads, _anchors):
        if reason := differs(wanted, there):
            return reason
    return ""


def _depth(wanted: Shapes, there: Shapes) -> str:
    blocks = [_blocks(shapes) for shapes in (there, wanted)]
    if blocks[0] == blocks[1]:
        return ""
    theirs, ours = ("-".join(map(str, counts)) for counts in blocks)
    return (
        f"Their ResNet is of another depth: it has {theirs} blocks, and MODEL.RESNETS.DEPTH asks"
        f" for {ours}."
    )


def _blocks(shapes: Shapes) -> list[int]:
    return [
        sum(bool(re.fullmatch(rf"backbone\.bottom_up\.res{stage}\.\d+\.conv1\.weight", name))
            for name in shapes)
        for stage in (2, 3, 4, 5)
    ]  # fmt: skip


def _widths(wanted: Shapes, there: Shapes) -> str:
    places = (
        ("res2.0.conv2.weight", "MODEL.RESNETS.NUM_GROUPS and WIDTH_PER_GROUP", "ResNet's groups"),
        ("stem.conv1.weight", "MODEL.RESNETS.STEM_OUT_CHANNELS", "ResNet's stem"),
        ("res3.0.shortcut.weight", "MODEL.RESNETS.RES2_OUT_CHANNELS", "ResNet's channels"),
    )
    for name, key, what in places:
        full = _BOTTOM + name
        if full in wanted and full in there and wanted[full] != there[full]:
            return f"Their {what} differ from {key}."
    return ""


def _norms(wanted: Shapes, there: Shapes) -> str:
    for part, key in (
        ("backbone.bottom_up.", "MODEL.RESNETS.NORM"),
        ("backbone.fpn_", "MODEL.FPN.NORM"),
        ("roi_heads.box_head.", "MODEL.ROI_BOX_HEAD.NORM"),
        ("roi_heads.mask_head.", "MODEL.ROI_MASK_HEAD.NORM"),
    ):
        theirs, ours = (norm_in(shapes, part) for shapes in (there, wanted))
        if theirs is not None and ours is not None and theirs != ours:
            asked = f"{key} asks for {_NORMS[ours]}"
            return f"Their layers under {part} have {_NORMS[theirs]}, and {asked}."
    return ""


_NORMS = {"": "no norm", "GN": "group norms (GN)", "BN": "batch norms (BN, SyncBN or FrozenBN)"}


def norm_in(shapes: Mapping[str, object], part: str) -> str | None:
    """The norm of convolutions whose names begin so: "", GN or BN; None where there is none."""
    names = [name for name in shapes if name.startswith(part)]
    if not any(re.search(r"(conv|fcn|lateral|output)\d?\d\.weight", name) for name in names):
        return None
    if any(name.endswith(".norm.running_mean") for name in names):
        return "BN"
    return "GN" if any(name.endswith(".norm.weight") for name in names) else ""


def _classes(wanted: Shapes, there: Shapes) -> str:
    if _CLASSES not in wanted or _CLASSES not in there:
        return ""
    theirs, ours = there[_CLASSES][0] - 1, wanted[_CLASSES][0] - 1
    if theirs == ours:
        return ""
    return f"They know {theirs} classes, and MODEL.ROI_HEADS.NUM_CLASSES asks for {ours}."


def _agnostic(wanted: Shapes, there: Shapes) -> str:
    for name, one, key in (
        (_BOXES, 4, "MODEL.ROI_BOX_HEAD.CLS_AGNOSTIC_BBOX_REG"),
        (_MASKS, 1, "MODEL.ROI_MASK_HEAD.CLS_AGNOSTIC_MASK"),
    ):
        theirs, ours = there.get(name), wanted.get(name)
        if theirs and ours and theirs[0] != ours[0] and one in (theirs[0], ours[0]):
            is_shared = "one for all classes" if theirs[0] == one else "one for each class"
            what = "box" if name == _BOXES else "mask"
            return f"They have {is_shared} as their {what} output; {key} asks for the other."
    return ""


def _heads(wanted: Shapes, there: Shapes) -> str:
    if _MASKS in wanted and _MASKS not in there:
        return (
            "They have no mask head: they are of a Faster R-CNN, and MODEL.MASK_ON asks for masks."
        )
    for pattern, key in (
        (r"roi_heads\.box_head\.conv\d+\.weight", "MODEL.ROI_BOX_HEAD.NUM_CONV"),
        (r"roi_heads\.box_head\.fc\d+\.weight", "MODEL.ROI_BOX_HEAD.NUM_FC"),
        (r"roi_heads\.mask_head\.mask_fcn\d+\.weight", "MODEL.ROI_MASK_HEAD.NUM_CONV"),
        (r"proposal_generator\.rpn_head\.conv(\.conv\d+)?\.weight", "the list MODEL.RPN.CONV_DIMS"),
    ):
        theirs, ours = (
            sum(bool(re.fullmatch(pattern, name)) for name in shapes) for shapes in (there, wanted)
        )
        if theirs != ours:
            return f"Their head has another number of layers: {theirs}, and {key} asks for {ours}."
    return ""


def _anchors(wanted: Shapes, there: Shapes) -> str:
    theirs, ours = there.get(_ANCHORS), wanted.get(_ANCHORS)
    if not theirs or not ours or theirs[0] == ours[0]:
        return ""
    return (
        f"They have {theirs[0]} anchors a place, and MODEL.ANCHOR_GENERATOR asks for {ours[0]}"
        " (sizes times ratios)."
    )
