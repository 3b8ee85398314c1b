"""Devices of machines that this one is not: what computes, and what helps where it does not."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.devices import (
    Card,
    Cuda,
    DeviceReport,
    card_finding,
    cards_of,
    cpu_device,
    device_report,
    memory_of,
    memory_of_groups,
    report_from_json,
    report_to_json,
    runs_on,
)

MODERN = ("sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120")
OLD_CARD = Card("NVIDIA GeForce GTX 1080", (6, 1))
NEW_CARD = Card("NVIDIA GeForce RTX 4070", (8, 9))


def cuda(
    *, build: str = "12.8", is_available: bool = True, arch_list: tuple[str, ...] = MODERN
) -> Cuda:
    return Cuda("2.15.0", build, is_available, arch_list)


def test_a_card_that_torch_uses_is_fine() -> None:
    assert card_finding([NEW_CARD], cuda()).state == "ok"


def test_a_card_beside_a_torch_for_the_cpu_is_told() -> None:
    finding = card_finding([NEW_CARD], cuda(build="", is_available=False, arch_list=()))
    assert finding.state == "warn"
    assert "CPU only" in finding.sentence


def test_an_old_card_is_told_which_torch_runs_on_it() -> None:
    for built in (cuda(), cuda(build="", is_available=False, arch_list=())):
        finding = card_finding([OLD_CARD], built)
        assert finding.state == "warn"
        assert "cu126" in finding.help


def test_a_card_that_torch_cannot_reach_wants_a_driver() -> None:
    finding = card_finding([NEW_CARD], cuda(is_available=False))
    assert "driver" in finding.help


def test_no_card_means_the_cpu_and_is_fine() -> None:
    finding = card_finding([], cuda(is_available=False))
    assert finding.state == "ok"
    assert "CPU" in finding.sentence


@pytest.mark.parametrize(
    ("capability", "arch_list", "runs"),
    [
        ((8, 9), ("sm_80", "sm_86"), True),
        ((8, 0), ("sm_86",), False),
        ((6, 1), MODERN, False),
        ((6, 1), ("sm_50", "sm_60"), True),
        ((9, 0), ("sm_90a",), True),
        ((12, 1), ("sm_90", "compute_90"), True),
        ((12, 0), ("sm_120",), True),
        ((8, 6), ("gfx90a",), False),
    ],
)
def test_code_runs_on_its_own_generation_and_ptx_on_newer_ones(
    capability: tuple[int, int], arch_list: tuple[str, ...], runs: bool
) -> None:
    assert runs_on(capability, arch_list) is runs


def test_cards_are_read_from_what_nvidias_program_prints() -> None:
    listing = "NVIDIA GeForce GTX 1080, 6.1\nNVIDIA H200, 9.0, 12, 143771\nno devices were found\n"
    h200 = Card("NVIDIA H200", (9, 0), 12 << 20, 143771 << 20)
    assert cards_of(listing) == [OLD_CARD, h200]


def test_a_memory_that_the_driver_does_not_know_is_none() -> None:
    assert cards_of("NVIDIA GB10, 12.1, [N/A], [N/A]") == [Card("NVIDIA GB10", (12, 1))]


def test_on_linux_the_index_has_the_build_for_cuda_and_on_windows_not() -> None:
    for_cpu = cuda(build="", is_available=False, arch_list=())
    commands = {
        platform: card_finding([NEW_CARD], for_cpu, platform=platform).command
        for platform in ("linux", "win32")
    }
    assert commands["linux"] == "pip install --force-reinstall torch torchvision"
    assert "download.pytorch.org" in commands["win32"]


def test_what_helps_says_the_command_too() -> None:
    finding = card_finding([OLD_CARD], cuda())
    assert finding.command.startswith("pip install torch==2.7.1")
    assert finding.command in finding.help


class FakeTorch:
    """As much of torch as the report asks for."""

    def __init__(self, *names: str, build: str = "12.8") -> None:
        self.__version__ = "2.15.0"
        self.version = SimpleNamespace(cuda=build)
        self.backends = SimpleNamespace(mps=SimpleNamespace(is_available=lambda: False))
        self.cuda = SimpleNamespace(
            is_available=lambda: bool(names),
            get_arch_list=lambda: MODERN,
            device_count=lambda: len(names),
            get_device_name=lambda index: names[index],
            get_device_properties=lambda _: SimpleNamespace(total_memory=8 << 30),
        )


def report(torch: Any, listing: str) -> DeviceReport:
    return device_report(torch, listing)


def test_the_report_has_the_card_first_with_its_memory() -> None:
    found = report(FakeTorch("NVIDIA H200"), "NVIDIA H200, 9.0, 12288, 143771\n")
    assert [one.name for one in found.devices] == ["cuda:0", "cpu"]
    assert found.devices[0].title == "NVIDIA H200"
    assert found.devices[0].n_bytes_used == 12288 << 20
    assert found.unused_cards == ()
    assert found.device("auto").name == "cuda:0"
    assert found.device("cuda").name == "cuda:0"
    assert found.device("cpu").name == "cpu"


def test_the_memory_of_a_card_that_nvidias_program_does_not_name_is_torchs() -> None:
    found = report(FakeTorch("AMD Radeon"), "")
    assert found.devices[0].n_bytes_total == 8 << 30
    assert found.devices[0].n_bytes_used is None


def test_a_card_that_torch_cannot_use_is_named_beside_the_cpu() -> None:
    found = report(FakeTorch(build=""), "NVIDIA GeForce RTX 4070, 8.9, 1, 12282\n")
    assert [one.name for one in found.devices] == ["cpu"]
    assert found.unused_cards == ("NVIDIA GeForce RTX 4070",)
    assert found.finding.state == "warn"


def test_of_two_cards_the_one_that_torch_has_code_for_is_used() -> None:
    listing = "NVIDIA GeForce GTX 1080, 6.1, 1, 8192\nNVIDIA GeForce RTX 4070, 8.9, 1, 12282\n"
    found = report(FakeTorch("NVIDIA GeForce RTX 4070", "NVIDIA GeForce GTX 1080"), listing)
    assert [one.title for one in found.devices] == ["NVIDIA GeForce RTX 4070", "CPU"]
    assert found.unused_cards == ("NVIDIA GeForce GTX 1080",)


def test_without_torch_the_cards_are_still_named() -> None:
    found = report(None, "NVIDIA H200, 9.0, 12288, 143771\n")
    assert found.unused_cards == ("NVIDIA H200",)
    assert found.finding.state == "missing"


def test_the_report_survives_json() -> None:
    found = report(FakeTorch("NVIDIA H200"), "NVIDIA H200, 9.0, 12288, 143771\n")
    assert report_from_json(report_to_json(found)) == replace(found)


def test_the_memory_of_linux_is_what_programs_can_still_have() -> None:
    meminfo = "MemTotal:       8000000 kB\nMemFree: 1 kB\nMemAvailable:   5000000 kB\nodd line\n"
    assert memory_of(meminfo) == (5000000 * 1024, 8000000 * 1024)
    assert memory_of("") == (None, None)


def _group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_a_container_has_no_more_memory_than_its_group(tmp_path: Path) -> None:
    stat = "anon 5\ninactive_file 100\n"
    _group(tmp_path, memory__max="8000\n", memory__current="3000\n", memory__stat=stat)
    assert memory_of_groups("0::/docker/abc\n", tmp_path) == [(5100, 8000)]


def test_groups_around_the_own_one_limit_it_too(tmp_path: Path) -> None:
    _group(tmp_path / "jobs", memory__max="9000", memory__current="8500")
    _group(tmp_path / "jobs/7", memory__max="max", memory__current="10")
    _group(tmp_path / "jobs/7/step", memory__max="4000", memory__current="5000")
    assert memory_of_groups("0::/jobs/7/step\n", tmp_path) == [(0, 4000), (500, 9000)]


def test_the_first_version_of_groups_is_read_too(tmp_path: Path) -> None:
    root = tmp_path / "memory"
    unlimited = str((1 << 63) - 4096)
    _group(root, memory__limit_in_bytes=unlimited, memory__usage_in_bytes="1")
    _group(
        root / "slurm", memory__limit_in_bytes="6000", memory__usage_in_bytes="2000",
        memory__stat="inactive_file 9\ntotal_inactive_file 50",
    )  # fmt: skip
    own = "9:cpu:/slurm\n4:memory:/slurm\n0::/\nodd\n"
    assert memory_of_groups(own, tmp_path) == [(4050, 6000)]


def test_without_groups_nothing_limits(tmp_path: Path) -> None:
    assert memory_of_groups("", tmp_path) == memory_of_groups("0::/a/b", tmp_path) == []


def test_the_cpu_of_this_machine_has_cores() -> None:
    assert cpu_device().n_cores >= 1
