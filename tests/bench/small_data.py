"""The recipe that sets itself against a copied and a well-tuned fixed one, on few images.

    PYTHONPATH=. python tests/bench/small_data.py --sizes 20 50 200 --seeds 3 --budget 240
    PYTHONPATH=. python tests/bench/small_data.py --coco FILE --images DIR --sizes 12

Every recipe gets the same budget: seconds in which the training process had a CPU (wall-clock on a
GPU), its evaluations included. How many iterations that makes is set from a short probe of that
recipe, then from its run before. All learn from the same images and are measured on the same val
images while they run, one of five; what the table says is of test images that no recipe saw. What
ran once is kept in the work folder: a call that was broken off goes on where it was.

    self-setting   TrainConfig with nothing but weights: core/configs/recipe.py
    copied         BASE_LR .00025, 2 images, warm-up of 1000, the rest as in detectron2
    tuned          from scratch AdamW 2e-3 at 4 images, from weights SGD .0025 at 2; warm-up of 5 %,
                   cosine, flips only, the last weights

`--recipes "no pasting=self-setting:copy_paste=0;patience=0"` is one more, named, that differs from
another in some settings.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.configs import TrainConfig, to_json
from core.maskrcnn.config import settings_to_yaml, small_settings, standard_settings
from core.run_folder import Snapshot
from core.run_folder.snapshot import snapshot_to_json
from tests.bench._small_recipes import BASES, Pace, Recipe, pace_of, recipe_of
from tests.bench._small_sets import DataSet, coco_set, drawn_set, project_set
from tests.bench._small_tables import Cell, markdown, numbers_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
_PROBED = 24  # iterations
_SHORT_SIDE, _SHORT_BUDGET = 160, 150.0  # of the short run
_TOO_LONG = 1.05  # times the budget: such a run is done again, shorter


@dataclass(frozen=True, slots=True)
class Bench:
    """What is asked for."""

    data: DataSet
    recipes: tuple[Recipe, ...]
    sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    budget: float
    start: TrainConfig
    """Weights, model, device and threads."""
    work: Path
    n_at_once: int = 1

    def cells(self) -> list[Cell]:
        """All runs, one after the other or several at once."""
        self.work.mkdir(parents=True, exist_ok=True)
        (self.work / "test.json").write_text(json.dumps(snapshot_to_json(self.data.test)))
        wanted = [(size, recipe) for size in self.sizes for recipe in self.recipes]
        with ThreadPoolExecutor(self.n_at_once) as pool:
            return list(pool.map(self._cell, *zip(*wanted, strict=True)))

    def _cell(self, size: int, recipe: Recipe) -> Cell:
        """A run for each seed; from each is learnt how long the next may be."""
        pace: Pace | None = None
        results = []
        for seed in self.seeds:
            snapshot = self.data.of_size(size, seed)
            place = self.work / f"{size}_{recipe.name.replace(' ', '_')}_{seed}"
            result = self._kept(place)
            if result is None:
                if pace is None:
                    pace = self._probed(place, recipe, snapshot, seed)
                result = self._within_budget(place, recipe, snapshot, seed, pace)
            pace = _pace(result)
            results.append(result)
            self._say(size, recipe, seed, result)
        return Cell(size, recipe.name, results)

    def _kept(self, place: Path) -> dict[str, Any] | None:
        """What a call before this one had as result of the same run."""
        result = place / "result.json"
        if not result.exists():
            return None
        kept: dict[str, Any] = json.loads(result.read_text())
        return kept if kept.get("budget") == self.budget else None

    def _probed(self, place: Path, recipe: Recipe, snapshot: Snapshot, seed: int) -> Pace:
        config = recipe.config(replace(self.start, seed=seed), _PROBED)
        return _pace(self._run(place / "probe", config, snapshot, is_tested=False))

    def _within_budget(
        self, place: Path, recipe: Recipe, snapshot: Snapshot, seed: int, pace: Pace
    ) -> dict[str, Any]:
        start = replace(self.start, seed=seed)
        config = recipe.config(start, pace.iterations(self.budget))
        result = self._run(place, config, snapshot, is_tested=True)
        if result["used"]["seconds"] > _TOO_LONG * self.budget:
            config = recipe.config(start, _pace(result).iterations(self.budget))
            result = self._run(place, config, snapshot, is_tested=True)
        result["budget"] = self.budget
        (place / "result.json").write_text(json.dumps(result))
        return result

    def _run(
        self, place: Path, config: TrainConfig, snapshot: Snapshot, *, is_tested: bool
    ) -> dict[str, Any]:
        """A fine-tune in a process of its own."""
        place.mkdir(parents=True, exist_ok=True)
        files = {name: place / f"{name}.json" for name in ("task", "snapshot", "said")}
        files["snapshot"].write_text(json.dumps(snapshot_to_json(snapshot)))
        task = {
            "snapshot": str(files["snapshot"]),
            "test": str(self.work / "test.json") if is_tested else "",
            "config": to_json(config),
            "out": str(place / "run"),
            "result": str(files["said"]),
        }
        files["task"].write_text(json.dumps(task))
        _forget(place / "run")
        threads = str(config.threads or os.cpu_count())
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "PASSIVE",
            "OMP_NUM_THREADS": threads,
        }  # fmt: skip
        command = [sys.executable, str(HERE / "_small_run.py"), str(files["task"])]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
        said: dict[str, Any] = json.loads(files["said"].read_text())
        files["said"].unlink()
        return said

    def _say(self, size: int, recipe: Recipe, seed: int, result: dict[str, Any]) -> None:
        evaluation = result["evaluation"]
        val = (evaluation["after"] or {}).get("segm", {}).get("AP")
        sys.stderr.write(
            f"{self.data.name}, {size} images, {recipe.name}, seed {seed}:"
            f" {evaluation['iterations']} iterations, best {evaluation['best_iteration']},"
            f" {result['used']['seconds']:.0f} s, val mask AP {val or 0:.1f}\n"
        )


def _pace(result: dict[str, Any]) -> Pace:
    return pace_of(result["used"], result["evaluation"]["settings"]["evaluate_every"])


def _forget(run: Path) -> None:
    """A run that was broken off is begun anew: a budget is counted in one piece."""
    for name in ("last.pth", "best.pth", "evaluation.json"):
        (run / name).unlink(missing_ok=True)


def rows() -> list[dict[str, Any]]:
    """A short run for `make bench ONLY=small_data`: 50 drawn images, one seed, minutes each."""
    work = ROOT / "build" / "small_data_short"
    recipes = tuple(map(recipe_of, BASES))
    model_config = _written_model(work, "small", _SHORT_SIDE)
    start = TrainConfig(folder="", model_config=model_config, device="cpu", threads=1)
    data = drawn_set(work / "images", 60)
    cells = Bench(data, recipes, (50,), (0,), _SHORT_BUDGET, start, work).cells()
    said = numbers_of(cells, data.test)
    own, *others = said["cells"]
    low, high = said["differences"][-1]["mask AP"]["interval"]
    return [
        {
            "name": "small data, mask AP of the recipe that sets itself, 50 drawn images",
            "value": own["mask AP"]["value"],
            "unit": "%",
            "budget": round(others[-1]["mask AP"]["value"], 1),
            "peer": others[-1]["recipe"],
            "peer_value": others[-1]["mask AP"]["value"],
            "holds": high >= 0,
            "how": f"{_SHORT_BUDGET:g} s of one core each, one seed; it holds where the"
            f" well-tuned recipe is not better beyond chance: the difference lies"
            f" in {low:.1f} to {high:.1f}",
        }
    ]


def main() -> int:
    """The command line; see above."""
    asked = _arguments()
    work = Path(asked.work).resolve()
    if asked.coco:
        data = coco_set(Path(asked.coco), Path(asked.images) if asked.images else None)
    elif asked.project:
        data = project_set(Path(asked.project).resolve())
    else:
        data = drawn_set(work / "images", asked.test)
    config = asked.model_config or _written_model(work, asked.model, asked.short_side)
    start = TrainConfig(
        folder="", weights=asked.weights, model_config=config, device=asked.device,
        threads=asked.threads,
    )  # fmt: skip
    bench = Bench(
        data, tuple(map(recipe_of, asked.recipes)), tuple(asked.sizes), tuple(range(asked.seeds)),
        asked.budget, start, work, asked.at_once,
    )  # fmt: skip
    cells = bench.cells()
    said = {"asked": vars(asked), "machine": _machine(asked.device), **numbers_of(cells, data.test)}
    (work / "numbers.json").write_text(json.dumps(said, indent=1) + "\n")
    text = markdown(said)
    (work / "table.md").write_text(text)
    sys.stdout.write(text)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--coco", help="a COCO file instead of drawn images")
    parser.add_argument("--images", help="the folder of its images")
    parser.add_argument("--project", help="a project's folder instead of drawn images")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 50, 200])
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--budget", type=float, default=240.0, help="seconds a run")
    parser.add_argument("--test", type=int, default=80, help="drawn images to test on")
    parser.add_argument("--recipes", nargs="+", default=list(BASES))
    parser.add_argument("--weights", default="none")
    parser.add_argument("--model-config", default="", help="of the weights, or of a fresh model")
    parser.add_argument("--model", choices=("small", "r50"), default="small", help="from scratch")
    parser.add_argument("--short-side", type=int, default=0, help="of its input; 0: the usual")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=1, help="runs at the same time")
    parser.add_argument("--work", default=str(ROOT / "build" / "small_data"))
    return parser.parse_args()


def _written_model(work: Path, name: str, short_side: int) -> str:
    """The config of a model that begins from scratch; empty: the usual small one."""
    if name == "small" and not short_side:
        return ""
    settings = small_settings(1)  # the number of classes is the data's
    if name == "r50":
        settings = replace(standard_settings(50), backbone_norm="BN", freeze_at=0)
    if short_side:
        settings = replace(settings, min_size_test=short_side, max_size_test=2 * short_side)
    file = work / f"{name}_{short_side}.yaml"
    work.mkdir(parents=True, exist_ok=True)
    file.write_text(settings_to_yaml(settings, ()))
    return str(file)


def _machine(device: str) -> dict[str, Any]:
    program = "import torch; print(torch.__version__); print(torch.cuda.get_device_name())"
    if not device.startswith("cuda"):
        program = "import torch; print(torch.__version__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    torch_version, *names = done.stdout.splitlines()
    return {
        "device": names[0] if names else "CPU", "python": platform.python_version(),
        "torch": torch_version, "cores": os.cpu_count(), "machine": platform.machine(),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
