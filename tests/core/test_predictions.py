import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.configs import EngineConfig
from core.errors import AppError
from core.images import IMAGE_SUFFIXES
from core.predictions import (
    PredictedBy,
    Predictions,
    PredictionStore,
    image_stamp,
    predicted_by,
    usable,
)
from core.types import ImageLabels, Instance, InstanceState, LabelClass, Part, Problem

SIZE_HW = (90, 120)
A = PredictedBy("run_1/best.pth", "one", {"person": "red"}, ("green", "red"))
B = PredictedBy("run_2/best.pth", "one", {}, ("green", "red"))


def instance(name: str, score: float = 0.5, *, class_id: int = 1) -> Instance:
    part = Part([[1.25, 1], [20, 1], [20, 30]], ([[3, 3], [4, 3], [4, 4]],))
    state = InstanceState.PREDICTED
    return Instance(name, class_id, (part,), state=state, score=score, source="best.pth")


def predictions(
    *names: str, key: str = "a.jpg", by: PredictedBy = A, stamp: str = "1 1"
) -> Predictions:
    instances = tuple(instance(name, 0.9 - 0.1 * i) for i, name in enumerate(names))
    return Predictions(key, stamp, SIZE_HW, by, instances)


@pytest.fixture
def problems() -> list[Problem]:
    return []


@pytest.fixture
def store(tmp_path: Path, problems: list[Problem]) -> PredictionStore:
    return PredictionStore(tmp_path / ".maskloop", note=problems.append)


def file_of(tmp_path: Path) -> Path:
    (file,) = (tmp_path / ".maskloop" / "predictions").rglob("*.json")
    return file


def test_what_was_kept_is_there_again_with_all_it_has(store: PredictionStore) -> None:
    kept = predictions("x", "y", key="täg 1/a.jpg")
    store.keep(kept)
    assert store.latest("täg 1/a.jpg") == kept


def test_an_image_that_was_not_predicted_has_none(store: PredictionStore) -> None:
    store.keep(predictions("x"))
    assert store.latest("b.jpg") is None


def test_the_weights_that_predicted_last_count(store: PredictionStore) -> None:
    store.keep(predictions("x", by=B))
    store.keep(predictions("y", by=A))
    latest = store.latest("a.jpg")
    assert latest is not None
    assert [one.id for one in latest.instances] == ["y"]


def test_what_is_set_aside_leaves_the_weights_before_it(store: PredictionStore) -> None:
    store.keep(predictions("x", by=B))
    store.set_aside(store.keep(predictions("y", by=A)))
    latest = store.latest("a.jpg")
    assert latest is not None
    assert latest.by == B


def test_what_is_set_aside_still_spares_the_model(store: PredictionStore) -> None:
    kept = predictions("x")
    store.set_aside(store.keep(kept))
    assert store.latest("a.jpg") is None
    assert store.made_by(A, "a.jpg", stamp_of_image="1 1") == kept


@pytest.mark.parametrize(
    ("by", "stamp"),
    [
        (B, "1 1"),
        (replace(A, stamp="trained again"), "1 1"),
        (replace(A, class_map={"person": "green"}), "1 1"),
        (replace(A, class_names=("blue", "green", "red")), "1 1"),
        (A, "another photo"),
    ],
    ids=["weights", "training", "class map", "classes", "image"],
)
def test_another_model_map_or_image_needs_the_model(
    store: PredictionStore, by: PredictedBy, stamp: str
) -> None:
    store.keep(predictions("x"))
    assert store.made_by(by, "a.jpg", stamp_of_image=stamp) is None


def test_an_image_keeps_what_the_last_three_weights_saw(
    store: PredictionStore, tmp_path: Path
) -> None:
    several = [replace(A, weights=f"run_{number}/best.pth") for number in range(5)]
    names = [store.keep(predictions("x", by=by)) for by in several[:4]]
    store.set_aside(names[-1])
    store.keep(predictions("x", key="b.jpg", by=several[0]))
    store.keep(predictions("x", by=several[4]))
    known = [store.made_by(by, "a.jpg", stamp_of_image="1 1") is not None for by in several]
    assert known == [False, False, True, True, True]
    assert store.latest("b.jpg") is not None
    left = {one.name[:5] for one in (tmp_path / ".maskloop" / "predictions").iterdir()}
    assert left == {"run_0", "run_2", "run_3", "run_4"}


