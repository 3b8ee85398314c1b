"""The files of a model's folder."""

import tempfile
import zipfile
from pathlib import Path

from core.atomic import make_folder, new_folder, replacement_of, write_atomically
from core.errors import AppError
from core.maskrcnn.checkpoint import load_into, write_checkpoint
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.model import MaskRCNN
from core.model_folder.origin import Origin
from core.weights import kind_of_model
from core.wording import listed

CHECKPOINT, CONFIG, CLASSES, README = "model.pth", "config.yaml", "classes.txt", "README.md"

_README = """\
# {name}

{kind} of {n} classes ({classes}), detectron2's form, {precision}.

With Maskloop, in this folder (`maskloop` is `python main.py` of its checkout):

    maskloop predict photo.jpg --weights model.pth --out detections.json

With detectron2, in this folder:

    import cv2
    from detectron2.config import get_cfg
    from detectron2.engine import DefaultPredictor
    cfg = get_cfg()
    cfg.merge_from_file("config.yaml")
    cfg.MODEL.WEIGHTS, cfg.MODEL.DEVICE = "model.pth", "cpu"
    instances = DefaultPredictor(cfg)(cv2.imread("photo.jpg"))["instances"]
    names = open("classes.txt", encoding="utf-8").read().splitlines()
    print([names[index] for index in instances.pred_classes], instances.scores)
"""


def write_model_folder(out: Path, origin: Origin, *, half_precision: bool) -> int:
    """Makes the folder, whole or not at all; how many bytes its checkpoint has.

    Raises:
        AppError: something is there already, the weights do not fit their config, or the disk is
            full.
    """
    with new_folder(out) as folder:
        return _fill(folder, out.name, origin, half_precision=half_precision)


def write_model_zip(out: Path, origin: Origin, *, half_precision: bool) -> int:
    """Writes the folder as one zip, whole or not at all; how many bytes its checkpoint has.

    Raises:
        AppError: as `write_model_folder`.
    """
    if out.exists():
        raise AppError(f"{out} is there already: choose another name.")
    make_folder(out.parent)
    with (
        replacement_of(out) as temporary,
        tempfile.TemporaryDirectory(dir=out.parent, prefix=".model") as folder,
        zipfile.ZipFile(temporary, "w") as target,  # weights do not get smaller
    ):
        n_bytes = _fill(Path(folder), out.stem, origin, half_precision=half_precision)
        for name in (CHECKPOINT, CONFIG, CLASSES, README):
            target.write(Path(folder) / name, f"{out.stem}/{name}")
    return n_bytes


def _fill(folder: Path, name: str, origin: Origin, *, half_precision: bool) -> int:
    model = MaskRCNN(origin.settings)
    load_into(model, origin.weights)
    lines = [" ".join(name.split()) for name in origin.class_names]
    write_checkpoint(
        folder / CHECKPOINT,
        model,
        iteration=origin.weights.iteration or 0,
        class_names=origin.class_names,
        half_precision=half_precision,
    )
    _write(folder / CONFIG, settings_to_yaml(origin.settings, class_names=origin.class_names))
    _write(folder / CLASSES, "\n".join(lines) + "\n")
    _write(folder / README, readme(name, origin, half_precision=half_precision))
    return (folder / CHECKPOINT).stat().st_size


def readme(name: str, origin: Origin, *, half_precision: bool) -> str:
    """How the folder is loaded, here and in detectron2."""
    text = _README.format(
        name=name,
        kind=kind_of_model(has_masks=origin.settings.mask_on),
        n=origin.settings.num_classes,
        classes=listed(origin.class_names),
        precision="half precision (16 bits)" if half_precision else "32 bits a number",
    )
    if origin.licence:
        text += (
            f"\nThe weights descend from detectron2's model zoo, published under {origin.licence}:"
            " who passes them on names their source and keeps the licence.\n"
        )
    return text


def _write(file: Path, text: str) -> None:
    write_atomically(file, text.encode("utf-8", "backslashreplace"))
