"""Files that mean harm, read in a process of their own: nothing runs, and memory stays small."""

import io
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import AppError
from core.maskrcnn.weights_file import read_weights

MOST_BYTES = 300_000_000
"""Of memory that reading may take beyond what the process has once torch is loaded."""
CHILD = """
import resource, sys
from pathlib import Path
from core.errors import AppError
from core.maskrcnn.weights_file import read_weights
import torch
torch.zeros(3).sum()
field, kind = {"all": (0, resource.RLIMIT_AS), "own": (5, resource.RLIMIT_DATA)}[sys.argv[3]]
pages = int(open("/proc/self/statm").read().split()[field])
limit = pages * resource.getpagesize() + int(sys.argv[1])
resource.setrlimit(kind, (limit, limit))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
for file in sorted(Path(sys.argv[2]).iterdir()):
    try:
        read_weights(file)
        print(file.name, "was read")
    except AppError as error:
        print(file.name, "AppError", error)
    except BaseException as error:
        print(file.name, type(error).__name__, error)
print("alive")
"""


class _Calls:
    def __init__(self, function: object, *arguments: object) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> object:
        return self._call


def _text(text: str) -> bytes:
    return b"X" + len(text.encode()).to_bytes(4, "little") + text.encode()


def _name(module: str, name: str) -> bytes:
    return b"c" + f"{module}\n{name}\n".encode()


def _number(value: int) -> bytes:
    return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)


def _array(shape: bytes, raw: bytes, code: str = "f4") -> bytes:
    """A numpy array of this shape, a tuple in pickle's instructions, over these bytes."""
    start = _name("numpy.core.multiarray", "_reconstruct") + b"("
    start += _name("numpy", "ndarray") + b"K\x00\x85C\x01btR"
    dtype = _name("numpy", "dtype") + b"(" + _text(code) + b"tR"
    return start + b"(K\x01" + shape + dtype + b"\x89" + raw + b"tb"


def _tensor(offset: int, size: bytes, stride: bytes, count: int = 4) -> bytes:
    """The pickle of a file of torch's with one tensor over four numbers."""
    storage = b"(" + _text("storage") + _name("torch", "FloatStorage")
    storage += _text("0") + _text("cpu") + _number(count) + b"tQ"
    made = _name("torch._utils", "_rebuild_tensor_v2")
    made += b"(" + storage + _number(offset) + size + stride + b"\x89}tR"
    return b"\x80\x02}" + _text("a") + made + b"s."


def _sides(*sides: int) -> bytes:
    return b"(" + b"".join(map(_number, sides)) + b"t"


