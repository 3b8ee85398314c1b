import contextlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from core.errors import AppError
from core.images import IMAGE_SUFFIXES, read_image, size_hw, thumbnail, turn_of, write_png

LOSSLESS = [".png", ".bmp", ".tif", ".tiff", ".webp"]
LOSSY = [".jpg", ".jpeg", ".jpe", ".jfif", ".heic", ".heif"]


def picture(height: int = 48, width: int = 64) -> np.ndarray:
    """Smooth, so that lossy formats hardly change it, and with four different corners."""
    yy, xx = np.mgrid[:height, :width]
    rgb = [255 * xx / width, 255 * yy / height, 128 + 60 * np.sin(xx / 20)]
    return np.stack(rgb, axis=-1).astype(np.uint8)


def encoded(image: Image.Image, suffix: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    if suffix in (".heic", ".heif"):
        pillow_heif.from_pillow(image).save(buffer, quality=95, **options)
        return buffer.getvalue()
    form = Image.registered_extensions()[suffix]
    lossless = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}}.get(form, {})
    image.save(buffer, form, **{**lossless, **options})
    return buffer.getvalue()


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_every_suffix_is_tested():
    assert {*LOSSLESS, *LOSSY} == IMAGE_SUFFIXES


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_a_lossless_image_comes_out_as_it_went_in(tmp_path, suffix):
    path = saved(tmp_path / f"a{suffix}", encoded(Image.fromarray(picture()), suffix))
    pixels = read_image(path)
    assert np.array_equal(pixels, picture())
    assert pixels.dtype == np.uint8
    assert pixels.flags.writeable
    assert pixels.flags.c_contiguous
    assert size_hw(path) == (48, 64)


@pytest.mark.parametrize("suffix", LOSSY)
def test_a_lossy_image_comes_out_nearly_as_it_went_in(tmp_path, suffix):
    path = saved(tmp_path / f"a{suffix.upper()}", encoded(Image.fromarray(picture()), suffix))
    difference = read_image(path).astype(int) - picture()
    assert np.abs(difference).mean() < 4
    assert size_hw(path) == (48, 64)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_a_jpeg_is_decoded_to_the_bits_that_detectron2_sees(tmp_path, mode, subsampling):
    noise = np.random.default_rng(0).integers(0, 256, (75, 101, 3), dtype=np.uint8)
    image = Image.fromarray(noise).convert(mode)
    data = encoded(image, ".jpg", quality=80, subsampling=subsampling)
    decoded = Image.open(io.BytesIO(data)).convert("RGB")
    assert np.array_equal(read_image(saved(tmp_path / "a.jpg", data)), decoded)


@pytest.mark.parametrize("name", ["größe ✂ 图.jpg", "b.PNG", "no suffix", "c.txt"])
def test_the_name_is_of_no_importance(tmp_path, name):
    path = saved(tmp_path / name, encoded(Image.fromarray(picture()), ".png"))
    assert np.array_equal(read_image(path), picture())
    assert size_hw(path) == (48, 64)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_the_orientation_of_exif_is_applied(tmp_path, suffix, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(picture()), suffix, exif=exif)
    path = saved(tmp_path / "a", data)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    assert np.array_equal(read_image(path), expected)
    assert size_hw(path) == expected.shape[:2]
    height, width = expected.shape[:2]
    assert thumbnail(path, 32).shape == ((24, 32, 3) if width > height else (32, 24, 3))


@pytest.mark.parametrize(("suffix", "expected"), [(".jpg", 6), (".png", 6), (".tif", 1)])
def test_a_turn_is_told_where_no_decoder_does_it_by_itself(tmp_path, suffix, expected):
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / suffix).write_bytes(encoded(Image.fromarray(picture()), suffix, exif=exif))
    assert turn_of(tmp_path / suffix) == expected


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damaged_exif_does_not_hide_the_picture(tmp_path):
    data = encoded(Image.fromarray(picture()), ".jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\1")
    assert read_image(saved(tmp_path / "a.jpg", data)).shape == (48, 64, 3)


def test_the_rotation_of_heic_is_applied_once(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.fromarray(picture()), ".heic", exif=exif.tobytes())
    path = saved(tmp_path / "a.heic", data)
    expected = np.rot90(picture(), -1).astype(int)
    assert size_hw(path) == (64, 48)
    assert np.abs(read_image(path) - expected).mean() < 4


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr"])
def test_every_kind_of_pixels_becomes_rgb(tmp_path, mode):
    image = Image.fromarray(picture()).convert(mode)
    path = saved(
        tmp_path / "a", encoded(image, ".png" if mode not in ("CMYK", "YCbCr") else ".tif")
    )
    assert np.array_equal(read_image(path), np.asarray(image.convert("RGB")))


