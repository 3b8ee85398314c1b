"""The README and the script that go into a pack."""

from core.packing.content import Content
from core.packing.start import Start
from core.types import Split
from core.wording import listed

_SCRIPT = '''\
"""A fine-tune of this folder with detectron2 alone: python train_detectron2.py [ITERATIONS]."""
import shutil
import sys
from pathlib import Path

import torch
from detectron2.config import get_cfg
from detectron2.data.datasets import register_coco_instances
from detectron2.engine import DefaultTrainer
from detectron2.evaluation import COCOEvaluator


class Trainer(DefaultTrainer):
    @classmethod
    def build_evaluator(cls, cfg, dataset_name):
        return COCOEvaluator(dataset_name, output_dir=cfg.OUTPUT_DIR)


def main():
    here, iterations = Path(__file__).resolve().parent, int((sys.argv[1:] or ["{iterations}"])[0])
    for split in {splits}:
        register_coco_instances(split, {{}}, str(here / (split + ".json")), str(here / "project"))
    cfg = get_cfg()
    cfg.merge_from_file(str(here / "config.yaml"))
    cfg.MODEL.WEIGHTS, cfg.OUTPUT_DIR = {weights}, str(here / "output")
    cfg.MODEL.DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
    cfg.DATASETS.TRAIN, cfg.DATASETS.TEST = ("train",), {tests}
    cfg.DATALOADER.FILTER_EMPTY_ANNOTATIONS = False  # done and empty: it teaches what is not there
    cfg.INPUT.MASK_FORMAT = "bitmask"  # instances with holes are masks
    cfg.INPUT.MIN_SIZE_TRAIN = (cfg.INPUT.MIN_SIZE_TEST,)
    cfg.INPUT.MAX_SIZE_TRAIN = cfg.INPUT.MAX_SIZE_TEST
    cfg.SOLVER.IMS_PER_BATCH, cfg.SOLVER.BASE_LR, cfg.SOLVER.MAX_ITER = 2, {rate}, iterations
    cfg.SOLVER.WARMUP_ITERS, cfg.SOLVER.STEPS = iterations // 20, (iterations * 4 // 5,)
    cfg.SOLVER.CLIP_GRADIENTS.ENABLED = True
    (here / "output").mkdir(exist_ok=True)
    shutil.copy(here / "config.yaml", here / "output")  # with the class names, for Maskloop
    trainer = Trainer(cfg)
    trainer.resume_or_load(resume=False)
    trainer.train()


if __name__ == "__main__":
    main()
'''

_README = """\
# {name}, packed by Maskloop

{n_images} done images ({splits}), {n_instances} instances of {n_classes} classes: {classes}.

**1. With Maskloop there**, in this folder (`maskloop` is `python main.py` of its checkout):

    maskloop train project --weights {weights} --iterations {iterations} --out run

**2. With Maskloop's window**: open the folder `project`, then Model, Fine-tune.

**3. With detectron2 alone**, in this folder; `train.json` and its like are COCO files of `project`:

    python train_detectron2.py {iterations}

**Back again**: copy the folder `run` into `.maskloop/runs/` of the folder that this was packed
from, open that in Maskloop and choose the run's weights. Of detectron2 copy `output`, and choose
`output/model_final.pth` as a file; its config.yaml, with the class names, lies beside it.
"""
_ITERATIONS = 1000


def script(content: Content, start: Start) -> str:
    """train_detectron2.py."""
    there = [str(split) for split in (Split.TRAIN, Split.VAL) if content.of_split(split)]
    weights = f'"{start.for_detectron2}"'
    return _SCRIPT.format(
        iterations=_ITERATIONS,
        splits="(" + "".join(f'"{split}", ' for split in there).rstrip() + ")",
        tests='("val",)' if "val" in there else "()",
        weights=f"str(here / {weights})" if start.file else weights,
        # linear scaling of detectron2's 0.02 for 16 images; a small model from scratch takes more
        rate=0.02 if start.is_from_scratch else 0.0025,
    )


def readme(content: Content, start: Start) -> str:
    """README.md."""
    counts = [(split, len(content.of_split(split))) for split in Split]
    text = _README.format(
        name=content.name,
        n_images=len(content.images),
        splits=", ".join(f"{n} {split}" for split, n in counts if n),
        n_instances=sum(len(image.labelled.labels.instances) for image in content.images),
        n_classes=len(content.classes),
        classes=listed([one.name for one in content.classes]),
        weights=start.for_maskloop,
        iterations=_ITERATIONS,
    )
    if start.licence:
        text += (
            f"\nThe start weights are, or descend from, detectron2's model zoo, published under"
            f" {start.licence}: who passes them on names their source and keeps the licence.\n"
        )
    return text