def test_a_folder_that_is_gone_does_not_come_back_empty(tmp_path: Path) -> None:
    store = PredictionStore(tmp_path / "gone" / ".maskloop")
    with pytest.raises(AppError, match=r"disk still connected\?\)\.$"):
        store.keep(predictions("x"))
    assert not (tmp_path / "gone").exists()


def test_only_the_first_predictions_of_weights_can_be_set_aside(store: PredictionStore) -> None:
    assert store.keep(predictions("x"))
    assert store.keep(predictions("y")) == ""


@pytest.mark.parametrize("name", ["", "../a.json", "a/../../b.json", "/etc/a.json", "a/b.jpg"])
def test_a_name_that_leads_out_is_refused(store: PredictionStore, name: str) -> None:
    with pytest.raises(AppError, match="not the name of kept predictions"):
        store.set_aside(name)


KEYS = [
    "con.jpg",
    "a" * 250 + ".png",
    "../up.jpg",
    "C:\\x.jpg",
    "ä/ö/" + "ü" * 90 + ".JPG",
    ".hidden.jpg",
    "name\nline.jpg",
    "\ud800.jpg",
    "trailing. .jpg",
]


@pytest.mark.parametrize("key", KEYS)
def test_any_key_has_a_safe_file(store: PredictionStore, tmp_path: Path, key: str) -> None:
    store.keep(predictions("x", key=key))
    assert store.latest(key) is not None
    name = file_of(tmp_path).relative_to(tmp_path / ".maskloop" / "predictions").as_posix()
    assert name.isascii()
    assert len(name) < 160
    assert not any(one in name for one in '\\:*?"<>| \n')


def test_keys_that_differ_in_case_alone_have_files_of_their_own(store: PredictionStore) -> None:
    store.keep(predictions("x", key="IMG.jpg"))
    store.keep(predictions("y", key="img.jpg"))
    latest = store.latest("IMG.jpg")
    assert latest is not None
    assert latest.instances[0].id == "x"


def test_no_file_has_the_suffix_of_an_image(store: PredictionStore, tmp_path: Path) -> None:
    # labelme lists images in hidden folders too
    store.set_aside(store.keep(predictions("x")))
    store.keep(predictions("y", key="b.jpg"))
    suffixes = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert suffixes
    assert not suffixes & set(IMAGE_SUFFIXES)


def broken(**changes: object) -> bytes:
    ring = [[1, 1], [5, 1], [5, 5]]
    one = {
        "id": "x", "class_id": 1, "parts": [[ring]], "state": "predicted", "score": 0.5,
        "source": "", "crowd": False, "attributes": {},
    }  # fmt: skip
    one |= {name: value for name, value in changes.items() if name in one}
    value = {
        "version": 1, "image": "a.jpg", "image_stamp": "", "size_hw": [90, 120], "weights": "w",
        "stamp": "", "class_map": {}, "class_names": [], "made_ns": 1, "instances": [one],
    }  # fmt: skip
    value |= {name: other for name, other in changes.items() if name not in one}
    return json.dumps(value).encode()


