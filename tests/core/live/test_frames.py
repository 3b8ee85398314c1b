"""Frames go from one process to another, and none is overwritten while it is read."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core.errors import AppError
from core.live.frames import FramesReader, FramesWriter, Slot

CHILD = Path(__file__).with_name("reading_child.py")
ROOT = Path(__file__).resolve().parents[3]

Ask = Callable[..., str]


def frame(height: int, width: int, value: int) -> npt.NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


def written(writer: FramesWriter, rgb: npt.NDArray[np.uint8], number: int) -> Slot:
    slot = writer.write(rgb, number=number)
    assert slot is not None
    return slot


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[FramesWriter]:
    made = FramesWriter(tmp_path / "frames", n_slots=2)
    yield made
    made.close()


@pytest.fixture
def reader() -> Iterator[FramesReader]:
    made = FramesReader()
    yield made
    made.close()


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Says something to another process and gives its answer."""
    with subprocess.Popen(
        [sys.executable, str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    ) as child:

        def say(*words: object) -> str:
            assert child.stdin
            assert child.stdout
            child.stdin.write(" ".join(map(str, words)) + "\n")
            child.stdin.flush()
            return child.stdout.readline().strip()

        yield say
        assert child.stdin
        child.stdin.close()
        assert child.wait(30) == 0


def test_a_frame_reaches_another_process(writer: FramesWriter, ask: Ask) -> None:
    there = written(writer, frame(30, 40, 7), 11)
    assert ask("read", there.frames_file, there.slot, 11) == f"30 40 {30 * 40 * 3 * 7}"


def test_a_slot_is_free_again_when_another_process_has_released_it(
    writer: FramesWriter, ask: Ask
) -> None:
    first = written(writer, frame(3, 4, 1), 0)
    written(writer, frame(3, 4, 2), 1)
    assert writer.write(frame(3, 4, 3), number=2) is None
    ask("release", first.frames_file, first.slot)
    assert written(writer, frame(3, 4, 3), 2).slot == first.slot


def test_a_larger_frame_reaches_another_process_that_reads_an_older_one(
    writer: FramesWriter, ask: Ask
) -> None:
    small = written(writer, frame(3, 4, 1), 0)
    assert ask("read", small.frames_file, small.slot, 0) == "3 4 36"
    large = written(writer, frame(300, 400, 2), 1)
    assert ask("read", large.frames_file, large.slot, 1) == f"300 400 {300 * 400 * 3 * 2}"
    assert ask("read", small.frames_file, small.slot, 0) == "3 4 36"


def test_what_is_read_is_what_was_written(writer: FramesWriter, reader: FramesReader) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (37, 53, 3), np.uint8)
    there = written(writer, rgb, 5)
    assert np.array_equal(reader.read(there.frames_file, there.slot, 5), rgb)


def test_a_frame_that_is_read_is_not_overwritten(
    writer: FramesWriter, reader: FramesReader
) -> None:
    there = written(writer, frame(3, 4, 1), 0)
    view = reader.read(there.frames_file, there.slot, 0)
    written(writer, frame(3, 4, 2), 1)
    assert writer.write(frame(3, 4, 3), number=2) is None
    assert view is not None
    assert (view == 1).all()


def test_a_frame_cannot_be_changed_by_who_reads_it(
    writer: FramesWriter, reader: FramesReader
) -> None:
    there = written(writer, frame(3, 4, 1), 0)
    view = reader.read(there.frames_file, there.slot, 0)
    assert view is not None
    with pytest.raises(ValueError, match="read-only"):
        view[0, 0] = 0


def test_a_frame_that_was_released_is_gone(writer: FramesWriter, reader: FramesReader) -> None:
    there = written(writer, frame(3, 4, 1), 0)
    reader.release(there.frames_file, there.slot)
    assert reader.read(there.frames_file, there.slot, 0) is None


def test_a_slot_holds_no_frame_of_another_number(
    writer: FramesWriter, reader: FramesReader
) -> None:
    there = written(writer, frame(3, 4, 1), 0)
    assert reader.read(there.frames_file, there.slot, 1) is None


def test_a_smaller_frame_needs_no_other_file(writer: FramesWriter, reader: FramesReader) -> None:
    large = written(writer, frame(30, 40, 1), 0)
    small = written(writer, frame(10, 50, 2), 1)
    assert small.frames_file == large.frames_file
    view = reader.read(small.frames_file, small.slot, 1)
    assert view is not None
    assert view.shape == (10, 50, 3)


def test_a_frame_that_was_never_read_can_be_released(
    writer: FramesWriter, reader: FramesReader
) -> None:
    there = written(writer, frame(3, 4, 1), 0)
    assert not writer.is_all_released
    reader.release(there.frames_file, there.slot)
    assert writer.is_all_released


def test_the_file_that_became_too_small_is_removed_when_its_frames_are_released(
    writer: FramesWriter, reader: FramesReader
) -> None:
    small = written(writer, frame(3, 4, 1), 0)
    large = written(writer, frame(300, 400, 2), 1)
    assert Path(small.frames_file).exists()
    reader.release(small.frames_file, small.slot)
    reader.release(large.frames_file, large.slot)
    written(writer, frame(300, 400, 3), 2)
    assert not Path(small.frames_file).exists()


def test_closing_removes_every_file(writer: FramesWriter, tmp_path: Path) -> None:
    written(writer, frame(3, 4, 1), 0)
    written(writer, frame(300, 400, 2), 1)
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_read_stays_when_both_have_closed(
    writer: FramesWriter, reader: FramesReader
) -> None:
    there = written(writer, frame(3, 4, 9), 0)
    view = reader.read(there.frames_file, there.slot, 0)
    writer.close()
    reader.close()
    assert view is not None
    assert (view == 9).all()


def test_a_frame_of_a_writer_that_ended_is_gone(writer: FramesWriter, reader: FramesReader) -> None:
    there = written(writer, frame(3, 4, 1), 0)
    writer.close()
    assert reader.read(there.frames_file, there.slot, 0) is None
    reader.release(there.frames_file, there.slot)


def test_a_file_of_something_else_holds_no_frame(tmp_path: Path, reader: FramesReader) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x" * 9000)
    assert reader.read(str(other), 0, 0) is None


def test_a_full_disk_is_told_in_a_sentence(
    writer: FramesWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(AppError, match=r"No space left.*TMPDIR"):
        writer.write(frame(3, 4, 1), number=0)
    assert list(tmp_path.iterdir()) == []


def test_a_system_that_cannot_reserve_space_fills_it(
    writer: FramesWriter, reader: FramesReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    there = written(writer, frame(30, 40, 1), 0)
    view = reader.read(there.frames_file, there.slot, 0)
    assert view is not None
    assert (view == 1).all()
