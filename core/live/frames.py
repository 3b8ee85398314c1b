"""Pixels from the process that predicts to the process that shows: a few slots in a mapped file.

A slot belongs to the writer until a frame is written into it, then to the reader until it is
released; neither touches what is the other's, so no frame is ever overwritten while it is read. An
event (LiveFrame) says which slot to read, so only the way back needs the file: one byte a slot.
A plain file, and not multiprocessing.shared_memory, which on Python < 3.13 is removed as soon as
one of the two processes ends.
"""

import contextlib
import errno
import mmap
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import AppError

_MAGIC = b"MLFRAMES"
_HEADER = struct.Struct("<8sIQ")  # magic, number of slots, bytes of pixels a slot
_SLOT = struct.Struct("<QIIBxxx")  # number of the frame, height, width, whether it is the reader's
_OWNER = 16  # where in a slot's entry that last byte lies
_PAGE = 4096
_GROWTH = 1.25  # a folder of ever larger frames does not get a new file for each


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a frame was written."""

    frames_file: str
    slot: int


class FramesWriter:
    """Writes frames into slots that the reader has released. For one thread of one process."""

    def __init__(self, path: Path, *, n_slots: int = 3) -> None:
        """Nothing is made before the first frame.

        Args:
            path: the file to make. When frames grow, others come beside it: path.2, path.3 ...
            n_slots: how many frames the reader may have at a time.
        """
        self._path = path
        self._n_slots = n_slots
        self._n_made = 0
        self._files: list[_Mapped] = []
        """The last one is written to; the others hold frames that were not read yet."""

    @property
    def has_room(self) -> bool:
        """Whether a frame could be written now."""
        return not self._files or self._files[-1].free_slot() is not None

    @property
    def is_all_released(self) -> bool:
        """Whether the reader has released every frame."""
        return all(file.is_all_free for file in self._files)

    def write(self, rgb: npt.NDArray[np.uint8], *, number: int) -> Slot | None:
        """Writes a frame, (H, W, 3) uint8, and gives its slot to the reader.

        Returns:
            None where the reader has all the slots: nothing is written then.

        Raises:
            AppError: there is no space for the file.
        """
        if not self.has_room:
            return None
        if not self._files or rgb.nbytes > self._files[-1].slot_bytes:
            self._files.append(self._larger_file(rgb.nbytes))
        self._drop_old_files()
        file = self._files[-1]
        slot = file.free_slot()
        assert slot is not None, "there was room, and only the writer takes it"
        file.put(slot, rgb, number=number)
        return Slot(str(file.path), slot)

    def close(self) -> None:
        """Removes the files. What the reader has opened it can still read."""
        for file in self._files:
            file.close()
            _remove(file.path)
        self._files.clear()

    def _larger_file(self, n_bytes: int) -> "_Mapped":
        self._n_made += 1
        is_first = self._n_made == 1
        path = self._path if is_first else self._path.with_name(f"{self._path.name}.{self._n_made}")
        wanted = n_bytes if is_first else int(n_bytes * _GROWTH)
        slot_bytes = -(-wanted // _PAGE) * _PAGE
        try:
            _make(path, n_slots=self._n_slots, slot_bytes=slot_bytes)
            return _Mapped(path)
        except OSError as error:
            _remove(path)
            raise AppError(
                f"There is no room for the frames of the live view in {path.parent}"
                f" ({error.strerror or error}): {self._n_slots * slot_bytes / 1e6:.0f} MB are"
                " needed. Make space on that disk, or set TMPDIR to another one, and start again."
            ) from error

    def _drop_old_files(self) -> None:
        for file in self._files[:-1]:
            if file.is_all_free:
                file.close()
                _remove(file.path)
                self._files.remove(file)


class FramesReader:
    """Reads the frames that events tell of. For one thread of one process.

    Every frame that was told of has to be released, read or not: the writer waits for its slot.
    """

    def __init__(self) -> None:
        self._files: dict[str, _Mapped] = {}

    def read(self, frames_file: str, slot: int, number: int) -> npt.NDArray[np.uint8] | None:
        """The pixels of a frame, (H, W, 3) uint8 RGB, as LiveFrame tells of it.

        Not a copy but a read-only view into the file: it holds this frame until `release`, and
        afterwards no one knows what. Copy (or convert) what is to stay, then release.

        Returns:
            None where the frame is gone: the writer has ended, or the slot was released before.
        """
        file = self._mapped(frames_file)
        return None if file is None else file.get(slot, number=number)

    def release(self, frames_file: str, slot: int) -> None:
        """Gives a slot back to the writer; nothing where the writer has ended."""
        file = self._mapped(frames_file)
        if file is not None:
            file.free(slot)
        for name in list(self._files)[:-1]:
            if self._files[name].is_all_free:
                self._files.pop(name).close()

    def close(self) -> None:
        """Lets go of the files; what `read` gave stays readable."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _mapped(self, frames_file: str) -> "_Mapped | None":
        if frames_file not in self._files:
            # OSError: it was removed. ValueError: it is none of ours.
            with contextlib.suppress(OSError, ValueError):
                self._files[frames_file] = _Mapped(Path(frames_file))
        return self._files.get(frames_file)


