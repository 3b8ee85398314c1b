"""Cameras, video files and folders as sources, also those that are broken or lie."""

import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from core.errors import AppError
from core.images import Pixels
from core.live.sources import Ended, Source, open_source
from core.types import Problem
from tests.core.live.made import Grabber, disc, write_video

ROOT = Path(__file__).resolve().parents[3]
FPS, COUNT = cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT


def frames_of(source: Source) -> Iterator[Pixels]:
    while isinstance(given := source.read(), np.ndarray):
        yield given


def end_of(source: Source) -> Ended:
    while not isinstance(given := source.read(), Ended):
        pass
    return given


def bgr(value: int = 0, *, size_hw: tuple[int, int] = (6, 8)) -> np.ndarray[Any, Any]:
    return np.full((*size_hw, 3), value, np.uint8)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file with something in it, which a Grabber reads in OpenCV's place."""
    path = tmp_path / "film.mp4"
    path.write_bytes(b"some film")
    return path


@pytest.mark.parametrize(
    ("name", "fourcc"), [("film.avi", "MJPG"), ("film.mp4", "mp4v"), ("film.mkv", "FFV1")]
)
def test_a_video_gives_its_frames_as_rgb(tmp_path: Path, name: str, fourcc: str) -> None:
    source = open_source(
        str(write_video(tmp_path / name, [disc(40), disc(60), disc(80)], fourcc=fourcc))
    )
    frames = list(frames_of(source))
    assert (source.title, source.frames_per_s, source.interval_s) == (name, 25.0, 0.04)
    assert [int(frame[48, x].argmax()) for frame, x in zip(frames, (40, 60, 80), strict=True)] == [
        0, 0, 0,
    ]  # fmt: skip
    assert all(frame.shape == (96, 128, 3) and frame.dtype == np.uint8 for frame in frames)
    source.close()


def test_the_end_of_a_video_is_said(tmp_path: Path) -> None:
    source = open_source(str(write_video(tmp_path / "film.avi", [disc()] * 3)))
    assert end_of(source) == Ended("film.avi has come to its end.")
    source.close()


def test_a_video_that_breaks_off_is_said_to_be_cut(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.avi", [disc()] * 20)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    source = open_source(str(path))
    assert "of the 20 frames that it claims" in end_of(source).sentence
    source.close()


@pytest.mark.parametrize("claimed", [0.0, 90_000.0, float("nan"), float("inf"), -1.0, 0.001])
def test_a_rate_that_cannot_be_true_is_not_believed(film: Path, claimed: float) -> None:
    source = open_source(str(film), make_grabber=lambda *_: Grabber([bgr()], {FPS: claimed}))
    assert (source.frames_per_s, source.interval_s) == (0.0, 0.04)


@pytest.mark.parametrize("claimed", [0.0, float("nan"), float("inf"), -9.2e18])
def test_a_number_of_frames_that_cannot_be_true_is_not_believed(film: Path, claimed: float) -> None:
    source = open_source(str(film), make_grabber=lambda *_: Grabber([bgr()], {COUNT: claimed}))
    assert end_of(source).sentence == "film.mp4 has come to its end."


def test_a_video_whose_size_changes_gives_each_frame_in_its_size(film: Path) -> None:
    frames = [bgr(), bgr(size_hw=(12, 4)), bgr(size_hw=(3, 3))]
    source = open_source(str(film), make_grabber=lambda *_: Grabber(frames))
    assert [frame.shape[:2] for frame in frames_of(source)] == [(6, 8), (12, 4), (3, 3)]


def test_a_real_stream_whose_size_changes_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "film.mjpeg"
    sizes = [(96, 128)] * 3 + [(120, 160)] * 3
    jpegs = [cv2.imencode(".jpg", disc(size_hw=size))[1].tobytes() for size in sizes]
    path.write_bytes(b"".join(jpegs))
    source = open_source(str(path))
    assert len(list(frames_of(source))) == 6
    source.close()


def test_a_decoder_that_throws_ends_the_video(film: Path) -> None:
    frames = [bgr(), cv2.error("broken"), bgr()]
    source = open_source(str(film), make_grabber=lambda *_: Grabber(frames, {COUNT: 3}))
    assert "ended after 1 of the 3 frames" in end_of(source).sentence


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (np.full((4, 5), 200, np.uint8), (200, 200, 200)),
        (np.full((4, 5, 1), 200, np.uint8), (200, 200, 200)),
        (np.full((4, 5, 2), (200, 9), np.uint8), (200, 200, 200)),
        (np.full((4, 5, 4), (1, 2, 3, 0), np.uint8), (3, 2, 1)),
        (np.full((4, 5, 3), (257, 514, 65535), np.uint16), (255, 2, 1)),
        (np.full((4, 5, 3), (0.0, 1.0, 9.0), np.float32), (255, 255, 0)),
    ],
)
def test_frames_of_every_kind_become_8_bit_rgb(
    film: Path, frame: np.ndarray[Any, Any], expected: tuple[int, ...]
) -> None:
    (rgb,) = frames_of(open_source(str(film), make_grabber=lambda *_: Grabber([frame])))
    assert rgb.dtype == np.uint8
    assert rgb.shape == (4, 5, 3)
    assert tuple(rgb[0, 0]) == expected


