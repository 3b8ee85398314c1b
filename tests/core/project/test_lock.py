import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.project.lock import FolderLock

_HOLD = """
import sys
from pathlib import Path
from core.project.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print(repr(lock.take()), flush=True)
sys.stdin.read()
"""


def test_the_first_gets_the_lock_and_the_second_a_sentence(tmp_path: Path) -> None:
    first, second = (FolderLock(tmp_path / ".maskloop" / "lock") for _ in range(2))
    assert first.take() == ""
    assert "open in another window or program" in second.take()
    first.release()
    assert second.take() == ""
    second.release()


def test_releasing_a_lock_that_was_never_taken_does_nothing(tmp_path: Path) -> None:
    FolderLock(tmp_path / ".maskloop" / "lock").release()
    assert not (tmp_path / ".maskloop").exists()


def test_a_killed_process_holds_no_lock(tmp_path: Path) -> None:
    path = tmp_path / ".maskloop" / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"''\n"
        mine = FolderLock(path)
        assert "open in another window or program" in mine.take()
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert mine.take() == ""
        mine.release()


def test_a_read_only_folder_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    reason = FolderLock(tmp_path / ".maskloop" / "lock").take()
    assert "can only be looked at" in reason
    assert "read-only" in reason
