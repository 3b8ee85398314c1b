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


def serve(message: dict[str, Any]) -> None:
    number, wish = message["request"], message["config"]
    say(number, "Started", job=message["job"])
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
