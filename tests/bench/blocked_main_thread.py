"""How long the window's thread is blocked while a fine-tune runs: how late a 16 ms timer comes."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
_P99_MS, _MAX_MS = 8.0, 50.0


def rows() -> list[dict[str, Any]]:
    """The p99 and the most, beside the same window with nothing going on."""
    with tempfile.TemporaryDirectory() as temporary:
        environment = {
            "QT_QPA_PLATFORM": "offscreen",
            **os.environ,
            "XDG_DATA_HOME": temporary,
            "XDG_CACHE_HOME": temporary,
            "PYTHONPATH": str(ROOT),
        }
        demo = f"{temporary}/demo"
        draw = (
            "from core.configs import DemoConfig; from core.demo.loop import draw;"
            " from core.engines import EngineShelf;"
            f" list(draw(DemoConfig({demo!r}), EngineShelf()))"
        )
        subprocess.run([sys.executable, "-c", draw], env=environment, cwd=ROOT, check=True)
        command = [sys.executable, str(HERE / "_blocked_ours.py"), f"{demo}/project"]
        done = subprocess.run(
            [*command, f"{temporary}/settings.ini"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            check=True,
        )  # fmt: skip
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    training, idle = sorted(answer["training"]), sorted(answer["idle"])
    how = (
        f"{len(training)} gaps beside {answer['n_iterations']} iterations with plots drawn, in the"
        f" same window as {len(idle)} idle ones"
    )
    if not answer["n_iterations"]:
        raise RuntimeError("the fine-tune did not come to its first iteration")
    return [
        _row("p99", _p99(training), _P99_MS, peer_value=_p99(idle), how=how),
        _row("max", training[-1], _MAX_MS, peer_value=idle[-1], how=how),
    ]


def _row(what: str, value: float, budget: float, *, peer_value: float, how: str) -> dict[str, Any]:
    return {
        "name": f"main thread blocked while a fine-tune runs, {what}",
        "value": value,
        "unit": "ms",
        "budget": budget,
        "peer": "idle",
        "peer_value": peer_value,
        "holds": value <= budget,
        "how": how,
    }


def _p99(values: list[float]) -> float:
    return values[int(len(values) * 0.99)]
