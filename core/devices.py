"""Devices: which there are, how much memory is left on each, and why a card is not used.

Nothing here imports torch by itself: whoever has it hands it in, and who has not gets the cards and
the memory all the same.
"""

import ctypes
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from core.types import Json

State: TypeAlias = Literal["ok", "warn", "missing"]

_MIB = 1 << 20
_WHEELS = "https://download.pytorch.org/whl"
_OLD_TORCH = f"pip install torch==2.7.1 torchvision==0.22.1 --index-url {_WHEELS}/cu126"
_CUDA_TORCH = "pip install --force-reinstall torch torchvision"
"""On Linux, where the package index has the build for CUDA."""
_CUDA_TORCH_WINDOWS = f"{_CUDA_TORCH} --index-url {_WHEELS}/cu128"
_NEWER_TORCH = "pip install --upgrade torch torchvision"
_FIRST_CARD_OF_TODAY = (7, 5)
"""The oldest compute capability that torch 2.15's wheels have code for."""


_GROUPS = Path("/sys/fs/cgroup")
# what is allowed, what is used, and how much of it are files that are read again when needed
_GROUP_FILES_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_GROUP_FILES_2 = ("memory.max", "memory.current", "inactive_file")
_NO_LIMIT = 1 << 60
"""The first version of the groups says "no limit" by a number near 2^63."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    """ok; warn: works, but not as it could; missing: what needs it does not work."""
    sentence: str
    help: str = ""
    """What to do, where there is something to do."""
    command: str = ""
    """What to type for it, where typing helps."""


@dataclass(frozen=True, slots=True)
class Card:
    """An NVIDIA card, as its driver names it."""

    name: str
    capability: tuple[int, int]
    n_bytes_used: int | None = None
    n_bytes_total: int | None = None


@dataclass(frozen=True, slots=True)
class Cuda:
    """What torch says of CUDA."""

    torch_version: str
    build: str
    """The CUDA it was built for; empty for a build for the CPU."""
    is_available: bool
    arch_list: tuple[str, ...]
    has_mps: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """Something that computes."""

    name: str
    """As in EngineConfig.device: cpu, cuda:0, mps."""
    title: str
    """As a person calls it: "NVIDIA H200", "CPU"."""
    n_cores: int = 0
    """Of a CPU; 0 for everything else."""
    n_bytes_used: int | None = None
    n_bytes_total: int | None = None
    """None where nothing tells."""


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What computes here, the best first, and what is wrong with it."""

    devices: tuple[Device, ...]
    finding: Finding
    unused_cards: tuple[str, ...] = ()
    """Names of cards that are there and that torch cannot use."""

    def device(self, wished: str) -> Device:
        """The device that this wish leads to: the best one for auto, one of its kind by a name."""
        same = [one for one in self.devices if one.name == wished]
        alike = [one for one in self.devices if one.name.partition(":")[0] == wished]
        return (same or alike or list(self.devices))[0]


def report_to_json(report: DeviceReport) -> dict[str, Json]:
    """The report as a JSON object."""
    return asdict(report)


def report_from_json(value: Json) -> DeviceReport:
    """The report that report_to_json gave."""
    devices = tuple(Device(**one) for one in value["devices"])
    return DeviceReport(devices, Finding(**value["finding"]), tuple(value["unused_cards"]))


def device_report(torch: Any, listing: str) -> DeviceReport:
    """What computes here.

    Args:
        torch: the module; None where it cannot be imported.
        listing: what nvidia_smi() said.
    """
    cards, cuda = cards_of(listing), cuda_of(torch)
    unused = _unused(cards, cuda)
    found: list[Device] = []
    if cuda is not None and cuda.is_available:
        every = [_cuda_device(torch, index, cards) for index in range(torch.cuda.device_count())]
        found += [one for one in every if one.title not in unused]
    if cuda is not None and cuda.has_mps:
        found.append(Device("mps", "Apple's GPU"))
    return DeviceReport((*found, cpu_device()), card_finding(cards, cuda), unused)


def _unused(cards: Sequence[Card], cuda: Cuda | None) -> tuple[str, ...]:
    usable = cuda is not None and bool(cuda.build) and cuda.is_available
    unused = cards_without_code(cards, cuda) if cuda is not None and usable else cards
    return tuple(card.name for card in unused)


