"""The border to osam: what it is asked, and nothing of it beyond this file.

osam prints, logs and downloads by itself where it is not asked otherwise; here it does not.
"""

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.assist.models import AssistModel
from core.errors import AppError
from core.images import Pixels

_MIRRORS = "OSAM_BLOB_ENDPOINT"  # osam's own: mirrors that serve a file under its hash
_AS_PUBLISHED = "direct"

Embedding = Any
"""What a model keeps of an image. Opaque; `embedding_bytes` says how large."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file that a model is made of."""

    path: Path
    """Where osam looks for it."""
    sha256: str
    addresses: tuple[str, ...]
    """Where it can be fetched, to be tried in turn."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a model saw, in pixels of the picture that it was shown."""

    box_xyxy: tuple[int, int, int, int]
    """Of pixels: x1 and y1 are the first that are not of it. May reach out of the picture."""
    mask: npt.NDArray[np.bool_] | None
    """(h, w) bool, the pixels of the box; None from a model that finds boxes only."""
    score: float | None
    """0 to 1; None where the model does not say."""


def why_not() -> str:
    """Why no model of osam's can be used here and what helps, or an empty string."""
    try:
        _osam()
    except ImportError as error:
        return (
            f"The assistants need the package osam, which cannot be imported ({error})."
            " Run `pip install osam`."
        )
    return ""


def providers() -> tuple[str, ...]:
    """What ONNX Runtime can compute with here: "CUDAExecutionProvider", "CPUExecutionProvider".

    Raises:
        ImportError: there is no ONNX Runtime.
    """
    names = importlib.import_module("onnxruntime").get_available_providers()
    return tuple(name for name in names if not name.startswith("Azure"))  # calls a web service


def version() -> str:
    """Of osam; only where why_not is empty."""
    found: str = _osam().__version__
    return found


def files_of(model: AssistModel) -> tuple[ModelFile, ...]:
    """The files that a model is made of.

    Raises:
        AppError: the osam that is installed does not offer it.
    """
    files = []
    for blob in _kind(model)._blobs.values():
        files.append(_file(blob, Path(blob.path)))
        files += [_file(one, Path(blob.path).with_name(one.filename)) for one in blob.attachments]
    return tuple(files)


def loaded(model: AssistModel) -> "LoadedModel":
    """The model, from its files.

    Raises:
        AppError: the osam that is installed does not offer it, or its files do not load.
    """
    kind = _kind(model)
    # osam's own way to make sure of the files would read all of them, or download unseen
    there = type(kind.__name__, (kind,), {"pull": classmethod(_nothing_to_pull)})
    try:
        return LoadedModel(model, there())
    except _onnx_errors() as error:
        raise AppError(
            f"{model.title} does not load ({_first_line(error)}). Choose another model, a smaller"
            " one if the memory is short."
        ) from error


class LoadedModel:
    """A model with its ONNX sessions."""

    def __init__(self, model: AssistModel, osam_model: Any) -> None:
        self.model = model
        self._osam_model = osam_model

    def embed(self, picture: Pixels) -> Embedding:
        """What the model keeps of a picture, (h, w, 3) uint8 RGB; None where it keeps nothing.

        Raises:
            AppError: the memory does not suffice, or the file is another model's.
        """
        try:
            return self._osam_model.encode_image(picture)
        except NotImplementedError:
            return None
        except _onnx_errors() as error:
            raise _no_answer(self.model, error) from error

    def ask(
        self,
        picture: Pixels | None,
        embedding: Embedding,
        *,
        points: npt.NDArray[np.float64] | None = None,
        point_labels: npt.NDArray[np.int64] | None = None,
        text: str = "",
        score: float = 0.0,
    ) -> list[Sighting]:
        """What it sees where it is asked.

        Args:
            picture: (h, w, 3) uint8 RGB; only for a model without embeddings.
            embedding: of the picture, or None for a model without.
            points: (n, 2) x y in pixels of the picture.
            point_labels: (n,), 0 beside the instance, 1 on it, 2 and 3 two corners of its box.
            text: what to find.
            score: what is found by text with less is left out.

        Raises:
            AppError: the model does not understand the text, or cannot answer.
        """
        types = _osam().types
        prompt = types.Prompt(
            points=points,
            point_labels=point_labels,
            texts=[text] if text else None,
            score_threshold=score,
        )
        request = types.GenerateRequest(
            model=self.model.name,
            image=picture if embedding is None else None,
            image_embedding=embedding,
            prompt=prompt,
        )
        try:
            return [_sighting(one) for one in self._osam_model.generate(request).annotations]
        except _onnx_errors() as error:
            raise _no_answer(self.model, error) from error
        except RuntimeError as error:  # of the tokenizer
            raise AppError(
                f"{self.model.title} does not understand this text ({error}). Use fewer words."
            ) from error


def embedding_bytes(embedding: Embedding) -> int:
    """The memory that an embedding takes."""
    return int(embedding.embedding.nbytes + sum(one.nbytes for one in embedding.extra_features))


def _no_answer(model: AssistModel, error: Exception) -> AppError:
    return AppError(
        f"{model.title} gave no answer ({_first_line(error)}). Close other programs if the memory"
        " is short, or choose a smaller model."
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120].rstrip(".")


def _sighting(annotation: Any) -> Sighting:
    box = annotation.bounding_box
    return Sighting(
        (int(box.xmin), int(box.ymin), int(box.xmax) + 1, int(box.ymax) + 1),
        annotation.mask,
        None if annotation.score is None else float(annotation.score),
    )


def _file(blob: Any, path: Path) -> ModelFile:
    sha256 = str(blob.hash).rpartition(":")[2]
    mirrors = [one.strip() for one in os.environ.get(_MIRRORS, "").split(",") if one.strip()]
    addresses = tuple(
        str(blob.url) if one == _AS_PUBLISHED else f"{one.rstrip('/')}/{sha256}"
        for one in mirrors or [_AS_PUBLISHED]
    )
    return ModelFile(path, sha256, addresses)


def _kind(model: AssistModel) -> Any:
    if sentence := why_not():
        raise AppError(sentence)
    osam = _osam()
    try:
        return osam.apis.get_model_type_by_name(model.name)
    except ValueError as error:
        raise AppError(
            f"osam {osam.__version__} does not offer {model.title}. Choose another model."
        ) from error


def _nothing_to_pull(_: type[Any], /, **__: Any) -> None:
    """In place of Model.pull, when all files are there."""


def _onnx_errors() -> tuple[type[Exception], ...]:
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    kinds = (getattr(state, name) for name in dir(state))
    return tuple(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception))


def _osam() -> Any:
    osam = importlib.import_module("osam")
    importlib.import_module("loguru").logger.disable("osam")
    return osam
