"""What the live view watches: a camera, a video file, a folder of images, each frame 8-bit RGB.

What a video says of itself is not believed: its frames end where reading ends, its size is that of
each frame, and a rate that cannot be true counts as none.
"""

import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import cv2
import numpy as np
from natsort import natsorted

from core.errors import AppError
from core.images import IMAGE_SUFFIXES, Pixels, read_image
from core.types import Problem

_CAMERA = "camera:"
_BELIEVABLE_FRAMES_PER_S = (1.0, 240.0)
_USUAL_FRAMES_PER_S = 25.0
_FOLDER_INTERVAL_S = 0.1
_CUT_OFF = 0.95  # of the frames a video claims: containers miscount by a few
_SOUND = (b"ID3", b"fLaC", b"OggS", b"#!AMR")
# the one that opens quickly and fails without a dialog comes first
_BACKENDS = {
    "linux": (cv2.CAP_V4L2,),
    "win32": (cv2.CAP_DSHOW, cv2.CAP_MSMF),
    "darwin": (cv2.CAP_AVFOUNDATION,),
}


@dataclass(frozen=True, slots=True)
class Ended:
    """A source gives no more frames, and why, in a sentence for the user."""

    sentence: str
    may_come_back: bool = False
    """Whether it is worth opening it again: a camera that was unplugged."""


Given: TypeAlias = Pixels | Problem | Ended
"""A frame, (H, W, 3) uint8 RGB; a frame that cannot be read, after which others may come; or the
end."""


class Source(Protocol):
    """Where frames come from, opened. For one thread at a time."""

    @property
    def title(self) -> str:
        """As a person calls it: "Camera 0", "film.mp4"."""

    @property
    def frames_per_s(self) -> float:
        """What it says of itself; 0 where it says nothing that can be true."""

    @property
    def interval_s(self) -> float:
        """How long each frame is to be shown; 0 where frames come in their own time."""

    @property
    def is_every_frame_shown(self) -> bool:
        """Whether it waits for whoever is slow, and drops nothing."""

    def read(self) -> Given:
        """The next frame; waits until there is one."""

    def close(self) -> None:
        """Lets go of it."""


class Grabber(Protocol):
    """What of cv2.VideoCapture is used here."""

    def isOpened(self) -> bool:
        """Whether there is something to read."""

    def get(self, property_id: int, /) -> float:
        """A property; 0 or -1 where there is none."""

    def set(self, property_id: int, value: float, /) -> bool:
        """Sets a property, if it can."""

    def read(self) -> tuple[bool, Any]:
        """Whether there was another frame, and the frame."""

    def release(self) -> None:
        """Closes it."""


MakeGrabber: TypeAlias = Callable[[Any, int], Grabber]


def open_source(text: str, *, make_grabber: MakeGrabber | None = None) -> Source:
    """The source of this name, from its first frame on.

    Args:
        text: camera:0, camera:1 ..., a video file, or a folder of images.
        make_grabber: cv2.VideoCapture, or what tests put in its place.

    Raises:
        AppError: it is not there, cannot be opened, or gives no frame.
    """
    _silence()
    make = make_grabber or cv2.VideoCapture
    if text.startswith(_CAMERA):
        return _camera(text.removeprefix(_CAMERA), make)
    path = Path(text)
    try:
        if path.is_dir():
            return _Folder(path)
        if path.is_file():
            return _video(path, make)
    except OSError as error:
        raise AppError(
            f"{path} cannot be read: {error.strerror or error}. Look whether it is still there and"
            " whether you may read it."
        ) from error
    raise AppError(
        f"There is no video file and no folder at {path}. Choose another one, or a camera."
    )


