"""Fetching published weights.

MODEL_ZOO.md says that each file name ends in a prefix of the file's MD5; torchvision's names end in
one of the SHA-256. That prefix is the one sum that is known, so it is the one that is checked; it
finds broken files, it is no defence against an enemy, and needs not be: reading weights executes
nothing.
"""

import hashlib
import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.errors import AppError
from core.events import Progress
from core.maskrcnn.zoo import BASE_ADDRESS, LICENCE_IN_SHORT, ZOO, zoo_path

_CHUNK_BYTES = 1 << 18
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
    """A file of weights that its publisher named after its own hash."""

    name: str
    """Of the weights, as a person knows them."""
    address: str
    target: Path
    """Where it goes."""
    hash_prefix: str
    """How its hash begins, in hexadecimal digits."""
    hash_name: str = "md5"
    """As hashlib knows it."""
    licence: str = ""
    """In short; empty where nobody says."""


def download(
    name: str,
    *,
    base: str = BASE_ADDRESS,
    folder: Path | None = None,
    timeout_s: float = 30.0,
) -> Generator[Progress, None, None]:
    """Fetches the weights of this name to zoo_path, with the bytes done; nothing if they are there.

    Raises:
        AppError: as download_file.
    """
    entry = ZOO[name]
    yield from download_file(
        PublishedFile(
            name=name,
            address=base + entry.path,
            target=zoo_path(name, folder=folder),
            hash_prefix=entry.md5_prefix,
            licence=LICENCE_IN_SHORT,
        ),
        timeout_s=timeout_s,
    )


def download_file(
    file: PublishedFile, *, timeout_s: float = 30.0
) -> Generator[Progress, None, None]:
    """Fetches a file, with the bytes done; nothing if it is there.

    Closing the generator cancels: what has arrived stays in a file beside it, and the next download
    goes on from there. The file gets its name only when it is whole and its sum is right.

    Raises:
        AppError: it cannot be fetched or stored, or what came is another file.
    """
    name, target = file.name, file.target
    if target.is_file():
        return
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        what = f"Downloading {name}" + (f", licence {file.licence}" if file.licence else "")
        yield from _fetch(file.address, part, what=what, timeout_s=timeout_s)
    except _NETWORK_ERRORS as e:
        raise AppError(
            f"{name} could not be downloaded ({_reason(e)}). Try again when there is a network,"
            f" or get {file.address} elsewhere and put the file at {target}."
        ) from e
    except OSError as error:
        raise AppError(
            f"{name} could not be stored in {target.parent} ({error.strerror or error})."
            " Make room there, then download it again."
        ) from error
    _check_sum(part, file)
    os.replace(part, target)


class _Response(Protocol):
    status: int
    headers: http.client.HTTPMessage

    def read(self, amount: int, /) -> bytes: ...

    def close(self) -> None: ...


def _fetch(
    address: str, part: Path, *, what: str, timeout_s: float
) -> Generator[Progress, None, None]:
    """Completes the part file; the bytes done, the total and the seconds left."""
    have = part.stat().st_size if part.exists() else 0
    with closing(_open(address, have, timeout_s=timeout_s)) as response:
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0  # the server starts anew whatever was asked
        length = response.headers.get("Content-Length")
        total = have + int(length) if length and length.isdigit() else 0
        began, begun_at, reported = time.monotonic(), have, -1.0
        with part.open("ab" if have else "wb") as file:
            while chunk := response.read(_CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                seconds = time.monotonic() - began
                if seconds - reported >= _SECONDS_BETWEEN_REPORTS:
                    reported = seconds
                    rate = (have - begun_at) / max(seconds, 1e-6)
                    eta_s = (total - have) / rate if total else None
                    yield Progress(have, total, what, eta_s, "bytes")
            file.flush()
            os.fsync(file.fileno())
    if have < total:
        raise http.client.IncompleteRead(b"", total - have)
    yield Progress(have, have, what, 0.0, "bytes")


def _open(address: str, have: int, *, timeout_s: float) -> _Response:
    headers = {"User-Agent": "maskloop"} | ({"Range": f"bytes={have}-"} if have else {})
    request = urllib.request.Request(address, headers=headers)
    try:
        response: _Response = urllib.request.urlopen(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not have:
            raise
        # The part holds all that there is, or more: whichever it is, the whole file is right.
        return _open(address, 0, timeout_s=timeout_s)
    return response


def _check_sum(part: Path, file: PublishedFile) -> None:
    def empty_hash() -> "hashlib._Hash":
        return hashlib.new(file.hash_name, usedforsecurity=False)

    with part.open("rb") as content:
        found = hashlib.file_digest(content, empty_hash).hexdigest()
    if found.startswith(file.hash_prefix):
        return
    part.unlink()
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
        return f"no connection: {cause}"
    return f"the connection broke off: {error}"
