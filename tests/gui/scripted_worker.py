"""A worker that speaks the protocol of core/worker.py and does what its requests tell it to."""

import json
import os
import queue
import sys
import threading
from typing import Any

inbox: "queue.SimpleQueue[dict[str, Any] | None]" = queue.SimpleQueue()
cancelled: set[int] = set()
wake = threading.Event()


def read() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "cancel" in message:
            cancelled.add(message["cancel"])
            wake.set()
        else:
            inbox.put(message)
    inbox.put(None)
    wake.set()


def say(request: int, event: str, **values: Any) -> None:
    sys.stdout.write(json.dumps({"request": request, "event": event, **values}) + "\n")
    sys.stdout.flush()


def probed(train: dict[str, Any]) -> dict[str, Any]:
    """A big model that takes long, less of it that takes less, and a small one."""
    paces = {"big.pth": {5: 2.0}.get(train["freeze_at"], 10.0)}
    return {
        "seconds_per_iteration": paces.get(train["weights"], 0.5),
        "seconds_per_val_image": 0.0,
        "n_val": 1,
        "device": "cpu",
        "peak_memory_bytes": 1_400_000_000,
        "facts": {
            "n_images": 11,
            "n_fit": 4,
            "from_scratch": train["weights"] == "none",
            "live_norm": train["weights"] == "none",
            "is_cuda": False,
        },
        "room": [["The disk is nearly full.", "Make room."]]
        if train["weights"] == "full.pth"
        else [],
    }


def measured(runs: list[str]) -> dict[str, Any]:
    """The first run is the best one."""
    numbers = {run: {"segm": {"AP": 80.0 - 10 * place}} for place, run in enumerate(runs)}
    return {"images": 1, "runs": numbers}


def probe(number: int, train: dict[str, Any]) -> None:
    failures = {
        "odd.pth": {"sentence": "odd.pth does not fit its config.", "details": ""},
        "bug.pth": {"sentence": "It stopped by an error.", "details": "Traceback"},
    }
    weights = train["weights"]
    if weights == "far.pth":
        result = {"not_measured": "far is not downloaded yet."}
        say(number, "Finished", result=result, was_cancelled=False)
    elif weights in failures:
        say(number, "Failed", **failures[weights])
    elif weights == "dies.pth":
        os._exit(9)
    elif weights == "patience":
        wake.wait()
    else:
        say(number, "Finished", result=probed(train), was_cancelled=False)


def serve(message: dict[str, Any]) -> None:
    number, wish = message["request"], message["config"]
    say(number, "Started", job=message["job"])
    if message["job"] == "probe":
        probe(number, wish["train"])
        return
    if message["job"] == "compare":
        say(number, "Finished", result=measured(wish["runs"]), was_cancelled=False)
        return
    for event in wish.get("says", []):
        say(number, **event)
    if wish.get("wants") == "death":
        sys.stderr.write("out of memory\n")
        sys.stderr.flush()
        os._exit(9)
    if "patience" in (wish.get("wants"), wish.get("weights")):
        wake.wait()
        wake.clear()
        say(number, "Finished", result={}, was_cancelled=number in cancelled)
        return
    if wish.get("wants") == "noise":
        sys.stdout.write("this is no event\n")
    result = {"pid": os.getpid(), "omp": os.environ.get("OMP_WAIT_POLICY", ""), "job": wish}
    result["run_folder"] = message["run_folder"]
    say(number, "Finished", result=result, was_cancelled=False)


threading.Thread(target=read, daemon=True).start()
while (request := inbox.get()) is not None:
    serve(request)
