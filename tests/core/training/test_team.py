"""Two processes that torchrun starts learn as one with the whole batch does."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.configs import TrainConfig, to_json
from core.events import Metrics, Noted
from core.maskrcnn.checkpoint import read_weights
from core.maskrcnn.config import settings_to_yaml, small_settings
from core.run_folder import RunFolder, Snapshot, recorded
from core.training.session import trained
from core.training.team import Team, own_device
from tests.core.training.conftest import draw_snapshot
from tests.core.training.small_runs import metrics_of

_LOSSES = ("total_loss", "loss_cls", "loss_box_reg", "loss_mask", "loss_rpn_cls", "loss_rpn_loc")
_COUNTED_BY_EACH = ("running_mean", "running_var", "num_batches_tracked")
_CHILD = """
import json, os, sys
import torch
from pathlib import Path
from core.configs import TrainConfig, from_json
from core.run_folder import RunFolder, recorded
from core.training.session import followed, trained
torch.set_num_threads(1)
rank = int(os.environ["RANK"])
MISHAP
config = from_json(TrainConfig, json.loads(sys.argv[2]))
run = RunFolder(Path(sys.argv[1]))
if rank == 0:
    events = recorded(run, trained(run, config, run.read_snapshot()))
else:
    events = followed(config, run.read_snapshot())
for _ in events:
    pass
"""
_MISHAPS = """
import math
from core.maskrcnn.model import MaskRCNN
from core.training import solver
from core.training.learner import Learner
no_memory = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
waiting = {"backward": 1, "update": 2, "number": 3} if rank else {}
def comes(name, iteration):
    if waiting.get(name) != iteration:
        return False
    del waiting[name]
    return True
class Greedy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, parameter):
        return parameter.clone()
    @staticmethod
    def backward(ctx, gradient):
        raise no_memory
step, forward, backward, update = Learner.step, Learner._forward, Learner._backward, solver.step
now = []
def stepping(learner, batch):
    now[:] = [learner.iteration]
    return step(learner, batch)
def forward_to_nan(learner, piece):
    losses, noticed = forward(learner, piece)
    factor = math.nan if comes("number", learner.iteration) else 1.0
    return {name: loss * factor for name, loss in losses.items()}, noticed
def greedy_backward(learner, total):
    if comes("backward", learner.iteration):
        # the stem comes last: the other gradients of this process are there by then
        total = total + 0 * Greedy.apply(next(learner.model.parameters())).sum()
    backward(learner, total)
def greedy_update(*args, **named):
    if comes("update", now[0]):
        raise no_memory
    return update(*args, **named)
Learner.step, Learner._forward, Learner._backward = stepping, forward_to_nan, greedy_backward
solver.step = greedy_update
"""
_KEEPS_WEIGHTS = """
import atexit
from core.training.learner import Learner
made = Learner.__init__
def kept(learner, *args, **named):
    made(learner, *args, **named)
    atexit.register(lambda: torch.save(learner.model.state_dict(), f"{rank}.pth"))
