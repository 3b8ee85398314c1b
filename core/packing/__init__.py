"""A project's done images as one zip, to be fine-tuned on another machine.

NAME/project/...              the images, their label files, maskloop.json
NAME/train.json, val.json ... the same as COCO files, one a split
NAME/config.yaml              the model with this project's classes, and how detectron2 learns
NAME/start/...                the start weights and their own config, if they are a file
NAME/settings.yaml            how the fine-tune is to be, for `train --settings`
NAME/train_detectron2.py      a fine-tune with detectron2 alone, as config.yaml says
NAME/output/class_names.json  in the folder that detectron2 writes to: what its numbers stand for
NAME/README.md                three ways to go on, and how the run comes back
"""

from core.packing.content import Content, gathered
from core.packing.settings import detectron2_settings, maskloop_settings
from core.packing.start import Start, start_of
from core.packing.zipping import zipped

__all__ = [
    "Content",
    "Start",
    "detectron2_settings",
    "gathered",
    "maskloop_settings",
    "start_of",
    "zipped",
]
