"""Published weights, downloaded and evaluated on COCO val2017, against their published AP.

    make verify-zoo COCO=FOLDER [ONLY="NAME ..."]

FOLDER holds val2017/*.jpg and annotations/instances_val2017.json, as COCO gives them out. All is
computed as detectron2 does, not by the quicker defaults. 5,000 images take minutes on a GPU and
hours on a CPU for each of the weights.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.configs import EngineConfig, EvaluateConfig, PredictConfig
from core.engines import EngineShelf, all_engines
from core.errors import AppError
from core.events import Failed, Finished, Progress
from core.jobs import all_jobs, run_job
from core.weights import PublishedWeights

_ANNOTATIONS = Path("annotations", "instances_val2017.json")
_IMAGES = "val2017"
_TOLERANCE = 0.1
"""In points of AP, once both are rounded to one decimal as the published ones are."""
_SECONDS_BETWEEN_LINES = 10.0


@dataclass(frozen=True, slots=True)
class Verified:
    """What was measured of some weights, beside what is published of them."""

    name: str
    published: tuple[float, float | None]
    """AP of boxes and of masks, in percent; None where there are no masks."""
    measured: tuple[float, float | None]

    @property
    def agrees(self) -> bool:
        """Whether all that is published was measured, too."""
        pairs = zip(self.published, self.measured, strict=True)
        return all(
            (said is None) == (found is None)
            and (said is None or found is None or _is_near(said, found))
            for said, found in pairs
        )


def _is_near(said: float, found: float) -> bool:
    return abs(said - round(found, 1)) <= _TOLERANCE + 1e-9


def offers(names: Sequence[str]) -> list[tuple[str, PublishedWeights]]:
    """Engines and their published weights: those of these names, or all.

    Raises:
        AppError: nobody publishes one of them.
    """
    engines = [all_engines()["maskrcnn"], *all_engines().values()]
    known = {one.name: (spec.name, one) for spec in reversed(engines) for one in spec.published()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise AppError(f"Nobody publishes weights named {unknown[0]}: see `main.py zoo`.")
    return [known[name] for name in names or known]


def verified(engine: str, one: PublishedWeights, *, coco: Path, device: str) -> Verified:
    """Downloads weights where they are not here, and measures them.

    Raises:
        AppError: they cannot be downloaded or loaded, or the folder is not as it is to be.
    """
    truth = coco / _ANNOTATIONS
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "detections.json")
        exact = EngineConfig(one.name, engine=engine, device=device, exact=True)
        images = (str(coco / _IMAGES),)
        _result("predict", PredictConfig(exact, images, str(found), coco=str(truth)))
        sides = EvaluateConfig(ground_truth=str(truth), detections=str(found))
        result = _result("evaluate", sides)
    mask = None if one.mask_ap is None else result["segm"]["AP"]
    return Verified(one.name, (one.box_ap, one.mask_ap), (result["bbox"]["AP"], mask))


def report(rows: Sequence[Verified]) -> str:
    """A line for each: published and measured AP, and whether they agree."""
    lines = [f"{'':36}{'box AP':>16}{'mask AP':>16}"]
    for row in rows:
        pairs = zip(row.published, row.measured, strict=True)
        numbers = "".join(f"{_number(said):>8}{_number(found):>8}" for said, found in pairs)
        lines.append(f"{row.name:36}{numbers}  {'agrees' if row.agrees else 'DIFFERS'}")
    return "\n".join([*lines, "published, measured; COCO val2017, in percent"])


def main(arguments: Sequence[str]) -> int:
    """Verifies what the arguments name; 0 where all of it agrees."""
    parser = argparse.ArgumentParser(prog="verify-zoo", description="AP of published weights")
    parser.add_argument("coco", type=Path, help="a folder with val2017 and annotations")
    parser.add_argument("names", nargs="*", help="default: all that are published")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args(arguments)
    try:
        _require_coco(options.coco)
        wanted = offers(options.names)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    rows = []
    for engine, one in wanted:
        try:
            rows.append(verified(engine, one, coco=options.coco, device=options.device))
        except AppError as error:
            sys.stderr.write(f"{error}\n")
    sys.stdout.write(f"{report(rows)}\n")
    return 0 if len(rows) == len(wanted) and all(row.agrees for row in rows) else 1


def _require_coco(folder: Path) -> None:
    for part in (_ANNOTATIONS, Path(_IMAGES)):
        if not (folder / part).exists():
            raise AppError(
                f"There is no {part} in {folder}. Get val2017.zip and annotations_trainval2017.zip"
                " from cocodataset.org and unpack both there."
            )


def _result(job: str, config: Any) -> Any:
    """Runs a job to its end; how far it is goes to stderr."""
    said = 0.0
    for event in run_job(job, config, EngineShelf(), jobs=all_jobs()):
        if isinstance(event, Finished):
            return event.result
        if isinstance(event, Failed):
            raise AppError(event.sentence)
        if isinstance(event, Progress) and time.monotonic() - said > _SECONDS_BETWEEN_LINES:
            said = time.monotonic()
            sys.stderr.write(f"{event.done} of {event.total} {event.what}\n")
    raise AppError(f"{job} ended without a result.")


def _number(ap: float | None) -> str:
    return "-" if ap is None else f"{ap:.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
