"""What computes, for every engine on torch: devices, threads, too little memory."""

import contextlib
import importlib
import os
from collections.abc import Iterator, Mapping

from core.errors import AppError

_HOW_TO_INSTALL = "Run `pip install torch torchvision`: the two together, from the same place."


def usable_device(wanted: str) -> tuple[str, list[str]]:
    """The device to compute on, and notes about it.

    Raises:
        AppError: a device was asked for by name and cannot be used.
    """
    import torch

    if wanted == "auto":
        return _best_device()
    try:
        device = torch.device(wanted)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        # torch built without CUDA fails an assertion of its own.
        raise AppError(
            f"The device {wanted} cannot be used here ({str(error).splitlines()[0]}). Choose auto"
            " or cpu, or see what `maskloop doctor` says about devices."
        ) from error
    return str(device), []


def _best_device() -> tuple[str, list[str]]:
    import torch

    if torch.cuda.is_available():
        try:
            torch.zeros(1, device="cuda")
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            note = f"The GPU cannot be used ({reason}), so the CPU computes. See `maskloop doctor`."
            return "cpu", [note]
        return "cuda:0", []
    return ("mps", []) if torch.backends.mps.is_available() else ("cpu", [])


def is_quick_in_half(device: str) -> bool:
    """Whether half precision pays there: on NVIDIA's cards from Volta on."""
    import torch

    return device.startswith("cuda") and torch.cuda.get_device_capability(device) >= (7, 0)


def leave_a_core_free(environment: Mapping[str, str]) -> None:
    """Sets torch's threads, unless the environment did: with none free, the window stutters."""
    import torch

    if "OMP_NUM_THREADS" not in environment:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        torch.set_num_threads(max(1, (cores or 1) - 1))


def why_not() -> str:
    """Why torch and torchvision cannot be used here, or an empty string."""
    for name in ("torch", "torchvision"):
        try:
            importlib.import_module(name)
        except (ImportError, OSError, RuntimeError) as error:
            # RuntimeError is what torchvision raises on the torch of another build.
            return f"{name} cannot be imported ({error}). {_HOW_TO_INSTALL}"
    return ""


@contextlib.contextmanager
def told_of_memory(device: str) -> Iterator[None]:
    """Says in a sentence that a device has too little memory."""
    from core.maskrcnn.memory import empty_cache, is_out_of_memory

    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        empty_cache(device)
        raise AppError(
            f"The device {device} has too little memory for this picture and this model."
            " Close what else uses it, take a smaller model, or choose the device cpu."
        ) from error
