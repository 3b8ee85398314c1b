"""The pre-label job on an engine that sees what the test says."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from core.configs import EngineConfig, PrelabelConfig
from core.engines import EngineShelf
from core.events import Event, Finished, Noted, Prelabelled, Progress, from_line, to_line
from core.jobs import all_jobs, run_job
from core.project import Project
from core.types import Detections, ImageState, InstanceState


class OneBox:
    """Sees one full mask of each of its classes in every image."""

    class_names = ("disc", "box")
    device = "cpu"
    notes = ("made for a test",)

    def __init__(self, scores: Sequence[float] = (0.9, 0.3)) -> None:
        self._scores = np.array(scores, np.float32)

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        boxes = np.array([[2, 3, 12, 13], [20, 20, 30, 28]], np.float32)
        masks = np.ones((2, 28, 28), np.float32)
        return [
            Detections(image.shape[:2], boxes, self._scores, np.array([0, 1]), masks)
            for image in images
        ]


class Shelf(EngineShelf):
    """Has the test's engine at hand, whatever is asked for."""

    def __init__(self, engine: OneBox) -> None:
        super().__init__()
        self._ready = engine

    def engine(self, config: EngineConfig):  # type: ignore[no-untyped-def]
        yield from ()
        return self._ready


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png", "c.png"):
        cv2.imwrite(str(tmp_path / name), np.full((40, 50, 3), 90, np.uint8))
    project = Project.open(tmp_path)
    project.add_class("disc")
    project.add_class("box")
    project.close()
    return tmp_path


def _run(folder: Path, **more: object) -> list[Event]:
    score = more.pop("score", None)
    config = PrelabelConfig(EngineConfig("w.pth", score=score), str(folder), **more)  # type: ignore[arg-type]
    return list(run_job("prelabel", config, Shelf(OneBox()), jobs=all_jobs()))


def test_prelabel_gives_instances_of_the_projects_classes(folder: Path) -> None:
    events = [event for event in _run(folder) if isinstance(event, Prelabelled)]
    assert [event.image for event in events] == ["a.png", "b.png", "c.png"]
    disc, box = events[0].instances
    assert (disc.class_id, box.class_id) == (1, 2)
    assert disc.state is InstanceState.PREDICTED
    assert disc.score == pytest.approx(0.9)
    assert disc.source == "w.pth"


def test_prelabel_leaves_out_done_images_unless_they_are_named(folder: Path) -> None:
    project = Project.open(folder)
    loaded = project.read("b.png")
    from dataclasses import replace

    project.write("b.png", replace(loaded.labels, state=ImageState.DONE), stamp=loaded.stamp)
    project.close()
    keys = [event.image for event in _run(folder) if isinstance(event, Prelabelled)]
    assert keys == ["a.png", "c.png"]


def test_prelabel_drops_what_lies_below_the_score(folder: Path) -> None:
    events = [event for event in _run(folder, score=0.5) if isinstance(event, Prelabelled)]
    assert [len(event.instances) for event in events] == [1, 1, 1]


def test_prelabel_also_gives_what_lies_below_the_score(folder: Path) -> None:
    *events, finished = [event for event in _run(folder, score=0.5) if not _is_progress(event)]
    found = [event for event in events if isinstance(event, Prelabelled)]
    assert [[one.score for one in event.below] for event in found] == [[pytest.approx(0.3)]] * 3
    assert {event.size_hw for event in found} == {(40, 50)}
    assert isinstance(finished, Finished)
    assert (finished.result["instances"], finished.result["below"]) == (3, 3)
    assert from_line(to_line(found[0])) == found[0]


def _is_progress(event: Event) -> bool:
    return isinstance(event, Progress)


def test_predictions_are_exact_to_a_hundredth_of_a_pixel(folder: Path) -> None:
    event = next(event for event in _run(folder) if isinstance(event, Prelabelled))
    outer = event.instances[0].parts[0].outer
    assert (outer == outer.round(2)).all()


def test_prelabel_ignores_a_class_that_the_map_leaves_empty(folder: Path) -> None:
    events = _run(folder, class_map={"disc": ""})
    classes = {
        instance.class_id
        for event in events
        if isinstance(event, Prelabelled)
        for instance in event.instances
    }
    assert classes == {2}


def test_prelabel_names_an_image_it_cannot_read_and_goes_on(folder: Path) -> None:
    (folder / "b.png").write_bytes(b"")
    *_, finished = _run(folder)
    assert isinstance(finished, Finished)
    assert finished.result["images"] == 2
    (problem,) = finished.result["problems"]
    assert problem["where"] == "b.png"


def test_outlines_have_fewer_points_where_that_is_wished(folder: Path) -> None:
    class Disc(OneBox):
        def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
            y, x = np.mgrid[:28, :28] - 13.5
            mask = (1 / (1 + np.exp(np.hypot(x, y) - 11))).astype(np.float32)
            box = np.array([[2, 2, 38, 38]] * 2, np.float32)
            return [
                Detections(one.shape[:2], box, self._scores, np.array([0, 1]), np.stack([mask] * 2))
                for one in images
            ]

    def n_vertices(*, fewer_points: bool) -> list[int]:
        engine = EngineConfig("w.pth", score=0.5)
        config = PrelabelConfig(engine, str(folder), fewer_points=fewer_points)
        events = list(run_job("prelabel", config, Shelf(Disc()), jobs=all_jobs()))
        first = next(event for event in events if isinstance(event, Prelabelled))
        return [len(one.parts[0].outer) for one in (*first.instances, *first.below)]

    usual, fewer = n_vertices(fewer_points=False), n_vertices(fewer_points=True)
    assert all(one < other for one, other in zip(fewer, usual, strict=True))


def test_what_an_engine_notes_while_it_predicts_is_told_once(folder: Path) -> None:
    class Forgetful(OneBox):
        def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
            self.notes = ("made for a test", "does with less memory")
            return super().predict(images)

    config = PrelabelConfig(EngineConfig("w.pth"), str(folder))
    events = list(run_job("prelabel", config, Shelf(Forgetful()), jobs=all_jobs()))
    said = [event.sentence for event in events if isinstance(event, Noted)]
    assert said == ["made for a test", "does with less memory"]
