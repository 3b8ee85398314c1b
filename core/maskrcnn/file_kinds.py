"""What a file is that holds no weights of detectron2's, so that a person can be told."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "a file of Keras (HDF5)"),
    (b"\x1f\x8b", "a compressed archive: unpack it first"),
    (b"BZh", "a compressed archive: unpack it first"),
    (b"\xfd7zXZ", "a compressed archive: unpack it first"),
    (b"7z\xbc\xaf", "a compressed archive: unpack it first"),
    (b"Rar!", "a compressed archive: unpack it first"),
    (b"\x93NUMPY", "a single array of numpy"),
    (b"version https://git-lfs", "only a pointer of Git LFS: fetch the file with `git lfs pull`"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_PAGES = (b"<!doctype html", b"<html", b"<?xml")
_NOTES = (
    ("ultralytics", "a YOLO model of ultralytics, no Mask R-CNN"),
    ("models", "a YOLO model, or one of a program of its own"),
    ("mmengine", "MMDetection, whose models are built otherwise"),
    ("mmcv", "MMDetection, whose models are built otherwise"),
    ("mmdet", "MMDetection, whose models are built otherwise"),
    ("pytorch_lightning", "Lightning's own, beside the weights"),
    ("lightning", "Lightning's own, beside the weights"),
    ("detectron2", "detectron2's own, beside the weights"),
    ("yacs", "detectron2's config, beside the weights"),
    ("fvcore", "detectron2's config, beside the weights"),
    ("omegaconf", "a config, beside the weights"),
    ("torchvision", "a whole model of torchvision, not its weights alone"),
    ("torch.nn", "a whole model of torch, not its weights alone"),
    ("torch", "what no weights need of torch"),
    ("numpy", "what no array needs of numpy"),
)
_MOST_SAFETENSORS_HEADER = 100_000_000
_TAR_MARK_AT = 257


def kind_of(start: bytes, size: int) -> str:
    """What a file of this size is that begins so, as the end of "It is ..."; empty: not known.

    Args:
        start: its first bytes, 512 where it has as many.
        size: of the whole file, in bytes.
    """
    for mark, kind in _STARTS:
        if start.startswith(mark):
            return kind
    if start[_TAR_MARK_AT:].startswith(b"ustar"):
        return "an archive (tar), as torch wrote before 0.1.10 too: unpack it, or save it anew"
    if start.lstrip().lower().startswith(_PAGES):
        return "a web page: the download went wrong, or needs a login"
    header = int.from_bytes(start[:8], "little")
    if start[8:9] == b"{" and 0 < header <= min(size, _MOST_SAFETENSORS_HEADER):
        return "a file of safetensors, which is not read: save it as .pth"
    if start[:1] == b"\x08" and (b"pytorch" in start[:64] or b"maskloop" in start[:64]):
        return "a model in ONNX, which only predicts: take the weights that it was made of"
    return ""


def note_on(module: str) -> str:
    """What a file holds that asks for code of this module, in a few words."""
    for start, note in _NOTES:
        if module == start or module.startswith(start + "."):
            return note
    return "a program"
