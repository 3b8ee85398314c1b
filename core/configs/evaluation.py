"""What an evaluation is told."""

from dataclasses import dataclass

from core.configs.checks import require
from core.configs.prediction import EngineConfig


@dataclass(frozen=True, slots=True)
class EvaluateConfig:
    """AP of weights on the val images of a project, or of a detections file against a COCO file."""

    folder: str = ""
    labels_folder: str = ""
    engine: EngineConfig | None = None
    split: str = "val"
    ground_truth: str = ""
    detections: str = ""
    with_effort: bool = False
    with_counts: bool = False
    """Whether the result says how many images and instances it was measured on."""
    with_predictions: bool = False
    """Whether what the weights see in each image of a project is told as it is in a pre-label."""
    report: str = ""
    """An HTML file to write, or empty."""

    def __post_init__(self) -> None:
        of_project = bool(self.folder and self.engine)
        of_files = bool(self.ground_truth and self.detections)
        require(
            of_project != of_files,
            "Evaluate either a project's folder with --weights,"
            " or --ground-truth with --detections.",
        )
