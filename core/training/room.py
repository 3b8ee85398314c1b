"""Whether this machine has room for a run, asked before it begins."""

import shutil
from pathlib import Path

from core.configs import TrainConfig
from core.devices import cards_of, cpu_device, nvidia_smi
from core.errors import AppError
from core.maskrcnn.newest import file_of
from core.maskrcnn.zoo import ZOO, zoo_path
from core.readiness import Finding
from core.readiness.machine import disk_bytes, memory_bytes, of_disk, of_memory


def of_room(config: TrainConfig, labels_folder: Path) -> tuple[Finding, ...]:
    """What is to be said of disk and memory; nothing where the size of the weights is not known.

    Args:
        config: of the run.
        labels_folder: of the project, which the run folder lies in if none is named.
    """
    file = zoo_path(config.weights) if config.weights in ZOO else Path(config.weights)
    try:
        weights_bytes = file_of(file).stat().st_size
    except (AppError, OSError):  # from scratch, or not downloaded yet
        return ()
    optimizer, keeps_mean = config.optimizer, config.ema_decay != 0
    on_disk = disk_bytes(weights_bytes, optimizer=optimizer, keeps_mean=keeps_mean)
    in_memory = memory_bytes(weights_bytes, optimizer=optimizer, keeps_mean=keeps_mean)
    return (
        *of_disk(_free_on_disk(Path(config.out or labels_folder)), on_disk),
        *of_memory(*_free_memory(config.device), in_memory),
    )


def _free_on_disk(folder: Path) -> int | None:
    """Of the disk that the folder lies on, or will lie on when it is made."""
    there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), None)
    try:
        return shutil.disk_usage(there).free if there else None
    except OSError:
        return None


def _free_memory(device: str) -> tuple[str, int | None]:
    """The device as a person calls it, and the bytes free on it; None where nothing tells."""
    cards = [] if device == "cpu" else cards_of(nvidia_smi())
    kind, _, number = device.partition(":")
    place = int(number) if number.isdigit() else 0
    if kind in ("auto", "cuda") and place < len(cards):
        card = cards[place]
        if card.n_bytes_total is None or card.n_bytes_used is None:
            return card.name, None
        return card.name, card.n_bytes_total - card.n_bytes_used
    if kind not in ("auto", "cpu"):
        return device, None
    cpu = cpu_device()
    if cpu.n_bytes_total is None or cpu.n_bytes_used is None:
        return "This computer", None
    return "This computer", cpu.n_bytes_total - cpu.n_bytes_used
