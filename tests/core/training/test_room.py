"""Room for a run, on a machine whose numbers are given."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import core.training.room
from core.configs import TrainConfig
from core.devices import Device
from core.training.room import of_room

MB = 1_000_000
CARD = "NVIDIA T4, 7.5, 100, 16000"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file of 100 MB that takes no room."""
    file = tmp_path / "start.pth"
    with file.open("wb") as opened:
        opened.truncate(100 * MB)
    return file


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives the machine so much room."""

    def give(*, disk: int = 1 << 40, memory: int = 1 << 40, listing: str = "") -> None:
        usage = SimpleNamespace(total=disk, used=0, free=disk)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        cpu = Device("cpu", "CPU", 2, n_bytes_used=0, n_bytes_total=memory)
        monkeypatch.setattr(core.training.room, "cpu_device", lambda: cpu)
        monkeypatch.setattr(core.training.room, "nvidia_smi", lambda: listing)

    return give


def sentences(config: TrainConfig, folder: Path) -> list[str]:
    return [one.sentence for one in of_room(config, folder)]


def test_a_machine_with_room_is_told_nothing(
    machine: Callable[..., None], weights: Path, tmp_path: Path
) -> None:
    machine()
    assert of_room(TrainConfig(str(tmp_path), weights=str(weights)), tmp_path) == ()


def test_a_folder_of_detectron2s_is_as_large_as_the_checkpoint_that_it_names(
    machine: Callable[..., None], weights: Path, tmp_path: Path
) -> None:
    machine(disk=999 * MB)
    (tmp_path / "last_checkpoint").write_text(weights.name)
    from_file, from_folder = (
        sentences(TrainConfig(str(tmp_path), weights=str(path)), tmp_path)
        for path in (weights, weights.parent)
    )
    assert from_folder == from_file != []


def test_a_disk_that_is_nearly_full_is_told_for_a_folder_that_is_not_there_yet(
    machine: Callable[..., None], weights: Path, tmp_path: Path
) -> None:
    machine(disk=999 * MB)
    out = tmp_path / "not" / "there" / "yet"
    config = TrainConfig(str(tmp_path), weights=str(weights), out=str(out))
    (only,) = sentences(config, tmp_path)
    assert only.startswith("1.0 GB are free on the disk of the run")


def test_without_a_mean_of_the_weights_less_room_is_needed(
    machine: Callable[..., None], weights: Path, tmp_path: Path
) -> None:
    machine(disk=800 * MB, memory=400 * MB)
    config = TrainConfig(str(tmp_path), weights=str(weights), ema_decay=0.0)
    assert of_room(config, tmp_path) == ()


def test_the_memory_of_the_card_counts_where_there_is_one(
    machine: Callable[..., None], weights: Path, tmp_path: Path
) -> None:
    machine(memory=0, listing=CARD)
    assert of_room(TrainConfig(str(tmp_path), weights=str(weights)), tmp_path) == ()
    machine(listing="NVIDIA T4, 7.5, 15900, 16000")
    (only,) = sentences(TrainConfig(str(tmp_path), weights=str(weights)), tmp_path)
    assert only.startswith("NVIDIA T4 has 0.1 GB of memory free")


def test_the_memory_of_the_computer_counts_for_the_cpu(
    machine: Callable[..., None], weights: Path, tmp_path: Path
) -> None:
    machine(memory=499 * MB, listing=CARD)
    config = TrainConfig(str(tmp_path), weights=str(weights), device="cpu")
    (only,) = sentences(config, tmp_path)
    assert only.startswith("This computer has 0.5 GB of memory free")


def test_nothing_is_said_from_scratch_where_no_file_has_a_size(
    machine: Callable[..., None], tmp_path: Path
) -> None:
    machine(disk=0, memory=0)
    assert of_room(TrainConfig(str(tmp_path)), tmp_path) == ()
