"""The folder of a small model: its file, its config, its names, and how it is loaded."""

from collections.abc import Generator, Sequence
from pathlib import Path

from core.atomic import write_atomically
from core.compact.calibrating import calibrated
from core.compact.onnx_model import write_network
from core.configs.compacting import EIGHT_BITS, HALF, ONNX_EIGHT_BITS
from core.events import Progress
from core.maskrcnn.checkpoint import load_into, save_whole, write_checkpoint
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.eight_bits import in_eight_bits
from core.maskrcnn.model import MaskRCNN
from core.model_folder import CHECKPOINT, CLASSES, CONFIG, README, Origin
from core.model_folder.writing import readme
from core.onnx_file import About
from core.weights import kind_of_model
from core.wording import listed

NETWORK = "model.onnx"

_EIGHT_BITS_README = """\
# {name}

{kind} of {n} classes ({classes}) in 8 bits a number.

With Maskloop, in this folder (`maskloop` is `python main.py` of its checkout):

    maskloop predict photo.jpg --weights model.pth --out detections.json

`torch.load("model.pth", weights_only=True)["model"]` holds each large parameter twice: NAME.int8,
whole numbers, and NAME.scale, a float for each output; their product is the parameter. The layers
that answer and the smallest are kept in half precision. detectron2 does not read that. This makes
what it reads:

    maskloop export-model --weights model.pth --out DIR
"""
_NETWORK_README = """\
# {name}

{kind} of {n} classes ({classes}) for ONNX Runtime, {precision}.

With Maskloop, in this folder (`maskloop` is `python main.py` of its checkout):

    maskloop predict photo.jpg --weights model.onnx --out detections.json

In any language that has ONNX Runtime; with Python, in this folder:

    import numpy, onnxruntime
    from PIL import Image
    photo = Image.open("photo.jpg").convert("RGB")
    scale = {scale}
    size = [int(side * scale + 0.5) for side in photo.size]
    image = numpy.asarray(photo.resize(size, Image.Resampling.BILINEAR))
    score = numpy.array({score}, numpy.float32)
    network = onnxruntime.InferenceSession("model.onnx")
    found = network.run(None, {{"image": image, "score_threshold": score}})
    names = open("classes.txt", encoding="utf-8").read().splitlines()
    print([names[index] for index in found[2]], found[1], found[0] / scale)

image: (H, W, 3) uint8 RGB. Out come, best first, boxes (N, 4) x0 y0 x1 y1 in pixels of that image,
scores (N,), class_ids (N,){masks}
"""
_MASKS = ", and masks (N, M, M), 0 to 1: each is stretched over its box."
_LICENCE = """
The weights descend from detectron2's model zoo, published under {licence}: who passes them on
names their source and keeps the licence.
"""


def filled(
    folder: Path, name: str, origin: Origin, to: str, *, images: Sequence[Path]
) -> Generator[Progress, None, Path]:
    """Writes everything into an empty folder; the file that is the model.

    Args:
        folder: where to.
        name: what the model is called.
        origin: the weights, with all that goes with them.
        to: one of COMPACT_KINDS.
        images: files to calibrate on, for 8 bits in ONNX.

    Raises:
        AppError: the weights do not fit their config, no image can be read, or the disk is full.
    """
    model = MaskRCNN(origin.settings)
    load_into(model, origin.weights)
    names = [" ".join(one.split()) for one in origin.class_names]
    _write(folder / CLASSES, "\n".join(names) + "\n")
    if to in (HALF, EIGHT_BITS):
        _write(folder / CONFIG, settings_to_yaml(origin.settings, class_names=origin.class_names))
        write = _write_half if to == HALF else _write_eight_bits
        write(folder, name, model, origin)
        return folder / CHECKPOINT
    about = _about(origin, eight_bits=to == ONNX_EIGHT_BITS)
    ranges = None
    if about.eight_bits:
        ranges = yield from calibrated(folder, model, about, images)
    write_network(folder / NETWORK, model, about, ranges)
    _write(folder / README, _network_readme(name, origin, about))
    return folder / NETWORK


def _write_half(folder: Path, name: str, model: MaskRCNN, origin: Origin) -> None:
    write_checkpoint(
        folder / CHECKPOINT,
        model,
        iteration=origin.weights.iteration or 0,
        class_names=origin.class_names,
        half_precision=True,
    )
    _write(folder / README, readme(name, origin, half_precision=True))


def _write_eight_bits(folder: Path, name: str, model: MaskRCNN, origin: Origin) -> None:
    state = {name: value.detach().cpu() for name, value in model.state_dict().items()}
    content = {"model": in_eight_bits(state), "iteration": origin.weights.iteration or 0}
    save_whole(folder / CHECKPOINT, {**content, "class_names": list(origin.class_names)})
    text = _EIGHT_BITS_README.format(name=name, **_words(origin))
    _write(folder / README, text + _licence(origin))


def _about(origin: Origin, *, eight_bits: bool) -> About:
    settings = origin.settings
    kind = kind_of_model(has_masks=settings.mask_on)
    return About(
        title=f"{kind}, {settings.backbone_title}, ONNX{', 8 bits' if eight_bits else ''}",
        class_names=origin.class_names,
        are_named=origin.are_names_known,
        has_masks=settings.mask_on,
        score_threshold=float(settings.score_threshold),
        min_size=settings.min_size_test,
        max_size=settings.max_size_test,
        eight_bits=eight_bits,
        licence=origin.licence,
    )


def _network_readme(name: str, origin: Origin, about: About) -> str:
    scale = f"min({about.min_size} / min(photo.size), {about.max_size} / max(photo.size))"
    text = _NETWORK_README.format(
        name=name,
        precision="8 bits a number" if about.eight_bits else "32 bits a number",
        scale=scale if about.min_size else "1",
        score=about.score_threshold,
        masks=_MASKS if about.has_masks else ".",
        **_words(origin),
    )
    return text + _licence(origin)


def _words(origin: Origin) -> dict[str, str]:
    return {
        "kind": kind_of_model(has_masks=origin.settings.mask_on),
        "n": str(origin.settings.num_classes),
        "classes": listed(origin.class_names),
    }


def _licence(origin: Origin) -> str:
    return _LICENCE.format(licence=origin.licence) if origin.licence else ""


def _write(file: Path, text: str) -> None:
    write_atomically(file, text.encode("utf-8", "backslashreplace"))
