"""Files of weights that mean harm, and those that only look odd."""

import collections
import io
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import AppError
from core.maskrcnn.checkpoint import read_weights


def _pickled(path: Path, content, protocol=2):
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


class _Calls:
    """Pickles into a call of a function with arguments."""

    def __init__(self, function, *arguments):
        self._call = (function, arguments)

    def __reduce__(self):
        return self._call


def _unicode(text: str) -> bytes:
    return b"X" + len(text.encode()).to_bytes(4, "little") + text.encode()


def _global(module: str, name: str) -> bytes:
    return b"c" + f"{module}\n{name}\n".encode()


def _code(canary: Path) -> dict[str, bytes]:
    touch = f"touch {canary}"
    python = f"open({str(canary)!r}, 'w')"
    return {
        "os.system": pickle.dumps({"model": _Calls(os.system, touch)}, 2),
        "os.system, newest": pickle.dumps({"model": _Calls(os.system, touch)}, 5),
        "eval": pickle.dumps(_Calls(eval, python), 2),
        "exec": pickle.dumps(_Calls(exec, python), 4),
        "getattr": b"\x80\x02" + _global("builtins", "getattr") + b".",
        "python 2's eval": b"\x80\x02" + _global("__builtin__", "eval") + b".",
        "dotted name": b"\x80\x04" + _unicode("numpy") + _unicode("ndarray.__class__") + b"\x93.",
        "module in a name": b"\x80\x04"
        + _unicode("numpy.core.multiarray")
        + _unicode("_reconstruct.__globals__")
        + b"\x93.",
        "numpy's own doors": b"\x80\x02"
        + _global("numpy.testing._private.utils", "runstring")
        + b".",
        "numpy.load": b"\x80\x02" + _global("numpy", "load") + b".",
        "torch.load": b"\x80\x02" + _global("torch", "load") + b".",
        "an instance": b"\x80\x02(" + b"ios\nsystem\n" + b".",
        "object of a class": b"\x80\x02" + _global("collections", "OrderedDict") + b")\x81.",
        "persistent id": b"\x80\x02" + _unicode("x") + b"Q.",
        "extension": b"\x80\x02\x82\x01.",
        "called text": b"\x80\x02" + _unicode("os.system") + b"(" + _unicode(touch) + b"tR.",
        "called dict": b"\x80\x02}(" + _unicode(touch) + b"tR.",
        "attributes of a name": b"\x80\x02" + _global("numpy", "dtype") + b"}" + b"b.",
    }


def _hostile_arrays() -> dict[str, bytes]:
    array = _global("numpy.core.multiarray", "_reconstruct")
    dtype = _global("numpy", "dtype") + b"(" + _unicode("f4") + b"tR"
    state = b"(K\x01K\x02\x85" + dtype + b"\x89"
    empty = array + b"(" + _global("numpy", "ndarray") + b"K\x00\x85C\x01btR"
    return {
        "array made by shape alone": b"\x80\x02"
        + _global("numpy", "ndarray")
        + b"(J\xff\xff\xff\x7f\x85tR.",
        "array of objects": pickle.dumps({"model": {"a": np.array([object], dtype=object)}}, 2),
        "array of records": pickle.dumps({"model": {"a": np.zeros(2, "f4,i4")}}, 2),
        "array of text": pickle.dumps({"model": {"a": np.array(["a"])}}, 2),
        "array larger than its bytes": b"\x80\x03" + empty + state + b"C\x04abcdtb.",
        "array of a wrong shape": b"\x80\x03"
        + empty
        + state.replace(b"K\x02", b"N")
        + b"C\x08abcdefghtb.",
        "array of minus one": b"\x80\x03"
        + empty
        + state.replace(b"K\x02", b"J\xff\xff\xff\xff")
        + b"C\x08abcdefghtb.",
    }


def _broken() -> dict[str, bytes]:
    return {
        "bytes that are not there": b"\x80\x04\x8e" + (1 << 40).to_bytes(8, "little") + b"abc",
        "text that is not there": b"\x80\x02X" + b"\xff\xff\xff\x7f" + b"abc",
        "a number of a billion digits": b"\x80\x02\x8b" + b"\xff\xff\xff\x7f" + b"abc",
        "memory that was never written": b"\x80\x02h\x07.",
        "an empty stack": b"\x80\x020000.",
        "a mark for a value": b"\x80\x02(.",
        "a key that is deep": b"\x80\x02})" + b"\x85" * 100_000 + b"K\x01s.",
        "a key that is a list": b"\x80\x02}]K\x01s.",
        "no end": b"\x80\x02}",
        "nothing but a protocol": b"\x80\x02",
        "an old protocol": pickle.dumps({"model": {}}, 0),
        "text": b"<!DOCTYPE html><title>404</title>" * 20,
        "zeros": bytes(1000),
        "random": np.random.default_rng(0).bytes(5000),
        "nothing": b"",
        "a list": pickle.dumps([1, 2, 3], 2),
        "no weights": pickle.dumps({"model": {}}, 2),
        "numbers only": pickle.dumps({"model": 3}, 2),
    }