def test_alpha_is_dropped_and_not_blended(tmp_path):
    rgba = np.dstack([picture(), np.zeros((48, 64), dtype=np.uint8)])
    path = saved(tmp_path / "a.png", encoded(Image.fromarray(rgba), ".png"))
    assert np.array_equal(read_image(path), picture())


def test_a_palette_with_transparency_is_no_warning(tmp_path):
    image = Image.fromarray(picture()).convert("P")
    data = encoded(image, ".png", transparency=bytes([0, 128, 255]))
    assert np.array_equal(read_image(saved(tmp_path / "a.png", data)), image.convert("RGB"))


def test_a_cmyk_jpeg_is_not_inverted(tmp_path):
    image = Image.fromarray(picture()).convert("CMYK")
    path = saved(tmp_path / "a.jpg", encoded(image, ".jpg"))
    assert np.abs(read_image(path).astype(int) - np.asarray(image.convert("RGB"))).mean() < 4


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bits_are_divided_by_257_and_rounded(tmp_path, suffix, channels):
    deep = np.random.default_rng(0).integers(0, 65536, (30, 40, channels), dtype=np.uint16)
    stored = deep[..., [2, 1, 0, 3][:channels]] if channels > 1 else deep
    path = tmp_path / f"a{suffix}"
    path.write_bytes(cv2.imencode(suffix, stored)[1].tobytes())
    expected = np.round(deep[..., :3] / 257).astype(np.uint8)
    assert np.array_equal(read_image(path), np.broadcast_to(expected, (30, 40, 3)))
    assert size_hw(path) == (30, 40)
    assert thumbnail(path, 20).shape == (15, 20, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_16_bit_tiffs_have_an_orientation_too(tmp_path, orientation):
    deep = np.arange(30 * 40, dtype=np.uint16).reshape(30, 40) * 50
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / "a.tif", encoded(Image.fromarray(deep), ".tif", exif=exif))
    shallow = Image.fromarray(np.round(deep / 257).astype(np.uint8))
    shallow.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(shallow))
    assert np.array_equal(read_image(path)[..., 1], expected)
    assert size_hw(path) == expected.shape


def test_of_a_tiff_of_many_pages_the_first_counts(tmp_path):
    first, second = Image.fromarray(picture()), Image.fromarray(picture(10, 12))
    data = encoded(first, ".tif", save_all=True, append_images=[second])
    assert np.array_equal(read_image(saved(tmp_path / "a.tif", data)), picture())


def test_of_a_deep_tiff_of_many_pages_the_first_counts(tmp_path):
    pages = [Image.fromarray(np.full((8, 9 + i), 257 * (50 + i), np.uint16)) for i in range(2)]
    data = encoded(pages[0], ".tif", save_all=True, append_images=pages[1:])
    pixels = read_image(saved(tmp_path / "a.tif", data))
    assert pixels.shape == (8, 9, 3)
    assert (pixels == 50).all()


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_compressed_tiffs_are_read(tmp_path, compression):
    data = encoded(Image.fromarray(picture()), ".tif", compression=compression)
    assert np.array_equal(read_image(saved(tmp_path / "a.tif", data)), picture())


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".heic"])
def test_a_thumbnail_looks_like_its_image(tmp_path, suffix):
    big = picture(600, 900)
    path = saved(tmp_path / "a", encoded(Image.fromarray(big), suffix))
    small = thumbnail(path, 90)
    expected = cv2.resize(big, (90, 60), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected).mean() < 5


def test_a_thumbnail_is_not_larger_than_its_image(tmp_path):
    path = saved(tmp_path / "a", encoded(Image.fromarray(picture()), ".png"))
    assert np.array_equal(thumbnail(path, 500), picture())


def test_a_thumbnail_of_a_line_has_a_pixel(tmp_path):
    path = saved(tmp_path / "a", encoded(Image.fromarray(picture(2, 900)), ".png"))
    assert thumbnail(path, 30).shape == (1, 30, 3)


def test_what_is_written_is_read_again(tmp_path):
    write_png(tmp_path / "ä.png", picture())
    assert np.array_equal(read_image(tmp_path / "ä.png"), picture())


def test_an_image_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(AppError, match="cannot be written"):
        write_png(tmp_path / "no folder" / "a.png", picture())


