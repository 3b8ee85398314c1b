"""Downloading weights, from a server in this process that can misbehave."""

import contextlib
import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock

from core.errors import AppError
from core.events import Progress
from core.maskrcnn.zoo import BASE_ADDRESS, COCO_CLASSES, ZOO, zoo_path
from core.maskrcnn.zoo_download import download
from tests.serving import Quiet, serving

NAME = "mask_rcnn_R_50_FPN_3x"
# Made so that its MD5 begins with f10217, as the published file's name says of that file.
WEIGHTS = bytes(range(256)) * 1200 + b"23814564"


@dataclass
class Server:
    """What it sends, how it misbehaves, and what it was asked."""

    body: bytes = WEIGHTS
    status: int = 200
    knows_ranges: bool = True
    breaks_after: int | None = None
    """Bytes of an answer after which the connection is dropped."""
    hangs: bool = False
    stalls_after: int | None = None
    """Bytes of an answer after which nothing more comes."""
    says_ranges: bool = True
    """Whether a part of the file says which part it is."""
    begins_late: int = 0
    """Bytes after those that were asked for with which a part begins."""
    says_length: bool = True
    ranges_asked: list[str | None] = field(default_factory=list)
    address: str = ""
    is_over: threading.Event = field(default_factory=threading.Event)


class Handler(Quiet):
    """Answers as its Server says."""

    state: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.state.ranges_asked.append(asked)
        if self.state.hangs:
            self.state.is_over.wait()
        elif self.state.status == 404:
            self.send_error(404)
        elif self.state.status == 302 and self.path.startswith("/zoo/"):
            self.send_response(302)
            self.send_header("Location", "/moved" + self.path)
            self.end_headers()
        else:
            self.answer(asked)

    def answer(self, asked: str | None) -> None:
        state = self.state
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        start = start if state.knows_ranges else 0
        if start >= len(state.body):
            self.send_error(416)
            return
        start += state.begins_late if start else 0
        self.send_response(206 if start else 200)
        if state.says_length:
            self.send_header("Content-Length", str(len(state.body) - start))
        if start and state.says_ranges:
            whole = len(state.body)
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(state.body[start:][: state.breaks_after or state.stalls_after])
            if state.stalls_after is not None:
                state.is_over.wait()


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()
    with serving(type("Answering", (Handler,), {"state": state})) as address:
        state.address = address + "zoo/"
        yield state
        state.is_over.set()


def fetch(server: Server, folder: Path, *, timeout_s: float = 20) -> list[Progress]:
    return list(download(NAME, base=server.address, folder=folder, timeout_s=timeout_s))


def part_of(folder: Path) -> Path:
    target = zoo_path(NAME, folder=folder)
    return target.with_name(target.name + ".part")


def test_a_download_ends_with_the_whole_file_under_its_name(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path / "weights")
    assert zoo_path(NAME, folder=tmp_path / "weights").read_bytes() == WEIGHTS
    assert [path.name for path in (tmp_path / "weights").iterdir()] == ["model_final_f10217.pkl"]


def test_progress_counts_bytes_and_names_the_licence(server: Server, tmp_path: Path) -> None:
    events = fetch(server, tmp_path)
    assert events[0].total == len(WEIGHTS)
    assert events[-1].done == len(WEIGHTS)
    assert NAME in events[0].what
    assert "CC BY-SA 3.0" in events[0].what


def test_what_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    zoo_path(NAME, folder=tmp_path).write_bytes(b"put there by hand")
    assert fetch(server, tmp_path) == []
    assert server.ranges_asked == []


