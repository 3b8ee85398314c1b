"""The engine that runs networks in ONNX Runtime."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.compact.onnx_model import write_network
from core.configs import EngineConfig
from core.engines import all_engines, onnx
from core.errors import AppError
from core.maskrcnn.weights_file import read_weights
from core.onnx_file import Graph, about_of
from core.onnx_file.wire import message, text, whole
from tests.core.compact.small_models import NAMES, picture, random_model, settings_with
from tests.core.compact.small_models import about_of as about

SETTINGS = settings_with(score_threshold=0.3)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("network") / "model.onnx"
    write_network(file, random_model(SETTINGS), about(SETTINGS, licence="CC BY-SA 3.0"))
    return file


def loaded(file: Path, **more: object) -> onnx.OnnxEngine:
    return onnx.load(replace(EngineConfig(str(file), device="cpu"), **more))  # type: ignore[arg-type]


def test_a_file_of_onnx_chooses_its_engine_by_itself(network: Path) -> None:
    assert EngineConfig(str(network)).engine == "onnx"
    assert EngineConfig("MODEL.ONNX").engine == "onnx"
    assert EngineConfig("model.pth").engine == "maskrcnn"
    assert EngineConfig("model.onnx", engine="detectron2").engine == "onnx"
    assert all_engines()["onnx"].why_not() == ""


def test_what_the_file_says_of_itself_is_known_without_loading_it(network: Path) -> None:
    described = onnx.describe(EngineConfig(str(network)))
    assert described.class_names == NAMES
    assert described.are_named
    assert described.has_masks
    assert described.licence == "CC BY-SA 3.0"
    assert described.n_bytes == network.stat().st_size


def test_the_threshold_is_that_of_the_weights_unless_another_is_asked_for(network: Path) -> None:
    pixels = picture(160, 200)
    (every,) = loaded(network, score=0.0).predict([pixels])
    middle = float(np.median(every.scores))
    (upper,), (usual,) = (loaded(network, score=one).predict([pixels]) for one in (middle, None))
    assert 0 < len(upper) < len(every)
    assert upper.scores.min() > middle
    assert 0 < len(usual) < len(every)
    assert usual.scores.min() > SETTINGS.score_threshold


def test_classes_can_be_given_other_names(network: Path) -> None:
    assert loaded(network, class_names=("a", "b", "c")).class_names == ("a", "b", "c")
    with pytest.raises(AppError, match="has 3 classes, but 2 names were given"):
        loaded(network, class_names=("a", "b"))


def test_a_device_that_the_runtime_lacks_is_refused_in_a_sentence(network: Path) -> None:
    with pytest.raises(AppError, match="cannot use the device mps here"):
        loaded(network, device="mps")


def test_boxes_lie_in_the_image_and_none_is_empty(network: Path) -> None:
    (found,) = loaded(network, score=0.0).predict([picture(77, 190)])
    assert len(found) > 0
    assert (found.boxes >= 0).all()
    assert (found.boxes <= [190, 77, 190, 77]).all()
    assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()


def test_torch_is_not_needed(network: Path) -> None:
    program = (
        "import sys, numpy\n"
        "sys.modules['torch'] = sys.modules['torchvision'] = None\n"
        "from core.configs import EngineConfig\n"
        "from core.engines import EngineShelf\n"
        f"loading = EngineShelf().engine(EngineConfig({str(network)!r}, device='cpu'))\n"
        "try: next(loading)\n"
        "except StopIteration as stop: engine = stop.value\n"
        "print(len(engine.predict([numpy.full((90, 120, 3), 80, numpy.uint8)])))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == "1"


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="There is no network at"):
        loaded(tmp_path / "model.onnx")


def test_weights_of_another_kind_are_refused_in_a_sentence() -> None:
    with pytest.raises(AppError, match=r"model\.pth is no network for ONNX Runtime"):
        onnx.load(EngineConfig("model.pth", engine="onnx"))


def test_a_network_that_was_not_written_here_is_refused(tmp_path: Path) -> None:
    graph = Graph("other")
    graph.add_output(graph.add_input("x", "float32", ("n",)), "y", "float32", ("n",))
    file = tmp_path / "other.onnx"
    file.write_bytes(b"".join(graph.as_bytes()))
    with pytest.raises(AppError, match="does not say what it was made of"):
        loaded(file)


def test_a_network_that_takes_or_gives_something_else_is_refused(tmp_path: Path) -> None:
    graph = Graph("other")
    graph.add_output(graph.add_input("x", "float32", ("n",)), "y", "float32", ("n",))
    file = tmp_path / "other.onnx"
    file.write_bytes(b"".join((*graph.as_bytes(), about_of(about(SETTINGS)))))
    with pytest.raises(AppError, match="takes or gives something else"):
        loaded(file)


def test_answers_that_no_detections_are_become_a_sentence(tmp_path: Path) -> None:
    graph = Graph("liar")
    graph.add_input("image", "uint8", ("h", "w", 3))
    graph.add_input("score_threshold", "float32", ())
    for name, value, dtype in (
        ("boxes", np.zeros((1, 4)), "float32"), ("scores", np.ones(1), "float32"),
        ("class_ids", [99], "int64"), ("masks", np.zeros((1, 28, 28)), "float32"),
    ):  # fmt: skip
        graph.add_output(graph.constant(value, dtype), name, dtype, np.shape(value))
    file = tmp_path / "liar.onnx"
    file.write_bytes(b"".join((*graph.as_bytes(), about_of(about(SETTINGS)))))
    with pytest.raises(AppError, match="names classes that it does not have"):
        loaded(file).predict([picture(40, 40)])


@pytest.mark.parametrize("part", [0.1, 0.5, 0.999])
def test_a_file_that_breaks_off_is_refused(network: Path, tmp_path: Path, part: float) -> None:
    whole = network.read_bytes()
    file = tmp_path / "part.onnx"
    file.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(AppError, match=r"part\.onnx"):
        loaded(file)


def test_a_graph_that_is_rubbish_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rubbish.onnx"
    file.write_bytes(b"\x3a\x04abcd" + about_of(about(SETTINGS)))
    with pytest.raises(AppError, match=r"rubbish\.onnx"):
        loaded(file)


def _elsewhere() -> bytes:
    """A tensor whose numbers lie in another file."""
    where = message(13, text(1, "location"), text(2, "/etc/passwd"))
    return message(7, message(5, text(8, "x"), whole(1, 4), whole(2, 2), whole(14, 1), where))


def _within(field: int) -> bytes:
    """A node with a graph within it."""
    loop = message(5, text(1, "body"), message(field, text(2, "inner")), whole(20, 5))
    return message(7, message(1, text(2, "y"), text(4, "Loop"), loop))


@pytest.mark.parametrize(
    "more",
    [
        _elsewhere(),
        _within(6),
        _within(11),
        message(7, message(1, text(2, "y"), text(4, "Gelu"), text(7, "com.microsoft"))),
        message(7, message(15, message(1, text(8, "x")))),
        message(25, text(1, "mine")),
    ],
    ids=["numbers elsewhere", "a loop", "loops", "a maker's node", "sparse numbers", "a function"],
)
def test_a_network_with_parts_of_others_is_not_loaded(
    more: bytes, network: Path, tmp_path: Path
) -> None:
    file = tmp_path / "more.onnx"
    file.write_bytes(network.read_bytes() + more)
    with pytest.raises(AppError, match="Nothing of it was run"):
        loaded(file)


def test_who_wants_weights_is_told_that_it_is_a_network(network: Path) -> None:
    with pytest.raises(AppError, match="it is a model in ONNX, which only predicts"):
        read_weights(network)
