"""Pre-labels many small images with a tiny model; prints its memory after a tenth and at the end.

`python _prediction_soak.py COUNT`; two numbers, in MB, as JSON. A child of prediction.py.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch

from core.configs import EngineConfig, PrelabelConfig
from core.engines import EngineShelf
from core.events import Prelabelled
from core.jobs import all_jobs, run_job
from core.project import Project

_GOLDEN = Path(__file__).resolve().parents[1] / "golden"
_NAMES = ("circle", "square", "triangle", "star", "bar")


def main() -> None:
    """Prints the two numbers."""
    count = int(sys.argv[1])
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _fill(folder, count)
        engine = EngineConfig(str(_GOLDEN / "mask_rcnn_tiny.pth"), class_names=_NAMES, device="cpu")
        sizes_mb, n_seen = [], 0
        job = PrelabelConfig(engine, str(folder))
        for event in run_job("prelabel", job, EngineShelf(), jobs=all_jobs()):
            n_seen += isinstance(event, Prelabelled)
            if isinstance(event, Prelabelled) and n_seen in (count // 10, count):
                sizes_mb.append(_resident_mb())
    sys.stdout.write(json.dumps(sizes_mb) + "\n")


def _fill(folder: Path, count: int) -> None:
    """Parts of the golden image, so that there is something to see."""
    whole = cv2.imread(str(_GOLDEN / "images" / "big_640x480.png"))
    random = np.random.default_rng(0)
    for number in range(count):
        x, y = random.integers(0, (480, 360))
        cv2.imwrite(str(folder / f"{number:05}.jpg"), whole[y : y + 120, x : x + 160])
    project = Project.open(folder)
    for name in _NAMES:
        project.add_class(name)
    project.close()


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
