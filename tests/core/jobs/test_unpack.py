"""A run comes back from another machine: whole, checked, or not at all."""

import errno
import json
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
import torch

from core.configs import EngineConfig, TrainConfig, UnpackConfig, from_json
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Finished, Metrics, Noted, Progress, to_line
from core.jobs import run_job, unpack
from core.model_folder import origin_of, weights_in
from core.project import Project
from core.run_folder import (
    RunFolder,
    RunState,
    Snapshot,
    SnapshotImage,
    runs_folder,
    runs_of,
)
from core.run_folder.about import About, read_about, write_about
from core.types import ImageLabels, ImageState, LabelClass, Split

GOLDEN = Path(__file__).parents[2] / "golden"
JOBS = {spec.name: spec for spec in unpack.JOBS}
NAMES = ("disc", "square", "star", "blob", "bar")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("core.project.project.user_cache_folder", lambda: cache)


def project_with(folder: Path, *names: str) -> Path:
    shutil.copytree(GOLDEN / "images", folder)
    project = Project.open(folder)
    for name in names:
        project.add_class(name)
    project.close()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project_with(tmp_path / "photos", *NAMES)


def image_key(folder: Path) -> str:
    return sorted(one.name for one in folder.iterdir() if one.suffix == ".png")[0]


def config_with_names(names: tuple[str, ...]) -> str:
    comment = f"# maskloop: {json.dumps({'class_names': list(names)})}\n"
    return comment + (GOLDEN / "mask_rcnn_tiny.yaml").read_text()


def made_run(place: Path, *, key: str = "a.png", names: tuple[str, ...] = NAMES) -> Path:
    """A run as another machine leaves it, with the golden weights as what came out."""
    run = RunFolder.create(place)
    shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", run.best_weights)
    run.model_config.write_text(config_with_names(names))
    run.write_config("train", {"folder": "project", "weights": "none", "iterations": 2})
    run.write_settings({"folder": "project"})
    classes = tuple(LabelClass(n, name, "#112233") for n, name in enumerate(names, start=1))
    labels = ImageLabels((10, 20), (), ImageState.DONE)
    image = SnapshotImage(key, f"/there/project/{key}", Split.VAL, labels)
    run.write_snapshot(Snapshot(classes, (image,)))
    result = {
        "run": "/there/run", "weights": "/there/run/best.pth", "config": "/there/run/config.yaml",
        "before": None, "after": {"bbox": {"AP": 40.0}, "segm": {"AP": 30.0, "AP75": None}},
    }  # fmt: skip
    run.write_evaluation(result)
    said = [Metrics(1, {"total_loss": 2.0}), Metrics(2, {"segm/AP": 30.0}), Finished(result)]
    run.events_file.write_text("".join(to_line(one) + "\n" for one in said))
    (run.path / "pid").write_text(json.dumps({"pid": os.getpid(), "started": "long ago"}))
    return run.path


def zipped(folder: Path, out: Path) -> Path:
    return Path(shutil.make_archive(str(out.with_suffix("")), "zip", folder.parent, folder.name))


def unpacked(source: Path, folder: Path, **more: Any) -> tuple[RunFolder, list[str]]:
    """The run that came, and what was said."""
    config = UnpackConfig(str(source), str(folder), **more)
    events = list(run_job("unpack", config, EngineShelf(), jobs=JOBS))
    assert isinstance(events[-1], Finished)
    said = [one.sentence for one in events if isinstance(one, Noted)]
    return RunFolder(Path(events[-1].result["run"])), said


def refused(source: Path, folder: Path, match: str) -> None:
    """It is refused with these words, and nothing is left of it."""
    with pytest.raises(AppError, match=match):
        unpacked(source, folder)
    runs = runs_folder(folder)
    assert not runs.is_dir() or list(runs.iterdir()) == []


