import sqlite3
import threading
from pathlib import Path

import pytest

from core.project.index import Index, version_of


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    """The cache and the labels folder."""
    return tmp_path / "cache", tmp_path / "photos"


_NOW = (1, 2, 3)


def test_what_was_put_is_there_the_next_time(place: tuple[Path, Path]) -> None:
    first = Index(*place)
    first.put("facts", "a.json", _NOW, value={"n": 1})
    first.close()
    second = Index(*place)
    assert second.get("facts", "a.json", _NOW) == {"n": 1}
    second.close()


def test_another_version_of_the_file_is_not_known(place: tuple[Path, Path]) -> None:
    index = Index(*place)
    index.put("facts", "a.json", _NOW, value=1)
    assert index.get("facts", "a.json", (1, 2, 4)) is None
    index.close()


def test_each_labels_folder_has_an_index_of_its_own(tmp_path: Path) -> None:
    one, other = Index(tmp_path, tmp_path / "a"), Index(tmp_path, tmp_path / "b")
    assert one.path != other.path
    one.close()
    other.close()


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_a_broken_index_is_made_anew(place: tuple[Path, Path], content: bytes) -> None:
    index = Index(*place)
    index.close()
    index.path.write_bytes(content)
    index = Index(*place)
    index.put("facts", "a.json", _NOW, value=1)
    assert index.get("facts", "a.json", _NOW) == 1
    index.close()


def test_an_index_of_another_make_is_made_anew(place: tuple[Path, Path]) -> None:
    index = Index(*place)
    index.close()
    connection = sqlite3.connect(index.path)
    connection.executescript("DROP TABLE known; CREATE TABLE known (x); PRAGMA user_version = 99;")
    connection.close()
    index = Index(*place)
    index.put("facts", "a.json", _NOW, value=1)
    assert index.get("facts", "a.json", _NOW) == 1
    index.close()


def test_an_index_deleted_while_it_is_open_costs_nothing_but_time(place: tuple[Path, Path]) -> None:
    index = Index(*place)
    index.path.unlink()
    index.put("facts", "a.json", _NOW, value=1)
    index.close()
    assert Index(*place).get("facts", "a.json", _NOW) in (None, 1)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    index = Index(tmp_path / "file", tmp_path)
    index.put("facts", "a.json", _NOW, value=1)
    assert index.get("facts", "a.json", _NOW) == 1
    index.close()


def test_threads_may_use_it_at_once(place: tuple[Path, Path]) -> None:
    index = Index(*place)

    def work(number: int) -> None:
        for i in range(50):
            index.put("facts", f"{number} {i}", _NOW, value=i)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(index.get("facts", f"{n} {i}", _NOW) == i for n in range(4) for i in range(50))
    index.close()


def test_a_closed_index_knows_nothing(place: tuple[Path, Path]) -> None:
    index = Index(*place)
    index.put("facts", "a.json", _NOW, value=1)
    index.close()
    index.put("facts", "b.json", _NOW, value=1)
    assert index.get("facts", "a.json", _NOW) is None


def test_a_file_that_is_replaced_has_another_version(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert version_of(path) is None
    path.write_bytes(b"1")
    before = version_of(path)
    (tmp_path / "b").write_bytes(b"2")
    (tmp_path / "b").replace(path)
    assert version_of(path) != before