def _zip(parts: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _torch_zip(pickled: bytes, **more: bytes) -> bytes:
    return _zip({"a/data.pkl": pickled, "a/data/0": bytes(16), **more})


def _calls(canary: Path) -> Iterator[tuple[str, bytes]]:
    touch, python = f"touch {canary}", f"open({str(canary)!r}, 'w')"
    made = {
        "system": _Calls(os.system, touch),
        "popen": _Calls(subprocess.Popen, ["touch", str(canary)]),
        "eval": _Calls(eval, python),
        "exec": _Calls(exec, python),
        "import": _Calls(__import__, "antigravity"),
        "getattr": _Calls(getattr, os, "system") if False else _Calls(getattr, {}, "pop"),
        "nested": [{"a": (_Calls(_Calls, _Calls(os.system, touch)),)}],
        "loads": _Calls(pickle.loads, pickle.dumps(_Calls(os.system, touch))),
    }
    for name, value in made.items():
        for protocol in (0, 2, 4):
            yield f"{name} {protocol}", pickle.dumps({"model": value}, protocol)
        for is_zip in (True, False):
            buffer = io.BytesIO()
            torch.save({"model": value}, buffer, _use_new_zipfile_serialization=is_zip)
            yield f"{name} {'zip' if is_zip else 'old'}", buffer.getvalue()
    inner = io.BytesIO()
    torch.save({"a": _Calls(os.system, touch)}, inner, _use_new_zipfile_serialization=False)
    loads = _name("torch.storage", "_load_from_bytes") + b"(B"
    loads += len(inner.getvalue()).to_bytes(4, "little") + inner.getvalue() + b"tR"
    yield "torch.load in a pickle", b"\x80\x03}" + _text("a") + loads + b"s."
    for module, name in (
        ("importlib", "import_module"), ("builtins", "compile"), ("torch", "load"),
        ("torch.hub", "load"), ("torch.jit", "load"), ("torch._utils", "_rebuild_wrapper_subclass"),
        ("numpy", "load"), ("numpy.lib.npyio", "load"), ("torch.serialization", "load"),
        ("torch._dynamo.guards", "GuardBuilder.get"), ("operator", "attrgetter"),
        ("functools", "partial"), ("types", "FunctionType"), ("ctypes", "CDLL"),
        ("collections", "OrderedDict.__init__"), ("torch", "FloatStorage.from_file"),
        ("", ""), ("os\nsystem", "x"),
    ):  # fmt: skip
        call = b"\x80\x04" + _text(module) + _text(name) + b"\x93(" + _text(touch) + b"tR."
        yield f"asks for {module} {name}", call
        yield f"zip asks for {module} {name}", _torch_zip(call)


def _states() -> Iterator[tuple[str, bytes]]:
    """BUILD, the memory, and what is put together wrongly."""
    ordered = _name("collections", "OrderedDict") + b")R"
    tensor = _tensor(0, _sides(4), _sides(1))[2:-2].removeprefix(b"}" + _text("a"))
    yield "state of a tensor", _torch_zip(b"\x80\x02" + tensor + b"}" + _text("data") + b"K\x01sb.")
    yield "state of a name", b"\x80\x02" + _name("numpy", "dtype") + b"}b."
    yield (
        "state of a type",
        (b"\x80\x02" + _name("numpy", "dtype") + b"(" + _text("f4") + b"tR" + b"}b."),
    )
    yield "attributes", b"\x80\x02" + ordered + b"}" + _text("__class__") + b"K\x01sb."
    yield "state twice", b"\x80\x03" + _array(b"K\x01\x85", b"C\x04abcd") + b"Nb."
    yield "itself", b"\x80\x02}q\x00" + _text("model") + b"h\x00s."
    yield "itself in a list", b"\x80\x02]q\x00h\x00a."
    yield "itself as a state", b"\x80\x02}q\x00" + _text("model") + b"h\x00sh\x00b."
    yield "far memory", b"\x80\x02}r\xff\xff\xff\xffj\xff\xff\xff\xff."
    yield "far memory as text", b"(dp99999999999999999999\ng99999999999999999999\n."
    yield "not in memory", b"\x80\x02j\xff\xff\xff\xff."
    for name, deep in (
        ("lists", b"]" * 100_000 + b"a" * 99_999),
        ("tuples", b")" + b"\x85" * 100_000),
    ):
        yield f"deep {name}", b"\x80\x02" + deep + b"."
        yield f"deep {name} as a model", b"\x80\x02}" + _text("model") + deep + b"s."
        yield f"deep {name} as a key", b"\x80\x02}" + deep + b"K\x01s."
        yield f"deep {name} as a shape", b"\x80\x03" + _array(deep, b"C\x04abcd") + b"."
    yield "deep dictionaries", b"\x80\x02" + b"}K\x01" * 100_000 + b"}" + b"s" * 100_000 + b"."
    yield (
        "numbers of a million digits",
        b"\x80\x02\x8b\x40\x42\x0f\x00" + b"\x7f" * 1_000_000 + b".",
    )
    yield "a number of a million digits as text", b"I" + b"9" * 1_000_000 + b"\n."
    yield "a float of a million digits", b"F" + b"9" * 1_000_000 + b"\n."
    yield "lists without end", b"\x80\x02" + b"]" * 2_000_000
    yield (
        "memory without end",
        b"\x80\x02}" + b"".join(b"r" + n.to_bytes(4, "little") for n in range(1_500_000)),
    )
    text = b"\x80\x02" + _text("x" * 1_000_000) + b"q\x00"
    again = _name("_codecs", "encode") + b"(h\x00" + _text("latin1") + b"tR"
    yield "the same text as bytes again and again", text + again * 20_000 + b"."


def _again() -> Iterator[tuple[str, bytes]]:
    """What unfolds to far more than it is, each time a little."""
    text = _text("x" * 1_000_000) + b"q\x00" + _name("numpy", "dtype") + b"(" + _text("i1") + b"tR"
    shape = b"J" + (1_000_000).to_bytes(4, "little") + b"\x85q\x02"
    start = b"\x80\x02" + text + b"q\x01" + shape + _name("numpy", "ndarray") + b"q\x03"
    start += _name("numpy.core.multiarray", "_reconstruct") + b"q\x04"
    array = b"h\x04(h\x03K\x00\x85K\x00tR(K\x01h\x02h\x01\x89h\x00tb"
    yield "arrays of one text", start + array * 20_000 + b"."
    buffer = _name("numpy.core.numeric", "_frombuffer") + b"(h\x00h\x01h\x02" + _text("C") + b"tR"
    yield "buffers of one text", start + buffer * 20_000 + b"."
    pairs = b"".join(_text(str(n)) + b"K\x01\x86" for n in range(150_000))
    listed = b"](" + pairs + b"e\x85q\x01" + _name("collections", "OrderedDict") + b"q\x02"
    yield "dictionaries of one list", b"\x80\x02" + listed + b"h\x02h\x01R" * 100_000 + b"."
    for name, wrapped in (("deep", "module." * 3000), ("long", "x" * 1000), ("odd", "\x1b[31m")):
        buffer_ = io.BytesIO()
        torch.save({"model": {wrapped + "a": torch.ones(3)}}, buffer_)
        yield f"a {name} name", buffer_.getvalue()
    entry = struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
    listing, local = (b"PK\x01\x02" + entry + b"a") * 600_000, b"PK\x03\x04" + bytes(27)
    at = len(local) + len(listing)
    end = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 6, 6, len(listing), 31)
    end += b"PK\x06\x07" + struct.pack("<IQI", 0, at, 1)
    end += b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 47, 0, 0)
    yield "a long table of contents beside a short one", local + listing + end


