import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.atomic import (
    is_leftover,
    new_folder,
    replacement_of,
    require_replaceable,
    write_atomically,
)
from core.errors import AppError


def _left_over(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.endswith("maskloop-tmp")]


def test_the_new_bytes_take_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.json"]


def test_permissions_stay_those_of_the_replaced_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(0o640)
    before = stat.S_IMODE(path.stat().st_mode)
    write_atomically(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == before


def test_a_new_file_has_the_permissions_that_open_gives(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "a.json", b"new")
    modes = {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "real.json").write_bytes(b"old")
    (tmp_path / "a.json").symlink_to(tmp_path / "far" / "real.json")
    write_atomically(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").is_symlink()
    assert (tmp_path / "far" / "real.json").read_bytes() == b"new"


@pytest.mark.parametrize("failing", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    where = "os.open" if failing == "write" else f"os.{failing}"
    monkeypatch.setattr(where, full)
    with pytest.raises(AppError, match=r"a\.json was not saved: the disk is full"):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert _left_over(tmp_path) == []


def test_a_write_that_the_system_stops_halfway_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from core.atomic import write_atomically\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_atomically(Path(sys.argv[1]), b'new' * 100_000)\n"
    )
    child = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert "core.errors.AppError" in child.stderr
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_read_only_folder_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(AppError, match="the disk is read-only"):
        write_atomically(tmp_path / "a.json", b"new")


def test_a_vanished_folder_is_a_sentence_and_is_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="not there any more"):
        write_atomically(tmp_path / "gone" / "a.json", b"new")
    assert not (tmp_path / "gone").exists()


def test_a_folder_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(AppError, match="a folder of this name is in the way"):
        write_atomically(tmp_path / "a.json", b"new")
    assert _left_over(tmp_path) == []


def test_what_is_raised_in_the_last_moment_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def object_() -> None:
        raise AppError("changed")

    with pytest.raises(AppError, match="changed"):
        write_atomically(path, b"new", just_before=object_)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_name_as_long_as_names_can_be_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".json")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_name_that_is_too_long_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="the name is too long"):
        write_atomically(tmp_path / ("n" * 256 + ".json"), b"new")


def test_temporary_files_of_other_processes_only_are_leftovers() -> None:
    assert is_leftover(".1-abc.maskloop-tmp")
    assert not is_leftover(f".{os.getpid()}-abc.maskloop-tmp")
    assert not is_leftover("a.json")


@pytest.mark.parametrize("name", ["out.json", "out"])
@pytest.mark.parametrize("content", [None, b"", b' \n{"images": []}', b"[]"])
def test_an_earlier_output_may_be_replaced(
    tmp_path: Path, content: bytes | None, name: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    require_replaceable(file, suffix=".json", begins=b"{[")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("w.pth", b"PK\x03\x04"),
        ("names.txt", b"names"),
        ("a.json", b'{"version": "5", "shapes": []}'),
        ("maskloop.json", b'{"next_class_id" : 3}'),
    ],
)
def test_another_kind_of_file_is_not_replaced(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(AppError, match="another kind of file"):
        require_replaceable(file, suffix=".json", begins=b"{[")


def test_nothing_is_written_under_the_name_of_an_image(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="name of an image"):
        require_replaceable(tmp_path / "a.JPG", suffix=".json", begins=b"{[")


def test_a_replacement_that_fails_halfway_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("old")

    def write_half() -> None:
        with replacement_of(file) as temporary:
            temporary.write_text("half of")
            raise OSError(28, "No space left on device")

    with pytest.raises(AppError, match="disk is full"):
        write_half()
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("a.json", "old")]


def test_a_new_folder_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    with new_folder(tmp_path / "model") as folder:
        (folder / "a").write_bytes(b"1")
        assert not (tmp_path / "model").exists()
    assert (tmp_path / "model" / "a").read_bytes() == b"1"
    assert os.listdir(tmp_path) == ["model"]


def test_an_empty_folder_is_filled_and_a_filled_one_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with new_folder(tmp_path / "model") as folder:
        (folder / "a").write_bytes(b"1")
    with pytest.raises(AppError, match="is not empty"), new_folder(tmp_path / "model"):
        pass
    assert (tmp_path / "model" / "a").read_bytes() == b"1"


def test_a_folder_that_could_not_be_filled_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="disk is full"), new_folder(tmp_path / "model"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert os.listdir(tmp_path) == []
