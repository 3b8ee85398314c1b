"""last.pth: all that a run needs to go on as if it had never stopped."""

from pathlib import Path
from typing import Any

import torch

from core.errors import AppError
from core.maskrcnn.checkpoint import save_whole
from core.training.learner import Best, Learner


def save_state(path: Path, learner: Learner) -> None:
    """Writes it whole or not at all. It is a training checkpoint that detectron2 can read too.

    No random numbers are in it: all that is drawn follows from the seed and the iteration.

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
            "best_is_mean": best.is_mean if best else False,
            "n_stale": learner.n_stale,
            "rate_factor": learner.rate_factor,
            "n_pieces": learner.n_pieces,
            "size_factor": learner.size_factor,
            "scaler": learner.scaler.state_dict(),
            "mean": learner.mean.state_dict() if learner.mean else None,
        },
    }
    save_whole(path, state)


def load_state(path: Path, learner: Learner) -> None:
    """Puts the learner where save_state found it.

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
        learner.best = (
            None
            if own["best_ap"] is None
            else Best(own["best_at"], own["best_ap"], is_mean=own["best_is_mean"])
        )
        learner.n_stale = int(own["n_stale"])
        learner.rate_factor = float(own["rate_factor"])
        learner.n_pieces = int(own["n_pieces"])
        learner.size_factor = float(own["size_factor"])
        learner.scaler.load_state_dict(own["scaler"])
        if learner.mean is not None:
            learner.mean.load_state_dict(own["mean"])
    except FileNotFoundError as error:
        raise AppError(
            f"This run cannot go on: {path} is not there. It is removed when a run is done."
        ) from error
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, EOFError) as error:
        raise AppError(
            f"This run cannot go on: {path} cannot be read ({str(error)[:200]})."
        ) from error
