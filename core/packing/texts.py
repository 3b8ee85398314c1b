"""The README and the script that go into a pack."""

from core.packing.content import Content
from core.packing.start import Start
from core.types import Split
from core.wording import listed

_SCRIPT = """\
from detectron2 import config, data, engine, evaluation
if __name__ == "__main__":
    for split in ({splits}): data.datasets.register_coco_instances({arguments})
    cfg = config.get_cfg()
    cfg.merge_from_file("config.yaml")
    engine.default_setup(cfg, None)
    engine.DefaultTrainer.build_evaluator = lambda cfg, split: evaluation.COCOEvaluator(split)
    trainer = engine.DefaultTrainer(cfg)
    trainer.resume_or_load()
    trainer.train()
"""
_README = """\
# {name}, packed by Maskloop

{n_images} done images ({splits}), {n_instances} instances of {n_classes} classes: {classes}.

**1. With Maskloop there**, in this folder (`maskloop` is `python main.py` of its checkout):

    maskloop train project --settings settings.yaml --out run

Edit settings.yaml, or add `--override KEY=VALUE`, to have it otherwise; `--gpus 4` takes four
GPUs. Where it broke off, `maskloop train --resume run` goes on.

**2. With Maskloop's window**: open the folder `project`, then Model, Fine-tune.

**3. With detectron2 alone**, in this folder; `train.json` and its like are COCO files of `project`:

    python train_detectron2.py

How it learns is in config.yaml: edit SOLVER there, and `DEVICE: cpu` where there is no GPU. Started
again it goes on where it broke off.

**Back again**: zip the folder `run`, or detectron2's `output`. On the first machine choose
File, Bring back a run; or, without the window:

    maskloop unpack run.zip FOLDER
"""


def script(content: Content) -> str:
    """train_detectron2.py."""
    there = [f'"{split}"' for split in (Split.TRAIN, Split.VAL) if content.of_split(split)]
    return _SCRIPT.format(
        splits=", ".join(there) + ("," if len(there) == 1 else ""),
        arguments='split, {}, split + ".json", "project"',
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
    )
    if start.licence:
        text += (
            f"\nThe start weights are, or descend from, detectron2's model zoo, published under"
            f" {start.licence}: who passes them on names their source and keeps the licence.\n"
        )
    return text
