"""What goes with weights: their file, their config and the names of their classes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from core.configs import EngineConfig
from core.errors import AppError
from core.events import Progress
from core.maskrcnn.config import (
    ModelSettings,
    class_names_from_yaml,
    settings_from_yaml,
    settings_to_yaml,
    standard_settings,
)
from core.maskrcnn.zoo import ZOO, entry_of, zoo_path

_BLOCKS_OF_RES4 = {(False, 2): 18, (False, 6): 34, (True, 6): 50, (True, 23): 101, (True, 36): 152}
"""(whether blocks are bottlenecks, blocks in res4) to ResNet's depth."""


@dataclass(frozen=True, slots=True)
class WeightsSource:
    """What is known of weights before they are read."""

    path: Path
    config_file: Path | None
    """None where the zoo or nothing says how the model is built."""
    config_text: str
    """The config.yaml; empty where there is none."""
    class_names: tuple[str, ...]
    """Empty where nothing names them."""
    are_names_given: bool = False
    """Whether the user gave the names."""

    def settings(self) -> ModelSettings | None:
        """What the config says; None where there is none.

        Raises:
            AppError: it asks for something that cannot be honoured here.
        """
        return settings_from_yaml(self.config_text) if self.config_text else None


def fetched(config: EngineConfig) -> Iterator[Progress]:
    """Downloads what the config names and the zoo has; nothing where it is there already.

    Raises:
        AppError: it cannot be downloaded.
    """
    if config.weights in ZOO:
        # the window describes weights at its start, and is not to load the network for that
        from core.maskrcnn.zoo_download import download

        yield from download(config.weights)


def source_of(config: EngineConfig) -> WeightsSource:
    """Where the weights of this config lie and what goes with them.

    The model's config is the one given, else the zoo's, else `<name of the weights>.yaml` or
    config.yaml beside them. Class names are those given, else those in the config, else the zoo's.

    Raises:
        AppError: there is no such file, or one of the files cannot be read.
    """
    entry = entry_of(config.weights)
    path = zoo_path(config.weights) if config.weights in ZOO else Path(config.weights)
    _check_is_file(path, config.weights)
    file = _config_file(config.model_config, path)
    zoo_text = settings_to_yaml(entry.settings, entry.class_names) if entry else ""
    text = config_text_of(file) if file else zoo_text
    names = config.class_names or (class_names_from_yaml(text) if text else ())
    if not names and entry:
        names = entry.class_names
    return WeightsSource(path, file, text, tuple(names), bool(config.class_names))


def _check_is_file(path: Path, weights: str) -> None:
    if path.is_dir():
        raise AppError(f"{path} is a folder: name the file of weights in it.")
    if path.is_file():
        return
    if weights in ZOO:
        raise AppError(f"The weights {weights} have not been downloaded to {path}.")
    raise AppError(
        f"There are no weights at {path}. Give a file, or one of the zoo's names: {', '.join(ZOO)}."
    )


def _config_file(given: str, weights: Path) -> Path | None:
    if given:
        return Path(given)
    beside = (weights.with_suffix(".yaml"), weights.with_name("config.yaml"))
    return next((file for file in beside if file.is_file()), None)


