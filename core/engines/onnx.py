"""Networks made for ONNX Runtime (`maskloop compact W --to onnx`); torch is not needed."""

import importlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.configs import EngineConfig
from core.engines import EngineSpec
from core.errors import AppError
from core.events import Progress
from core.maskrcnn.resizing import input_hw, resized
from core.onnx_file import About, check_structure, read_about
from core.types import Detections
from core.weights import WeightsDescription
from core.wording import one_line

_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_FATAL_ONLY = 4
_ONLY_PREDICTS = (
    "A network only predicts: to fine-tune, and to outline in a box, take the weights that it was"
    " made of."
)


class OnnxEngine:
    """A network that ONNX Runtime computes."""

    notes: Sequence[str] = ()

    def __init__(
        self, session: Any, about: About, *, device: str, class_names: Sequence[str], score: float
    ) -> None:
        self._session = session
        self._about = about
        self._score = np.array(score, dtype=np.float32)
        self.device = device
        self.class_names = class_names

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        """Detections of images, (H, W, 3) uint8 RGB each, of any size.

        Raises:
            AppError: the network cannot be computed here, or says what none of its kind says.
        """
        return [self._of_image(image) for image in images]

    def _of_image(self, image: npt.NDArray[np.uint8]) -> Detections:
        about = self._about
        size_hw = (image.shape[0], image.shape[1])
        taken_hw = input_hw(size_hw, min_size=about.min_size, max_size=about.max_size)
        taken = np.ascontiguousarray(resized(image, taken_hw))
        try:
            found = self._session.run(None, {"image": taken, "score_threshold": self._score})
            return _detections(found, size_hw, taken_hw, len(self.class_names))
        except _errors() as error:
            raise AppError(
                f"The network cannot be computed here: {_first_line(error)} Make it anew from its"
                " weights, or use the weights themselves."
            ) from error


def _detections(
    found: Sequence[npt.NDArray[Any]],
    size_hw: tuple[int, int],
    taken_hw: tuple[int, int],
    n_classes: int,
) -> Detections:
    """Detections in pixels of the image, clipped to it, without boxes that became empty.

    Raises:
        ValueError: the network gave something else.
    """
    boxes, scores, class_ids = found[0].astype(np.float32), found[1], found[2]
    if len(class_ids) and not 0 <= class_ids.min() <= class_ids.max() < n_classes:
        raise ValueError("it names classes that it does not have")
    for axis in (0, 1):
        side = size_hw[1 - axis]
        boxes[:, axis::2] *= np.float32(side / taken_hw[1 - axis])
        boxes[:, axis::2] = boxes[:, axis::2].clip(0, side)
    keep = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    return Detections(
        size_hw=size_hw,
        boxes=boxes[keep],
        scores=scores[keep].astype(np.float32),
        class_ids=class_ids[keep].astype(np.int64),
        masks=found[3][keep].astype(np.float32) if len(found) > 3 else None,
    )


def load(config: EngineConfig) -> OnnxEngine:
    """The engine with its network.

    Raises:
        AppError: there is no such file, it is not one of ours, its classes and the names differ in
            number, or the device cannot be used.
    """
    path = _file(config)
    about = read_about(path)
    names = _class_names(config, about)
    device, providers = _device(config.device)
    try:
        network = path.read_bytes()
        check_structure(network, path.name)
        session = new_session(network, providers)
    except _errors() as error:
        raise AppError(
            f"ONNX Runtime cannot load {path.name}: {_first_line(error)} Copy it again, or make it"
            " anew from its weights."
        ) from error
    _check_ends(session, path, has_masks=about.has_masks)
    score = about.score_threshold if config.score is None else config.score
    return OnnxEngine(session, about, device=device, class_names=names, score=score)


def new_session(network: bytes | str, providers: Sequence[str] = (_CPU,)) -> Any:
    """What computes a network, of its bytes or its file; it leaves the window a core."""
    runtime = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = _FATAL_ONLY
    options.intra_op_num_threads = _threads()
    return runtime.InferenceSession(network, options, providers=list(providers))


