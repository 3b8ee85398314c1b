"""The one place that decodes an image: EXIF orientation applied, 8-bit RGB.

What a file is, its bytes say and not its name. Pillow decodes what has 8 bits a channel, because it
notices files that break off, where versions of OpenCV fill up with grey. OpenCV decodes 16 bits,
and JPEGs that are whole: to the same bits in half the time.
"""

import io
import stat
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from core.errors import AppError

Pixels: TypeAlias = npt.NDArray[np.uint8]

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif")
)
"""Of files that are images of a project; in lower case, every case counts."""

MAX_SIDE_PX = 30_000

_FORMATS = "JPEG, PNG, BMP, TIFF, WebP and HEIC"
# Pillow opens more, some with the help of other programs (EPS by Ghostscript): not for strangers
_PILLOWS = ("JPEG", "PNG", "BMP", "DIB", "TIFF", "WEBP", "GIF", "PPM", "JPEG2000")
_ORIENTATION, _WIDTH, _HEIGHT, _BITS = 0x0112, 256, 257, 258
# Pillow raises more or less what its decoders stumble over, and warns where it goes on
_DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, OverflowError,
    RuntimeError, UserWarning, struct.error, zlib.error, cv2.error,
)  # fmt: skip

# its limit is on the area, with a warning at a third of what a side of 30,000 allows
Image.MAX_IMAGE_PIXELS = None
# on damaged EXIF: nothing that anybody can act on
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def read_image(path: Path) -> Pixels:
    """An image as it is displayed: (H, W, 3) uint8 RGB, writable.

    Grey, palette, CMYK and 1-bit images become RGB, alpha is dropped, 16-bit values are divided by
    257, and of several pages the first counts.

    Raises:
        AppError: it cannot be read, is no image, is damaged, or has a side over 30,000 pixels.
    """
    return _upright(*_read(path, at_least_px=0))


