"""A run of two processes that is asked to stop ends as a run of one does, and can go on."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.configs import ResumeConfig, TrainConfig, to_json
from core.engines import EngineShelf
from core.jobs import all_jobs, run_job
from core.run_folder import RunFolder, RunState
from core.training.session import trained
from tests.core.training.small_runs import Draw, metrics_of, until_iteration

torch.set_num_threads(1)

_MAIN = Path(__file__).parents[3] / "main.py"


@pytest.fixture
def begun(drawn: Draw, config: TrainConfig, run: RunFolder) -> RunFolder:
    """A run that one process began, far from its end."""
    config = replace(config, iterations=100_000, evaluate_every=0, device="cpu")
    snapshot = drawn(4, 0)
    run.write_config("train", to_json(config))
    run.write_snapshot(snapshot)
    events = trained(run, config, snapshot)
    until_iteration(events, 1)
    events.close()
    return run


@pytest.mark.parametrize(("number", "to_all"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_a_run_that_is_asked_to_stop_keeps_its_checkpoint_and_goes_on_later(
    begun: RunFolder, number: signal.Signals, *, to_all: bool
) -> None:
    command = [sys.executable, str(_MAIN), "train", "--resume", str(begun.path), "--gpus", "2"]
    running = subprocess.Popen(
        [*command, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert running.stdout is not None
    for line in running.stdout:
        if (said := json.loads(line))["event"] == "Metrics" and said["iteration"] == 3:
            break
    # a terminal sends Ctrl-C to all that it shows, a cluster to what it started
    (os.killpg if to_all else os.kill)(running.pid, number)
    # the pipes end when the last process that could write to them does
    _, errors = running.communicate(timeout=120)
    assert running.returncode == 1, errors
    assert "began with cpu and goes on with 2 x cpu" in begun.log_file.read_text()
    assert errors.splitlines()[-1] == "Stopped."
    assert "Traceback" not in errors
    assert begun.state() is RunState.CANCELLED
    at = max(metrics_of(begun.read_events().events))
    assert torch.load(begun.last_checkpoint, weights_only=True)["iteration"] + 1 == at

    resume = ResumeConfig(str(begun.path))
    events = run_job("resume", resume, EngineShelf(), jobs=all_jobs())
    seen = until_iteration(events, at + 1)
    events.close()
    assert list(metrics_of(seen)) == [at + 1]
