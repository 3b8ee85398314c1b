"""A worker that assists without a model: it sees a square around each point, and what texts say.

Its only argument is a folder. It writes what it is asked to `asked.jsonl` there. What it does goes
by the model that is asked for:

- sam2:tiny and sam3:latest are not on this machine; a download stops at 12 of 40 MB until the file
  `go` is there
- sam2:small cannot be fetched
- sam2:large takes the process with it
- sam:100m waits for the file `go` before each answer, and takes it away
- all others answer at once.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1])
GO, HERE = FOLDER / "go", FOLDER / "here"
SIDE = 20.0
NO_NETWORK = "SAM 2.1 small cannot be fetched: there is no network. Without it there are two ways."

cancelled: set[int] = set()
inbox: list[dict[str, Any] | None] = []
arrived = threading.Condition()


def read() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        with arrived:
            if "cancel" in message:
                cancelled.add(message["cancel"])
            else:
                inbox.append(message)
            arrived.notify()
    with arrived:
        inbox.append(None)
        arrived.notify()


def say(request: int, event: str, **values: Any) -> None:
    sys.stdout.write(json.dumps({"request": request, "event": event, **values}) + "\n")
    sys.stdout.flush()


def is_let_go(request: int) -> bool:
    """Whether the test lets it go on; not if it was cancelled, or nobody listens any more."""
    with arrived:
        while not GO.exists():
            if request in cancelled or None in inbox:
                return False
            arrived.wait(0.005)
    GO.unlink()
    return True


def square(x: float, y: float, side: float) -> list[list[list[float]]]:
    return [
        [[x - side, y - side], [x + side, y - side], [x + side, y + side], [x - side, y + side]]
    ]


def seen(config: dict[str, Any]) -> tuple[list[Any], list[float]]:
    """Parts and scores: smaller with each point that lies beside the object."""
    if config["text"]:
        places = {"date": [(60, 60), (200, 60)], "fig": [(60, 200)]}.get(config["text"], [])
        return [[square(x, y, SIDE)] for x, y in places], [
            0.9 - 0.1 * i for i, _ in enumerate(places)
        ]
    if config["box"]:
        x0, y0, x1, y1 = config["box"]
        middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
        return [[[[[middle_x, y0], [x1, middle_y], [middle_x, y1], [x0, middle_y]]]]], [0.8]
    x, y, _ = next(point for point in config["points"] if point[2])
    if x > 380:
        return [], []
    n_beside = sum(not is_there for _, _, is_there in config["points"])
    n_there = len(config["points"]) - n_beside
    return [[square(x, y, SIDE * n_there - 5 * n_beside)]], [0.8]


def serve(message: dict[str, Any]) -> None:
    number, config, job = message["request"], message["config"], message["job"]
    with (FOLDER / "asked.jsonl").open("a") as log:
        log.write(json.dumps({"job": job, **config}) + "\n")
    say(number, "Started", job=job)
    model = config.get("model", "")
    is_ahead = job == "assist" and not (config["points"] or config["box"] or config["text"])
    is_here = model not in ("sam2:tiny", "sam3:latest") or HERE.exists()
    if model == "sam2:large" and not is_ahead:
        sys.stderr.write("out of memory\n")
        sys.stderr.flush()
        os._exit(9)
    if model == "sam2:small":
        say(number, "Failed", sentence=NO_NETWORK, details="")
        return
    if not is_here and not is_ahead:
        say(
            number, "Progress", done=12_000_000, total=40_000_000, eta_s=14.0, unit="bytes",
            what="Downloading SAM 2.1 tiny, licence Apache License 2.0",
        )  # fmt: skip
        if not is_let_go(number):
            say(number, "Finished", result={}, was_cancelled=True)
            return
        HERE.touch()
    if model == "sam:100m" and not is_ahead and not is_let_go(number):
        say(number, "Finished", result={}, was_cancelled=True)
        return
    if job == "segment_box":
        x0, y0, x1, y1 = config["box"]
        parts, scores = [[square((x0 + x1) / 2, (y0 + y1) / 2, (y1 - y0) / 2)]], [0.7]
        names = ["disc" if x1 < 200 else "star"]
    else:
        parts, scores = ([], []) if is_ahead or job == "assist_fetch" else seen(config)
        names = []
    if job != "assist_fetch":
        found = {"parts": parts, "scores": scores, "class_names": names}
        say(number, "Assisted", image=config["image"], **found)
    say(number, "Finished", result={"is_here": is_here or not is_ahead}, was_cancelled=False)


threading.Thread(target=read, daemon=True).start()
while True:
    with arrived:
        while not inbox:
            arrived.wait()
        request = inbox.pop(0) if inbox[0] is not None else None
    if request is None:
        break
    serve(request)