def _sizes() -> Iterator[tuple[str, bytes]]:
    """What claims to be large."""
    for code, width in (("B", 4), ("X", 4), ("T", 4), ("\x8e", 8), ("\x8d", 8), ("\x96", 8)):
        for size in (2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1):
            if size < 2 ** (8 * width):
                length = size.to_bytes(width, "little")
                yield f"{code!r} of {size}", b"\x80\x05" + code.encode("latin-1") + length + b"abc"
    yield "frame", b"\x80\x04\x95" + (2**62).to_bytes(8, "little") + b"}."
    for sides in (
        (2**40,),
        (2**31, 2**31),
        (2**62, 4),
        (0, 2**62),
        (2**32, 2**32),
        (-1,),
        (-4, -1),
    ):
        yield f"array {sides}", b"\x80\x03" + _array(_sides(*sides), b"C\x04abcd") + b"."
        yield f"empty array {sides}", b"\x80\x03" + _array(_sides(*sides), b"C\x00") + b"."
        steps = _sides(*(1 for _ in sides))
        yield f"tensor {sides}", _torch_zip(_tensor(0, _sides(*sides), steps))
    for code in (
        "O",
        "V8",
        "S4",
        "U1",
        "M8",
        "c8",
        "f16",
        "i4,f4",
        "(1000000000,)f4",
        "|O",
        "f4" * 99,
    ):
        yield f"array of {code[:9]}", b"\x80\x03" + _array(b"K\x01\x85", b"C\x04abcd", code) + b"."
    yield "many dimensions", b"\x80\x03" + _array(_sides(*[1] * 70), b"C\x04abcd") + b"."
    for name, offset, size, stride in (
        ("beyond the end", 4, (1,), (1,)),
        ("far beyond the end", 2**60, (1,), (1,)),
        ("before the start", -1, (1,), (1,)),
        ("step out", 0, (2,), (4,)),
        ("step far out", 0, (3,), (2**62,)),
        ("step back", 3, (2,), (-1,)),
        ("one number wide", 0, (2**40,), (0,)),
        ("no stride", 0, (2, 2), (1,)),
        ("more strides", 0, (2,), (1, 1)),
        ("minus", 0, (-2, -2), (1, 1)),
        ("empty and huge", 0, (0, 2**60, 2**60), (1, 1, 1)),
    ):
        yield name, _torch_zip(_tensor(offset, _sides(*size), _sides(*stride)))
    yield "more numbers than there are", _torch_zip(_tensor(0, _sides(5), _sides(1), 5))
    yield "2 to the 60 numbers", _torch_zip(_tensor(0, _sides(5), _sides(1), 2**60))
    yield "minus one number", _torch_zip(_tensor(0, _sides(1), _sides(1), -1))


