"""Files of ONNX, written and looked into without the package onnx."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AppError
from core.onnx_file import About, Graph, about_of, read_about
from core.onnx_file.wire import message, read_varint, text, varint, whole

ABOUT = About("A model", ("jeans", "T-shirt é"), True, True, 0.05, 800, 1333, licence="MIT")


def written(file: Path, graph: Graph, about: About = ABOUT) -> Path:
    file.write_bytes(b"".join((*graph.as_bytes(), about_of(about))))
    return file


def sum_with(constant: object, dtype: str) -> Graph:
    graph = Graph("sum")
    x = graph.add_input("x", dtype, ("n", 3))
    graph.add_output(graph.node("Add", x, graph.constant(constant, dtype)), "y", dtype, ("n", 3))
    return graph


@given(st.integers(0, (1 << 64) - 1))
def test_a_number_comes_back(number: int) -> None:
    assert read_varint(varint(number), 0) == (number, len(varint(number)))


@pytest.mark.parametrize("dtype", ["float32", "int64", "int32", "float16"])
def test_a_graph_computes_what_its_nodes_say(tmp_path: Path, dtype: str) -> None:
    file = written(tmp_path / "sum.onnx", sum_with([1, 2, -3], dtype))
    onnx.checker.check_model(str(file), full_check=True)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": np.zeros((2, 3), dtype)})
    assert found.tolist() == [[1, 2, -3]] * 2


def test_attributes_of_every_kind_arrive(tmp_path: Path) -> None:
    graph = Graph("attributes")
    x = graph.add_input("x", "float32", ("h", "w"))
    turned = graph.node("Transpose", x, perm=(1, 0))
    leaky = graph.node("LeakyRelu", turned, alpha=0.25)
    joined = graph.node("Concat", leaky, leaky, axis=-1)
    graph.add_output(joined, "y", "float32", ("w", "n"))
    file = written(tmp_path / "model.onnx", graph)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": np.array([[-4, 8]], np.float32)})
    assert found.tolist() == [[-1, -1], [8, 8]]


def test_a_small_constant_is_kept_once_and_a_large_one_under_its_name(tmp_path: Path) -> None:
    graph = Graph("constants")
    assert graph.constant([1, 2]) == graph.constant([1, 2])
    assert graph.constant([1, 2]) != graph.constant([1.0, 2.0], "float32")
    assert graph.constant(np.zeros(100), "float32", name="a.weight") == "a.weight"


def test_what_a_file_says_of_itself_comes_back(tmp_path: Path) -> None:
    file = written(tmp_path / "model.onnx", sum_with([1, 2, 3], "float32"))
    assert read_about(file) == ABOUT


def test_other_programs_read_the_class_names_too(tmp_path: Path) -> None:
    file = written(tmp_path / "model.onnx", sum_with([1, 2, 3], "float32"))
    said = {one.key: one.value for one in onnx.load(str(file)).metadata_props}
    assert json.loads(said["class_names"]) == ["jeans", "T-shirt é"]


IMPOSSIBLE = {
    "no class": replace(ABOUT, class_names=()),
    "a size below zero": replace(ABOUT, min_size=-1),
    "a size beyond all images": replace(ABOUT, max_size=10**9),
    "a threshold above 1": replace(ABOUT, score_threshold=7.0),
    "a size that is none": replace(ABOUT, min_size="800"),  # type: ignore[arg-type]
    "other colours": replace(ABOUT, input_format="CMYK"),
}


@pytest.mark.parametrize("kind", IMPOSSIBLE)
def test_what_cannot_be_is_refused(tmp_path: Path, kind: str) -> None:
    graph = sum_with([1, 2, 3], "float32")
    with pytest.raises(AppError, match=r"model\.onnx is broken"):
        read_about(written(tmp_path / "model.onnx", graph, IMPOSSIBLE[kind]))


HOSTILE = {
    "empty text": b"not an onnx file at all",
    "a length beyond the file": b"\x3a\xff\xff\xff\xff\x7f",
    "a number without an end": b"\x3a" + b"\xff" * 30,
    "a group": b"\x0b\x0c",
    "json that nests": message(14, text(1, "maskloop"), text(2, "[" * 100_000)),
    "json that is a list": message(14, text(1, "maskloop"), text(2, "[]")),
    "another version": message(14, text(1, "maskloop"), text(2, '{"version": 99}')),
    "keys that are not known": message(
        14, text(1, "maskloop"), text(2, '{"version": 1, "class_names": ["a"], "evil": 1}')
    ),
    "a text that ends early": message(14, b"\x0a\x7f"),
    "no text at all": message(14, whole(1, 5)),
    "texts beyond measure": message(14, text(1, "x"), text(2, "y" * (5 << 20))),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_become_a_sentence(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(HOSTILE[kind])
    with pytest.raises(AppError, match=r"model\.onnx"):
        read_about(file)
