"""Downloading a model, from a server in this process that can misbehave."""

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import osam
import pytest
import requests

from core.assist import model_named
from core.assist.fetching import fetch, is_here, remove_damaged
from core.assist.library import files_of
from core.assist.transfer import network_errors, reason_of
from core.errors import AppError
from core.events import Progress, Waiting
from tests.core.assist.made import MadeModel, Offered
from tests.serving import Quiet, serving

MODEL = model_named("efficientsam:10m")
CHUNK = 512 << 10  # what gdown reads before it reports
FILES = MadeModel(encoder=bytes(range(256)) * 8000, decoder=b"decoder" * 9000)
SIZE = len(FILES.encoder) + len(FILES.decoder)
NEXT_WAYS = "lasso, GrabCut or the colour wand.*by hand, fine-tune, and pre-label"


@dataclass
class Server:
    """A mirror that serves files under their hash, how it misbehaves, and what it was asked."""

    files: dict[str, bytes]
    status: int = 200
    knows_ranges: bool = True
    breaks_after: int | None = None
    """Bytes of an answer after which the connection is dropped."""
    hangs_after: int | None = None
    """Bytes of an answer after which nothing comes any more."""
    ranges_asked: list[str | None] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)


def handler_of(server: Server) -> type[Quiet]:
    class Handler(Quiet):
        def do_GET(self) -> None:
            asked = self.headers.get("Range") if server.knows_ranges else None
            server.ranges_asked.append(asked)
            if server.status != 200:
                self.send_error(server.status)
                return
            body = server.files[self.path.removeprefix("/")]
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(body) - start))
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                if server.hangs_after is not None:
                    self.wfile.write(body[start : start + server.hangs_after])
                    self.wfile.flush()
                    server.is_over.wait()
                elif server.breaks_after is not None:
                    self.wfile.write(body[start : start + server.breaks_after])
                else:
                    self.wfile.write(body[start:])

    return Handler


