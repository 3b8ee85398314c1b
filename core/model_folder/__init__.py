"""Weights as a folder, or its zip, that needs nothing else: checkpoint, config, names, how to load.

model.pth        a checkpoint of detectron2's form: weights and class names, no optimizer
config.yaml      detectron2 merges it without a complaint; the names ride in a comment
classes.txt      a class name a line, in the order of the weights
README.md        the lines that load it
"""

from core.model_folder.origin import Origin, origin_of, weights_in
from core.model_folder.writing import (
    CHECKPOINT,
    CLASSES,
    CONFIG,
    README,
    write_model_folder,
    write_model_zip,
)

__all__ = [
    "CHECKPOINT",
    "CLASSES",
    "CONFIG",
    "README",
    "Origin",
    "origin_of",
    "weights_in",
    "write_model_folder",
    "write_model_zip",
]