HOSTILE = {
    "empty": b"",
    "cut off": broken()[:90],
    "no text": bytes(range(256)),
    "a list": b"[]",
    "a number": b"1",
    "deep": b"[" * 200_000,
    "deep in an instance": broken().replace(b'"attributes": {}', b'"attributes": ' + b"[" * 99_999),
    "newer": broken(version=2),
    "another image": broken(image="b.jpg"),
    "no size": broken(size_hw=[0, 120]),
    "endless size": broken(size_hw=[float("inf"), 1]),
    "not a number": broken(score=float("nan")),
    "score": broken(score=7),
    "no score": broken(score=None),
    "a person's": broken(state="drawn"),
    "far away": broken(parts=[[[[1, 1], [1e30, 1], [5, 5]]]]),
    "nowhere": broken(parts=[[[[1, 1], [float("inf"), 1], [5, 5]]]]),
    "a line": broken(parts=[[[[1, 1], [2, 2]]]]),
    "no part": broken(parts=[]),
    "twins": broken(instances=[json.loads(broken())["instances"][0]] * 2),
    "too many": broken(instances=[0] * 10_001),
    "class": broken(class_id="red"),
    "map": broken(class_map=[1]),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_broken_file_is_a_problem_and_never_a_crash(
    store: PredictionStore, tmp_path: Path, problems: list[Problem], data: bytes
) -> None:
    store.keep(predictions("x"))
    file_of(tmp_path).write_bytes(data)
    assert store.latest("a.jpg") is None
    (problem,) = problems
    assert "Pre-label the image again" in problem.sentence
    assert len(problem.sentence) < 400


def test_a_sound_file_of_the_broken_kind_is_read(store: PredictionStore, tmp_path: Path) -> None:
    store.keep(predictions("x"))
    file_of(tmp_path).write_bytes(broken())
    assert store.latest("a.jpg") is not None


def test_a_file_that_is_too_large_is_not_read_whole(
    store: PredictionStore, tmp_path: Path, problems: list[Problem]
) -> None:
    store.keep(predictions("x"))
    with file_of(tmp_path).open("r+b") as file:
        file.truncate((64 << 20) + 1)
    assert store.latest("a.jpg") is None
    assert "larger" in problems[0].sentence


def test_foreign_files_in_the_folder_do_no_harm(store: PredictionStore, tmp_path: Path) -> None:
    store.keep(predictions("x"))
    folder = tmp_path / ".maskloop" / "predictions"
    (folder / "notes.txt").write_text("mine")
    (folder / "other").mkdir()
    (folder / "other" / "x.json").write_text("{")
    assert store.latest("a.jpg") is not None


def test_predictions_of_an_image_of_another_size_do_not_fit() -> None:
    kept, classes = predictions("x"), [LabelClass(1, "red", "#ff0000")]
    assert usable(kept, ImageLabels(SIZE_HW), classes=classes) == kept.instances
    assert usable(kept, ImageLabels((45, 60)), classes=classes) == ()
    assert usable(kept, ImageLabels(SIZE_HW), classes=[]) == ()


def test_predictions_of_another_arithmetic_or_with_fewer_points_are_others() -> None:
    engine = EngineConfig("m.pth")
    usual = predicted_by(engine, {}, classes=[])
    exact = predicted_by(replace(engine, exact=True), {}, classes=[])
    few = predicted_by(engine, {}, classes=[], fewer_points=True)
    assert predicted_by(engine, {}, classes=[], fewer_points=False) == usual
    assert len({one.stamp for one in (usual, exact, few)}) == 3


def test_weights_that_were_trained_again_are_others(tmp_path: Path) -> None:
    weights = tmp_path / "best.pth"
    weights.write_bytes(b"one")
    before = predicted_by(EngineConfig(str(weights)), {}, classes=[])
    assert predicted_by(EngineConfig(str(weights), score=0.3), {}, classes=[]) == before
    weights.write_bytes(b"other")
    assert predicted_by(EngineConfig(str(weights)), {}, classes=[]) != before
    assert image_stamp(tmp_path / "none.jpg") == ""


numbers = st.floats(0, 89, allow_nan=False)
rings = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=6).map(np.array)
instances = st.builds(
    Instance,
    st.uuids().map(str),
    st.integers(1, 5),
    st.lists(st.builds(Part, rings, st.lists(rings, max_size=1).map(tuple)), min_size=1).map(tuple),
    state=st.just(InstanceState.PREDICTED),
    score=st.floats(0, 1),
    source=st.text(max_size=5),
)


@settings(max_examples=40)
@given(st.lists(instances, max_size=3, unique_by=lambda one: one.id), st.text(min_size=1))
def test_predictions_round_trip(tmp_path_factory, found, key) -> None:
    store = PredictionStore(tmp_path_factory.mktemp("p"))
    kept = Predictions(key, "s", SIZE_HW, A, tuple(found))
    store.keep(kept)
    assert store.latest(key) == kept


def test_what_each_weights_saw_is_given_the_newest_first(store: PredictionStore) -> None:
    store.keep(predictions("x", by=B))
    store.keep(predictions("y", by=A))
    assert [one.by for one in store.of_each_weights("a.jpg")] == [A, B]


def test_what_is_set_aside_is_not_among_what_each_weights_saw(store: PredictionStore) -> None:
    store.keep(predictions("x", by=B))
    store.set_aside(store.keep(predictions("y", by=A)))
    assert [one.by for one in store.of_each_weights("a.jpg")] == [B]