def _archives() -> Iterator[tuple[str, bytes]]:
    pickled = _tensor(0, _sides(4), _sides(1))
    bomb = bytes(200_000_000)
    parts = {"a/data.pkl": pickled, "a/data/0": bomb}
    yield "bomb", _zip(parts, compression=zipfile.ZIP_DEFLATED)
    yield "bomb of another kind", _zip(parts, compression=zipfile.ZIP_LZMA)
    yield "bomb in the pickle", _zip({"a/data.pkl": bomb}, compression=zipfile.ZIP_BZIP2)
    good = _torch_zip(pickled)
    for name in ("../data.pkl", "/data.pkl", "a/../../data.pkl", "C:/data.pkl"):
        yield f"named {name}", _zip({name: pickled[:-1], "a/data/0": bytes(16)})
    yield "numbers elsewhere", _zip({"a/data.pkl": pickled, "../data/0": bytes(16)})
    yield "two pickles", _zip({"a/data.pkl": pickled, "b/data.pkl": pickled})
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("a/data.pkl", pickled)
        archive.writestr("b/data.pkl", b"other")
    yield "the same name twice", twice.getvalue().replace(b"b/data.pkl", b"a/data.pkl")
    end = good.rfind(b"PK\x05\x06")
    directory = good.find(b"PK\x01\x02")
    yield "no table of contents", good[:end]
    yield "a table of four gigabytes", good[: end + 12] + b"\xfe\xff\xff\xff" + good[end + 16 :]
    yield "a table that lies", good[: end + 16] + b"\xf0\xff\xff\x7f" + good[end + 20 :]
    yield "zip64 without its record", good[: end + 12] + b"\xff" * 8 + good[end + 20 :]
    lie = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 2, 2, 2**62, 2**62)
    lie += b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    yield "zip64 that lies", good[:end] + lie + good[end : end + 8] + b"\xff" * 12 + b"\0\0"
    for at, name in ((20, "packed"), (24, "unpacked"), (42, "place")):
        place = directory + at
        yield f"wrong {name}", good[:place] + b"\xf0\xff\xff\x7f" + good[place + 4 :]
    yield "encrypted", good[: directory + 8] + b"\x01\x00" + good[directory + 10 :]
    many = _zip({f"a/data/{n}": b"" for n in range(20_000)})
    yield "twenty thousand parts", many
    yield "torchscript", _torch_zip(pickled, **{"a/constants.pkl": b"x", "a/code/a.py": b"x"})
    old = io.BytesIO()
    torch.save({"a": torch.zeros(4)}, old, _use_new_zipfile_serialization=False)
    yield (
        "old of 2 to the 60 numbers",
        old.getvalue()[:-24] + (2**60).to_bytes(8, "little") + bytes(16),
    )
    yield "old of none", old.getvalue()[:-24] + bytes(8)


SETS: dict[str, Callable[[Path], Iterator[tuple[str, bytes]]]] = {
    "calls": _calls,
    "states": lambda _: _states(),
    "again": lambda _: _again(),
    "sizes": lambda _: _sizes(),
    "archives": lambda _: _archives(),
}


@pytest.mark.parametrize("kind", SETS)
def test_hostile_files_end_in_sentences_within_little_memory(kind: str, tmp_path: Path) -> None:
    folder, canary = tmp_path / "files", tmp_path / "canary"
    folder.mkdir()
    names = []
    for place, (name, content) in enumerate(SETS[kind](canary)):
        (folder / f"{place:03}.pth").write_bytes(content)
        names.append(name)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(MOST_BYTES), str(folder), "all"],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    lines = done.stdout.decode(errors="replace").splitlines()
    assert lines[-1:] == ["alive"], done.stderr.decode(errors="replace")[-2000:]
    said = dict(zip(names, lines, strict=False))
    assert len(lines) == len(names) + 1
    odd = {name: line for name, line in said.items() if " AppError " not in line}
    odd |= {name: line for name, line in said.items() if "too little memory" in line}
    assert {name: line for name, line in odd.items() if name not in HARMLESS} == {}
    assert not canary.exists()


