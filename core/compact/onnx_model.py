"""The file of a network in ONNX: in floats, or in 8 bits where images to calibrate on are given."""

from collections.abc import Iterable
from pathlib import Path

from core.atomic import replacement_of
from core.compact.network import add_network
from core.compact.precision import InEightBits, InFloats, Observing, Ranges
from core.maskrcnn.model import MaskRCNN
from core.onnx_file import About, Graph, about_of


def write_network(path: Path, model: MaskRCNN, about: About, ranges: Ranges | None = None) -> None:
    """Writes the file of a model; in 8 bits where ranges of its activations are given.

    Raises:
        AppError: the file cannot be written.
    """
    graph = Graph("Mask R-CNN" if about.has_masks else "Faster R-CNN")
    precision = InFloats(graph) if ranges is None else InEightBits(graph, ranges)
    add_network(graph, model, precision)
    _write(path, graph.as_bytes(), about)


def write_observed(path: Path, model: MaskRCNN, about: About) -> tuple[str, ...]:
    """Writes a network that also tells the range of each activation; their names."""
    graph = Graph("observed")
    precision = Observing(graph)
    add_network(graph, model, precision)
    _write(path, graph.as_bytes(), about)
    return tuple(precision.names)


def _write(path: Path, pieces: Iterable[bytes], about: About) -> None:
    with replacement_of(path) as temporary, temporary.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.write(about_of(about))
