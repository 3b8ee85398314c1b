"""Which models are offered, and what each can be asked."""

from dataclasses import dataclass

from core.errors import AppError


@dataclass(frozen=True, slots=True)
class AssistModel:
    """A model of the SAM family, before it is downloaded."""

    name: str
    """As in AssistConfig.model, and as osam calls it."""
    title: str
    remark: str
    """What it is good for, in a few words."""
    n_bytes: int
    """Of all its files, about, as osam's table of models says."""
    licence: str
    """Of the weights, as osam says."""
    takes_points: bool = True
    takes_box: bool = True
    takes_text: bool = False
    outlined_by: str = ""
    """A model that only finds boxes: the one that finds what stands in them; else empty."""


_APACHE = "Apache License 2.0"
_MB = 1_000_000

_ENTRIES = (
    AssistModel("efficientsam:10m", "EfficientSAM 10M", "small and quick", 40 * _MB, _APACHE),
    AssistModel("efficientsam:latest", "EfficientSAM 30M", "a little better", 100 * _MB, _APACHE),
    AssistModel("sam2:tiny", "SAM 2.1 tiny", "good, and quick enough", 150 * _MB, _APACHE),
    AssistModel("sam2:small", "SAM 2.1 small", "good", 170 * _MB, _APACHE),
    AssistModel("sam2:latest", "SAM 2.1 base plus", "better, slower", 300 * _MB, _APACHE),
    AssistModel("sam2:large", "SAM 2.1 large", "the best, slow without a GPU", 870 * _MB, _APACHE),
    AssistModel("sam:100m", "SAM 100M", "the first SAM, in 8 bits", 100 * _MB, _APACHE),
    AssistModel("sam:300m", "SAM 300M", "the first SAM, in 8 bits", 310 * _MB, _APACHE),
    AssistModel("sam:latest", "SAM 600M", "the first SAM, in 8 bits", 630 * _MB, _APACHE),
    AssistModel(
        "sam3:latest",
        "SAM 3",
        "finds by text; slow without a GPU",
        3400 * _MB,
        "SAM License",
        takes_points=False,
        takes_text=True,
    ),
    AssistModel(
        "yoloworld:latest",
        "YOLO-World XL",
        "finds by text, outlined by EfficientSAM",
        640 * _MB,
        "GNU General Public License v3.0",
        takes_points=False,
        takes_box=False,
        takes_text=True,
        outlined_by="efficientsam:10m",
    ),
)
MODELS = {entry.name: entry for entry in _ENTRIES}
"""By name, in the order in which a person chooses."""


def model_named(name: str) -> AssistModel:
    """The model of this name.

    Raises:
        AppError: none is offered under it.
    """
    if name not in MODELS:
        raise AppError(f"No assistant is named {name}; there are {', '.join(MODELS)}.")
    return MODELS[name]
