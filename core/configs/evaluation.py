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
    with_recall: bool = False
    """Whether the result has COCO's six AR beside its six AP."""
    with_details: bool = False
    """Whether the result has AR, the tables by class and by split, the curves of precision and of
    F1, and the confusion matrix."""
    with_matches: bool = False
    """Whether the result has every match, from which the images behind each number come."""
    threshold: float | None = None
    """Of confidence, for the confusion matrix and the sheets; None: that of the best F1."""
    report: str = ""
    """An HTML or JSON file to write, by its suffix, or empty."""
    keep: str = ""
    """A folder to make, in which all of it is kept for a window (see core.kept_evaluations), or
    empty."""
    sheets: str = ""
    """A folder for pictures of labels and predictions side by side, or empty."""
    sheet_images: int = 16
    """How many random and how many of the worst images are on the sheets."""
    images: str = ""
    """Of a COCO file: where its images are, for the sheets; empty: beside it."""

    def __post_init__(self) -> None:
        of_project = bool(self.folder and self.engine)
        of_files = bool(self.ground_truth and self.detections)
        require(
            of_project != of_files,
            "Evaluate either a project's folder with --weights,"
            " or --ground-truth with --detections.",
        )
        require(
            self.threshold is None or 0 <= self.threshold <= 1,
            "The threshold is a score between 0 and 1.",
        )
        require(self.sheet_images > 0, "Sheets have at least one image.")


@dataclass(frozen=True, slots=True)
class CompareConfig:
    """AP of the weights of several runs on the val images that they share."""

    runs: tuple[str, ...]
    """Their run folders."""
    device: str = "auto"

    def __post_init__(self) -> None:
        require(len(self.runs) > 1, "Name two runs or more to compare.")
        require(len(set(self.runs)) == len(self.runs), "A run is compared with others only.")
