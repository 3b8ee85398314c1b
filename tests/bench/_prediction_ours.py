"""Maskloop's engine, taking turns. A child of prediction.py.

`python _prediction_ours.py task.json`; what goes in and out then says _prediction_turns.py.
"""

import json
import os
import sys
from pathlib import Path

import torch

from core.configs import EngineConfig, PrelabelConfig
from core.engines import EngineShelf
from core.events import Prelabelled
from core.images import read_image
from core.jobs import all_jobs, run_job
from core.project import Project
from tests.bench._prediction_turns import take_turns


def main() -> None:
    """Does what stdin says."""
    task = json.loads(Path(sys.argv[1]).read_text())
    config = EngineConfig(
        task["weights"], model_config=task["model_config"], device=task["device"],
        exact=task["exact"],
    )  # fmt: skip
    if task["threads"]:
        os.environ["OMP_NUM_THREADS"] = str(task["threads"])  # so that the engine keeps them
        torch.set_num_threads(task["threads"])
    shelf = EngineShelf()
    engine = _result_of(shelf.engine(config))
    photos = [read_image(Path(photo)) for photo in task["photos"]]
    folder = Path(task["photos"][0]).parent
    labels = Path(sys.argv[1]).with_suffix(".labels")
    project = Project.open(folder, labels)
    for name in engine.class_names:
        project.add_class(name)
    project.close()

    def model() -> int:
        return sum(len(engine.predict([photo])[0]) for photo in photos)

    def files() -> int:
        job = PrelabelConfig(config, str(folder), str(labels))
        events = run_job("prelabel", job, shelf, jobs=all_jobs())
        seen = [event for event in events if isinstance(event, Prelabelled)]
        return sum(len(event.instances) for event in seen)

    take_turns({"model": model, "files": files}, device=task["device"])


def _result_of(generator):  # type: ignore[no-untyped-def]
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


if __name__ == "__main__":
    main()