def _cuda_device(torch: Any, index: int, cards: Sequence[Card]) -> Device:
    name = str(torch.cuda.get_device_name(index))
    # Asking torch for the memory would take some of it. The two may count the cards differently.
    same = [card for card in cards if card.name == name]
    if not same:
        total = int(torch.cuda.get_device_properties(index).total_memory)
        return Device(f"cuda:{index}", name, n_bytes_total=total)
    card = cards[index] if index < len(cards) and cards[index].name == name else same[0]
    return Device(
        f"cuda:{index}", name, n_bytes_used=card.n_bytes_used, n_bytes_total=card.n_bytes_total
    )


def cpu_device() -> Device:
    """The CPU with the cores that this process may use, and the machine's memory."""
    has_affinity = hasattr(os, "sched_getaffinity")
    n_cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    free, total = _memory()
    used = None if free is None or total is None else total - free
    return Device("cpu", "CPU", n_cores, used, total)


def _memory() -> tuple[int | None, int | None]:
    """Bytes that programs can still have, and all; None where this system does not tell."""
    if sys.platform == "win32":
        return _memory_of_windows()
    free, total = memory_of(_text_of(Path("/proc/meminfo")))
    for left, limit in memory_of_groups(_text_of(Path("/proc/self/cgroup")), _GROUPS):
        free = left if free is None else min(free, left)
        total = limit if total is None else min(total, limit)
    return free, total


def memory_of(meminfo: str) -> tuple[int | None, int | None]:
    """Free and total bytes of what Linux says in /proc/meminfo."""
    found: dict[str, int] = {}
    for line in meminfo.splitlines():
        name, _, rest = line.partition(":")
        number = rest.split()[:1]
        if number and number[0].isdigit():
            found[name] = int(number[0]) * 1024
    return found.get("MemAvailable"), found.get("MemTotal")


def memory_of_groups(own: str, mounted: Path) -> list[tuple[int, int]]:
    """What is left and what is allowed in each control group of Linux that limits this process.

    Containers and batch systems limit memory by them, and end who takes more, however much of the
    machine's is free.

    Args:
        own: what /proc/self/cgroup says.
        mounted: where the groups are mounted.
    """
    found = []
    for line in own.splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        is_first_version = "memory" in controllers.split(",")
        if controllers and not is_first_version:
            continue
        root = mounted / "memory" if is_first_version else mounted
        names = _GROUP_FILES_1 if is_first_version else _GROUP_FILES_2
        # a container sees its own group at the root, whatever its path says
        group = root / path.lstrip("/")
        for folder in (group, *group.parents[: len(group.parts) - len(root.parts)]):
            limit, used = (_text_of(folder / name).strip() for name in names[:2])
            if limit.isdigit() and used.isdigit() and int(limit) < _NO_LIMIT:
                spare = _number_in(_text_of(folder / "memory.stat"), names[2])
                found.append((max(0, int(limit) - int(used) + spare), int(limit)))
    return found


def _number_in(stat: str, name: str) -> int:
    """The number behind a name, a line each; 0 where it is not there."""
    for line in stat.splitlines():
        key, _, number = line.partition(" ")
        if key == name and number.isdigit():
            return int(number)
    return 0


def _text_of(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("dwLength", ctypes.c_ulong),
        ("dwMemoryLoad", ctypes.c_ulong),
        *(
            (name, ctypes.c_ulonglong)
            for name in (
                "ullTotalPhys", "ullAvailPhys", "ullTotalPageFile", "ullAvailPageFile",
                "ullTotalVirtual", "ullAvailVirtual", "ullAvailExtendedVirtual",
            )
        ),
    )  # fmt: skip


def _memory_of_windows() -> tuple[int | None, int | None]:
    windll = getattr(ctypes, "windll", None)
    status = _MemoryStatus()
    status.dwLength = ctypes.sizeof(status)
    if windll is None or not windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None, None
    return int(status.ullAvailPhys), int(status.ullTotalPhys)


def imported(name: str) -> tuple[Any, str]:
    """The module and "", or None and why it cannot be imported."""
    try:
        return importlib.import_module(name), ""
    except (ImportError, OSError, RuntimeError) as error:
        # OSError: a shared library of it is missing. RuntimeError: torchvision of another torch.
        return None, f"{type(error).__name__}: {error}"


