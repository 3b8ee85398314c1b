"""What is installed here, which devices and engines work, and what to do about the rest."""

import ctypes
import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from core import assist
from core.devices import (
    Card,
    Finding,
    State,
    card_finding,
    cards_of,
    cuda_of,
    imported,
    nvidia_smi,
)
from core.engines import all_engines
from core.maskrcnn.zoo import ZOO, weights_folder, zoo_path
from core.paths import user_cache_folder

_PACKAGES = (
    "PySide6-Essentials", "torch", "torchvision", "numpy", "opencv-python", "pycocotools",
    "faster-coco-eval", "shapely", "contourpy", "pyqtgraph", "pillow", "pillow-heif", "osam",
)  # fmt: skip
_GIB = 1 << 30
_LITTLE_DISK_GIB = 5  # a fine-tune of an R101 keeps checkpoints of about 1 GB
_QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
"""Library to Debian's package: what Qt needs for any window, and for one that is not shown."""
_X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}


def report() -> list[Finding]:
    """Everything that can be found out here, in the order of a person's interest."""
    torch, torch_trouble = imported("torch")
    return [
        python_finding(sys.version_info[:3]),
        *package_findings(installed_versions()),
        torch_finding(torch, torch_trouble),
        card_finding(cards_of(nvidia_smi()), cuda_of(torch)),
        *_engine_findings(),
        _assist_finding(),
        _labelme_finding(),
        _zoo_finding(),
        disk_finding(free_bytes_at(user_cache_folder())),
        *_qt_findings(),
    ]


def python_finding(version: tuple[int, int, int]) -> Finding:
    """Whether this Python is new enough."""
    text = ".".join(map(str, version))
    if version < (3, 11, 0):
        return Finding("Python", "missing", f"Python {text} is too old.", "Install 3.11 or later.")
    return Finding("Python", "ok", f"Python {text} at {sys.executable}.")


