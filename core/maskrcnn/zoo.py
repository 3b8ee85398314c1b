"""Weights that detectron2's authors publish, by name: what they are, and how to fetch one.

Addresses, numbers and the licence are those of detectron2's MODEL_ZOO.md, which also says that each
file name ends in a prefix of the file's MD5. That prefix is the one sum that is known, so it is the
one that is checked; it finds broken files, it is no defence against an enemy, and needs not be:
reading weights executes nothing.
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
from core.paths import user_cache_folder

BASE_ADDRESS = "https://dl.fbaipublicfiles.com/detectron2/"
LICENCE_IN_SHORT = "CC BY-SA 3.0"
LICENCE = f"Creative Commons Attribution-ShareAlike 3.0 ({LICENCE_IN_SHORT})"
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
class ZooEntry:
    """One published file of weights."""

    name: str
    path: str
    """Below BASE_ADDRESS."""
    md5_prefix: str
    depth: int
    has_masks: bool
    box_ap: float
    mask_ap: float | None
    """On COCO val2017, in percent, as published."""
    n_bytes: int
    """About: four for each parameter of the model, counted."""
    licence: str = LICENCE

    @property
    def short_title(self) -> str:
        """What it is, in a few words."""
        kind = "Mask R-CNN" if self.has_masks else "Faster R-CNN"
        return f"{kind} R{self.depth} (COCO{'' if self.has_masks else ', boxes only'})"

    @property
    def title(self) -> str:
        """What it is, in a line."""
        kind = "Mask R-CNN" if self.has_masks else "Faster R-CNN (boxes only)"
        ap = f"box AP {self.box_ap}" + (f", mask AP {self.mask_ap}" if self.mask_ap else "")
        return f"{kind}, ResNet-{self.depth}, COCO's 80 classes, {ap}"


def _entry(
    name: str, path: str, *, depth: int, box_ap: float, mask_ap: float | None = None, n_mb: int
) -> ZooEntry:
    prefix = path.rsplit("_", 1)[1].removesuffix(".pkl")
    return ZooEntry(
        name, path, prefix, depth, mask_ap is not None, box_ap, mask_ap, n_mb * 1_000_000
    )


_ENTRIES = (
    _entry(
        "mask_rcnn_R_50_FPN_3x",
        "COCO-InstanceSegmentation/mask_rcnn_R_50_FPN_3x/137849600/model_final_f10217.pkl",
        depth=50,
        box_ap=41.0,
        mask_ap=37.2,
        n_mb=178,
    ),
    _entry(
        "mask_rcnn_R_101_FPN_3x",
        "COCO-InstanceSegmentation/mask_rcnn_R_101_FPN_3x/138205316/model_final_a3ec72.pkl",
        depth=101,
        box_ap=42.9,
        mask_ap=38.6,
        n_mb=254,
    ),
    _entry(
        "faster_rcnn_R_50_FPN_3x",
        "COCO-Detection/faster_rcnn_R_50_FPN_3x/137849458/model_final_280758.pkl",
        depth=50,
        box_ap=40.2,
        n_mb=167,
    ),
)
ZOO = {entry.name: entry for entry in _ENTRIES}


def weights_folder() -> Path:
    """Where downloaded weights are kept; it can be deleted."""
    return user_cache_folder() / "weights"


def zoo_path(name: str, *, folder: Path | None = None) -> Path:
    """Where the weights of this name lie once they are downloaded, or put there by hand.

    Raises:
        KeyError: the zoo has none of this name.
    """
    return (folder or weights_folder()) / ZOO[name].path.rsplit("/", 1)[1]


def download(
    name: str,
    *,
    base: str = BASE_ADDRESS,
    folder: Path | None = None,
    timeout_s: float = 30.0,
) -> Generator[Progress, None, None]:
    """Fetches the weights of this name to zoo_path, with the bytes done; nothing if they are there.

    Closing the generator cancels: what has arrived stays in a file beside it, and the next download
    goes on from there. The file gets its name only when it is whole and its sum is right.

    Raises:
        AppError: it cannot be fetched or stored, or what came is another file.
    """
    entry, target = ZOO[name], zoo_path(name, folder=folder)
    if target.is_file():
        return
    part = target.with_name(target.name + ".part")
    address = base + entry.path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        what = f"Downloading {name}, licence {LICENCE_IN_SHORT}"
        yield from _fetch(address, part, what=what, timeout_s=timeout_s)
    except _NETWORK_ERRORS as e:
        raise AppError(
            f"{name} could not be downloaded ({_reason(e)}). Try again when there is a network,"
            f" or get {address} elsewhere and put the file at {target}."
        ) from e
    except OSError as error:
        raise AppError(
            f"{name} could not be stored in {target.parent} ({error.strerror or error})."
            " Make room there, then download it again."
        ) from error
    _check_sum(part, entry.md5_prefix, address=address, target=target)
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


def _check_sum(part: Path, md5_prefix: str, *, address: str, target: Path) -> None:
    with part.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found.startswith(md5_prefix):
        return
    part.unlink()
    raise AppError(
        f"What was downloaded from {address} is not the published file: its MD5 begins with"
        f" {found[:6]}, not {md5_prefix}. It was deleted. Download it again; if that does not"
        f" help, something on the way changes it: get the file elsewhere and put it at {target}."
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


COCO_CLASSES = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
"""COCO's classes by ascending category id, which is the order of the zoo's class indices."""
