"""A project is packed, learnt from on another machine, and the run comes back."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.maskrcnn.config import settings_to_yaml, small_settings
from core.project import Project
from core.run_folder import RunFolder, RunState, runs_folder, runs_of
from core.types import ImageLabels, ImageState, Instance, Part

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, str(ROOT / "main.py"))
SIDE = 64
HALTED_CHILD = """
import sys
from core.unpacking import entries
whole = entries.Entry.chunks
def halted(entry):
    chunks = whole(entry)
    yield next(chunks)
    if entry.name.endswith("best.pth"):
        print("half", flush=True)
        sys.stdin.read()
    yield from chunks
entries.Entry.chunks, entries.CHUNK_BYTES = halted, 1 << 16
from core.cli.program import run
run(["unpack", *sys.argv[1:]])
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def drawn_project(place: Path) -> None:
    """Eight done images of bright boxes, and a model.yaml beside the folder that is quick."""
    place.mkdir()
    project = Project.open(place)
    classes = [project.add_class("red box"), project.add_class("blue box")]
    for number in range(8):
        rng = np.random.default_rng(number)
        x, y = rng.integers(4, 30, 2)
        pixels = rng.integers(0, 60, (SIDE, SIDE, 3), dtype=np.uint8)
        pixels[y : y + 24, x : x + 24] = ((220, 60, 40), (40, 60, 220))[number % 2]
        Image.fromarray(pixels).save(place / f"{number}.png")
        part = Part([(x, y), (x + 24, y), (x + 24, y + 24), (x, y + 24)])
        instance = Instance("a", classes[number % 2].id, (part,))
        labels = ImageLabels((SIDE, SIDE), (instance,), ImageState.DONE)
        project.write(f"{number}.png", labels, stamp="")
    list(project.scan())
    project.assign_splits()
    project.close()
    settings = replace(small_settings(2), min_size_test=SIDE, max_size_test=SIDE)
    (place.parent / "model.yaml").write_text(settings_to_yaml(settings, class_names=()))


def said(*arguments: str | Path, cwd: Path) -> dict[str, Any]:
    """The result of a subcommand."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments), "--json"],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def command_in(readme: Path, program: str) -> Sequence[str]:
    """What a README says to type after this name of the program."""
    (line,) = (
        line.strip()
        for line in readme.read_text().splitlines()
        if line.startswith(f"    maskloop {program}")
    )
    return line.split()[1:]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, and run.zip beside it: what came out where there was nothing but its pack."""
    place = tmp_path_factory.mktemp("elsewhere")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(place / "cache"))
        patch.setenv("OMP_NUM_THREADS", "1")
        drawn_project(place / "photos")
        settings = ("iterations=4", "batch_size=2", "copy_paste=0", "learning_rate=0.001")
        said(
            "pack", "photos", "--out", "p.zip", "--config", "model.yaml", "--override", *settings,
            cwd=place,
        )  # fmt: skip
        shutil.unpack_archive(place / "p.zip", place / "there")
        pack = place / "there" / "photos"
        said(*command_in(pack / "README.md", "train"), "--threads", "1", cwd=pack)
    shutil.make_archive(str(place / "run"), "zip", pack, "run")
    shutil.rmtree(place / "there")
    return place


@pytest.fixture
def folder(elsewhere: Path, tmp_path: Path) -> Path:
    """The project on the first machine."""
    return Path(shutil.copytree(elsewhere / "photos", tmp_path / "photos"))


def test_a_run_made_of_a_pack_comes_back_with_all_that_it_says(
    folder: Path, elsewhere: Path, tmp_path: Path
) -> None:
    result = said("unpack", elsewhere / "run.zip", folder, cwd=tmp_path)
    (run,) = runs_of(folder)
    assert (result["run"], result["classes"]) == (str(run.path), ["red box", "blue box"])
    assert run.state() is RunState.FINISHED
    settings = run.read_settings()
    assert (settings["iterations"], settings["batch_size"], settings["copy_paste"]) == (4, 2, 0)
    assert settings["learning_rate"] == 0.001
    images = run.read_snapshot().images
    assert sorted(image.file for image in images) == [str(folder / f"{n}.png") for n in range(8)]
    assert run.read_evaluation()["after"]["segm"]["AP"] is not None
    # what came back measures the same here as it did there
    measured = said("evaluate", folder, "--weights", result["weights"], cwd=tmp_path)
    assert measured["segm"]["AP"] == pytest.approx(run.read_evaluation()["after"]["segm"]["AP"])
    # and another pack begins with it
    said("pack", folder, "--out", "q.zip", "--weights", run.path, cwd=tmp_path)
    shutil.unpack_archive(tmp_path / "q.zip", tmp_path / "next")
    assert (tmp_path / "next" / "photos" / "start" / f"{run.path.name}.pth").is_file()


def test_one_that_is_killed_in_the_middle_leaves_nothing_that_counts(
    folder: Path, elsewhere: Path, tmp_path: Path
) -> None:
    back = elsewhere / "run.zip"
    child = subprocess.Popen(
        [sys.executable, "-c", HALTED_CHILD, str(back), str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdin is not None
    assert any(line == "half\n" for line in child.stdout)
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    assert runs_of(folder) == ()
    result = said("unpack", back, folder, cwd=tmp_path)
    assert [one.name for one in runs_folder(folder).iterdir()] == [Path(result["run"]).name]
    assert RunFolder(Path(result["run"])).state() is RunState.FINISHED