Learner.__init__ = kept
"""


def _by_two(run: RunFolder, config: TrainConfig, snapshot: Snapshot, mishap: str = "") -> None:
    """Trains by two processes, to each of which the mishap happens in its own way."""
    run.write_snapshot(snapshot)
    script = run.path.parent / "child.py"
    script.write_text(_CHILD.replace("MISHAP", mishap + _KEEPS_WEIGHTS))
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
            str(script), str(run.path), json.dumps(to_json(config)),
        ],
        check=False,
        env={**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
        cwd=run.path.parent,
        capture_output=True,
        text=True,
        timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    own, theirs = (torch.load(run.path.parent / f"{rank}.pth") for rank in (0, 1))
    learnt = [name for name in own if not name.endswith(_COUNTED_BY_EACH)]
    assert all(torch.equal(own[name], theirs[name]) for name in learnt)


def _config(folder: Path) -> TrainConfig:
    """A few steps of a small model whose norms do not look at the batch.

    By SGD: AdamW's first steps are as long for a gradient that is all rounding as for any other.
    """
    settings = replace(small_settings(2), min_size_test=64, max_size_test=64)
    settings = replace(settings, backbone_norm="FrozenBN")
    model = folder / "model.yaml"
    model.write_text(settings_to_yaml(settings, class_names=()))
    return TrainConfig(
        "photos", model_config=str(model), iterations=4, batch_size=4, evaluate_every=4,
        scale_jitter=(1.0, 1.0), threads=1, device="cpu", optimizer="sgd",
    )  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    return _config(tmp_path)


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, RunFolder]:
    """A run of two processes, to the second of which it happens that it has no memory in the
    backward pass of its 2nd step, none to change the weights in the 3rd, and a loss that is no
    number in the 4th; and a run of one to which nothing happens."""
    folder = tmp_path_factory.mktemp("mended")
    config = replace(_config(folder), checkpoint_every=1, iterations=5)
    snapshot = draw_snapshot(folder / "photos", 6, 0)
    run, alone = RunFolder.create(folder / "run"), RunFolder.create(folder / "alone")
    _by_two(run, config, snapshot, _MISHAPS)
    list(recorded(alone, trained(alone, config, snapshot)))
    return run, alone


def test_two_processes_give_the_losses_of_one_with_the_double_batch(
    config: TrainConfig, drawn: Callable[[int, int], Snapshot], tmp_path: Path
) -> None:
    snapshot = drawn(6, 2)
    alone, both = RunFolder.create(tmp_path / "alone"), RunFolder.create(tmp_path / "both")
    steps = [e.values for e in trained(alone, config, snapshot) if isinstance(e, Metrics)]
    torch.set_num_threads(1)
    _by_two(both, config, snapshot)
    said = [e.values for e in both.read_events().events if isinstance(e, Metrics)]
    assert len(said) == len(steps) == 5  # and one of the evaluation
    for own, theirs in zip(steps[:4], said[:4], strict=True):
        for name in _LOSSES:
            assert theirs[name] == pytest.approx(own[name], rel=1e-5), name
        assert theirs["grad_norm"] == pytest.approx(own["grad_norm"], rel=1e-5)
    expected, found = read_weights(alone.best_weights), read_weights(both.best_weights)
    for name, value in expected.state.items():
        torch.testing.assert_close(found.state[name], value, rtol=1e-4, atol=1e-6)
    assert not [file.name for file in both.path.iterdir() if file.name == "last.pth"]


def _notes(run: RunFolder) -> list[str]:
    return [e.sentence for e in run.read_events().events if isinstance(e, Noted)]


def _losses_of(run: RunFolder, name: str = "total_loss") -> dict[int, float]:
    return metrics_of(run.read_events().events, name)


def test_no_memory_in_the_backward_pass_of_one_makes_both_take_less(
    mended: tuple[RunFolder, RunFolder],
) -> None:
    run, alone = mended
    (said,) = [one for one in _notes(run) if "images of a batch" in one]
    assert "memory of the device is too small. It goes on with 2 of the 4 images" in said
    # the step is made up for, from the same samples in pieces
    for name in ("loss_cls", "loss_rpn_cls"):
        found, wanted = _losses_of(run, name), _losses_of(alone, name)
        assert {i: found[i] for i in (1, 2)} == pytest.approx({i: wanted[i] for i in (1, 2)})


def test_no_memory_while_one_changes_its_weights_puts_both_back(
    mended: tuple[RunFolder, RunFolder],
) -> None:
    (said,) = [one for one in _notes(mended[0]) if "% of their usual size" in one]
    assert "goes on from iteration 2 with images at 80 %" in said


def test_a_loss_of_one_that_is_no_number_puts_both_back(
    mended: tuple[RunFolder, RunFolder],
) -> None:
    run, alone = mended
    (said,) = [one for one in _notes(run) if "half the learning rate" in one]
    assert "goes on from iteration 3" in said
    rates, usual = _losses_of(run, "lr"), _losses_of(alone, "lr")
    assert rates == pytest.approx({i: usual[i] / (2 if i > 3 else 1) for i in (1, 2, 3, 4, 5)})


@pytest.mark.parametrize(
    ("said", "has_gpus", "own"),
    [
        ("auto", True, "cuda:1"),
        ("auto", False, "auto"),
        ("cuda", True, "cuda:1"),
        ("cpu", True, "cpu"),
        ("cuda:3", True, "cuda:3"),
    ],
)
def test_each_process_takes_the_gpu_of_its_own_number(
    said: str, has_gpus: bool, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpus)
    assert own_device(said) == said  # without torchrun
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "here")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert own_device(said) == own


@pytest.mark.parametrize("worst", [FloatingPointError(), MemoryError(), RuntimeError()])
def test_alone_an_error_is_what_it_is(worst: Exception) -> None:
    with pytest.raises(type(worst)):
        Team().require_well(worst, torch.device("cpu"))