class _Mapped:
    """One file of slots, as both sides see it."""

    def __init__(self, path: Path) -> None:
        """Maps a file that `_make` wrote.

        Raises:
            OSError: it cannot be opened.
            ValueError: it is no such file.
        """
        self.path = path
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        magic, self.n_slots, self.slot_bytes = _HEADER.unpack_from(self._map)
        if magic != _MAGIC:
            raise ValueError(f"{path} holds no frames")

    @property
    def is_all_free(self) -> bool:
        return all(not self._map[self._entry(slot) + _OWNER] for slot in range(self.n_slots))

    def free_slot(self) -> int | None:
        for slot in range(self.n_slots):
            if not self._map[self._entry(slot) + _OWNER]:
                return slot
        return None

    def put(self, slot: int, rgb: npt.NDArray[np.uint8], *, number: int) -> None:
        height, width = rgb.shape[:2]
        self._pixels(slot, (height, width))[:] = rgb
        _SLOT.pack_into(self._map, self._entry(slot), number, height, width, 0)
        self._map[self._entry(slot) + _OWNER] = 1

    def get(self, slot: int, *, number: int) -> npt.NDArray[np.uint8] | None:
        there, height, width, is_readers = _SLOT.unpack_from(self._map, self._entry(slot))
        if not is_readers or there != number:
            return None
        pixels = self._pixels(slot, (height, width))
        pixels.setflags(write=False)
        return pixels

    def free(self, slot: int) -> None:
        self._map[self._entry(slot) + _OWNER] = 0

    def close(self) -> None:
        # an array that someone still has keeps the map open until it is gone
        with contextlib.suppress(BufferError):
            self._map.close()

    def _entry(self, slot: int) -> int:
        return _HEADER.size + slot * _SLOT.size

    def _pixels(self, slot: int, size_hw: tuple[int, int]) -> npt.NDArray[np.uint8]:
        height, width = size_hw
        start = _PAGE + slot * self.slot_bytes
        flat = np.frombuffer(self._map, np.uint8, height * width * 3, start)
        return flat.reshape(height, width, 3)


def _make(path: Path, *, n_slots: int, slot_bytes: int) -> None:
    size = _PAGE + n_slots * slot_bytes
    with path.open("wb") as file:
        # A hole in the file that finds no space later would end the process with a bus error.
        if not _is_allocated(file.fileno(), size):
            file.writelines(_zeros(size))
        file.seek(0)
        file.write(_HEADER.pack(_MAGIC, n_slots, slot_bytes))


def _is_allocated(descriptor: int, size: int) -> bool:
    """Whether the system has reserved the space; not every system and file system can."""
    if not hasattr(os, "posix_fallocate"):
        return False
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EINVAL):
            return False
        raise
    return True


def _zeros(size: int) -> Iterator[bytes]:
    chunk = bytes(1 << 20)
    for start in range(0, size, len(chunk)):
        yield chunk[: size - start]


def _remove(path: Path) -> None:
    # Windows removes no file that the other side still has open; whoever named it removes it then
    with contextlib.suppress(OSError):
        path.unlink()
