"""Files fetched in a thread: a server that is slow, or gone, must not keep a person waiting."""

import contextlib
import hashlib
import importlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.assist.library import ModelFile

SECONDS_BETWEEN_REPORTS = 0.2
_GRACE_S = 2.0
_MOST_TRIES = 3
_SUFFIX = ".new"


class AnotherFile(Exception):
    """What came has another hash than the published file; it was deleted."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a transfer is."""

    have: int
    """Bytes, of all files."""
    total: int | None
    """None while the sizes of files to come are not known."""


class Transfer:
    """Fetches files, one after another, from the moment that it is made."""

    def __init__(self, files: Sequence[ModelFile], *, timeout_s: float) -> None:
        """Begins.

        Args:
            files: that are not here.
            timeout_s: how long a server may say nothing.
        """
        self.steps: queue.SimpleQueue[Step | Exception | None] = queue.SimpleQueue()
        """The last is None, or what went wrong."""
        self._files = files
        self._timeout_s = timeout_s
        self._is_over = threading.Event()
        self._reported_s = 0.0
        self._thread = threading.Thread(target=self._work, name="transfer", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Cancels what still goes on. A connection that is being made may outlive this call."""
        self._is_over.set()
        self._thread.join(_GRACE_S)

    def _work(self) -> None:
        have = 0
        try:
            for file in self._files:
                self._fetch(file, have, is_last=file is self._files[-1])
                have += file.path.stat().st_size
            self.steps.put(None)
        except Exception as error:  # noqa: BLE001 (carried to the thread that knows what to say)
            self.steps.put(error)

    def _fetch(self, file: ModelFile, before: int, *, is_last: bool) -> None:
        """One file; `before` counts the bytes of those that are done."""

        def report(have: int, total: int | None) -> None:
            now = time.monotonic()
            if now - self._reported_s >= SECONDS_BETWEEN_REPORTS:
                self._reported_s = now
                self.steps.put(Step(before + have, before + total if is_last and total else None))

        file.path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked(file.path):
            if not file.path.is_file():
                self._download(file, report)

    @contextlib.contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        """Two programs must not write to one unfinished file."""
        lock = FileLock(f"{path}.lock")
        while True:
            try:
                lock.acquire(timeout=SECONDS_BETWEEN_REPORTS)
                break
            except Timeout:
                if self._is_over.is_set():
                    raise
        try:
            yield
        finally:
            lock.release()

    def _download(self, file: ModelFile, report: Callable[[int, int | None], None]) -> None:
        """Tries every address, and goes on where a connection broke off."""
        failure: Exception | None = None
        for address in file.addresses * _MOST_TRIES:
            before = unfinished_bytes(file)
            try:
                return self._download_from(address, file, report)
            except network_errors() as error:
                failure = error
            is_stuck = address == file.addresses[-1] and unfinished_bytes(file) == before
            if is_stuck or self._is_over.is_set():
                break
        assert failure is not None  # there is an address
        raise failure

    def _download_from(
        self, address: str, file: ModelFile, report: Callable[[int, int | None], None]
    ) -> None:
        new, hasher = file.path.with_name(file.path.name + _SUFFIX), hashlib.sha256()
        _keep_longest(_unfinished(file))
        try:
            importlib.import_module("gdown").download(
                address,
                str(new),
                quiet=True,
                use_cookies=False,
                resume=True,
                progress=report,
                hasher=hasher,
                timeout=self._timeout_s,
                cancel=self._is_over,
            )
        except _gdown_exceptions().DownloadError as error:
            if "byte range" in str(error):
                # this server always starts anew: with our part of a file it would never do
                _keep_longest(_unfinished(file), n=0)
            raise
        if hasher.hexdigest() != file.sha256:
            new.unlink()
            raise AnotherFile(f"{address} has the SHA-256 {hasher.hexdigest()}")
        os.replace(new, file.path)


def network_errors() -> tuple[type[Exception], ...]:
    """What goes wrong on the way; some of these are OSErrors too."""
    requests = importlib.import_module("requests")
    return requests.exceptions.RequestException, _gdown_exceptions().DownloadError


def reason_of(error: Exception, *, has_begun: bool) -> str:
    """One of network_errors in a few words.

    Args:
        error: one of them.
        has_begun: whether a part of the file has arrived.
    """
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code}"
    kinds = importlib.import_module("requests").exceptions
    if isinstance(error, kinds.Timeout):
        return "the server did not answer in time"
    if isinstance(error, kinds.SSLError):
        return "the server's certificate is not trusted here"
    return "the connection broke off" if has_begun else "no connection"


def unfinished_bytes(file: ModelFile) -> int:
    """How much of a file has arrived, while it is not whole."""
    return max((part.stat().st_size for part in _unfinished(file)), default=0)


def _unfinished(file: ModelFile) -> list[Path]:
    # gdown puts eight characters of its own before the suffix
    return list(file.path.parent.glob(f"{file.path.name}{_SUFFIX}{'?' * 8}.part"))


def _keep_longest(parts: Sequence[Path], n: int = 1) -> None:
    """gdown refuses to go on where a program that was killed left several parts."""
    for part in sorted(parts, key=lambda one: one.stat().st_size, reverse=True)[n:]:
        part.unlink()


def _gdown_exceptions() -> Any:
    return importlib.import_module("gdown.exceptions")