READERS: list[Callable[[Path], object]] = [read_image, size_hw, lambda path: thumbnail(path, 8)]


@pytest.mark.parametrize("reader", READERS)
def test_a_missing_file_and_a_folder_are_named(tmp_path, reader):
    with pytest.raises(AppError, match=r"gone.png cannot be read: No such file"):
        reader(tmp_path / "gone.png")
    with pytest.raises(AppError, match="cannot be read: Is a directory"):
        reader(tmp_path)


@pytest.mark.parametrize("reader", READERS)
def test_an_empty_file_says_that_it_is_empty(tmp_path, reader):
    with pytest.raises(AppError, match=r"a.jpg is an empty file of 0 bytes: .* Copy it again"):
        reader(saved(tmp_path / "a.jpg", b""))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "data",
    [b"Dear all,", b"<svg></svg>", bytes(1000), b"\0\0\0\x18ftypmp42" + bytes(40), b"\xff\xd8\xff"],
)
def test_what_is_no_image_says_so_and_names_the_formats(tmp_path, reader, data):
    with pytest.raises(AppError, match=r"a.jpg holds no image.* JPEG, PNG, .* convert it"):
        reader(saved(tmp_path / "a.jpg", data))


@pytest.mark.parametrize("suffix", [*LOSSLESS, *LOSSY])
def test_a_truncated_image_is_an_error_and_not_half_grey(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), suffix)
    path = saved(tmp_path / f"a{suffix}", data[: len(data) // 2])
    with pytest.raises(AppError, match=r"damaged|no image"):
        read_image(path)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_truncated_deep_image_is_an_error(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 65536, (200, 200, 3), dtype=np.uint16)
    data = cv2.imencode(suffix, noise)[1].tobytes()
    with pytest.raises(AppError, match="damaged"):
        read_image(saved(tmp_path / f"a{suffix}", data[: len(data) // 2]))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("size", [(1, 30001), (30001, 1)])
def test_a_huge_image_is_refused_by_its_header(tmp_path, reader, size):
    path = saved(tmp_path / "a.png", encoded(Image.new("1", size), ".png")[:100])
    with pytest.raises(AppError, match=rf"{size[0]} x {size[1]} pixels, .* 30,000"):
        reader(path)


def test_a_side_of_30000_pixels_is_not_too_long(tmp_path):
    path = saved(tmp_path / "a.png", encoded(Image.new("L", (30000, 2), 7), ".png"))
    assert (read_image(path) == 7).all()


def test_an_area_that_pillow_calls_a_bomb_is_no_warning(tmp_path):
    path = saved(tmp_path / "a.png", encoded(Image.new("1", (14000, 14000)), ".png"))
    assert size_hw(path) == (14000, 14000)


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.png", encoded(Image.fromarray(picture()), ".png"))

    def refused(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    for reader in READERS:
        with pytest.raises(AppError, match=r"a.png cannot be read: Permission denied.* may read"):
            reader(path)


SAMPLES = {
    **{suffix: encoded(Image.fromarray(picture()), suffix) for suffix in (*LOSSLESS, ".jpg")},
    ".heic": encoded(Image.fromarray(picture()), ".heic"),
    "deep.png": cv2.imencode(".png", picture().astype(np.uint16) * 257)[1].tobytes(),
    "deep.tif": cv2.imencode(".tif", picture().astype(np.uint16) * 257)[1].tobytes(),
}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=400)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    st.integers(1, 4000),
)
def test_a_damaged_file_is_an_image_or_a_sentence_but_never_a_crash(
    tmp_path_factory, name, changes, length
):
    data = bytearray(SAMPLES[name])
    for at, value in changes:
        if at < len(data):
            data[at] = value
    path = saved(tmp_path_factory.getbasetemp() / f"damaged{os.getpid()}", bytes(data[:length]))
    for reader in READERS:
        # any other exception fails the test
        with contextlib.suppress(AppError):
            assert reader(path) is not None


@pytest.mark.parametrize("look", [read_image, size_hw, lambda path: thumbnail(path, 64)])
def test_a_pipe_is_not_waited_for(tmp_path, look):
    pipe = tmp_path / "a.jpg"
    os.mkfifo(pipe)
    with pytest.raises(AppError, match="a pipe or a device"):
        look(pipe)


@pytest.mark.parametrize("look", [read_image, size_hw])
def test_what_only_another_program_could_draw_is_no_image(tmp_path, look):
    head = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    with pytest.raises(AppError, match="holds no image"):
        look(saved(tmp_path / "a.jpg", head))
