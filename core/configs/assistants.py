"""What models of the SAM family are told."""

import math
from dataclasses import dataclass

from core.configs.checks import require


@dataclass(frozen=True, slots=True)
class AssistConfig:
    """One prompt to a model of the SAM family for one image; without one, its embedding only."""

    image: str
    """A file."""
    model: str = "efficientsam:10m"
    """As core.assist.MODELS names it; downloaded if it is not here."""
    points: tuple[tuple[float, float, bool], ...] = ()
    """x, y in pixels of the image, and whether the instance is there; False: it is not."""
    box: tuple[float, float, float, float] | None = None
    """x0, y0, x1, y1 in pixels of the image; points may come with it."""
    text: str = ""
    """What to find, for models that read; not together with points or a box."""
    score: float = 0.1
    """What is found by text with less is left out."""

    def __post_init__(self) -> None:
        require(bool(self.image), "No image is named.")
        require(bool(self.model), "No model is named.")
        numbers = [*(n for x, y, _ in self.points for n in (x, y)), *(self.box or ())]
        require(all(map(math.isfinite, numbers)), "A point or a box has no finite place.")
        require(0 <= self.score <= 1, f"A score lies between 0 and 1, not at {self.score}.")
        require(
            not self.text or not (self.points or self.box),
            "Ask either by a text, or by points and a box.",
        )
        require(
            not self.points or bool(self.box) or any(is_there for _, _, is_there in self.points),
            "Click on the instance first: points that lie beside it only say what to leave out.",
        )

    @property
    def is_ahead(self) -> bool:
        """Whether nothing is asked yet: the embedding is computed and kept for later."""
        return not (self.points or self.box or self.text)


@dataclass(frozen=True, slots=True)
class AssistFetchConfig:
    """Downloading and loading a model of the SAM family before it is asked anything."""

    model: str = "efficientsam:10m"


@dataclass(frozen=True, slots=True)
class AssistOfferConfig:
    """Which models of the SAM family can be used here, and which are on this machine."""