def test_a_zip_of_a_run_becomes_a_run_of_the_project(folder: Path, tmp_path: Path) -> None:
    source = made_run(tmp_path / "there" / "run", key=image_key(folder))
    run, _ = unpacked(zipped(source, tmp_path / "back.zip"), folder)
    assert runs_of(folder) == (run,)
    assert run.path.name.endswith("_unpacked")
    assert run.state() is RunState.FINISHED
    assert run.best_weights.read_bytes() == (source / "best.pth").read_bytes()
    assert weights_in(str(run.path)) == str(run.best_weights)
    assert origin_of(EngineConfig(str(run.best_weights))).class_names == NAMES
    assert [one.values for one in run.read_events().events if isinstance(one, Metrics)] == [
        {"total_loss": 2.0},
        {"segm/AP": 30.0},
    ]
    assert not (run.path / "pid").exists()


def test_what_it_says_names_the_places_of_this_project(folder: Path, tmp_path: Path) -> None:
    key = image_key(folder)
    run, _ = unpacked(made_run(tmp_path / "run", key=key), folder)
    job, told = run.read_config()
    assert (job, told["folder"], told["iterations"]) == ("train", str(folder), 2)
    (image,) = run.read_snapshot().images
    assert image.file == str(folder / key)
    evaluation = run.read_evaluation()
    assert evaluation["weights"] == str(run.best_weights)
    assert evaluation["after"]["segm"]["AP"] == 30.0
    assert "/there" not in "".join(
        (run.path / name).read_text() for name in ("evaluation.json", "events.jsonl")
    )


def test_two_that_come_are_two_runs(folder: Path, tmp_path: Path) -> None:
    source = made_run(tmp_path / "run")
    first, _ = unpacked(source, folder)
    second, _ = unpacked(source, folder)
    assert first != second
    assert set(runs_of(folder)) == {first, second}


def test_a_file_in_a_run_names_the_run(folder: Path, tmp_path: Path) -> None:
    source = made_run(tmp_path / "run")
    run, _ = unpacked(source / "best.pth", folder)
    assert run.best_weights.is_file()


def test_where_it_came_from_is_noted_unless_a_person_noted_something(
    folder: Path, tmp_path: Path
) -> None:
    source = made_run(tmp_path / "run")
    first, _ = unpacked(zipped(source, tmp_path / "back.zip"), folder)
    assert read_about(first.path) == About(note="Of Maskloop, brought back from back.zip.")
    write_about(source, About("Night run"))
    second, _ = unpacked(source, folder)
    assert read_about(second.path) == About("Night run")


def test_a_zip_with_the_backslashes_of_windows_is_read(folder: Path, tmp_path: Path) -> None:
    source = made_run(tmp_path / "run")
    with zipfile.ZipFile(tmp_path / "back.zip", "w") as archive:
        for one in sorted(source.iterdir()):
            archive.writestr(f"back\\run\\{one.name}", one.read_bytes())
    run, _ = unpacked(tmp_path / "back.zip", folder)
    assert run.best_weights.read_bytes() == (source / "best.pth").read_bytes()


def test_a_run_that_began_with_one_of_the_project_knows_it_again(
    folder: Path, tmp_path: Path
) -> None:
    first, _ = unpacked(made_run(tmp_path / "run"), folder)
    source = made_run(tmp_path / "next")
    weights = f"start/{first.path.name}.pth"
    RunFolder(source).write_config("train", {"folder": "project", "weights": weights})
    second, _ = unpacked(source, folder)
    assert second.read_config()[1]["weights"] == str(first.best_weights)


def test_a_run_of_the_project_itself_is_not_taken_twice(folder: Path, tmp_path: Path) -> None:
    run, _ = unpacked(made_run(tmp_path / "run"), folder)
    with pytest.raises(AppError, match="is a run of this project already"):
        unpacked(run.path, folder)


