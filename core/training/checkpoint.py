"""last.pth: all that a run needs to go on as if it had never stopped."""

from pathlib import Path
from typing import Any

import torch

from core.errors import AppError
from core.maskrcnn.checkpoint import save_whole
from core.training.learner import Best, Learner


def save_state(path: Path, learner: Learner) -> None:
    """Writes it whole or not at all. It is a training checkpoint that detectron2 can read too.

    Raises:
        AppError: it cannot be written; an older one is as it was.
    """
    best = learner.best
    state = {
        "model": learner.model.state_dict(),
        "optimizer": learner.optimizer.state_dict(),
        # detectron2 names the last iteration that was done, counted from 0.
        "iteration": learner.iteration - 1,
        "maskloop": {
            "seconds": learner.seconds,
            "evaluated_at": learner.evaluated_at,
            "best_at": best.iteration if best else None,
            "best_ap": best.ap if best else None,
            "random": _random_state(),
        },
    }
    save_whole(path, state)


def load_state(path: Path, learner: Learner) -> None:
    """Puts the learner, and the random numbers of this process, where save_state found them.

    Raises:
        AppError: there is no such file, it is broken, or of another model.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        own: dict[str, Any] = state["maskloop"]
        learner.model.load_state_dict(state["model"])
        learner.optimizer.load_state_dict(state["optimizer"])
        learner.iteration = int(state["iteration"]) + 1
        learner.seconds = float(own["seconds"])
        learner.evaluated_at = int(own["evaluated_at"])
        learner.best = None if own["best_ap"] is None else Best(own["best_at"], own["best_ap"])
        _set_random_state(own["random"])
    except FileNotFoundError as error:
        raise AppError(
            f"This run cannot go on: {path} is not there. It is removed when a run is done."
        ) from error
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, EOFError) as error:
        raise AppError(
            f"This run cannot go on: {path} cannot be read ({str(error)[:200]})."
        ) from error


def _random_state() -> dict[str, Any]:
    # Which images come, and how they look, follows from the seed and the iteration alone; torch's
    # numbers choose the anchors and regions that losses are counted on.
    on_gpu = torch.cuda.is_available()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if on_gpu else [],
    }


def _set_random_state(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["torch"])
    if state["cuda"] and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
