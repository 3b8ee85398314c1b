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
from core.events import Metrics
from core.maskrcnn.checkpoint import read_weights
from core.maskrcnn.config import settings_to_yaml, small_settings
from core.run_folder import RunFolder, Snapshot
from core.training.session import trained

_LOSSES = ("total_loss", "loss_cls", "loss_box_reg", "loss_mask", "loss_rpn_cls", "loss_rpn_loc")
_CHILD = """
import json, os, sys
import torch
from pathlib import Path
from core.configs import TrainConfig, from_json
from core.run_folder import RunFolder, recorded
from core.training.session import followed, trained
torch.set_num_threads(1)
config = from_json(TrainConfig, json.loads(sys.argv[2]))
run = RunFolder(Path(sys.argv[1]))
if os.environ["RANK"] == "0":
    events = recorded(run, trained(run, config, run.read_snapshot()))
else:
    events = followed(config, run.read_snapshot())
for _ in events:
    pass
"""


def _by_two(run: RunFolder, config: TrainConfig, snapshot: Snapshot) -> None:
    run.write_snapshot(snapshot)
    script = run.path.parent / "child.py"
    script.write_text(_CHILD)
    root = str(Path(__file__).parents[3])
    subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
            str(script), str(run.path), json.dumps(to_json(config)),
        ],
        check=True,
        env={**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
        cwd=run.path.parent,
        capture_output=True,
        timeout=240,
    )  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    """A few steps of a small model whose norms do not look at the batch.

    By SGD: AdamW's first steps are as long for a gradient that is all rounding as for any other.
    """
    settings = replace(small_settings(2), min_size_test=64, max_size_test=64)
    settings = replace(settings, backbone_norm="FrozenBN")
    model = tmp_path / "model.yaml"
    model.write_text(settings_to_yaml(settings, class_names=()))
    return TrainConfig(
        "photos", model_config=str(model), iterations=4, batch_size=4, evaluate_every=4,
        scale_jitter=(1.0, 1.0), threads=1, device="cpu", optimizer="sgd",
    )  # fmt: skip


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