def thumbnail(path: Path, side_px: int) -> Pixels:
    """An image whose longer side is at most `side_px`: (h, w, 3) uint8 RGB; never enlarged.

    Raises:
        AppError: as `read_image`.
    """
    pixels, orientation = _read(path, at_least_px=side_px)
    height, width = pixels.shape[:2]
    factor = side_px / max(height, width)
    if factor < 1:
        size_wh = max(round(width * factor), 1), max(round(height * factor), 1)
        pixels = np.asarray(
            cv2.resize(pixels, size_wh, interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
    return _upright(pixels, orientation)


def size_hw(path: Path) -> tuple[int, int]:
    """Height and width of an image as it is displayed, from its header.

    Raises:
        AppError: it cannot be read, is no image, or has a side over 30,000 pixels.
    """
    try:
        with _opened(path) as file:
            return _header(path, file).displayed_hw
    except OSError as error:
        raise _unreadable(path, error) from error


def turn_of(path: Path) -> int:
    """EXIF's orientation of an image, 1 to 8: how the stored rows lie in the displayed image.

    1 is upright; so is what a decoder turns by itself (TIFF, HEIC).

    Raises:
        AppError: as `size_hw`.
    """
    try:
        with _opened(path) as file:
            return _header(path, file).orientation
    except OSError as error:
        raise _unreadable(path, error) from error


def write_png(path: Path, pixels: Pixels) -> None:
    """Writes an image, (H, W, 3) uint8 RGB, as PNG.

    Raises:
        AppError: the file cannot be written.
    """
    _, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise AppError(
            f"{path} cannot be written: {error.strerror or error}. Look whether the folder is"
            " there, may be written to, and the disk has space left."
        ) from error


@dataclass(frozen=True, slots=True)
class _Header:
    """What the first bytes of an image say."""

    stored_hw: tuple[int, int]
    orientation: int
    """EXIF's, 1 to 8: how the stored rows lie in the displayed image."""
    decode: Callable[[int], Pixels]
    """The pixels as they are stored; reduced, where that is quick, to no less than so many a side,
    if not 0."""

    @property
    def displayed_hw(self) -> tuple[int, int]:
        """Height and width after the orientation is applied."""
        height, width = self.stored_hw
        return (width, height) if self.orientation >= 5 else (height, width)


def _read(path: Path, *, at_least_px: int) -> tuple[Pixels, int]:
    """The pixels as they are stored, and their orientation; reduced where that is quick."""
    try:
        with _opened(path) as file:
            data = file.read()
    except OSError as error:
        raise _unreadable(path, error) from error
    header = _header(path, io.BytesIO(data))
    try:
        return header.decode(at_least_px), header.orientation
    except _DAMAGE as error:
        raise AppError(
            f"{path} is damaged or breaks off, so it cannot be shown ({_reason(error)}). Copy it"
            " again from where it came from, or take it out of the folder."
        ) from error
    except MemoryError as error:
        height, width = header.stored_hw
        raise AppError(
            f"{path} has {width} x {height} pixels, more than fit into this computer's memory."
            " Close other programs, or cut the image into pieces."
        ) from error


def _opened(path: Path) -> BinaryIO:
    # a pipe would be waited for without end, and some devices never end
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise AppError(f"{path} is no file but a pipe or a device: take it out of the folder.")
    return path.open("rb")


def _header(path: Path, file: BinaryIO) -> _Header:
    try:
        start = file.read(32)
        if not start:
            raise AppError(
                f"{path} is an empty file of 0 bytes: it was probably never copied to the end."
                " Copy it again, or take it out of the folder."
            )
        header = _parsed_header(start, file)
    except UnidentifiedImageError as error:
        raise AppError(
            f"{path} holds no image, whatever its name says. The formats that can be read are"
            f" {_FORMATS}: convert it to one of these, or take it out of the folder."
        ) from error
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise _unreadable(path, error) from error
        raise AppError(
            f"{path} is damaged: its first bytes make no sense ({_reason(error)}). Copy it again"
            " from where it came from, or take it out of the folder."
        ) from error
    height, width = header.stored_hw
    if max(height, width) > MAX_SIDE_PX:
        raise AppError(
            f"{path} has {width} x {height} pixels, and no side may be longer than"
            f" {MAX_SIDE_PX:,}. Scale it down or cut it into pieces."
        )
    return header


def _parsed_header(start: bytes, file: BinaryIO) -> _Header:
    file.seek(0)
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _tiff_header(start, file)
    if start[4:8] == b"ftyp" and start[8:12] not in (b"avif", b"avis"):
        return _heif_header(file)
    image = Image.open(file, formats=_PILLOWS)
    decode: Callable[[int], Pixels] = partial(_by_pillow, image)
    if image.format == "JPEG" and image.mode in ("RGB", "L"):
        decode = partial(_jpeg, image, file)
    elif image.format == "PNG" and start[24:25] == b"\x10":
        decode = partial(_by_opencv, file)
    return _Header((image.height, image.width), _orientation(image), decode)


def _tiff_header(start: bytes, file: BinaryIO) -> _Header:
    """By the tags of the first page: Pillow does not open all that OpenCV decodes."""
    is_big = b"+" in start[2:4]
    tags = TiffImagePlugin.ImageFileDirectory_v2(start[: 16 if is_big else 8])
    file.seek(tags.next)
    tags.load(file)
    height, width = int(tags[_HEIGHT]), int(tags[_WIDTH])
    bits = tags.get(_BITS, (1,))
    is_deep = max(bits if isinstance(bits, tuple) else (bits,)) > 8
    file.seek(0)
    decode = partial(_by_opencv, file) if is_deep else partial(_by_pillow, Image.open(file))
    # of TIFF, and of nothing else, both decoders apply the orientation themselves
    is_turned = _checked_orientation(tags.get(_ORIENTATION)) >= 5
    return _Header((width, height) if is_turned else (height, width), 1, decode)


def _heif_header(file: BinaryIO) -> _Header:
    import pillow_heif  # 30 ms that only those pay who have such files

    try:
        heif = pillow_heif.open_heif(file)
    except ValueError as error:
        # some videos begin like this
        raise UnidentifiedImageError(str(error)) from error
    width, height = heif.size
    # EXIF's orientation only repeats the file's own rotation, which is applied already
    return _Header((height, width), 1, lambda _: _by_pillow(heif.to_pillow(), 0))


def _orientation(image: Image.Image) -> int:
    try:
        # not image.getexif(): for PNG that decodes all of it, to look behind the pixels too
        return _checked_orientation(Image.Image.getexif(image).get(_ORIENTATION))
    except _DAMAGE:
        return 1  # the picture itself may still be whole


def _checked_orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _by_pillow(image: Image.Image, at_least_px: int) -> Pixels:
    if at_least_px:
        image.draft("RGB", (at_least_px, at_least_px))  # JPEG only; others ignore it
    if image.mode == "P":
        # Pillow warns of a transparency that is lost, which here is what is wanted
        image = image.convert("RGBA")
    return np.array(image if image.mode == "RGB" else image.convert("RGB"))


def _jpeg(image: Image.Image, file: BinaryIO, at_least_px: int) -> Pixels:
    file.seek(0)
    data = file.read()
    is_whole = data.rstrip(b"\0").endswith(b"\xff\xd9")
    if is_whole and not at_least_px:
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
        if pixels is not None:
            return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    return _by_pillow(image, at_least_px)


def _by_opencv(file: BinaryIO, _at_least_px: int) -> Pixels:
    # it prints what it does not like about a file
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    file.seek(0)
    data = np.frombuffer(file.read(), dtype=np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("it cannot be decoded")
    if pixels.dtype != np.uint16:
        raise ValueError(f"values of {pixels.dtype} are neither 8 nor 16 bits")
    # 65535 / 257 is 255; the half rounds
    eight = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if eight.ndim == 2:
        eight = eight[..., None]
    if eight.shape[2] < 3:
        return np.repeat(eight[..., :1], 3, axis=2)
    return np.ascontiguousarray(eight[..., 2::-1])


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """The stored rows as they are displayed."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 7, 6):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _unreadable(path: Path, error: OSError) -> AppError:
    return AppError(
        f"{path} cannot be read: {error.strerror or error}. Look whether it is still there and"
        " whether you may read it."
    )


def _reason(error: BaseException) -> str:
    return str(error).rstrip(".").replace("\n", " ")[:120] or type(error).__name__
