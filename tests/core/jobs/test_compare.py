"""The weights of several runs on the images that all of them kept to measure on."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from core.configs import CompareConfig, EngineConfig
from core.engines import Engine, EngineShelf
from core.engines.fake import FakeEngine
from core.errors import AppError
from core.events import Event, Finished, Noted, Progress
from core.jobs import all_jobs, run_job
from core.run_folder import RunFolder, Snapshot, SnapshotImage
from core.types import ImageLabels, ImageState, Instance, LabelClass, Part, Split

RED, GREEN = LabelClass(4, "red", "#ff0000"), LabelClass(7, "green", "#00ff00")


class Shelf:
    """Blobs are found whatever the weights; a run whose name has "blind" in it sees no green."""

    def __init__(self) -> None:
        self.asked: list[EngineConfig] = []

    def engine(self, config: EngineConfig) -> Generator[Event, None, Engine]:
        yield from ()
        self.asked.append(config)
        names = ("red", "other", "blue") if "blind" in config.weights else ("red", "green", "blue")
        return FakeEngine(EngineConfig("fake", class_names=names))


def _image(folder: Path, key: str, split: Split) -> SnapshotImage:
    """A red and a green square, each labelled."""
    pixels = np.full((90, 120, 3), 230, np.uint8)
    parts = []
    for x, colour in ((10, (40, 40, 200)), (70, (40, 180, 40))):
        pixels[20:60, x : x + 40] = colour
        parts.append(Part([(x, 20), (x + 40, 20), (x + 40, 60), (x, 60)]))
    cv2.imwrite(str(folder / key), pixels)
    instances = (Instance("a", RED.id, (parts[0],)), Instance("b", GREEN.id, (parts[1],)))
    labels = ImageLabels((90, 120), instances, ImageState.DONE)
    return SnapshotImage(key, str(folder / key), split, labels)


def _run(folder: Path, name: str, val: tuple[str, ...]) -> RunFolder:
    run = RunFolder.create(folder / name)
    images = [_image(folder, key, Split.VAL) for key in val]
    run.write_snapshot(Snapshot((RED, GREEN), tuple(images)))
    run.best_weights.write_bytes(b"weights")
    return run


def _compared(*runs: RunFolder, shelf: Shelf | None = None) -> list[Event]:
    config = CompareConfig(tuple(str(run.path) for run in runs), device="cpu")
    engines = cast(EngineShelf, shelf or Shelf())
    return list(run_job("compare", config, engines, jobs=all_jobs()))


def _result(events: list[Event]) -> dict[str, object]:
    assert isinstance(events[-1], Finished)
    return dict(events[-1].result)


def test_runs_are_measured_on_the_images_that_all_kept(tmp_path: Path) -> None:
    old = _run(tmp_path, "1_train", ("a.png", "b.png"))
    new = _run(tmp_path, "2_train", ("b.png", "c.png", "d.png"))
    shelf = Shelf()
    events = _compared(old, new, shelf=shelf)
    result = _result(events)
    assert result["images"] == 1
    assert [event.done for event in events if isinstance(event, Progress)] == [1, 1]
    assert [one.weights for one in shelf.asked] == [str(old.best_weights), str(new.best_weights)]
    assert {one.device for one in shelf.asked} == {"cpu"}
    for run in (old, new):
        of_run = result["runs"][str(run.path)]  # type: ignore[index]
        assert of_run["segm"]["AP"] == pytest.approx(100)
        assert of_run["effort"]["accepted"] == 2


def test_the_labels_are_those_of_the_newest_run(tmp_path: Path) -> None:
    new, old = (_run(tmp_path, name, ("a.png",)) for name in ("2_train", "1_train"))
    snapshot = new.read_snapshot()
    (image,) = snapshot.images
    only_red = replace(image.labels, instances=image.labels.instances[:1])
    new.write_snapshot(replace(snapshot, images=(replace(image, labels=only_red),)))
    result = _result(_compared(new, old))
    for of_run in result["runs"].values():  # type: ignore[attr-defined]
        assert of_run["segm"]["AP-green"] is None


def test_a_class_that_weights_do_not_know_counts_against_them(tmp_path: Path) -> None:
    blind = _run(tmp_path, "1_blind", ("a.png",))
    events = _compared(blind, _run(tmp_path, "2_train", ("a.png",)))
    notes = [event.sentence for event in events if isinstance(event, Noted)]
    assert "1_blind does not know green: AP 0 there." in notes
    assert _result(events)["runs"][str(blind.path)]["segm"]["AP-green"] == 0  # type: ignore[index]


def test_runs_that_share_no_image_cannot_be_measured_together(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="share no image"):
        _compared(_run(tmp_path, "1", ("a.png",)), _run(tmp_path, "2", ("b.png",)))


def test_a_run_without_weights_cannot_be_measured(tmp_path: Path) -> None:
    empty = _run(tmp_path, "1", ("a.png",))
    empty.best_weights.unlink()
    with pytest.raises(AppError, match="1 has no weights"):
        _compared(empty, _run(tmp_path, "2", ("a.png",)))


@pytest.mark.parametrize("runs", [(), ("a",), ("a", "a")])
def test_it_takes_two_runs_to_compare(runs: tuple[str, ...]) -> None:
    with pytest.raises(AppError):
        CompareConfig(runs)
