"""The order in which images come: all of them each time round, those of rare classes more often."""

import bisect
import math
import threading
from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt


def repeat_factors(
    classes_of_images: Sequence[frozenset[int]], *, threshold: float
) -> npt.NDArray[np.float64]:
    """How often each image comes in one pass, on average: (N,), at least 1.

    Repeat-factor sampling of Gupta et al. 2019 (LVIS), detectron2's RepeatFactorTrainingSampler:
    where f is the share of the images that show a class, the class's factor is max(1,
    sqrt(threshold / f)), and an image's the largest of its classes; 1 where it shows none.

    Args:
        classes_of_images: the classes that each image teaches.
        threshold: the share of images below which a class is rare; 0: none is.
    """
    count = len(classes_of_images)
    of_class = {
        index: max(1.0, math.sqrt(threshold * count / shows_it))
        for index, shows_it in Counter(chain.from_iterable(classes_of_images)).items()
    }
    return np.array(
        [max((of_class[one] for one in classes), default=1.0) for classes in classes_of_images]
    )


class Stream:
    """An endless stream of image indices, pass after pass in a new order.

    What stands at a place follows from the factors, the seed and the place alone.
    """

    def __init__(self, factors: npt.NDArray[np.float64], *, seed: int) -> None:
        self._factors = factors
        self._seed = seed
        self._begins = [0]  # the place at which each pass begins that was reached so far
        self._lock = threading.Lock()

    def index_at(self, place: int) -> int:
        """The index of the image at a place, counted from 0."""
        turn, within = self._turn(place)
        indices = self._indices(turn)
        order = np.random.default_rng((self._seed, 0, turn)).permutation(len(indices))
        return int(indices[order[within]])

    def length(self, turn: int) -> int:
        """How many images a pass shows."""
        return len(self._indices(turn))

    def _turn(self, place: int) -> tuple[int, int]:
        """The pass that a place belongs to, and its place there."""
        if (self._factors == 1).all():
            return divmod(place, len(self._factors))
        with self._lock:
            while self._begins[-1] <= place:
                self._begins.append(self._begins[-1] + self.length(len(self._begins) - 1))
            turn = bisect.bisect_right(self._begins, place) - 1
            return turn, place - self._begins[turn]

    def _indices(self, turn: int) -> npt.NDArray[np.intp]:
        """The images of a pass, those of rare classes several times, in their own order.

        The part of a factor behind the point is rounded up as often as it says.
        """
        whole = np.floor(self._factors)
        chances = np.random.default_rng((self._seed, 3, turn)).random(len(whole))
        counts = (whole + (chances < self._factors - whole)).astype(np.intp)
        return np.repeat(np.arange(len(counts)), counts)
