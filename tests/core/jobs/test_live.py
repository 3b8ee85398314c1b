"""The live job: on real videos, on folders, and on cameras of our own; also in a child process."""

import json
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from core.configs import EngineConfig, LiveConfig, to_json
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, LiveFrame, LiveOpened, Noted, Waiting, from_line
from core.jobs import all_jobs, run_job
from core.jobs.live import instances_of, watched
from core.live.frames import FramesReader
from core.live.sources import Ended
from core.types import Detections, InstanceState
from tests.core.live.made import ScriptedSource, disc, opening, write_video
from tests.core.tiring_engine import LOADED, TIRED, TiringShelf

MAIN = Path(__file__).resolve().parents[3] / "main.py"
FAKE = EngineConfig("fake", engine="fake")


class Viewer:
    """Whoever watches: reads every frame that it is told of, and releases it."""

    def __init__(self) -> None:
        self.reader = FramesReader()
        self.pixels: list[npt.NDArray[np.uint8] | None] = []

    def looking(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, LiveFrame):
                seen = self.reader.read(event.frames_file, event.slot, event.number)
                self.pixels.append(None if seen is None else seen.copy())
                del seen
                self.reader.release(event.frames_file, event.slot)
            if not isinstance(event, Waiting):
                yield event


@pytest.fixture
def viewer() -> Iterator[Viewer]:
    made = Viewer()
    yield made
    made.reader.close()


def config_of(source: Path | str, place: Path, **rest: Any) -> LiveConfig:
    rest.setdefault("engine", FAKE)
    return LiveConfig(source=str(source), frames_file=str(place / "frames"), **rest)


def live(config: LiveConfig) -> Generator[Event, None, None]:
    return run_job("live", config, EngineShelf(), jobs=all_jobs())


def scripted(
    config: LiveConfig, *sources: ScriptedSource | AppError
) -> Generator[Event, None, None]:
    open_it = opening(*sources)
    return watched(config, EngineShelf(), open_it=lambda _: open_it())