def config_text_of(path: Path) -> str:
    """The text of a config.yaml. Raises AppError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AppError(f"The model's config {path} cannot be read: {error}.") from error


class HasShape(Protocol):
    """A tensor or an array."""

    @property
    def shape(self) -> tuple[int, ...]: ...


def guessed_settings(state: Mapping[str, HasShape]) -> ModelSettings:
    """The profile of detectron2's published models, with the sizes that these weights have.

    Where the stride sits, the order and mean of the colours, the anchors and the test size cannot
    be told from weights: they are as in the published ResNet models, or, with groups, ResNeXt's.

    Raises:
        AppError: the weights are not of a Mask R-CNN or Faster R-CNN with FPN.
    """
    try:
        return _guessed(state)
    except (KeyError, IndexError) as error:
        raise AppError(
            "These weights are not of a Mask R-CNN or Faster R-CNN with FPN as detectron2 names"
            f" its parameters: {error} is missing. Choose other weights, or give their config.yaml."
        ) from error


def _guessed(state: Mapping[str, HasShape]) -> ModelSettings:
    bottom = "backbone.bottom_up."
    is_bottleneck = f"{bottom}res2.0.conv3.weight" in state
    last_conv = "conv3" if is_bottleneck else "conv2"
    res4 = [
        key for key in state if re.fullmatch(rf"{re.escape(bottom)}res4\.\d+\.conv1\.weight", key)
    ]
    depth = _BLOCKS_OF_RES4[is_bottleneck, len(res4)]
    classes = state["roi_heads.box_predictor.cls_score.weight"].shape[0] - 1
    boxes = state["roi_heads.box_predictor.bbox_pred.weight"].shape[0]
    has_masks = "roi_heads.mask_head.predictor.weight" in state
    middle = state[f"{bottom}res2.0.conv2.weight"].shape
    groups = middle[0] // middle[1] if is_bottleneck else 1
    settings = replace(
        standard_settings(depth, mask_on=has_masks, num_classes=classes),
        stem_channels=state[f"{bottom}stem.conv1.weight"].shape[0],
        res2_channels=state[f"{bottom}res2.0.{last_conv}.weight"].shape[0],
        groups=groups,
        width_per_group=middle[1] if is_bottleneck else 64,
        fpn_channels=state["backbone.fpn_output2.weight"].shape[0],
        box_fc_dim=state["roi_heads.box_head.fc1.weight"].shape[0],
        box_num_fc=_count(state, r"roi_heads\.box_head\.fc\d+\.weight"),
        box_is_class_agnostic=boxes == 4 and classes != 1,
    )
    if has_masks:
        masks = state["roi_heads.mask_head.predictor.weight"].shape
        settings = replace(
            settings,
            mask_conv_dim=masks[1],
            mask_num_conv=_count(state, r"roi_heads\.mask_head\.mask_fcn\d+\.weight"),
            mask_is_class_agnostic=masks[0] == 1 and classes != 1,
        )
    if groups > 1:
        # detectron2's X101: trained with Caffe2 in PyTorch's layout of strides.
        settings = replace(settings, stride_in_1x1=False, pixel_std=(57.375, 57.12, 58.395))
    return settings


def _count(state: Mapping[str, HasShape], pattern: str) -> int:
    return sum(1 for key in state if re.fullmatch(pattern, key))


def placeholder_names(count: int) -> tuple[str, ...]:
    """Names for classes that nothing names: class 1, class 2 ..."""
    return tuple(f"class {number}" for number in range(1, count + 1))


def sentence_about_guess(source: WeightsSource, depth: int, *, has_groups: bool) -> str:
    """What guessed_settings assumed, for the user."""
    profile = f"X{depth}" if has_groups else f"R{depth}"
    return (
        f"No config.yaml goes with {source.path.name}, and weights alone do not tell everything:"
        f" detectron2's {profile}-FPN profile is assumed (short side 800, anchors 32 to 512, BGR,"
        f" stride in the {'3x3' if has_groups else '1x1'} convolution). If they were trained"
        " otherwise, name their config.yaml, or put it beside them."
    )


def class_names_of(
    source: WeightsSource, of_checkpoint: Sequence[str], count: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the classes, and a note where they had to be made up.

    Raises:
        AppError: there are more names than classes, or fewer.
    """
    # What the user gave or the config says goes before what the checkpoint says.
    names = source.class_names or tuple(of_checkpoint)
    if not names:
        note = (
            f"Nothing names the {count} classes of {source.path.name}: they are called class 1 to"
            f" class {count}. Give their names, one a line, in the order of training."
        )
        return placeholder_names(count), (note,)
    if len(names) != count:
        raise AppError(
            f"{source.path.name} has {count} classes, but {len(names)} names were"
            f" {'given' if source.are_names_given else 'found'} ({', '.join(names[:5])}"
            f"{' ...' if len(names) > 5 else ''}). Give one name for each class, in the order of"
            " training."
        )
    return names, ()
