"""Turns of one side of prediction.py: it needs torch, and nothing of Maskloop."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import cv2
import torch


def take_turns(kinds: dict[str, Callable[[], int]], *, device: str) -> None:
    """Each kind once to warm up; "ready" goes out, then for each line that comes in, the name of a
    kind, a JSON object: the seconds that it took, those in which this process had a CPU, and the
    instances that were found."""
    for kind in kinds.values():
        kind()
    _say("ready")
    for line in sys.stdin:
        began = time.perf_counter(), time.process_time()
        instances = kinds[line.strip()]()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        said = {"seconds": time.perf_counter() - began[0], "instances": instances}
        _say(json.dumps({**said, "cpu_s": time.process_time() - began[1]}))


def polygons_of(masks: Iterable[Any]) -> list[list[Any]]:
    """The contours of masks (H, W) bool, as detectron2's GenericMask makes them."""
    made = []
    for mask in masks:
        contours, _ = cv2.findContours(mask.astype("uint8"), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        made.append([contour.reshape(-1, 2) + 0.5 for contour in contours if len(contour) >= 3])
    return made


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
