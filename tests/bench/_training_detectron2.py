"""detectron2's plain training loop, as long as it is told to. A child of training.py.

It runs where Maskloop need not be. What goes in and out is as in _training_ours.py.
"""

import json
import sys
import time
from pathlib import Path

import torch
from detectron2.checkpoint import DetectionCheckpointer
from detectron2.config import get_cfg
from detectron2.data import build_detection_train_loader
from detectron2.data.datasets import register_coco_instances
from detectron2.engine import HookBase, SimpleTrainer
from detectron2.modeling import build_model
from detectron2.solver import build_optimizer
from detectron2.utils.events import get_event_storage

_NO_END = 1_000_000_000


class Chunks(HookBase):
    """Lets the trainer go on for as many iterations as stdin says."""

    def __init__(self, warm_up: int) -> None:
        self._left, self._is_ready = warm_up, False
        self._began = self._cpu_began = self._waited_s = 0.0

    def after_step(self) -> None:
        self._waited_s += get_event_storage().latest()["data_time"][0]
        self._left -= 1
        if self._left:
            return
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        seconds, cpu_s = time.perf_counter() - self._began, time.process_time() - self._cpu_began
        said = {"seconds": seconds, "cpu_s": cpu_s, "waited_s": self._waited_s}
        sys.stdout.write((json.dumps(said) if self._is_ready else "ready") + "\n")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            sys.exit(0)
        self._left, self._waited_s, self._is_ready = int(line), 0.0, True
        self._began, self._cpu_began = time.perf_counter(), time.process_time()


if __name__ == "__main__":
    task = json.loads(Path(sys.argv[1]).read_text())
    device = task["device"]
    if not device.startswith("cuda"):
        torch.set_num_threads(task["threads"])
    register_coco_instances("photos", {}, task["coco"], task["images"])
    cfg = get_cfg()
    cfg.merge_from_file(task["model_config"])
    cfg.DATASETS.TRAIN = ("photos",)
    cfg.MODEL.DEVICE = device
    cfg.MODEL.WEIGHTS = task["weights"]
    cfg.INPUT.MIN_SIZE_TRAIN = (cfg.INPUT.MIN_SIZE_TEST,)
    cfg.INPUT.MAX_SIZE_TRAIN = cfg.INPUT.MAX_SIZE_TEST
    cfg.SOLVER.IMS_PER_BATCH = task["batch_size"]
    cfg.SOLVER.BASE_LR = task["learning_rate"]
    model = build_model(cfg)
    DetectionCheckpointer(model).load(cfg.MODEL.WEIGHTS)
    trainer = SimpleTrainer(model, build_detection_train_loader(cfg), build_optimizer(cfg, model))
    trainer.register_hooks([Chunks(task["warm_up"])])
    trainer.train(0, _NO_END)
