"""What jobs that bring labels and weights in and out are told."""

from dataclasses import dataclass

from core.configs.checks import require
from core.configs.training import TrainConfig
from core.types import Split


@dataclass(frozen=True, slots=True)
class ImportConfig:
    """Labels of another format into a project."""

    source: str
    format: str
    into: str
    labels_folder: str = ""
    images: str = ""
    """Where the source's images are, if not where it says."""

    def __post_init__(self) -> None:
        require(bool(self.source), "No file or folder to import is named.")
        require(bool(self.into), "No folder to import into is named: give --into.")


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """A project's labels in another format."""

    folder: str
    format: str
    out: str
    labels_folder: str = ""
    state: str = "accepted"
    """accepted: what a person accepted, edited or drew; all: predictions too."""
    split: str = ""
    """train, val, test, or empty for every image."""

    def __post_init__(self) -> None:
        require(bool(self.folder), "No folder of images is named.")
        require(bool(self.out), "Nowhere to export to is named: give --out.")
        require(self.state in ("accepted", "all"), f"--state is accepted or all, not {self.state}.")
        require(self.split in ("", *Split), f"--split is train, val or test, not {self.split}.")


@dataclass(frozen=True, slots=True)
class ExportModelConfig:
    """Weights as a folder of their own, for those who have no project."""

    weights: str
    """A run folder, a file, or a zoo name."""
    out: str
    """The folder to make, which may be there if nothing is in it, or a zip to write (.zip)."""
    model_config: str = ""
    class_names: tuple[str, ...] = ()
    half_precision: bool = False

    def __post_init__(self) -> None:
        require(bool(self.weights), "No weights are named: give a run folder or a file.")
        require(bool(self.out), "No folder to write is named: give --out.")


@dataclass(frozen=True, slots=True)
class PackConfig:
    """The done images of a project as one zip, to be fine-tuned on another machine."""

    folder: str
    out: str
    """The zip to write."""
    labels_folder: str = ""
    weights: str = "none"
    """What the fine-tune starts from: a run folder, a file, a zoo name, or none for scratch."""
    model_config: str = ""
    class_names: tuple[str, ...] = ()
    train: TrainConfig | None = None
    """How the fine-tune there is to be; its folders, weights and device say nothing."""

    def __post_init__(self) -> None:
        require(bool(self.folder), "No folder of images is named.")
        require(bool(self.out), "No file to write is named: give --out.")
        require(bool(self.weights), "No start weights are named: give some, or none.")


@dataclass(frozen=True, slots=True)
class UnpackConfig:
    """A run that was made on another machine, into the runs of its project."""

    source: str
    """The run folder, a file in it, detectron2's output folder, or a zip of one of these."""
    folder: str
    """The project's."""
    labels_folder: str = ""
    class_names: tuple[str, ...] = ()
    """Of detectron2's weights, where nothing that came back names them."""

    def __post_init__(self) -> None:
        require(bool(self.source), "Nothing to unpack is named: give a run folder or a zip of one.")
        require(bool(self.folder), "No folder of images is named: give the project's.")


@dataclass(frozen=True, slots=True)
class ClassNamesConfig:
    """The class names that a file lists."""

    file: str
    """names.txt, classes.txt, obj.names, a data.yaml, or a COCO file."""

    def __post_init__(self) -> None:
        require(bool(self.file), "No file with class names is named.")
