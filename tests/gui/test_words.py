"""Numbers as people say them."""

import pytest

from core.devices import Device
from core.events import Progress
from gui.widgets.words import device_text, progress_steps, progress_text, size_text

GIB = 1 << 30


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (1, "1 KB"),
        (850_000, "850 KB"),
        (2_000_000, "2 MB"),
        (2_467_816, "2.5 MB"),
        (9_960_000, "10 MB"),
        (177_841_981, "178 MB"),
        (2_400_000_000, "2.4 GB"),
    ],
)
def test_a_size_has_the_unit_that_fits(n_bytes: int, text: str) -> None:
    assert size_text(n_bytes) == text


def test_a_download_says_its_size_speed_and_time() -> None:
    progress = Progress(34_000_000, 170_000_000, "Downloading it", 26.7, "bytes")
    assert progress_text(progress) == "Downloading it: 34 of 170 MB, 5.1 MB/s, 27 s left"


def test_a_download_of_unknown_size_says_what_has_come() -> None:
    assert progress_text(Progress(34_000_000, 0, "Downloading it", None, "bytes")) == (
        "Downloading it: 34 MB"
    )


def test_a_download_that_is_whole_has_no_speed() -> None:
    assert "MB/s" not in progress_text(Progress(9, 9, "Downloading it", 0.0, "bytes"))


def test_images_are_counted() -> None:
    assert progress_text(Progress(3, 4, "images", 30.0)) == "3 of 4 images, 30 s left"
    assert progress_text(Progress(3, 0, "files")) == "3 files"


def test_bytes_fit_into_a_progress_bar() -> None:
    _, total = progress_steps(Progress(1, 5_000_000_000, unit="bytes"))
    assert total < 1 << 31
    assert progress_steps(Progress(3, 4, "images")) == (3, 4)


@pytest.mark.parametrize(
    ("device", "text"),
    [
        (Device("cuda:0", "NVIDIA H200", 0, 12 * GIB, 141 * GIB), "NVIDIA H200 · 12 of 141 GB"),
        (Device("cuda:0", "AMD W7900", 0, None, 48 * GIB), "AMD W7900 · 48 GB"),
        (Device("mps", "Apple's GPU"), "Apple's GPU"),
        (Device("cpu", "CPU", 2, 3 * GIB, 8 * GIB), "CPU · 2 cores · 5.0 GB free"),
        (Device("cpu", "CPU", 1), "CPU · 1 core"),
    ],
)
def test_a_device_is_named_with_its_memory(device: Device, text: str) -> None:
    assert device_text(device) == text
