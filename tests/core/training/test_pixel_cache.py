from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.devices import Device
from core.maskrcnn.config import ModelSettings, small_settings
from core.training import pixel_cache
from core.training.pixel_cache import PixelCache, cache_bytes


def _settings(shortest: int) -> ModelSettings:
    return replace(small_settings(2), min_size_test=shortest, max_size_test=1000)


def _photo(path: Path, size_hw: tuple[int, int]) -> Path:
    pixels = np.random.default_rng(0).integers(0, 255, (*size_hw, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.parametrize(
    ("largest_scale", "kept_hw"), [(0.5, 50), (1.0, 100), (1.5, 100), (3, 150)]
)
def test_big_photos_are_kept_at_twice_what_is_usual_or_as_large_as_they_are_shown(
    tmp_path: Path, largest_scale: float, kept_hw: int
) -> None:
    cache = PixelCache(_settings(shortest=50), largest_scale, max_bytes=1 << 20)
    for _ in range(2):
        pixels, size_hw = cache.read(_photo(tmp_path / "a.png", (400, 600)))
        assert (pixels.shape[0], size_hw) == (kept_hw, (400, 600))


def test_no_more_is_kept_in_memory_than_is_allowed(tmp_path: Path) -> None:
    cache = PixelCache(_settings(shortest=50), largest_scale=1.0, max_bytes=40 * 40 * 3)
    first, second = (_photo(tmp_path / name, (40, 40)) for name in ("a.png", "b.png"))
    pixels = [cache.read(file)[0] for file in (first, second, first, second)]
    assert pixels[0] is pixels[2]
    assert pixels[1] is not pixels[3]


def test_several_threads_count_an_image_once(tmp_path: Path) -> None:
    n_bytes = 40 * 40 * 3
    cache = PixelCache(_settings(shortest=50), largest_scale=1.0, max_bytes=2 * n_bytes)
    first, second = (_photo(tmp_path / name, (40, 40)) for name in ("a.png", "b.png"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(cache.read, [first] * 32))
    cache.read(second)
    assert cache.read(second)[0] is cache.read(second)[0]


def test_what_is_kept_cannot_be_changed_by_who_borrows_it(tmp_path: Path) -> None:
    cache = PixelCache(_settings(shortest=50), largest_scale=1.0, max_bytes=1 << 20)
    pixels, _ = cache.read(_photo(tmp_path / "a.png", (40, 40)))
    with pytest.raises(ValueError, match="read-only"):
        pixels[0] = 0


@pytest.mark.parametrize(
    ("used", "total", "expected"), [(600, 1000, 200), (None, None, 1 << 30), (None, 1000, 1 << 30)]
)
def test_half_of_the_free_memory_may_be_taken(
    monkeypatch: pytest.MonkeyPatch, used: int | None, total: int | None, expected: int
) -> None:
    device = Device("cpu", "CPU", n_bytes_used=used, n_bytes_total=total)
    monkeypatch.setattr(pixel_cache, "cpu_device", lambda: device)
    assert cache_bytes() == expected
