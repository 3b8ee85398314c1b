"""Fetching published weights.

Where the name of a file carries a prefix of its hash, as MODEL_ZOO.md says of detectron2's, that is
the one sum that is known, so it is the one that is checked. It finds broken files; it is no defence
against an enemy, and needs not be: reading weights executes nothing.
"""

import contextlib
import hashlib
import http.client
import os
import ssl
import time
import urllib.error
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import AppError
from core.events import Progress
from core.maskrcnn.zoo import BASE_ADDRESS, LICENCE_IN_SHORT, ZOO, zoo_path
from core.maskrcnn.zoo_transfer import Transfer
from core.weights import PublishedWeights

_SECONDS_BETWEEN_REPORTS = 0.2
_NETWORK_ERRORS = (
    urllib.error.URLError,
    http.client.HTTPException,
    TimeoutError,
    ConnectionError,
    ssl.SSLError,
)


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file that can be fetched, and what is known of it."""

    name: str
    """What a person calls it."""
    address: str
    target: Path
    """Where it goes, and where one that a person got elsewhere is found."""
    hash_prefix: str
    """Hexadecimal."""
    hash_name: str = "md5"
    """As hashlib calls it."""
    licence: str = ""
    """In short; empty where nobody says."""

    @property
    def part(self) -> Path:
        """What has arrived of it."""
        return self.target.with_name(self.target.name + ".part")


def download(
    name: str,
    *,
    base: str = BASE_ADDRESS,
    folder: Path | None = None,
    timeout_s: float = 30.0,
) -> Generator[Progress, None, None]:
    """Fetches the zoo's weights of this name to zoo_path; nothing if they are there.

    Raises:
        AppError: they cannot be fetched or stored, or what came is another file.
    """
    entry = ZOO[name]
    file = PublishedFile(
        name=name,
        address=base + entry.path,
        target=zoo_path(name, folder=folder),
        hash_prefix=entry.hash_prefix,
        hash_name=entry.hash_name,
        licence=LICENCE_IN_SHORT,
    )
    yield from download_file(file, timeout_s=timeout_s)


def download_file(
    file: PublishedFile, *, timeout_s: float = 30.0
) -> Generator[Progress, None, None]:
    """Fetches a file, with the bytes done; nothing if it is there, whoever put it there.

    Closing the generator cancels: what has arrived stays in a file beside it, and the next download
    goes on from there. The file gets its name only when it is whole and its sum is right.

    Args:
        file: what to fetch.
        timeout_s: how long a server may say nothing.

    Raises:
        AppError: it cannot be fetched or stored, or what came is another file.
    """
    if file.target.is_file():
        return
    try:
        file.target.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{file.part}.lock")
        yield from _acquired(lock, file)
        try:
            if not file.target.is_file():  # the other program may have been quicker
                yield from _fetched(file, timeout_s=timeout_s)
        finally:
            with contextlib.suppress(OSError):  # Windows removes it by itself, and only then
                Path(lock.lock_file).unlink()
            lock.release()
    except _NETWORK_ERRORS as e:
        raise AppError(
            f"{file.name} could not be downloaded ({_reason(e)}). Try again when there is a"
            f" network, or get {file.address} elsewhere and put the file at {file.target}."
        ) from e
    except OSError as error:
        raise AppError(
            f"{file.name} could not be stored in {file.target.parent} ({error.strerror or error})."
            " Make room there, then download it again."
        ) from error


def _fetched(file: PublishedFile, *, timeout_s: float) -> Generator[Progress, None, None]:
    if _bytes_in(file.part) and not _is_right(file):
        yield from _completed(file, timeout_s=timeout_s)
        if not _is_right(file):
            # The part was of another file, or broken: once more, from its beginning.
            file.part.unlink()
    if not _bytes_in(file.part):
        yield from _completed(file, timeout_s=timeout_s)
        _check_sum(file)
    os.replace(file.part, file.target)


def _acquired(lock: FileLock, file: PublishedFile) -> Generator[Progress, None, None]:
    """Waits until no other program downloads the file: two must not write to one part."""
    while True:
        try:
            lock.acquire(timeout=_SECONDS_BETWEEN_REPORTS)
        except Timeout:
            what = f"Another program is downloading {file.name}"
            yield Progress(_bytes_in(file.part), 0, what, None, "bytes")
        else:
            return


def is_published_file(weights: PublishedWeights) -> bool:
    """Whether the file that lies where these weights belong has the published sum.

    Raises:
        AppError: it cannot be read.
    """
    path = Path(weights.file)
    try:
        return found_sum(path, weights.hash_name).startswith(weights.hash_prefix)
    except OSError as error:
        raise AppError(f"The weights {path} cannot be read: {error.strerror}.") from error


def found_sum(path: Path, hash_name: str) -> str:
    """The hash of a file, hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(
            file, lambda: hashlib.new(hash_name, usedforsecurity=False)
        ).hexdigest()


def _completed(file: PublishedFile, *, timeout_s: float) -> Generator[Progress, None, None]:
    """Completes the part; the bytes done, the total and the seconds left, also while none come."""
    what = f"Downloading {file.name}" + (f", licence {file.licence}" if file.licence else "")
    have = _bytes_in(file.part)
    with contextlib.closing(Transfer(file.address, have, timeout_s=timeout_s)) as transfer:
        while (answer := transfer.answer(_SECONDS_BETWEEN_REPORTS)) is None:
            yield Progress(have, 0, what, None, "bytes")
        have, total = answer.begins_at, answer.total
        began, begun_at, reported = time.monotonic(), have, -1.0
        with file.part.open("r+b" if have else "wb") as part:
            part.seek(have)
            part.truncate()
            while (chunk := transfer.chunk(_SECONDS_BETWEEN_REPORTS)) is not transfer.END:
                part.write(chunk)
                have += len(chunk)
                seconds = time.monotonic() - began
                if seconds - reported >= _SECONDS_BETWEEN_REPORTS:
                    reported = seconds
                    rate = (have - begun_at) / max(seconds, 1e-6)
                    eta_s = (total - have) / rate if total and rate else None
                    yield Progress(have, total, what, eta_s, "bytes")
            part.flush()
            os.fsync(part.fileno())
    if have < total:
        raise http.client.IncompleteRead(b"", total - have)
    yield Progress(have, have, what, 0.0, "bytes")


def _bytes_in(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _is_right(file: PublishedFile) -> bool:
    return found_sum(file.part, file.hash_name).startswith(file.hash_prefix)


def _check_sum(file: PublishedFile) -> None:
    found = found_sum(file.part, file.hash_name)
    if found.startswith(file.hash_prefix):
        return
    file.part.unlink()
    raise AppError(
        f"What was downloaded from {file.address} is not the published file: its"
        f" {file.hash_name.upper()} begins with {found[: len(file.hash_prefix)]}, not"
        f" {file.hash_prefix}. It was deleted. Download it again; if that does not help, something"
        f" on the way changes it: get the file elsewhere and put it at {file.target}."
    )


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code} {error.reason}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return "the server did not answer in time"
    if isinstance(error, urllib.error.URLError):
        return f"no connection: {getattr(cause, 'strerror', None) or cause}"
    return f"the connection broke off: {error}"