def test_a_cancelled_download_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    running = download(NAME, base=server.address, folder=tmp_path)
    done = next(running).done
    running.close()
    assert part_of(tmp_path).stat().st_size == done
    assert not zoo_path(NAME, folder=tmp_path).exists()
    fetch(server, tmp_path)
    assert server.ranges_asked == [None, f"bytes={done}-"]
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_download_that_broke_off_says_so_and_goes_on_next_time(
    server: Server, tmp_path: Path
) -> None:
    server.breaks_after = 100_000
    with pytest.raises(AppError, match="could not be downloaded"):
        fetch(server, tmp_path)
    server.breaks_after = None
    fetch(server, tmp_path)
    assert server.ranges_asked == [None, "bytes=100000-"]
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_server_without_ranges_makes_it_start_anew(server: Server, tmp_path: Path) -> None:
    server.knows_ranges = False
    part_of(tmp_path).write_bytes(WEIGHTS[:5000])
    fetch(server, tmp_path)
    assert server.ranges_asked == ["bytes=5000-"]
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_part_longer_than_the_file_makes_it_start_anew(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(WEIGHTS + b"more")
    fetch(server, tmp_path)
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_part_of_a_file_that_has_changed_makes_it_start_anew(
    server: Server, tmp_path: Path
) -> None:
    part_of(tmp_path).write_bytes(b"what was there before" * 200)
    fetch(server, tmp_path)
    assert server.ranges_asked == ["bytes=4200-", None]
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_server_that_begins_elsewhere_than_asked_is_asked_for_all(
    server: Server, tmp_path: Path
) -> None:
    server.begins_late = 10
    part_of(tmp_path).write_bytes(WEIGHTS[:5000])
    fetch(server, tmp_path)
    assert server.ranges_asked == ["bytes=5000-", None]
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_part_that_does_not_say_which_it_is_goes_on(server: Server, tmp_path: Path) -> None:
    server.says_ranges = False
    part_of(tmp_path).write_bytes(WEIGHTS[:5000])
    fetch(server, tmp_path)
    assert server.ranges_asked == ["bytes=5000-"]
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_whole_part_needs_only_its_name(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(WEIGHTS)
    fetch(server, tmp_path)
    assert server.ranges_asked == []
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS
    assert not part_of(tmp_path).exists()


def test_an_empty_part_is_no_part(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).touch()
    fetch(server, tmp_path)
    assert server.ranges_asked == [None]
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_file_whose_length_nobody_says_is_whole_by_its_sum(
    server: Server, tmp_path: Path
) -> None:
    server.says_length = False
    fetch(server, tmp_path)
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_download_from_a_server_that_stalls_can_be_cancelled(
    server: Server, tmp_path: Path
) -> None:
    server.stalls_after = 3000
    running = download(NAME, base=server.address, folder=tmp_path, timeout_s=600)
    assert any(event.done == 3000 for event in running)
    assert next(running).done == 3000  # the server says nothing, and it can still be left
    running.close()
    assert part_of(tmp_path).stat().st_size == 3000


def test_a_download_can_be_cancelled_before_the_server_answers(
    server: Server, tmp_path: Path
) -> None:
    server.hangs = True
    running = download(NAME, base=server.address, folder=tmp_path, timeout_s=600)
    assert next(running).done == 0
    running.close()
    assert list(tmp_path.iterdir()) == []


def test_two_programs_do_not_write_to_one_part(server: Server, tmp_path: Path) -> None:
    with FileLock(f"{part_of(tmp_path)}.lock"):
        running = download(NAME, base=server.address, folder=tmp_path)
        assert "Another program is downloading" in next(running).what
        zoo_path(NAME, folder=tmp_path).write_bytes(WEIGHTS)  # the other one is done
    assert all("Another program" in event.what for event in running)
    assert server.ranges_asked == []


def test_a_cancelled_download_hinders_no_other_one(server: Server, tmp_path: Path) -> None:
    running = download(NAME, base=server.address, folder=tmp_path)
    next(running)
    running.close()
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]


def test_a_server_that_stops_sending_is_given_up_and_the_part_stays(
    server: Server, tmp_path: Path
) -> None:
    server.stalls_after = 3000
    with pytest.raises(AppError, match="did not answer in time"):
        fetch(server, tmp_path, timeout_s=0.3)
    assert part_of(tmp_path).stat().st_size == 3000


def test_redirects_are_followed(server: Server, tmp_path: Path) -> None:
    server.status = 302
    fetch(server, tmp_path)
    assert zoo_path(NAME, folder=tmp_path).read_bytes() == WEIGHTS


def test_a_file_with_another_sum_is_refused_and_deleted(server: Server, tmp_path: Path) -> None:
    server.body = b"<html>please log in to this network</html>"
    with pytest.raises(AppError, match="not the published file"):
        fetch(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_told_with_the_servers_answer(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(AppError, match="the server answered 404"):
        fetch(server, tmp_path)


def test_a_server_that_does_not_answer_is_given_up(server: Server, tmp_path: Path) -> None:
    server.hangs = True
    with pytest.raises(AppError, match="did not answer in time"):
        fetch(server, tmp_path, timeout_s=0.2)


def test_without_a_network_the_user_is_told_which_file_goes_where(tmp_path: Path) -> None:
    with pytest.raises(AppError) as caught:
        list(download(NAME, base="http://127.0.0.1:9/", folder=tmp_path, timeout_s=5))
    sentence = str(caught.value)
    assert "no connection" in sentence
    assert "Errno" not in sentence
    assert ZOO[NAME].path in sentence
    assert str(zoo_path(NAME, folder=tmp_path)) in sentence


def test_a_folder_that_cannot_be_made_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"a file stands here")
    with pytest.raises(AppError, match="could not be stored"):
        fetch(server, tmp_path / "weights")


def test_weights_go_to_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME" if os.name == "posix" else "LOCALAPPDATA", str(tmp_path))
    assert zoo_path(NAME).name == "model_final_f10217.pkl"
    assert zoo_path(NAME).parent.name == "weights"


def test_every_entry_is_fetched_over_https() -> None:
    assert BASE_ADDRESS.startswith("https://")
    assert hashlib.md5(WEIGHTS).hexdigest().startswith(ZOO[NAME].hash_prefix)


def test_cocos_classes_are_eighty_from_person_to_toothbrush() -> None:
    assert len(set(COCO_CLASSES)) == 80
    assert (COCO_CLASSES[0], COCO_CLASSES[27], COCO_CLASSES[79]) == ("person", "tie", "toothbrush")
