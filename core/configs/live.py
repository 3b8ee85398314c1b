"""What live view is told."""

from dataclasses import dataclass

from core.configs.checks import require
from core.configs.prediction import EngineConfig


@dataclass(frozen=True, slots=True)
class LiveConfig:
    """Predictions on a camera, a video file or a folder of frames, until it is cancelled."""

    engine: EngineConfig
    """Without a score, every detection from 0.05 on is told, so that a threshold in the window
    needs no reload."""
    source: str
    """camera:0, camera:1 ..., a video file, or a folder of images."""
    frames_file: str
    """Where the pixels go: a file that both processes map, named by whoever watches. When frames
    grow, others come beside it; the job removes them, but not where it is killed."""
    is_looped: bool = False
    """Whether a file or a folder begins again at its end; a camera that is lost always does."""

    def __post_init__(self) -> None:
        require(bool(self.source), "No camera, video or folder to watch is named.")
        require(bool(self.frames_file), "No file for the frames is named.")