def nvidia_smi() -> str:
    """What NVIDIA's own program says of its cards; empty where it is not there or fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    wanted = "name,compute_cap,memory.used,memory.total"
    query = [program, f"--query-gpu={wanted}", "--format=csv,noheader,nounits"]
    try:
        return subprocess.run(query, check=True, capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def cards_of(listing: str) -> list[Card]:
    """The cards in nvidia-smi's lines of `name, 8.9, MiB used, MiB in all`.

    The memory may be missing or unknown; lines of another form are skipped.
    """
    cards = []
    for line in listing.splitlines():
        name, *values = (value.strip() for value in line.split(","))
        major, _, minor = values[0].partition(".") if values else ("", "", "")
        if name and major.isdigit() and minor.isdigit():
            used, total = (_bytes_of(value) for value in (*values[1:3], "", "")[:2])
            cards.append(Card(name, (int(major), int(minor)), used, total))
    return cards


def _bytes_of(n_mib: str) -> int | None:
    return int(n_mib) * _MIB if n_mib.isdigit() else None


def cuda_of(torch: Any) -> Cuda | None:
    """What torch says; None without torch."""
    if torch is None:
        return None
    return Cuda(
        torch_version=str(torch.__version__),
        build=str(torch.version.cuda or getattr(torch.version, "hip", None) or ""),
        is_available=bool(torch.cuda.is_available()),
        arch_list=tuple(torch.cuda.get_arch_list()),
        has_mps=bool(torch.backends.mps.is_available()),
    )


def card_finding(
    cards: Sequence[Card], cuda: Cuda | None, *, platform: str = sys.platform
) -> Finding:
    """Which device computes, and why a card that is there does not."""
    if cuda is None:
        command = "pip install torch torchvision"
        sentence = "Nothing computes without torch."
        return Finding("Device", "missing", sentence, f"Install torch: {command}.", command)
    if not cards:
        return _finding_without_nvidia(cuda)
    names = ", ".join(card.name for card in cards)
    if not cuda.build:
        command = _cuda_build_for(cards, platform)
        sentence = f"{names} is there, but torch {cuda.torch_version} is a build for the CPU only."
        advice = f"Install a build of torch for CUDA: {command}."
        return Finding("Device", "warn", sentence, advice, command)
    if not cuda.is_available:
        sentence = f"{names} is there, but torch (built for CUDA {cuda.build}) cannot use it."
        return Finding("Device", "warn", sentence, "Update NVIDIA's driver, then start again.")
    if unknown := cards_without_code(cards, cuda):
        return _finding_of_unknown(unknown[0], cuda)
    return Finding("Device", "ok", f"{names}, with CUDA {cuda.build}.")


def _cuda_build_for(cards: Sequence[Card], platform: str) -> str:
    if any(_is_old(card) for card in cards):
        return _OLD_TORCH
    return _CUDA_TORCH_WINDOWS if platform == "win32" else _CUDA_TORCH


def _is_old(card: Card) -> bool:
    return card.capability < _FIRST_CARD_OF_TODAY


def cards_without_code(cards: Sequence[Card], cuda: Cuda) -> list[Card]:
    """The cards that this build of torch has no code for."""
    return [card for card in cards if not runs_on(card.capability, cuda.arch_list)]


def _finding_of_unknown(card: Card, cuda: Cuda) -> Finding:
    version = ".".join(map(str, card.capability))
    sentence = (
        f"torch {cuda.torch_version} has no code for {card.name} (compute capability {version}; it"
        f" has {' '.join(cuda.arch_list)})."
    )
    age, command = ("an older", _OLD_TORCH) if _is_old(card) else ("a newer", _NEWER_TORCH)
    return Finding("Device", "warn", sentence, f"Install {age} torch: {command}.", command)


def _finding_without_nvidia(cuda: Cuda) -> Finding:
    if cuda.is_available:
        return Finding("Device", "ok", f"A GPU that torch reaches through {cuda.build}.")
    if cuda.has_mps:
        return Finding("Device", "ok", "Apple's GPU (mps).")
    return Finding("Device", "ok", "The CPU: no GPU was found that torch could use.")


def runs_on(capability: tuple[int, int], arch_list: Iterable[str]) -> bool:
    """Whether a torch with code for these architectures runs on a card of this capability.

    Machine code (sm_86) runs on the same major version from its minor version up; code that the
    driver still compiles (compute_90) runs on everything newer.
    """
    for arch in arch_list:
        kind, _, number = arch.partition("_")
        digits = number.rstrip("abcdefghijklmnopqrstuvwxyz")
        if len(digits) < 2 or not digits.isdigit():
            continue
        built_for = int(digits[:-1]), int(digits[-1])
        if kind == "sm" and built_for[0] == capability[0] and built_for <= capability:
            return True
        if kind == "compute" and built_for <= capability:
            return True
    return False
