"""As much of detectron2 as its engine asks for, with the models of this project inside."""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from torch import Tensor

from core.maskrcnn.config import settings_from_yaml
from core.maskrcnn.model import MaskRCNN


class _Config:
    """What get_cfg gives."""

    def merge_from_file(self, file: str, *, allow_unsafe: bool) -> None:
        assert not allow_unsafe
        self.settings = settings_from_yaml(Path(file).read_text())
        one = self.settings
        heads = SimpleNamespace(NUM_CLASSES=one.num_classes, SCORE_THRESH_TEST=one.score_threshold)
        self.MODEL = SimpleNamespace(ROI_HEADS=heads, DEVICE="", WEIGHTS="")
        sizes = {"MIN_SIZE_TEST": one.min_size_test, "MAX_SIZE_TEST": one.max_size_test}
        self.INPUT = SimpleNamespace(FORMAT=one.input_format, **sizes)


def _align(
    of_model: Mapping[str, Tensor], state: Mapping[str, Tensor], *, c2_conversion: bool
) -> dict[str, Tensor]:
    """Names that end one of the model's stand for it."""
    assert not c2_conversion  # whoever read the file did that
    ends = {name: next((n for n in of_model if n.endswith(f".{name}")), name) for name in state}
    return {ends[name]: value for name, value in state.items()}


def modules() -> dict[str, ModuleType]:
    """What stands in sys.modules; whatever would open a file is not there."""
    contents: dict[str, dict[str, Any]] = {
        "detectron2": {"__path__": []},
        "detectron2.config": {"get_cfg": _Config},
        "detectron2.modeling": {"build_model": lambda config: MaskRCNN(config.settings)},
        "detectron2.checkpoint": {"__path__": []},
        "detectron2.checkpoint.c2_model_loading": {"align_and_update_state_dicts": _align},
        "detectron2.data": {"__path__": []},
        "detectron2.data.transforms": {"ResizeShortestEdge": lambda *_: None},
    }
    made = {name: ModuleType(name) for name in contents}
    for name, values in contents.items():
        vars(made[name]).update(values)
    return made