def _check_ends(session: Any, path: Path, *, has_masks: bool) -> None:
    ins = [one.name for one in session.get_inputs()]
    outs = [one.name for one in session.get_outputs()]
    wished = ["boxes", "scores", "class_ids", "masks"][: 4 if has_masks else 3]
    if sorted(ins) != ["image", "score_threshold"] or outs != wished:
        raise AppError(
            f"{path.name} takes or gives something else than the networks that Maskloop writes."
            " Make it anew from its weights: maskloop compact WEIGHTS --to onnx."
        )


def _file(config: EngineConfig) -> Path:
    path = Path(config.weights)
    if path.suffix.lower() != ".onnx":
        raise AppError(
            f"{path.name} is no network for ONNX Runtime. Choose another engine for it, or make a"
            " network of it: maskloop compact WEIGHTS --to onnx."
        )
    if path.is_file():
        return path
    raise AppError(f"There is no network at {path}. Choose a file that is there.")


def _class_names(config: EngineConfig, about: About) -> tuple[str, ...]:
    names = config.class_names or about.class_names
    if len(names) != len(about.class_names):
        raise AppError(
            f"{Path(config.weights).name} has {len(about.class_names)} classes, but {len(names)}"
            " names were given. Give one name for each class, in the order of training."
        )
    return names


def _device(wanted: str) -> tuple[str, list[str]]:
    """Where it is computed, and what ONNX Runtime calls that.

    Raises:
        AppError: a device was asked for by name and ONNX Runtime cannot use it.
    """
    if wanted == "cpu":
        return "cpu", [_CPU]
    has_cuda = _CUDA in importlib.import_module("onnxruntime").get_available_providers()
    kind, _, number = wanted.partition(":")
    if has_cuda and (wanted == "auto" or kind == "cuda"):
        return f"cuda:{number or 0}", [_CUDA, _CPU]
    if wanted == "auto":
        return "cpu", [_CPU]
    raise AppError(
        f"ONNX Runtime cannot use the device {wanted} here. Choose auto or cpu; for a GPU of NVIDIA"
        " it needs the package onnxruntime-gpu instead of onnxruntime."
    )


def _threads() -> int:
    """As many as torch is given: one core is left free, unless the environment says otherwise."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdigit() and int(said) > 0:
        return int(said)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 1) - 1)


def _errors() -> tuple[type[Exception], ...]:
    """What is raised where a network cannot be taken or computed, or answers something else."""
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    names = (
        "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "EPFail",
        "NotImplemented", "RuntimeException", "ModelLoaded", "NoModel", "EngineError",
    )  # fmt: skip
    found = [getattr(state, name) for name in names if hasattr(state, name)]
    return (*found, RuntimeError, ValueError, IndexError, OSError, MemoryError)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0][:200] if lines else type(error).__name__).rstrip(".") + "."


def why_not() -> str:
    """Why ONNX Runtime cannot be used here, or an empty string."""
    try:
        importlib.import_module("onnxruntime")
    except (ImportError, OSError) as error:
        return (
            f"ONNX Runtime cannot be imported ({error}). Run `pip install onnxruntime`, or use the"
            " weights that the network was made of."
        )
    return ""


def prepare(config: EngineConfig) -> Iterator[Progress]:
    """Nothing: a network is a file."""
    return iter(())


def describe(config: EngineConfig) -> WeightsDescription:
    """What the file says about itself. Raises AppError as load does."""
    path = _file(config)
    about = read_about(path)
    return WeightsDescription(
        title=one_line(about.title),
        class_names=_class_names(config, about),
        are_named=about.are_named or bool(config.class_names),
        has_masks=about.has_masks,
        n_bytes=path.stat().st_size,
        licence=about.licence,
        notes=(_ONLY_PREDICTS,),
    )


SPEC = EngineSpec(
    name="onnx",
    title="ONNX Runtime (networks made of weights by maskloop compact)",
    why_not=why_not,
    prepare=prepare,
    load=load,
    describe=describe,
    takes_file=lambda weights: Path(weights).suffix.lower() == ".onnx",
)