def kinds(events: Sequence[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def folder_of(place: Path, *frames: npt.NDArray[np.uint8]) -> Path:
    made = place / "frames_to_watch"
    made.mkdir()
    for number, rgb in enumerate(frames):
        cv2.imwrite(str(made / f"{number}.png"), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    return made


def test_a_folder_is_shown_image_by_image_with_what_the_engine_sees(
    tmp_path: Path, viewer: Viewer
) -> None:
    frames = [disc(40), disc(60), disc(70, size_hw=(200, 300))]
    config = config_of(folder_of(tmp_path, *frames), tmp_path)
    events = list(viewer.looking(live(config)))
    assert kinds(events) == ["Started", "LiveOpened", *["LiveFrame"] * 3, "Finished"]
    shown = [event for event in events if isinstance(event, LiveFrame)]
    assert [event.number for event in shown] == [0, 1, 2]
    assert [event.size_hw for event in shown] == [(96, 128), (96, 128), (200, 300)]
    for event, rgb, pixels, x in zip(shown, frames, viewer.pixels, (40, 60, 70), strict=True):
        assert np.array_equal(pixels, rgb)
        (instance,) = event.instances
        assert instance.state is InstanceState.PREDICTED
        assert abs(instance.parts[0].outer.mean(axis=0)[0] - x) < 2


def test_what_opened_is_told_with_the_classes_of_the_weights(
    tmp_path: Path, viewer: Viewer
) -> None:
    film = write_video(tmp_path / "film.avi", [disc()] * 3, frames_per_s=30)
    _, opened, *_ = viewer.looking(live(config_of(film, tmp_path)))
    assert opened == LiveOpened("film.avi", ("red", "green", "blue"), "cpu", 30.0)


def test_a_video_ends_with_the_reason(tmp_path: Path, viewer: Viewer) -> None:
    film = write_video(tmp_path / "film.avi", [disc()] * 4, frames_per_s=200)
    *_, last = viewer.looking(live(config_of(film, tmp_path)))
    assert isinstance(last, Finished)
    assert last.result["reason"] == "film.avi has come to its end."
    assert last.result["frames"] == 4
    assert 1 <= last.result["predicted"] <= 4


def test_no_file_is_left_at_the_end(tmp_path: Path, viewer: Viewer) -> None:
    film = write_video(tmp_path / "film.avi", [disc()] * 2, frames_per_s=200)
    place = tmp_path / "place"
    place.mkdir()
    list(viewer.looking(live(config_of(film, place))))
    assert list(place.iterdir()) == []


def test_a_loop_goes_on_until_it_is_cancelled(tmp_path: Path, viewer: Viewer) -> None:
    config = config_of(folder_of(tmp_path, disc(40), disc(60)), tmp_path, is_looped=True)
    job = live(config)
    events = viewer.looking(job)
    shown = (event for event in events if isinstance(event, LiveFrame))
    assert [next(shown).number for _ in range(5)] == [0, 1, 2, 3, 4]
    job.close()
    assert not (tmp_path / "frames").exists()


def test_nothing_is_predicted_while_whoever_watches_is_behind(tmp_path: Path) -> None:
    config = config_of(folder_of(tmp_path, *[disc()] * 9), tmp_path)
    job = live(config)
    reader = FramesReader()
    held: list[LiveFrame] = []
    n_waited = 0
    for event in job:
        if isinstance(event, LiveFrame):
            held.append(event)
        if isinstance(event, Waiting) and len(held) == 3:
            n_waited += 1
            if n_waited == 20:
                reader.release(held[0].frames_file, held[0].slot)
        if len(held) == 4:
            break
    job.close()
    reader.close()
    assert held[3].slot == held[0].slot
    assert n_waited >= 20


def test_the_frame_after_a_pause_is_the_newest(tmp_path: Path, viewer: Viewer) -> None:
    goes_on, are_read = threading.Event(), threading.Event()

    def gate() -> npt.NDArray[np.uint8]:
        goes_on.wait()
        return disc()

    def last() -> Ended:
        are_read.set()
        return Ended("Over.")

    source = ScriptedSource([disc(), gate, *[disc()] * 50, last])
    job = scripted(config_of("camera:0", tmp_path), source)
    events = viewer.looking(job)
    first = next(event for event in events if isinstance(event, LiveFrame))
    goes_on.set()
    assert are_read.wait(30)
    after = [event for event in events if isinstance(event, LiveFrame)]
    assert [event.number for event in (first, *after)] == [0, 51]


def test_an_unplugged_camera_is_noted_and_opened_again(tmp_path: Path, viewer: Viewer) -> None:
    lost = ScriptedSource([disc(), Ended("It was unplugged.", may_come_back=True)])
    job = scripted(config_of("camera:0", tmp_path), lost, ScriptedSource([disc()]))
    events = list(viewer.looking(job))
    assert [one for one in kinds(events) if one != "LiveFrame"] == [
        "LiveOpened", "Noted", "LiveOpened", "Finished",
    ]  # fmt: skip
    assert Noted("It was unplugged.") in events
    assert isinstance(events[-2], LiveFrame)


def test_a_camera_that_stays_away_can_be_cancelled(tmp_path: Path) -> None:
    lost = ScriptedSource([Ended("It was unplugged.", may_come_back=True)])
    job = scripted(config_of("camera:0", tmp_path), lost)
    seen: list[Event] = []
    for event in job:
        seen.append(event)
        if isinstance(event, Waiting) and Noted("It was unplugged.") in seen:
            break
    job.close()
    assert isinstance(seen[-1], Waiting)


def test_a_source_that_falls_silent_is_noted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.live._SILENT_S", 0.0)
    monkeypatch.setattr("core.jobs.live._HEARTBEAT_S", 0.001)
    never = threading.Event()

    def stuck() -> Ended:
        never.wait()
        return Ended("")

    job = scripted(config_of("camera:0", tmp_path), ScriptedSource([stuck]))
    noted = next(event for event in job if isinstance(event, Noted))
    assert "has given no picture" in noted.sentence
    assert {type(next(job)) for _ in range(9)} == {Waiting}
    never.set()
    job.close()


def test_a_source_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no video file and no folder"):
        list(live(config_of(tmp_path / "none.mp4", tmp_path)))


def test_an_engine_that_cannot_predict_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    engine = EngineConfig("fake:fail", engine="fake")
    with pytest.raises(AppError, match="told to fail"):
        list(live(config_of(folder_of(tmp_path, disc()), place, engine=engine)))
    assert list(place.iterdir()) == []


def test_an_image_that_cannot_be_read_is_noted_and_passed_over(
    tmp_path: Path, viewer: Viewer
) -> None:
    folder = folder_of(tmp_path, disc())
    (folder / "00.jpg").write_bytes(b"no image")
    events = list(viewer.looking(live(config_of(folder, tmp_path))))
    assert kinds(events) == ["Started", "LiveOpened", "Noted", "LiveFrame", "Finished"]


def test_what_the_engine_says_while_it_watches_is_noted_once(
    tmp_path: Path, viewer: Viewer
) -> None:
    frames = [disc(x) for x in (40, 50, 60)]
    lost = ScriptedSource([*frames, Ended("It was unplugged.", may_come_back=True)])
    open_it = opening(lost, ScriptedSource(frames))
    config = config_of("camera:0", tmp_path)
    events = list(viewer.looking(watched(config, TiringShelf(), open_it=lambda _: open_it())))
    lasting = [event for event in events if isinstance(event, Noted) and event.lasts]
    assert [event.sentence for event in lasting] == [LOADED, TIRED]
    shown = [place for place, event in enumerate(events) if isinstance(event, LiveFrame)]
    assert events.index(lasting[0]) < events.index(lasting[1]) < shown[-1]
    assert Noted("It was unplugged.") in events  # which is true for a while only


def test_low_scores_are_told_too_unless_a_score_is_asked_for(tmp_path: Path) -> None:
    asked: list[float | None] = []

    class Shelf(EngineShelf):
        def engine(self, config: EngineConfig):  # type: ignore[no-untyped-def]
            asked.append(config.score)
            return super().engine(config)

    folder = folder_of(tmp_path, disc())
    for score in (None, 0.4):
        engine = EngineConfig("fake", engine="fake", score=score)
        job = run_job("live", config_of(folder, tmp_path, engine=engine), Shelf(), jobs=all_jobs())
        list(Viewer().looking(job))
    assert asked == [0.05, 0.4]


def test_a_detection_without_a_mask_is_its_box() -> None:
    boxes = np.array([[2, 3, 12, 13]], np.float32)
    found = Detections((40, 50), boxes, np.array([0.5], np.float32), np.array([4]), None)
    (instance,) = instances_of(found, source="w")
    assert instance.parts[0].outer.tolist() == [[2, 3], [12, 3], [12, 13], [2, 13]]
    assert (instance.class_id, instance.score, instance.source) == (4, 0.5, "w")


def test_a_detection_whose_mask_is_empty_is_left_out() -> None:
    boxes = np.array([[2, 3, 12, 13]], np.float32)
    masks = np.zeros((1, 28, 28), np.float32)
    found = Detections((40, 50), boxes, np.array([0.5], np.float32), np.array([0]), masks)
    assert instances_of(found, source="w") == ()


def test_coordinates_have_a_hundredth_of_a_pixel() -> None:
    boxes = np.array([[2.1, 3.3, 22.7, 23.9]], np.float32)
    masks = np.random.default_rng(0).uniform(0, 1, (1, 28, 28)).astype(np.float32)
    masks[:, 5:20, 5:20] = 1
    found = Detections((40, 50), boxes, np.array([0.5], np.float32), np.array([0]), masks)
    (instance,) = instances_of(found, source="w")
    points = np.concatenate([ring for part in instance.parts for ring in part.rings])
    assert np.array_equal(points, points.round(2))


def test_a_child_process_shows_a_loop_until_it_is_cancelled(tmp_path: Path, viewer: Viewer) -> None:
    film = write_video(tmp_path / "film.avi", [disc(x) for x in (40, 60)], frames_per_s=100)
    config = config_of(film, tmp_path, is_looped=True)
    with subprocess.Popen(
        [sys.executable, str(MAIN), "--worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as child:
        assert child.stdin
        assert child.stdout
        request = {"request": 1, "job": "live", "config": to_json(config)}
        child.stdin.write(json.dumps(request) + "\n")
        child.stdin.flush()
        events = viewer.looking(_events(child.stdout))
        shown = 0
        for event in events:
            shown += isinstance(event, LiveFrame)
            if shown == 5:
                child.stdin.write('{"cancel": 1}\n')
                child.stdin.close()
                break
        *_, last = events
        assert child.wait(60) == 0
    assert isinstance(last, Finished)
    assert last.was_cancelled
    assert all(pixels is not None and pixels.shape == (96, 128, 3) for pixels in viewer.pixels)
    assert not (tmp_path / "frames").exists()


def _events(lines: Iterator[str]) -> Iterator[Event]:
    for line in lines:
        values = json.loads(line)
        values.pop("request")
        assert values["event"] != "Waiting"
        yield from_line(json.dumps(values))
        if values["event"] in ("Finished", "Failed"):
            return