def _silence() -> None:
    """They print what they do not like about a source; what matters is in our sentences."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class _Camera:
    interval_s = 0.0
    is_every_frame_shown = False

    def __init__(self, number: int, grabber: Grabber, first: Pixels) -> None:
        self.title = f"Camera {number}"
        self.frames_per_s = _believed(grabber.get(cv2.CAP_PROP_FPS))
        self._grabber = grabber
        self._first: Pixels | None = first

    def read(self) -> Given:
        if (first := self._first) is not None:
            self._first = None
            return first
        frame = _next_frame(self._grabber)
        if frame is not None:
            return frame
        return Ended(
            f"{self.title} gives no pictures any more: it was unplugged, or another program took"
            " it. Plug it in again; the live view goes on as soon as it is back.",
            may_come_back=True,
        )

    def close(self) -> None:
        self._grabber.release()


def _camera(text: str, make: MakeGrabber) -> _Camera:
    if not text.isdecimal():
        raise AppError(f"A camera has a number, as in camera:0, and not {text!r}.")
    number = int(text)
    for backend in _BACKENDS.get(sys.platform, (cv2.CAP_ANY,)):
        grabber = _opened(make, number, backend)
        if grabber is None:
            continue
        grabber.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # of several frames all but the last are stale
        first = _next_frame(grabber)
        if first is not None:
            return _Camera(number, grabber, first)
        grabber.release()
    raise AppError(
        f"Camera {number} cannot be opened: there is none of this number, another program uses it,"
        " or the system does not allow it. Plug it in, close what else uses it, allow cameras in"
        " the system's settings, or choose another number."
    )


class _Video:
    is_every_frame_shown = False

    def __init__(self, path: Path, grabber: Grabber, first: Pixels) -> None:
        self.title = path.name
        self.frames_per_s = _believed(grabber.get(cv2.CAP_PROP_FPS))
        self.interval_s = 1 / (self.frames_per_s or _USUAL_FRAMES_PER_S)
        self._grabber = grabber
        self._first: Pixels | None = first
        self._n_read = 0
        claimed = grabber.get(cv2.CAP_PROP_FRAME_COUNT)
        self._n_claimed = int(claimed) if math.isfinite(claimed) and claimed > 0 else 0

    def read(self) -> Given:
        frame, self._first = self._first, None
        if frame is None:
            frame = _next_frame(self._grabber)
        if frame is None:
            return Ended(self._why_ended())
        self._n_read += 1
        return frame

    def close(self) -> None:
        self._grabber.release()

    def _why_ended(self) -> str:
        if self._n_read >= _CUT_OFF * self._n_claimed:
            return f"{self.title} has come to its end."
        return (
            f"{self.title} ended after {self._n_read:,} of the {self._n_claimed:,} frames that it"
            " claims to have: it is damaged, or was not copied to its end. Copy it again from where"
            " it came from."
        )


def _video(path: Path, make: MakeGrabber) -> _Video:
    with path.open("rb") as file:
        start = file.read(32)
    if not start:
        raise AppError(
            f"{path} is an empty file of 0 bytes: it was probably never copied to the end. Copy it"
            " again, or choose another one."
        )
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise AppError(f"{path} is one image and no video. Choose the folder that it lies in.")
    if _is_sound(start):
        raise AppError(f"{path} holds sound and no pictures. Choose a video file.")
    grabber = _opened(make, str(path), cv2.CAP_FFMPEG)
    first = None if grabber is None else _next_frame(grabber)
    if grabber is None or first is None:
        converted = path.with_name(f"{path.stem}_converted.mp4").name
        raise AppError(
            f"{path} cannot be shown: it is no video or a damaged one, it holds only sound, or its"
            " codec is not known here. If other players show it, convert it and choose what comes"
            f' out: ffmpeg -i "{path.name}" -c:v libx264 -pix_fmt yuv420p "{converted}"'
        )
    return _Video(path, grabber, first)


def _is_sound(start: bytes) -> bool:
    is_wave = start[:4] == b"RIFF" and start[8:12] == b"WAVE"
    return is_wave or start.startswith(_SOUND) or start[4:11] == b"ftypM4A"


class _Folder:
    frames_per_s = 0.0
    interval_s = _FOLDER_INTERVAL_S
    is_every_frame_shown = True

    def __init__(self, folder: Path) -> None:
        files = images_below(folder)
        if not files:
            raise AppError(
                f"There is no image in {folder}. Choose a folder with the frames as images"
                f" ({', '.join(sorted(IMAGE_SUFFIXES))})."
            )
        self.title = folder.name or str(folder)
        self._n_unreadable = 0
        self._files = iter(files)

    def read(self) -> Given:
        file = next(self._files, None)
        if file is None:
            return Ended(self._why_ended())
        try:
            return read_image(file)
        except AppError as error:
            self._n_unreadable += 1
            return Problem(file.name, str(error))

    def close(self) -> None:
        self._files = iter(())

    def _why_ended(self) -> str:
        but = f", but for {self._n_unreadable:,} that could not be read"
        return f"The images of {self.title} have all been shown{but if self._n_unreadable else ''}."


def images_below(folder: Path) -> Sequence[Path]:
    """The images of a folder and the folders in it, in natural order; no hidden ones.

    Raises:
        OSError: the folder cannot be read.
    """

    def refuse(error: OSError) -> None:
        if error.filename == str(folder):
            raise error

    found = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(parent, name)
            for name in names
            if Path(name).suffix.lower() in IMAGE_SUFFIXES and not name.startswith(".")
        ]
    return natsorted(found, key=lambda file: file.relative_to(folder).as_posix())


def _opened(make: MakeGrabber, what: str | int, backend: int) -> Grabber | None:
    """None where it cannot be opened."""
    try:
        grabber = make(what, backend)
        if grabber.isOpened():
            return grabber
        grabber.release()
    except cv2.error:
        return None
    return None


def _next_frame(grabber: Grabber) -> Pixels | None:
    """The next frame as (H, W, 3) uint8 RGB; None where there is none."""
    try:
        is_there, frame = grabber.read()
    except cv2.error:
        return None
    if not is_there or frame is None or not frame.size:
        return None
    return _rgb(np.asarray(frame))


def _rgb(frame: "np.ndarray[Any, Any]") -> Pixels:
    """OpenCV gives BGR of 8 bits, unless a driver or a codec has its own ways."""
    if frame.dtype == np.uint16:
        frame = (frame.astype(np.uint32) + 128) // 257
    elif np.issubdtype(frame.dtype, np.floating):
        frame = np.clip(np.nan_to_num(frame), 0, 1) * 255
    eight = frame.astype(np.uint8, copy=False)
    if eight.ndim == 2:
        eight = eight[..., None]
    if eight.shape[2] < 3:  # grey, with or without alpha
        return np.repeat(eight[..., :1], 3, axis=2)
    return np.asarray(
        cv2.cvtColor(np.ascontiguousarray(eight[..., :3]), cv2.COLOR_BGR2RGB), np.uint8
    )


def _believed(frames_per_s: float) -> float:
    low, high = _BELIEVABLE_FRAMES_PER_S
    return frames_per_s if low <= frames_per_s <= high else 0.0  # NaN is neither