@pytest.fixture
def server(discs: Offered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A mirror of a model that is not on this machine yet."""
    monkeypatch.setenv("HOME", str(tmp_path / "new home"))
    monkeypatch.setattr(osam.apis, "registered_model_types", [Offered(FILES).kind])
    data = (FILES.encoder, FILES.decoder)
    state = Server({hashlib.sha256(one).hexdigest(): one for one in data})
    with serving(handler_of(state)) as address:
        monkeypatch.setenv("OSAM_BLOB_ENDPOINT", address)
        yield state
        state.is_over.set()


def stored() -> list[bytes]:
    return [file.path.read_bytes() for file in files_of(MODEL)]


def arrived() -> int:
    """Bytes of what is not whole."""
    parts = files_of(MODEL)[0].path.parent.glob("*.part")
    return sum(part.stat().st_size for part in parts)


def wait_for_progress(events: Iterator[object]) -> None:
    while not isinstance(next(events), Progress):
        pass


def test_a_download_ends_with_every_file_under_its_name(server: Server) -> None:
    assert not is_here(MODEL)
    list(fetch(MODEL))
    assert is_here(MODEL)
    assert stored() == [FILES.encoder, FILES.decoder]


def test_progress_counts_bytes_to_the_last_and_names_the_licence(server: Server) -> None:
    events = [event for event in fetch(MODEL) if isinstance(event, Progress)]
    assert all(event.unit == "bytes" for event in events)
    assert events[0].total == MODEL.n_bytes
    assert (events[-1].done, events[-1].total) == (SIZE, SIZE)
    assert "EfficientSAM 10M, licence Apache License 2.0" in events[0].what


def test_what_is_there_is_not_fetched_again(server: Server) -> None:
    list(fetch(MODEL))
    server.ranges_asked.clear()
    assert list(fetch(MODEL)) == []
    assert server.ranges_asked == []


def test_a_server_that_falls_silent_leaves_a_word_and_can_be_cancelled(server: Server) -> None:
    server.hangs_after = CHUNK
    running = fetch(MODEL)
    wait_for_progress(running)
    assert isinstance(next(running), Waiting)
    running.close()
    assert not is_here(MODEL)
    assert arrived() == CHUNK


def test_a_cancelled_download_goes_on_where_it_was(server: Server) -> None:
    server.hangs_after = CHUNK
    running = fetch(MODEL)
    wait_for_progress(running)
    running.close()
    server.hangs_after = None
    server.ranges_asked.clear()
    list(fetch(MODEL))
    assert f"bytes={CHUNK}-" in server.ranges_asked
    assert stored() == [FILES.encoder, FILES.decoder]


def test_a_connection_that_breaks_off_is_taken_up_again(server: Server) -> None:
    server.breaks_after = len(FILES.encoder) // 2
    list(fetch(MODEL))
    assert stored() == [FILES.encoder, FILES.decoder]


def test_a_server_that_cannot_go_on_from_the_middle_starts_anew(server: Server) -> None:
    server.breaks_after = CHUNK
    server.knows_ranges = False
    with pytest.raises(AppError, match="could not be downloaded"):
        list(fetch(MODEL))
    server.breaks_after = None
    list(fetch(MODEL))
    assert stored() == [FILES.encoder, FILES.decoder]


def test_a_download_that_breaks_off_again_and_again_keeps_what_came(server: Server) -> None:
    server.breaks_after = CHUNK
    with pytest.raises(AppError, match=f"connection broke off.*What arrived is kept.*{NEXT_WAYS}"):
        list(fetch(MODEL))
    assert arrived() == 3 * CHUNK
    server.breaks_after = None
    list(fetch(MODEL))
    assert stored() == [FILES.encoder, FILES.decoder]


def test_without_a_network_the_next_two_ways_are_named(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSAM_BLOB_ENDPOINT", "http://127.0.0.1:9/")
    with pytest.raises(AppError, match=rf"\(no connection\).*{NEXT_WAYS}"):
        list(fetch(MODEL))


def test_a_server_without_the_file_is_told_in_its_words(server: Server) -> None:
    server.status = 404
    with pytest.raises(AppError, match="the server answered 404"):
        list(fetch(MODEL))


def test_a_server_that_says_nothing_at_all_is_given_up(server: Server) -> None:
    server.hangs_after = 0
    with pytest.raises(AppError, match="could not be downloaded"):
        list(fetch(MODEL, timeout_s=0.1))


def test_the_next_mirror_is_asked_where_one_fails(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mirror,) = {file.addresses[0].rpartition("/")[0] for file in files_of(MODEL)}
    monkeypatch.setenv("OSAM_BLOB_ENDPOINT", f"http://127.0.0.1:9, {mirror}")
    list(fetch(MODEL))
    assert stored() == [FILES.encoder, FILES.decoder]


def test_without_a_mirror_the_published_address_is_asked(
    discs: Offered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSAM_BLOB_ENDPOINT", "http://mirror/ , direct")
    addresses = files_of(MODEL)[0].addresses
    assert addresses[0].startswith("http://mirror/")
    assert addresses[1] == "http://published.invalid/encoder.onnx"


@pytest.mark.parametrize(
    ("error", "has_begun", "words"),
    [
        (requests.exceptions.SSLError("x"), False, "certificate is not trusted"),
        (requests.exceptions.ReadTimeout("x"), True, "did not answer in time"),
        (requests.exceptions.ConnectionError("x"), True, "the connection broke off"),
        (requests.exceptions.ConnectionError("x"), False, "no connection"),
    ],
)
def test_what_goes_wrong_on_the_way_is_told_in_a_few_words(
    error: Exception, has_begun: bool, words: str
) -> None:
    assert isinstance(error, network_errors())
    assert words in reason_of(error, has_begun=has_begun)


def test_a_file_that_is_not_the_published_one_is_deleted(server: Server) -> None:
    for name in server.files:
        server.files[name] = b"a page to log in"
    with pytest.raises(AppError, match="not the published file"):
        list(fetch(MODEL))
    assert not is_here(MODEL)
    assert arrived() == 0


def test_a_folder_that_cannot_be_written_is_told(server: Server) -> None:
    folder = files_of(MODEL)[0].path.parent
    folder.parent.mkdir(parents=True)
    folder.write_text("a file in its place")
    with pytest.raises(AppError, match="could not be stored in"):
        list(fetch(MODEL))


def test_files_are_damaged_when_their_hash_is_another(discs: Offered) -> None:
    assert not remove_damaged(MODEL)
    files_of(MODEL)[1].path.write_bytes(b"cut off")
    assert remove_damaged(MODEL)
    assert [file.path.exists() for file in files_of(MODEL)] == [True, False]
