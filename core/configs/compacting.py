"""What the job is told that makes a model small."""

from dataclasses import dataclass

from core.configs.checks import require, require_one_of

HALF, EIGHT_BITS, ONNX, ONNX_EIGHT_BITS = "half", "int8", "onnx", "onnx-int8"
COMPACT_KINDS = (HALF, EIGHT_BITS, ONNX, ONNX_EIGHT_BITS)


@dataclass(frozen=True, slots=True)
class CompactConfig:
    """Weights made small, measured before and after."""

    weights: str
    """A run folder, a file, or a zoo name."""
    to: str
    """half: 16 bits a number. int8: 8 bits. onnx: a network for ONNX Runtime. onnx-int8: the same
    in 8 bits."""
    out: str
    """The folder to make, which may be there if nothing is in it."""
    folder: str = ""
    """Of a project: AP is measured on its val images, speed and 8-bit networks on its images."""
    labels_folder: str = ""
    model_config: str = ""
    class_names: tuple[str, ...] = ()
    device: str = "auto"
    force: bool = False
    """Whether it is written although AP falls."""

    def __post_init__(self) -> None:
        require(bool(self.weights), "No weights are named: give a run folder or a file.")
        require_one_of("form to compact to", self.to, COMPACT_KINDS)
        require(bool(self.out), "No folder to write is named: give --out.")
        require(
            self.to != ONNX_EIGHT_BITS or bool(self.folder),
            "8 bits in ONNX are chosen on images: give the folder of a project with --project.",
        )
