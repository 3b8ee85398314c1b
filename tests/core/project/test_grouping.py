from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from core.project.grouping import picture_hash, together

Image = npt.NDArray[np.uint8]


def _photo(seed: int) -> Image:
    """Something with the coarse and fine structure of a photo."""
    random = np.random.default_rng(seed)
    image = np.zeros((360, 480, 3), np.float32)
    for side in (4, 9, 20, 60):
        noise = random.uniform(-1, 1, (side, side, 3)).astype(np.float32)
        image += cv2.resize(noise, (480, 360), interpolation=cv2.INTER_CUBIC) / side**0.5
    return np.clip(128 + 100 * image, 0, 255).astype(np.uint8)


def _shapes(seed: int) -> Image:
    """Flat shapes on a flat ground, as drawn data sets have them."""
    random = np.random.default_rng(seed)
    image = np.full((256, 256, 3), 200, np.uint8)
    for _ in range(4):
        x, y = (int(one) for one in random.integers(40, 216, 2))
        colour = tuple(int(one) for one in random.integers(0, 160, 3))
        cv2.circle(image, (x, y), int(random.integers(15, 40)), colour, -1)
    return image


def _recompressed(image: Image) -> Image:
    small = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize("make", [_photo, _shapes])
def test_a_smaller_and_recompressed_copy_stays_with_its_original(make: object) -> None:
    assert callable(make)
    for seed in range(20):
        image = make(seed)
        hashes = {"a.png": picture_hash(image), "x.jpg": picture_hash(_recompressed(image))}
        assert together(["a.png", "x.jpg"], hashes) == [("a.png", "x.jpg")]


@pytest.mark.parametrize("make", [_photo, _shapes])
def test_different_pictures_are_apart_even_when_their_names_are_counted(make: object) -> None:
    assert callable(make)
    keys = [f"image_{seed:03}.png" for seed in range(60)]
    hashes = {key: picture_hash(make(seed)) for seed, key in enumerate(keys)}
    assert together(keys, hashes) == [(key,) for key in keys]


def test_a_burst_of_counted_names_is_together() -> None:
    scene = _photo(1)
    keys = [f"IMG_{number}.jpg" for number in (9, 10, 11)]
    moved = [scene[:, dx : 440 + dx] for dx in (0, 4, 8)]
    hashes = {key: picture_hash(image) for key, image in zip(keys, moved, strict=True)}
    assert together(keys, hashes) == [tuple(keys)]


def test_frames_of_one_video_are_together_whatever_they_show() -> None:
    keys = ["v/frame_000123.PNG", "v/frame_000480.PNG", "w/frame_000123.PNG", "v/other_1.png"]
    assert together(keys, {}) == [
        ("v/frame_000123.PNG", "v/frame_000480.PNG"),
        ("w/frame_000123.PNG",),
        ("v/other_1.png",),
    ]


def test_frames_of_two_videos_in_one_folder_are_apart() -> None:
    keys = ["walk_frame12.jpg", "walk_frame13.jpg", "run_frame12.jpg"]
    assert together(keys, {}) == [("walk_frame12.jpg", "walk_frame13.jpg"), ("run_frame12.jpg",)]


def test_blank_pictures_are_near_duplicates() -> None:
    hashes = {key: picture_hash(np.full((50, 50, 3), 255, np.uint8)) for key in ("a", "b")}
    assert together(["a", "b"], hashes) == [("a", "b")]


def test_pictures_that_could_not_be_read_go_by_name() -> None:
    assert together(["a.png", "b.png"], {}) == [("a.png",), ("b.png",)]


def test_grouping_does_not_depend_on_the_order_of_the_keys() -> None:
    hashes = {f"{n}.png": picture_hash(_photo(n // 2)) for n in range(8)}
    groups = {frozenset(group) for group in together(list(hashes), hashes)}
    assert groups == {frozenset(group) for group in together(list(reversed(hashes)), hashes)}
    assert all(a.isdisjoint(b) for a, b in combinations(groups, 2))
    assert len(groups) == 4