def test_many_parts_of_one_row_of_the_other_byte_order_are_read_in_no_time(tmp_path: Path) -> None:
    """Each of them must not turn the bytes of all."""
    buffer, row = io.BytesIO(), torch.arange(10_000_000, dtype=torch.int32)
    torch.save({f"a{n}": row[n : n + 1] for n in range(5_000)}, buffer)
    turned = io.BytesIO()
    with zipfile.ZipFile(buffer) as archive, zipfile.ZipFile(turned, "w") as other:
        for name in archive.namelist():
            is_order = name.endswith("byteorder")
            other.writestr(name, b"big" if is_order else archive.read(name))
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.pth").write_bytes(turned.getvalue())
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(MOST_BYTES), str(folder), "all"],
        capture_output=True,
        check=False,  # it is ended after a minute of computing
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.decode().splitlines() == ["a.pth was read", "alive"]


@pytest.mark.parametrize("kind", ["weights", "folder"])
def test_a_pipe_is_not_waited_for(kind: str, tmp_path: Path) -> None:
    path = tmp_path / ("last_checkpoint" if kind == "folder" else "a.pth")
    os.mkfifo(path)
    with pytest.raises(AppError):
        read_weights(tmp_path if kind == "folder" else path)


HARMLESS = {"wrong packed"}
"""What may be read: nothing uses how large a part says it is when packed, as none is."""


def _small(is_zip: bool) -> bytes:
    buffer = io.BytesIO()
    content = {"model": {"module.a": torch.ones(3), "module.b": torch.zeros(2, dtype=torch.half)}}
    torch.save({**content, "iteration": 3}, buffer, _use_new_zipfile_serialization=is_zip)
    return buffer.getvalue()


WHOLE = {
    "zip": _small(True),
    "old": _small(False),
    **{
        f"protocol {protocol}": pickle.dumps(
            {"model": {"a": np.ones(3, np.float32)}, "__author__": "me"}, protocol
        )
        for protocol in (0, 2, 4)
    },
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_cut_short_anywhere_ends_in_a_sentence(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    for end in range(len(WHOLE[kind])):
        path.write_bytes(WHOLE[kind][:end])
        with pytest.raises(AppError, match=r"a\.pth"):
            read_weights(path)
    path.write_bytes(WHOLE[kind])
    assert read_weights(path).state["a"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=100)
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=6))
def test_a_file_with_wrong_bytes_is_read_or_ends_in_a_sentence(
    kind: str, changes: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(WHOLE[kind])
    for at, value in changes:
        content[at % len(content)] = value
    path = tmp_path_factory.getbasetemp() / "changed.pth"
    path.write_bytes(content)
    try:
        found = read_weights(path)
    except AppError:
        return
    assert all(isinstance(value, torch.Tensor) for value in found.state.values())


def test_what_a_person_reads_has_nothing_of_the_file_that_could_mislead(tmp_path: Path) -> None:
    name = "os\u202e.\x1b[31m" + "x" * 500
    path = tmp_path / "a.pkl"
    path.write_bytes(b"\x80\x04" + _text(name) + _text("system") + b"\x93.")
    with pytest.raises(AppError) as refused:
        read_weights(path)
    sentence = str(refused.value)
    assert sentence.isprintable()
    assert len(sentence) < 500


def test_reading_takes_the_memory_of_the_weights_and_not_of_their_optimizer(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    numbers = {str(n): torch.zeros(1_000_000) for n in range(40)}  # 160 MB
    others = {n: torch.zeros(1_000_000) for n in range(60)}
    torch.save({"model": numbers, "optimizer": others}, folder / "a.pth")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(160_000_000 + 80_000_000), str(folder), "own"],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.decode().splitlines() == ["a.pth was read", "alive"]


def test_too_little_memory_for_the_weights_ends_in_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    torch.save({"model": {"a": torch.zeros(30_000_000)}}, folder / "a.pth")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(60_000_000), str(folder), "own"],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.decode().startswith(
        "a.pth AppError There is too little memory to read a.pth"
    )
