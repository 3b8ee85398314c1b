from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.project import Project
from core.project.splits import new_splits
from core.types import ImageLabels, ImageState, Instance, Split

Labels = Callable[..., ImageLabels]
_GROUPS = st.lists(st.integers(1, 4), min_size=1, max_size=25).map(
    lambda sizes: [
        tuple(f"{group}/{one}.png" for one in range(size)) for group, size in enumerate(sizes)
    ]
)


def _alone(n: int) -> list[tuple[str, ...]]:
    return [(f"{i}.png",) for i in range(n)]


def test_a_hundred_images_are_split_eighty_to_twenty() -> None:
    assert Counter(new_splits(_alone(100), {}, {}).values()) == {Split.TRAIN: 80, Split.VAL: 20}


def test_each_class_is_split_eighty_to_twenty() -> None:
    names = {f"{i}.png": ["rare"] if i % 10 == 0 else ["common"] for i in range(100)}
    splits = new_splits(_alone(100), names, {})
    kept = Counter(names[key][0] for key, split in splits.items() if split is Split.VAL)
    assert kept == {"rare": 2, "common": 18}


@given(groups=_GROUPS)
def test_a_group_is_never_torn_apart(groups: list[tuple[str, ...]]) -> None:
    splits = new_splits(groups, {}, {})
    assert set(splits) == {key for group in groups for key in group}
    if len(groups) > 1:
        assert all(len({splits[key] for key in group}) == 1 for group in groups)


@given(groups=_GROUPS)
def test_two_groups_are_enough_to_train_and_to_measure(groups: list[tuple[str, ...]]) -> None:
    if len(groups) > 1:
        assert {Split.TRAIN, Split.VAL} <= set(new_splits(groups, {}, {}).values())


@given(groups=_GROUPS, n_known=st.integers(0, 60))
def test_images_that_come_later_move_none(groups: list[tuple[str, ...]], n_known: int) -> None:
    keys = [key for group in groups for key in group]
    early = [kept for group in groups if (kept := tuple(k for k in group if k in keys[:n_known]))]
    first = new_splits(early, {}, {}) if early else {}
    later = new_splits(groups, {}, first)
    assert not set(first) & set(later)
    assert set(first) | set(later) == set(keys)


def test_images_done_one_by_one_come_out_like_all_at_once() -> None:
    splits: dict[str, Split] = {}
    for n in range(1, 101):
        splits.update(new_splits(_alone(n), {}, splits))
    assert Counter(splits.values())[Split.VAL] in (19, 20, 21)
    assert splits["0.png"] is Split.TRAIN
    assert splits["1.png"] is Split.VAL


def test_a_near_duplicate_joins_the_split_of_the_one_before() -> None:
    known = {"a.png": Split.VAL, "b.png": Split.TRAIN}
    groups = [("a.png", "a copy.png"), ("b.png", "b copy.png")]
    assert new_splits(groups, {}, known) == {"a copy.png": Split.VAL, "b copy.png": Split.TRAIN}


def test_a_project_of_one_video_keeps_its_end_to_measure_with() -> None:
    frames = tuple(f"frame_{i:06}.png" for i in range(10))
    splits = new_splits([frames], {}, {})
    assert [key for key in frames if splits[key] is Split.VAL] == list(frames[8:])


def test_a_single_image_trains() -> None:
    assert new_splits(_alone(1), {}, {}) == {"0.png": Split.TRAIN}


def test_the_same_seed_gives_the_same_splits_in_any_order() -> None:
    there, back = _alone(50), list(reversed(_alone(50)))
    assert new_splits(there, {}, {}) == new_splits(back, {}, {})
    assert new_splits(there, {}, {}, seed=1) != new_splits(there, {}, {}, seed=2)


def test_splits_are_stored_and_never_given_to_images_that_are_not_done(
    project: Project, folder: Path, labels: Labels
) -> None:
    project.write("a.png", labels(state=ImageState.DONE), stamp="")
    project.write("b.png", labels(), stamp="")
    assert project.assign_splits() == {"a.png": Split.TRAIN}
    assert project.assign_splits() == {}
    project.close()
    again = Project.open(folder)
    assert again.splits == {"a.png": Split.TRAIN}
    assert again.keys_of(Split.TRAIN) == ("a.png",)
    again.close()


def test_only_the_asked_images_get_a_split(project: Project, labels: Labels) -> None:
    for key in project.keys:
        project.write(key, labels(state=ImageState.DONE), stamp="")
    assert set(project.assign_splits(["b.png"])) == {"b.png"}


def test_an_image_that_is_done_no_more_keeps_its_split_and_is_not_used(
    project: Project, labels: Labels
) -> None:
    stamp = project.write("a.png", labels(state=ImageState.DONE), stamp="")
    project.assign_splits()
    project.write("a.png", labels(), stamp=stamp)
    assert project.splits == {"a.png": Split.TRAIN}
    assert project.keys_of(Split.TRAIN) == ()


def test_a_copy_of_an_image_joins_its_split(
    project: Project, tmp_path: Path, folder: Path, labels: Labels
) -> None:
    for key in project.keys:
        project.write(key, labels(state=ImageState.DONE), stamp="")
    before = dict(project.assign_splits())
    assert set(before.values()) == {Split.TRAIN, Split.VAL}
    for key, split in before.items():
        copy = project.add_image(folder / key, f"copy of {key}")
        project.write(copy, labels(state=ImageState.DONE), stamp="")
        assert project.assign_splits() == {copy: split}


def test_a_split_is_given_by_name_where_the_picture_cannot_be_read(
    project: Project, folder: Path, labels: Labels, instance: Callable[..., Instance]
) -> None:
    project.add_class("x")
    project.write("a.png", labels(instance("i"), state=ImageState.DONE), stamp="")
    (folder / "a.png").write_bytes(b"")
    assert project.assign_splits() == {"a.png": Split.TRAIN}
