"""The zip of a pack, written as a stream."""

import json
import re
import tempfile
import time
import zipfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core import class_names
from core.atomic import make_folder, replacement_of
from core.errors import AppError
from core.events import Event, Progress
from core.formats import all_formats
from core.packing.content import Content
from core.packing.settings import OUTPUT_FOLDER
from core.packing.start import Start
from core.packing.texts import readme, script
from core.types import Split

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file of the zip: its bytes, or where they lie."""

    name: str
    source: bytes | Path

    @property
    def n_bytes(self) -> int:
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size


def zipped(
    out: Path, content: Content, start: Start, settings: Mapping[str, str]
) -> Generator[Event, None, int]:
    """Writes the zip, with the bytes done, and gives its size; closing it leaves nothing behind.

    Args:
        out: the zip.
        content: the images with their labels.
        start: the model and its start weights.
        settings: the texts of settings.yaml and config.yaml, by their names.

    Raises:
        AppError: the disk is full, read-only or gone, or a file cannot be read; what was there is
            then still there.
    """
    make_folder(out.parent)
    with tempfile.TemporaryDirectory() as folder:
        entries = [*_texts(content, start, settings), *_coco_files(content, Path(folder))]
        entries += _files(content, start)
        total, done, began = sum(_size(entry) for entry in entries), 0, time.monotonic()
        root = re.sub(r"[^\w.-]+", "_", content.name).strip("._") or "project"
        with replacement_of(out) as temporary:
            with zipfile.ZipFile(temporary, "w") as target:
                for entry in entries:
                    with closing(_written(target, root, entry)) as counts:
                        for n_bytes in counts:
                            done += n_bytes
                            eta_s = (time.monotonic() - began) / done * max(0, total - done)
                            yield Progress(done, max(done, total), "packed", eta_s, "bytes")
            n_bytes = temporary.stat().st_size
    return n_bytes


def _texts(content: Content, start: Start, settings: Mapping[str, str]) -> Iterator[_Entry]:
    yield _Entry("README.md", _encoded(readme(content, start)))
    yield _Entry("train_detectron2.py", _encoded(script(content)))
    names = json.dumps([one.name for one in content.classes])
    yield _Entry(
        f"{OUTPUT_FOLDER}/{class_names.OF_DETECTRON2}", _encoded(names)
    )  # comes back with the rest
    yield from (_Entry(name, _encoded(text)) for name, text in settings.items())
    yield _Entry("project/maskloop.json", content.project_file)


def _files(content: Content, start: Start) -> Iterator[_Entry]:
    if start.file is not None:
        yield _Entry("start/config.yaml", _encoded(start.file_config))
        yield _Entry(start.for_maskloop, start.file)
    for image in content.images:
        yield _Entry(f"project/{image.label_name}", image.label_bytes)
        yield _Entry(f"project/{image.key}", image.file)


def _coco_files(content: Content, folder: Path) -> Iterator[_Entry]:
    write = all_formats()["coco"].write
    assert write is not None
    for split in Split:
        if images := content.of_split(split):
            file = folder / f"{split}.json"
            write(file, (image.labelled for image in images), content.classes)
            yield _Entry(file.name, file)


def _written(target: zipfile.ZipFile, root: str, entry: _Entry) -> Generator[int, None, None]:
    """Writes an entry, and says after each piece how many bytes it had."""
    is_text = isinstance(entry.source, bytes) or entry.name.endswith(".json")
    info = zipfile.ZipInfo(f"{root}/{entry.name}", time.localtime()[:6])
    # Images and weights do not get smaller by it.
    info.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
    info.external_attr = 0o100644 << 16
    with target.open(info, "w", force_zip64=True) as stream:
        for chunk in _chunks(entry):
            stream.write(chunk)
            yield len(chunk)


def _chunks(entry: _Entry) -> Iterator[bytes]:
    if isinstance(entry.source, bytes):
        yield entry.source
        return
    try:
        with entry.source.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        # Only reading is in here: a full disk is not to be told as a broken photo.
        raise AppError(f"{entry.source} cannot be read: {error.strerror}.") from error


def _size(entry: _Entry) -> int:
    try:
        return entry.n_bytes
    except OSError as error:
        raise AppError(f"{entry.source!s} cannot be read: {error.strerror}.") from error


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