def test_an_empty_file_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.touch()
    with pytest.raises(AppError, match="empty file of 0 bytes"):
        open_source(str(path))


@pytest.mark.parametrize("content", [b"hello " * 1000, bytes(5000), b"\0\0\0\x20ftypisom" * 9])
def test_a_file_that_is_no_video_names_the_command_that_converts(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "my film.mp4"
    path.write_bytes(content)
    with pytest.raises(AppError, match=r'ffmpeg -i "my film.mp4" .* "my film_converted.mp4"'):
        open_source(str(path))


def test_a_video_without_a_frame_names_the_command_that_converts(film: Path) -> None:
    broken = Grabber([cv2.error("unknown codec")])
    with pytest.raises(AppError, match="ffmpeg -i"):
        open_source(str(film), make_grabber=lambda *_: broken)


def test_sound_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    with pytest.raises(AppError, match="sound and no pictures"):
        open_source(str(path))


def test_one_image_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    Image.new("RGB", (20, 30)).save(path)
    with pytest.raises(AppError, match="Choose the folder"):
        open_source(str(path))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no video file and no folder"):
        open_source(str(tmp_path / "none.mp4"))


def test_nothing_is_printed_about_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom" * 9)
    program = f"""
import contextlib
from core.errors import AppError
from core.live.sources import open_source
for source in ({str(path)!r}, "camera:60"):
    with contextlib.suppress(AppError):
        open_source(source)
"""
    # in a process of its own: OpenCV asks once how much it is to say
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True)
    assert (ran.stdout, ran.stderr) == (b"", b"")


def test_a_folder_gives_its_images_in_natural_order(tmp_path: Path) -> None:
    for name, value in (("f10.png", 30), ("f9.png", 20), ("a/f1.png", 10), (".hidden/x.png", 99)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 6), (value,) * 3).save(tmp_path / name)
    source = open_source(str(tmp_path))
    assert source.is_every_frame_shown
    assert [int(frame[0, 0, 0]) for frame in frames_of(source)] == [10, 20, 30]


def test_images_of_a_folder_may_differ_in_size_and_lie_on_their_side(tmp_path: Path) -> None:
    Image.new("RGB", (8, 6)).save(tmp_path / "a.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "b.jpg", exif=turned)
    sizes = [frame.shape[:2] for frame in frames_of(open_source(str(tmp_path)))]
    assert sizes == [(6, 8), (30, 20)]


def test_an_image_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no image")
    Image.new("RGB", (8, 6)).save(tmp_path / "b.png")
    source = open_source(str(tmp_path))
    problem = source.read()
    assert isinstance(problem, Problem)
    assert problem.where == "a.jpg"
    assert isinstance(source.read(), np.ndarray)
    assert "but for 1 that could not be read" in end_of(source).sentence


def test_a_folder_without_images_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no image in"):
        open_source(str(tmp_path))


def test_a_camera_is_opened_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    asked: list[tuple[Any, int]] = []
    grabber = Grabber([bgr(1), bgr(2)], {FPS: 30.0})

    def make(what: Any, backend: int) -> Grabber:
        asked.append((what, backend))
        return grabber

    source = open_source("camera:2", make_grabber=make)
    assert asked == [(2, cv2.CAP_V4L2)]
    assert (source.title, source.frames_per_s) == ("Camera 2", 30.0)
    assert (source.interval_s, source.is_every_frame_shown) == (0.0, False)
    assert [int(frame[0, 0, 0]) for frame in frames_of(source)] == [1, 2]
    source.close()
    assert grabber.is_released


def test_a_camera_keeps_no_old_frames() -> None:
    grabber = Grabber([bgr()])
    open_source("camera:0", make_grabber=lambda *_: grabber)
    assert grabber.was_set[cv2.CAP_PROP_BUFFERSIZE] == 1


def test_a_camera_that_is_unplugged_may_come_back() -> None:
    source = open_source("camera:0", make_grabber=lambda *_: Grabber([bgr()]))
    ended = end_of(source)
    assert ended.may_come_back
    assert "Camera 0 gives no pictures any more" in ended.sentence


def test_a_camera_that_cannot_be_opened_is_told() -> None:
    with pytest.raises(AppError, match="Camera 7 cannot be opened"):
        open_source("camera:7", make_grabber=lambda *_: Grabber())


def test_a_camera_that_opens_and_gives_nothing_is_closed_again() -> None:
    grabber = Grabber([np.zeros((0, 0, 3), np.uint8)])
    with pytest.raises(AppError, match="Camera 0 cannot be opened"):
        open_source("camera:0", make_grabber=lambda *_: grabber)
    assert grabber.is_released


def test_another_way_to_the_camera_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")

    def make(_what: Any, backend: int) -> Grabber:
        return Grabber([bgr(5)] if backend == cv2.CAP_MSMF else [])

    assert open_source("camera:0", make_grabber=make).title == "Camera 0"


@pytest.mark.parametrize("text", ["camera:", "camera:front", "camera:-1"])
def test_a_camera_without_a_number_is_told(text: str) -> None:
    with pytest.raises(AppError, match="A camera has a number"):
        open_source(text)