def _hostile(canary: Path) -> dict[str, bytes]:
    return {**_code(canary), **_hostile_arrays(), **_broken()}


@pytest.mark.parametrize("kind", sorted(_hostile(Path("x"))))
def test_a_file_that_is_no_weights_ends_in_a_sentence(kind, tmp_path):
    canary = tmp_path / "canary"
    path = tmp_path / "model.pkl"
    path.write_bytes(_hostile(canary)[kind])
    with pytest.raises(AppError, match=r"model\.pkl"):
        read_weights(path)
    assert not canary.exists()


def test_a_text_file_is_no_file_of_weights_and_no_number_says_why(tmp_path):
    path = tmp_path / "model.pth"
    path.write_text("hello\n")
    with pytest.raises(AppError) as refusal:
        read_weights(path)
    sentence = "model.pth is broken or no file of weights. Download or copy it again."
    assert str(refusal.value) == sentence


def test_a_memory_index_of_two_thousand_million_costs_nothing(tmp_path):
    content = pickle.dumps({"a": np.ones(2, np.float32)}, 2)
    # put the dictionary at the last index there can be, before anything else happens
    path = tmp_path / "model.pkl"
    path.write_bytes(content[:3] + b"r\xff\xff\xff\xff" + content[3:])
    assert read_weights(path).state["a"].tolist() == [1, 1]


def test_the_same_bytes_again_and_again_do_not_fill_the_memory(tmp_path):
    one = np.zeros(100_000, np.float32)
    path = _pickled(tmp_path / "model.pkl", {"model": {f"p{n}": one for n in range(500)}})
    with pytest.raises(AppError, match="claims to hold more than its size"):
        read_weights(path)


@pytest.mark.parametrize("suffix", [".pkl", ".pth"])
@pytest.mark.parametrize("part", [0.01, 0.5, 0.999])
def test_a_file_cut_short_ends_in_a_sentence(suffix, part, golden, tmp_path):
    whole = (golden / f"mask_rcnn_tiny{suffix}").read_bytes()
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(AppError, match=r"cut\.p.* broken"):
        read_weights(path)


@pytest.mark.parametrize("is_zip", [True, False])
def test_code_in_a_checkpoint_of_torch_does_not_run(is_zip, tmp_path):
    canary = tmp_path / "canary"
    path = tmp_path / "model.pth"
    content = {"model": {"a": torch.ones(2)}, "trainer": _Calls(os.system, f"touch {canary}")}
    torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    with pytest.raises(AppError, match="something else than numbers"):
        read_weights(path)
    assert not canary.exists()


def test_a_compressed_archive_is_refused(tmp_path):
    buffer = io.BytesIO()
    torch.save({"model": {"a": torch.zeros(1_000_000)}}, buffer)
    path = tmp_path / "bomb.pth"
    with (
        zipfile.ZipFile(buffer) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for entry in source.infolist():
            bomb.writestr(entry.filename, source.read(entry))
    assert path.stat().st_size < 10_000
    with pytest.raises(AppError, match="compressed"):
        read_weights(path)


def test_an_archive_of_something_else_is_refused(tmp_path):
    path = tmp_path / "photos.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday.txt", "sun")
    with pytest.raises(AppError, match=r"photos\.pth"):
        read_weights(path)


def test_a_tensor_that_repeats_one_number_without_end_is_refused(tmp_path):
    path = tmp_path / "wide.pth"
    torch.save({"model": {"a": torch.zeros(1).expand(100_000, 100_000)}}, path)
    with pytest.raises(AppError, match="claims to hold more than its size"):
        read_weights(path)


@pytest.mark.parametrize("name", ["mask_rcnn_tiny", "faster_rcnn_tiny"])
def test_the_zoos_layout_and_detectron2s_hold_the_same(name, golden):
    pth, pkl = (read_weights(golden / f"{name}{suffix}") for suffix in (".pth", ".pkl"))
    assert pth.iteration == 1999
    assert pkl.extras["__author__"]
    assert list(pth.state) == list(pkl.state)
    assert all(torch.equal(value, pkl.state[key]) for key, value in pth.state.items())


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_arrays_of_every_protocol_are_read(protocol, tmp_path):
    arrays = {
        "f": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        "scalar": np.array(2.5, np.float32),
        "big_endian": np.array([1, 2], ">f4"),
        "double": np.array([0.1, 0.2]),
        "half": np.array([1.5], np.float16),
        "counts": np.array([1, 2, 3]),
        "flags": np.array([True, False]),
        "empty": np.zeros((0, 4), np.float32),
    }
    content = collections.OrderedDict(model=arrays, number=np.float64(3), __author__="me")
    found = read_weights(_pickled(tmp_path / "a.pkl", content, protocol)).state
    assert set(found) == set(arrays)
    for key, array in arrays.items():
        assert found[key].shape == array.shape
        np.testing.assert_allclose(found[key].numpy(), array, rtol=1e-6)
    assert found["half"].dtype == found["double"].dtype == torch.float32
    assert found["counts"].dtype == torch.int64