def test_classes_that_the_project_lacks_are_named(tmp_path: Path) -> None:
    folder = project_with(tmp_path / "photos", "disc", "star", "triangle")
    _, said = unpacked(made_run(tmp_path / "run"), folder)
    words = " ".join(said)
    assert "square, blob, bar are no classes of the project" in words
    assert "do not know triangle" in words


def test_weights_of_another_project_are_refused(tmp_path: Path) -> None:
    folder = project_with(tmp_path / "photos", "cat", "dog")
    refused(made_run(tmp_path / "run"), folder, "not of this project: its weights know disc")


def test_a_run_without_weights_says_to_go_on_there(folder: Path, tmp_path: Path) -> None:
    source = made_run(tmp_path / "run")
    (source / "best.pth").unlink()
    refused(source, folder, "let it go on there with --resume")


def test_several_runs_are_not_guessed_between(folder: Path, tmp_path: Path) -> None:
    made_run(tmp_path / "there" / "one")
    made_run(tmp_path / "there" / "two")
    refused(tmp_path / "there", folder, "holds 2 runs: one, two")


def test_what_is_no_zip_and_a_zip_of_something_else_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip at all")
    refused(tmp_path / "a.zip", folder, "is no zip, or a broken one")
    shutil.copytree(GOLDEN / "images", tmp_path / "pictures")
    refused(zipped(tmp_path / "pictures", tmp_path / "b.zip"), folder, "holds no run")
    refused(tmp_path / "gone.zip", folder, "There is nothing at")


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_zip_that_breaks_off_is_refused(folder: Path, tmp_path: Path, cut: float) -> None:
    file = zipped(made_run(tmp_path / "run"), tmp_path / "back.zip")
    file.write_bytes(file.read_bytes()[: int(cut * file.stat().st_size)])
    refused(file, folder, "is no zip, or a broken one")


def test_a_byte_that_went_wrong_on_the_way_is_found(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "back.zip"
    source = made_run(tmp_path / "run")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for one in sorted(source.iterdir()):
            archive.write(one, f"run/{one.name}")
        at = archive.getinfo("run/best.pth").header_offset + 200_000
    content = bytearray(file.read_bytes())
    content[at] ^= 0xFF
    file.write_bytes(content)
    refused(file, folder, r"best\.pth is broken")


def with_entry(source: Path, out: Path, name: str, content: bytes, *, mode: int = 0o100644) -> Path:
    """A zip of the run, and one entry more."""
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    with zipfile.ZipFile(out, "w") as archive:
        for one in sorted(source.iterdir()):
            archive.write(one, f"run/{one.name}")
        archive.writestr(info, content)
    return out


@pytest.mark.parametrize(
    "name", ["../slipped.txt", "run/../../slipped.txt", "/tmp/slipped.txt", "C:\\slipped.txt",
             "run\\..\\..\\slipped.txt", "run/a\nb"],
)  # fmt: skip
def test_a_path_out_of_the_zip_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    file = with_entry(made_run(tmp_path / "run"), tmp_path / "back.zip", name, b"slipped")
    refused(file, folder, "leads out of it")
    assert not list(tmp_path.rglob("slipped*"))


def test_links_are_refused(folder: Path, tmp_path: Path) -> None:
    source = made_run(tmp_path / "run")
    file = with_entry(
        source, tmp_path / "back.zip", "run/more", b"/etc/passwd", mode=stat.S_IFLNK | 0o777
    )
    refused(file, folder, "is a link or no file at all")
    (source / "more").symlink_to("/etc/passwd")
    refused(source, folder, "is a link, which is not followed")


def test_a_zip_that_unpacks_without_end_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "back.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("run/config.json", "{}")
        with archive.open("run/best.pth", "w") as stream:
            for _ in range(160):
                stream.write(bytes(1 << 20))
    refused(file, folder, "far more than its size can hold")


class _Calls:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (self.command,)


def test_weights_that_would_run_something_are_refused_and_do_not(
    folder: Path, tmp_path: Path
) -> None:
    source = made_run(tmp_path / "run")
    canary = tmp_path / "canary"
    torch.save({"model": _Calls(f"touch {canary}")}, source / "best.pth")
    refused(source, folder, "holds something else than numbers")
    assert not canary.exists()


def test_weights_that_do_not_fit_their_config_are_refused(folder: Path, tmp_path: Path) -> None:
    source = made_run(tmp_path / "run")
    text = (source / "config.yaml").read_text()
    assert "OUT_CHANNELS: 32" in text
    (source / "config.yaml").write_text(text.replace("OUT_CHANNELS: 32", "OUT_CHANNELS: 48", 1))
    refused(source, folder, "do not fit their config")


def test_a_model_that_would_fill_the_memory_is_not_built(folder: Path, tmp_path: Path) -> None:
    source = made_run(tmp_path / "run")
    text = (source / "config.yaml").read_text()
    huge = re.sub(r"FC_DIM: \d+", "FC_DIM: 16384", text)
    assert huge != text
    (source / "config.yaml").write_text(huge)
    refused(source, folder, "do not fit their config: it asks for")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", '{"job": "prelabel", "config": {}}'),
        ("config.json", '{"job": "train", "config": ['),
        ("settings.json", "[1]"),
        ("snapshot.json", '{"classes": [3]}'),
        ("evaluation.json", '{"before": null, "after": {"segm": {"AP": "much"}}}'),
        ("evaluation.json", '{"before": null, "after": {"effort": {"drawn": [1]}}}'),
        ("evaluation.json", "[" * 100_000),
    ],
)
def test_records_that_are_none_are_refused(
    folder: Path, tmp_path: Path, name: str, content: str
) -> None:
    source = made_run(tmp_path / "run")
    (source / name).write_text(content)
    refused(source, folder, f"{name} of (what came back|the run) is")