def installed_versions() -> dict[str, str]:
    """The version of each package that is installed, of those that matter here."""
    versions = {}
    for name in (*_PACKAGES, "opencv-python-headless"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def package_findings(
    versions: dict[str, str], *, python: tuple[int, int] = sys.version_info[:2]
) -> Iterator[Finding]:
    """Packages that are missing or that hurt, or that all are there."""
    absent = [name for name in _PACKAGES if name not in versions]
    there = ", ".join(f"{name} {versions[name]}" for name in _PACKAGES if name in versions)
    if absent:
        yield Finding(
            "Packages",
            "missing",
            f"Not installed: {', '.join(absent)}.",
            f"Run `make setup`, or `pip install {' '.join(absent)}`.",
        )
    else:
        yield Finding("Packages", "ok", f"All are installed: {there}.")
    if _release(versions.get("PySide6-Essentials", "0")) >= (6, 12) and python <= (3, 11):
        yield Finding(
            "PySide6",
            "warn",
            "PySide6 6.12 aborts on Python 3.11 and older after a few thousand calls.",
            'Run `pip install "PySide6-Essentials>=6.8,<6.12"`.',
        )
    if "opencv-python" in versions and "opencv-python-headless" in versions:
        yield Finding(
            "OpenCV",
            "warn",
            "opencv-python and opencv-python-headless are both installed and overwrite each other.",
            "Uninstall both, then `pip install opencv-python`.",
        )


def _release(version: str) -> tuple[int, ...]:
    numbers = []
    for word in version.split("."):
        if not word.isdigit():
            break
        numbers.append(int(word))
    return tuple(numbers)


def torch_finding(torch: Any, trouble: str) -> Finding:
    """Whether torch and torchvision load, and fit each other."""
    together = "Install the two together from the same place: `pip install torch torchvision`."
    if torch is None:
        sentence = f"torch cannot be imported ({trouble})."
        return Finding("torch", "missing", sentence, together)
    vision, trouble = imported("torchvision")
    if vision is None:
        sentence = f"torchvision does not load on torch {torch.__version__} ({trouble})."
        return Finding("torch", "missing", sentence, together)
    cores = torch.get_num_threads()
    sentence = f"torch {torch.__version__} and torchvision {vision.__version__}; {cores} threads."
    return Finding("torch", "ok", sentence)


def _engine_findings() -> Iterator[Finding]:
    for name, spec in all_engines().items():
        if name == "fake":
            continue
        why_not, _, advice = spec.why_not().partition(". ")
        if why_not:
            needed: State = "missing" if name == "maskrcnn" else "warn"
            yield Finding(f"Engine {name}", needed, why_not.rstrip(".") + ".", advice)
        else:
            yield Finding(f"Engine {name}", "ok", f"{spec.title} can be used.")


def _assist_finding() -> Finding:
    why_not = assist.why_not()
    if why_not:
        sentence, _, advice = why_not.partition(". ")
        return Finding("Assistants", "missing", f"{sentence}.", advice)
    here = [one.model.title for one in assist.offer() if one.is_here]
    return assist_finding(here, assist.providers(), cards_of(nvidia_smi()))


def assist_finding(
    titles: Sequence[str], providers: Sequence[str], cards: Sequence[Card]
) -> Finding:
    """Which models of the SAM family are downloaded, and what they compute with.

    Args:
        titles: of the models that are here.
        providers: of ONNX Runtime.
        cards: of NVIDIA, in this machine.
    """
    there = f"{', '.join(titles)} downloaded" if titles else "nothing was downloaded yet"
    known = [one.removesuffix("ExecutionProvider") for one in providers]
    sentence = f"osam {assist.version()} on ONNX Runtime ({', '.join(known)}); {there}."
    if cards and "CUDA" not in known:
        command = "pip install onnxruntime-gpu[cuda,cudnn]"
        advice = f"For {cards[0].name}, `pip uninstall onnxruntime`, then `{command}`."
        return Finding("Assistants", "warn", sentence, advice, command)
    return Finding("Assistants", "ok", sentence)


def _labelme_finding() -> Finding:
    program = shutil.which("labelme") or _installed_program("labelme")
    if not program:
        return Finding(
            "labelme",
            "warn",
            "The program labelme was not found, so images cannot be opened in it.",
            "Run `pip install labelme`, if you want that.",
        )
    return Finding("labelme", "ok", f"The program is at {program}.")


def _installed_program(package: str) -> str:
    """The program of the same name that a package brought along; it need not be on the PATH."""
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    programs = [file.locate() for file in files if file.name in (package, f"{package}.exe")]
    return next((str(Path(str(one)).resolve()) for one in programs if Path(str(one)).exists()), "")


def _zoo_finding() -> Finding:
    there = [name for name in ZOO if zoo_path(name).is_file()]
    folder = weights_folder()
    if there:
        return Finding("Zoo", "ok", f"Downloaded to {folder}: {', '.join(there)}.")
    return Finding("Zoo", "ok", f"Nothing was downloaded yet; it would go to {folder}.")


def free_bytes_at(folder: Path) -> int | None:
    """What is free on the disk of a folder that can be written; None where it cannot."""
    try:
        return shutil.disk_usage(folder).free if os.access(folder, os.W_OK) else None
    except OSError:
        return None


def disk_finding(free_bytes: int | None) -> Finding:
    """Whether there is room for downloads and checkpoints."""
    if free_bytes is None:
        sentence = f"Nothing can be kept in {user_cache_folder()}, where downloads go."
        return Finding(
            "Disk", "warn", sentence, "Give your user a home folder that can be written."
        )
    sentence = f"{free_bytes / _GIB:.1f} GiB are free where downloads go ({user_cache_folder()})."
    if free_bytes < _LITTLE_DISK_GIB * _GIB:
        return Finding("Disk", "warn", sentence, "Make room: a fine-tune writes large checkpoints.")
    return Finding("Disk", "ok", sentence)


def _qt_findings() -> Iterator[Finding]:
    if sys.platform == "linux":
        yield qt_finding(_is_loadable)


def qt_finding(is_loadable: Callable[[str], bool]) -> Finding:
    """Which of the system's libraries a window needs and does not find."""
    always = [package for name, package in _QT_LIBRARIES.items() if not is_loadable(name)]
    on_x11 = [package for name, package in _X11_LIBRARIES.items() if not is_loadable(name)]
    if not always and not on_x11:
        return Finding("Window", "ok", "The system libraries that Qt needs are there.")
    command = f"On Debian or Ubuntu: `sudo apt-get install {' '.join(always + on_x11)}`."
    if always:
        return Finding("Window", "missing", "Qt lacks libraries of the system to open.", command)
    return Finding("Window", "warn", "Qt lacks libraries to show a window on X11.", command)


def _is_loadable(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