def test_arrays_of_old_and_new_numpy_are_read(tmp_path):
    content = pickle.dumps({"model": {"a": np.ones(3, np.float32)}}, 2)
    assert b"numpy._core.multiarray" in content
    path = tmp_path / "old.pkl"
    path.write_bytes(content.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    assert read_weights(path).state["a"].tolist() == [1, 1, 1]


def test_arrays_written_by_python_2_are_read(tmp_path):
    raw = np.array([1, -2.5], "<f4").tobytes()
    name = b"U\x01a"
    array = (
        _global("numpy.core.multiarray", "_reconstruct")
        + b"("
        + _global("numpy", "ndarray")
        + b"K\x00\x85U\x01btR(K\x01K\x02\x85"
        + _global("numpy", "dtype")
        + b"(U\x02f4K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + b"U"
        + bytes([len(raw)])
        + raw
        + b"tb"
    )
    path = tmp_path / "two.pkl"
    path.write_bytes(b"\x80\x02}U\x05model}" + name + array + b"ss.")
    assert read_weights(path).state["a"].tolist() == [1, -2.5]


@pytest.mark.parametrize("is_zip", [True, False])
def test_old_and_new_files_of_torch_are_read(is_zip, tmp_path):
    path = tmp_path / "model.pth"
    content = {
        "model": {"module.a": torch.ones(2, dtype=torch.float16), "module.b": torch.zeros(1)},
        "trainer": {"hooks": {"best": np.float64(0.5)}, "optimizer": {"lr": 0.1}},
        "iteration": 7,
        "class_names": ["x", "y"],
        "note": "mine",
    }
    torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    found = read_weights(path)
    assert {key: value.tolist() for key, value in found.state.items()} == {"a": [1, 1], "b": [0]}
    assert found.state["a"].dtype == torch.float32
    assert (found.iteration, found.class_names, found.extras) == (7, ("x", "y"), {"note": "mine"})


def test_a_bare_state_dict_is_read(tmp_path):
    torch.save({"a": torch.ones(1), "pixel_mean": torch.ones(3)}, tmp_path / "a.pth")
    assert list(read_weights(tmp_path / "a.pth").state) == ["a"]


def test_what_a_file_is_its_content_says(golden, tmp_path):
    shutil.copy(golden / "faster_rcnn_tiny.pkl", tmp_path / "model.pth")
    assert len(read_weights(tmp_path / "model.pth").state) == 295


def test_a_folder_is_its_newest_checkpoint(golden, tmp_path):
    shutil.copy(golden / "faster_rcnn_tiny.pth", tmp_path / "model_0001999.pth")
    (tmp_path / "last_checkpoint").write_text("/home/other/output/model_0001999.pth\n")
    assert read_weights(tmp_path).iteration == 1999


@pytest.mark.parametrize("named", [None, "gone.pth", "", "../../etc/passwd"])
def test_a_folder_without_its_checkpoint_is_said(named, tmp_path):
    if named is not None:
        (tmp_path / "last_checkpoint").write_text(named)
    with pytest.raises(AppError, match="folder"):
        read_weights(tmp_path)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(AppError, match="no weights at"):
        read_weights(tmp_path / "none.pth")


def test_a_bare_resnet_gets_its_place_in_the_model(tmp_path):
    arrays = {"stem.conv1.weight": np.ones((2, 3, 7, 7), np.float32)}
    content = {"model": arrays, "__author__": "torchvision", "matching_heuristics": True}
    found = read_weights(_pickled(tmp_path / "r50.pkl", content))
    assert list(found.state) == ["backbone.bottom_up.stem.conv1.weight"]


def test_the_layout_of_pycls_is_said_to_be_not_read(tmp_path):
    content = {"model_state": {"stem.conv.weight": np.ones(2, np.float32)}}
    with pytest.raises(AppError, match=r"pycls does, which is not read"):
        read_weights(_pickled(tmp_path / "a.pkl", content))


@pytest.mark.parametrize(
    "value", [torch.eye(3).to_sparse(), torch.ones(3, dtype=torch.complex64)], ids=["sparse", "i"]
)
def test_a_tensor_of_a_form_that_no_weights_have_is_said(value, tmp_path):
    torch.save({"model": {"a.weight": value}}, tmp_path / "a.pth")
    with pytest.raises(AppError, match=r"a\.weight in a form"):
        read_weights(tmp_path / "a.pth")


def test_a_whole_model_is_refused_without_advice_to_read_it_all_the_same(tmp_path):
    torch.save(torch.nn.Linear(2, 2), tmp_path / "a.pth")
    with pytest.raises(AppError, match=r"asks for torch\.nn") as refused:
        read_weights(tmp_path / "a.pth")
    assert "trust" not in str(refused.value)