def test_events_that_could_not_be_drawn_are_passed_over(folder: Path, tmp_path: Path) -> None:
    source = made_run(tmp_path / "run")
    with (source / "events.jsonl").open("ab") as file:
        file.write(b'{"event": "Metrics", "iteration": "three", "values": 5}\n')
        file.write(b'{"event": "Metrics", "iteration": 3, "values": {"total_loss": "x"}}\n')
        file.write(b'{"event": "Noted", "sentence": ["x"]}\n\xff\xfe\n{"event": "Nonsense"}\n')
    run, _ = unpacked(source, folder)
    assert len(run.read_events().events) == 3


def test_settings_that_it_could_not_have_been_told_are_left_out(
    folder: Path, tmp_path: Path
) -> None:
    source = made_run(tmp_path / "run")
    told = {"folder": "project", "iterations": "many", "batch_size": 3, "of_tomorrow": 1}
    RunFolder(source).write_config("train", told)
    run, _ = unpacked(source, folder)
    config = from_json(TrainConfig, run.read_config()[1])
    assert (config.iterations, config.batch_size) == (0, 3)


def test_a_disk_without_room_is_told_before_anything_is_copied(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = made_run(tmp_path / "run")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    refused(source, folder, "has 1 MB left")


def test_a_disk_that_fills_meanwhile_leaves_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, whole = made_run(tmp_path / "run"), Path.open

    class Full:
        def __init__(self, file: IO[bytes]) -> None:
            self.file = file

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, _: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        file = whole(path, mode, *more, **named)
        return Full(file) if mode == "xb" and path.name == "best.pth" else file

    monkeypatch.setattr(Path, "open", opened)
    refused(source, folder, "the disk is full")


def test_one_that_is_cancelled_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    config = UnpackConfig(str(made_run(tmp_path / "run")), str(folder))
    events = run_job("unpack", config, EngineShelf(), jobs=JOBS)
    next(one for one in events if isinstance(one, Progress))
    events.close()
    assert list(runs_folder(folder).iterdir()) == []
