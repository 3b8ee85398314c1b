"""Downloading the files of a model, to where osam keeps them."""

import hashlib
import queue
import time
from collections.abc import Generator, Sequence
from pathlib import Path

from core.assist.library import ModelFile, files_of
from core.assist.models import AssistModel
from core.assist.transfer import (
    SECONDS_BETWEEN_REPORTS,
    AnotherFile,
    Step,
    Transfer,
    network_errors,
    reason_of,
    unfinished_bytes,
)
from core.errors import AppError
from core.events import Progress, Waiting

OTHER_WAYS = (
    "There are two ways without it: outline with the lasso, GrabCut or the colour wand, which need"
    " no download; or draw 10 to 20 images by hand, fine-tune, and pre-label the rest."
)
"""For whoever cannot have a model."""
_TIMEOUT_S = 30.0


def is_here(model: AssistModel) -> bool:
    """Whether all files of the model are on this machine.

    Raises:
        AppError: osam is not installed, or does not offer it.
    """
    return all(file.path.is_file() for file in files_of(model))


def fetch(
    model: AssistModel, *, timeout_s: float = _TIMEOUT_S
) -> Generator[Progress | Waiting, None, None]:
    """Downloads what is missing of a model, with the bytes done; nothing where all is there.

    Closing the generator cancels: what has arrived stays beside the file, and the next download
    goes on from there. A file gets its name only when it is whole and its hash is right.

    Raises:
        AppError: it cannot be fetched or stored, or what came is another file.
    """
    missing = [file for file in files_of(model) if not file.path.is_file()]
    if not missing:
        return
    transfer = Transfer(missing, timeout_s=timeout_s)
    try:
        yield from _reports(model, transfer, missing)
    finally:
        transfer.end()


def remove_damaged(model: AssistModel) -> bool:
    """Deletes those files of a model whose bytes are not the published ones; whether it did."""
    damaged = [file for file in files_of(model) if _sha256(file.path) != file.sha256]
    for file in damaged:
        file.path.unlink(missing_ok=True)
    return bool(damaged)


def _reports(
    model: AssistModel, transfer: Transfer, files: Sequence[ModelFile]
) -> Generator[Progress | Waiting, None, None]:
    what = f"Downloading {model.title}, licence {model.licence}"
    began_s, first = time.monotonic(), Step(0, None)
    while True:
        try:
            step = transfer.steps.get(timeout=SECONDS_BETWEEN_REPORTS)
        except queue.Empty:
            yield Waiting()
            continue
        if step is None:
            break
        if isinstance(step, Exception):
            raise _as_told(step, model, files) from step
        if not first.have:
            first = step  # what was here before says nothing of the speed
        total = step.total or max(step.have, model.n_bytes)
        rate = (step.have - first.have) / max(time.monotonic() - began_s, 1e-6)
        eta_s = (total - step.have) / rate if rate else None
        yield Progress(step.have, total, what, eta_s, "bytes")
    n_bytes = sum(file.path.stat().st_size for file in files)
    yield Progress(n_bytes, n_bytes, what, 0.0, "bytes")


def _as_told(error: Exception, model: AssistModel, files: Sequence[ModelFile]) -> Exception:
    """The error as a person can act on it; one that is a bug as it is."""
    if isinstance(error, AnotherFile):
        return AppError(
            f"What was downloaded for {model.title} is not the published file ({error}). It was"
            f" deleted: try again later, something on the way changes it. {OTHER_WAYS}"
        )
    if isinstance(error, network_errors()):
        has_begun = any(map(unfinished_bytes, files))
        kept = " What arrived is kept." if has_begun else ""
        return AppError(
            f"{model.title} could not be downloaded ({reason_of(error, has_begun=has_begun)})."
            f"{kept} Try again when there is a network. {OTHER_WAYS}"
        )
    if isinstance(error, OSError):
        return AppError(
            f"{model.title} could not be stored in {files[0].path.parent}"
            f" ({error.strerror or error}). Make room there, then try again. {OTHER_WAYS}"
        )
    return error


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
