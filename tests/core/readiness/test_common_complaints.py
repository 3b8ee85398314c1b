"""What people meet most when they fine-tune with detectron2, and what they are told here instead.

The docstring of each test is the complaint, with the numbers that detectron2's tracker gives it.
What the loop itself has to answer (NaN, memory that runs out, a stop in time, the best weights, a
curve on val, going on) is tested where the loop is.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from core.configs import EngineConfig, TrainConfig
from core.engines import EngineShelf
from core.engines.maskrcnn import load
from core.errors import AppError
from core.events import Finished, Noted
from core.jobs import all_jobs, run_job
from core.maskrcnn.config import class_names_from_yaml, settings_to_yaml, small_settings
from core.maskrcnn.preprocess import network_pixels
from core.project import Project
from core.run_folder import Snapshot
from core.training.lesson import target_of, training_images
from core.training.snapshot import Taken, taken
from core.types import ImageLabels, ImageState, Instance, Json, Part, Split

torch.set_num_threads(1)

SIZE_HW = (60, 80)
FIG = [[5, 5], [30, 5], [30, 25], [5, 25]]
DATE = [[40, 30], [70, 30], [70, 55], [40, 55]]


def shape(points: Sequence[Sequence[float]], label: str = "fig", kind: str = "polygon") -> Json:
    return {"label": label, "points": points, "shape_type": kind}


def put(
    folder: Path, name: str, shapes: Sequence[Json], *, size_hw: tuple[int, int] = SIZE_HW
) -> None:
    """A label file as labelme writes it."""
    value = {
        "shapes": list(shapes),
        "imagePath": name,
        "imageHeight": size_hw[0],
        "imageWidth": size_hw[1],
    }
    (folder / name).with_suffix(".json").write_text(json.dumps(value))


def picture(number: int) -> Image.Image:
    rng = np.random.default_rng(number)
    return Image.fromarray(rng.integers(0, 255, (*SIZE_HW, 3), dtype=np.uint8))


@pytest.fixture
def photos(folder: Path) -> Path:
    """Sixty photos that labelme labelled, a fig and a date in each: nothing is wrong with them."""
    for number in range(60):
        picture(number).save(folder / f"{number:02}.png")
        put(folder, f"{number:02}.png", [shape(FIG), shape(DATE, "date")])
    return folder


def preflight(folder: Path, **told: Json) -> tuple[Taken, str]:
    """What a run takes, and all that is said before it begins."""
    steps, said = taken(TrainConfig(str(folder), **told)), []
    while True:
        try:
            event = next(steps)
        except StopIteration as end:
            found: Taken = end.value
            said += [f"{one.sentence} {one.help}" for one in found.warnings]
            return found, "\n".join(said)
        if isinstance(event, Noted):
            said.append(event.sentence)


def test_a_folder_with_nothing_wrong_is_told_nothing(photos: Path) -> None:
    """Without this one, every other would pass where all is always said."""
    assert preflight(photos)[1] == ""


def test_no_valid_data(photos: Path) -> None:
    """ "No valid data found in my_dataset" (#2415)."""
    for file in photos.glob("*.json"):
        put(photos, file.with_suffix(".png").name, [])
    with pytest.raises(AppError, match=r"^No image is done, so there is nothing to learn from\. "):
        preflight(photos)


def test_annotations_that_are_all_crowds(photos: Path, opened: Callable[[], Project]) -> None:
    """ "Removed 500 images with no usable annotations": iscrowd was 1 (#5027, #2415)."""
    project = opened()
    for key in project.keys:
        loaded = project.read(key)
        fig, date = loaded.labels.instances
        labels = replace(loaded.labels, instances=(replace(fig, crowd=True), date))
        project.write(key, labels, stamp=loaded.stamp)
    assert "All that is labelled as fig is marked as a crowd" in preflight(photos)[1]


def test_category_ids_that_do_not_begin_at_zero(
    folder: Path, opened: Callable[[], Project]
) -> None:
    """ "Category ids in annotations are not in [1, #categories]!" (#5097, #1731, #5113)."""
    picture(0).save(folder / "a.png")
    project = opened()
    fig = project.add_class("fig", wished_id=7)
    date = project.add_class("date", wished_id=90)
    instances = (Instance("a", date.id, (Part(DATE),)), Instance("b", fig.id, (Part(FIG),)))
    project.write("a.png", ImageLabels(SIZE_HW, instances, ImageState.DONE), stamp="")
    found, _ = preflight(folder)
    (image,) = training_images(found.snapshot, Split.TRAIN)
    assert [one.class_index for one in image.taught] == [1, 0]


def test_ids_out_of_range(photos: Path) -> None:
    """ "A prediction has category_id=10, which is not available in the dataset", and CUDA's
    device-side assert (#4596, #2213)."""
    found, _ = preflight(photos)
    gone = tuple(one for one in found.snapshot.classes if one.name == "date")
    lessons = training_images(replace(found.snapshot, classes=gone), Split.TRAIN)
    assert {one.class_index for image in lessons for one in image.taught} == {0}
    assert all(len(image.ignored) == 1 for image in lessons)


def test_another_mapping_of_ids_on_val(photos: Path, opened: Callable[[], Project]) -> None:
    """Ids were mapped by what each split holds, so that val meant other classes (#3820)."""
    project = opened()
    project.take_stock()
    for key in project.keys_of(Split.VAL):
        put(photos, key, [shape(DATE, "date")])
    found, said = preflight(photos)
    names = [one.name for one in found.snapshot.classes]
    lessons = training_images(found.snapshot, Split.VAL)
    assert {names[one.class_index] for image in lessons for one in image.taught} == {"date"}
    assert "No image to measure on shows fig, so there will be no AP of it." in said


def test_ap_of_zero(photos: Path, opened: Callable[[], Project]) -> None:
    """AP is 0.0 for a class that no image teaches (#2957, #1850)."""
    project = opened()
    project.take_stock()
    for key in project.keys_of(Split.TRAIN):
        put(photos, key, [shape(FIG)])
    assert (
        "No image to learn from shows date, so the model will never find it."
        in (preflight(photos)[1])
    )


def test_ap_of_minus_one(folder: Path) -> None:
    """AP is -1 where there is nothing to measure on (#607, #574)."""
    picture(0).save(folder / "a.png")
    put(folder, "a.png", [shape(FIG)])
    assert "No done image is kept to measure on, so nothing can be said" in preflight(folder)[1]


def test_ap_that_jumps_from_run_to_run(folder: Path) -> None:
    """AP of five val images is compared to two digits (#1850)."""
    for number in range(20):
        picture(number).save(folder / f"{number}.png")
        put(folder, f"{number}.png", [shape(FIG)])
    found, said = preflight(folder)
    assert found.n_val == 4
    assert "AP of so few is a coarse number." in said


def test_no_val_at_all(photos: Path) -> None:
    """DATASETS.TEST = () is copied from the tutorial, so that nothing is ever measured (#222)."""
    assert preflight(photos)[0].n_val == 12


def test_width_and_height_that_exif_swaps(photos: Path) -> None:
    """SizeMismatchError: Mismatched (W,H), got (4128, 3096), expect (3096, 4128) (#788, #213,
    #1861)."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(0).save(photos / "00.png", exif=exif)
    said = preflight(photos)[1]
    assert "1 image is turned against its labels: width and height are swapped" in said
    assert "EXIF" in said


def test_a_size_that_is_another_one(photos: Path) -> None:
    """SizeMismatchError after the pictures were scaled down and the labels were not (#863)."""
    put(photos, "00.png", [shape(FIG)], size_hw=(120, 160))
    assert "1 image is of another size than when labelled" in preflight(photos)[1]


def test_a_photo_that_breaks_off(photos: Path) -> None:
    """OSError: image file is truncated, hours after the start (#143)."""
    whole = (photos / "07.png").read_bytes()
    (photos / "07.png").write_bytes(whole[:-2000])
    found, said = preflight(photos)
    assert "07.png is left out" in said
    assert len(found.snapshot.images) == 59


def test_a_file_that_is_no_picture(photos: Path) -> None:
    """OSError: cannot identify image file (#330)."""
    (photos / "07.png").write_text("<html>404</html>")
    found, said = preflight(photos)
    assert "holds no image, whatever its name says" in said
    assert len(found.snapshot.images) == 59


def test_images_that_are_not_found(photos: Path, opened: Callable[[], Project]) -> None:
    """FileNotFoundError of an image in the first iterations (#4532)."""
    project = opened()
    project.take_stock()
    project.close()
    (photos / "07.png").unlink()
    found, said = preflight(photos)
    assert "1 image with labels is not in the folder any more: 07.png." in said
    assert len(found.snapshot.images) == 59


def test_polygons_of_two_points(photos: Path) -> None:
    """assert len(polygon) % 2 == 0 and len(polygon) >= 6 (#103, #4548)."""
    put(photos, "07.png", [shape(FIG), shape([[1, 1], [9, 9]]), shape(DATE, "date")])
    found, said = preflight(photos)
    assert "1 shape in 1 label file is no region and teaches nothing" in said
    (image,) = (one for one in found.snapshot.images if one.key == "07.png")
    assert len(image.labels.instances) == 2


def test_boxes_without_height_or_width(photos: Path) -> None:
    """ "All bounding boxes should have positive height and width": NaN follows (#2740 of
    torchvision)."""
    put(photos, "07.png", [shape(FIG), shape([[9, 9], [40, 9], [20, 9]]), shape(DATE, "date")])
    found, said = preflight(photos)
    assert "1 instance in 1 image covers less than a pixel" in said
    (lesson,) = (
        one for one in training_images(found.snapshot, Split.TRAIN) if one.file.name == "07.png"
    )
    assert len(target_of(lesson, SIZE_HW).boxes) == 2


def test_polygons_outside_the_image(photos: Path) -> None:
    """Points beyond the picture, of tools whose canvas is larger (matterport #636, #1514)."""
    put(photos, "07.png", [shape([[60, 5], [120, 5], [120, 25], [60, 25]]), shape(DATE, "date")])
    put(photos, "08.png", [shape([[90, 5], [120, 5], [120, 25]]), shape(DATE, "date")])
    said = preflight(photos)[1]
    assert "1 instance in 1 image reaches over the edge of its image." in said
    assert "1 instance in 1 image lies beside its image and teaches nothing." in said


def test_polygons_that_cross_themselves(photos: Path) -> None:
    """A mask with holes where two lines of a polygon cross (mmocr #1004: TopologyException)."""
    bow = [[5, 5], [30, 25], [30, 5], [5, 25]]
    put(photos, "07.png", [shape(bow), shape(DATE, "date")])
    assert "1 instance in 1 image has an outline that crosses itself" in preflight(photos)[1]


def test_masks_with_holes(folder: Path, opened: Callable[[], Project]) -> None:
    """ "Failed to use mask_format=='polygon' from the given annotations!" (#4548, #2811, #200)."""
    picture(0).save(folder / "a.png")
    project = opened()
    ring = Part(DATE, ([[50, 35], [60, 35], [60, 45], [50, 45]],))
    instances = (Instance("a", project.add_class("ring").id, (ring,)),)
    project.write("a.png", ImageLabels(SIZE_HW, instances, ImageState.DONE), stamp="")
    (lesson,) = training_images(preflight(folder)[0].snapshot, Split.TRAIN)
    (mask,) = target_of(lesson, SIZE_HW).masks
    assert isinstance(mask, dict)
    assert tuple(mask["size"]) == SIZE_HW


def test_boxes_in_another_mode(photos: Path) -> None:
    """XYWH was taken for XYXY, and box AP stayed 0 (#2957, #2524): here boxes come of outlines."""
    lesson = training_images(preflight(photos)[0].snapshot, Split.TRAIN)[0]
    assert target_of(lesson, SIZE_HW).boxes.tolist() == [[5, 5, 30, 25], [40, 30, 70, 55]]


def test_images_without_objects(folder: Path, opened: Callable[[], Project]) -> None:
    """Images without annotations were dropped, and false positives stayed (#415, #4082)."""
    project = opened()
    for name, instances in (
        ("a.png", (Instance("a", project.add_class("fig").id, (Part(FIG),)),)),
        ("b.png", ()),
    ):
        picture(len(instances)).save(folder / name)
        project.write(name, ImageLabels(SIZE_HW, instances, ImageState.DONE), stamp="")
    snapshot = preflight(folder)[0].snapshot
    images = tuple(replace(one, split=Split.TRAIN) for one in snapshot.images)
    lessons = training_images(Snapshot(snapshot.classes, images), Split.TRAIN)
    assert [len(one.taught) for one in lessons] == [1, 0]


@pytest.mark.parametrize(("order", "place"), [("RGB", 0), ("BGR", 2)])
def test_colours_in_another_order(order: str, place: int) -> None:
    """RGB was given where the weights learnt BGR (#2050, #3250)."""
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 255
    pixels = network_pixels(red, replace(small_settings(1), input_format=order))
    assert pixels.amax(dim=(1, 2)).tolist() == [255.0 if one == place else 0.0 for one in range(3)]


def test_a_class_that_is_background(photos: Path) -> None:
    """_background_ became a category like the others (#585, #4160)."""
    put(photos, "07.png", [shape(FIG), shape(DATE, "date"), shape(FIG, "_background_")])
    assert "_background_ is labelled like an object" in preflight(photos)[1]


def test_class_names_that_differ_in_case(photos: Path) -> None:
    """One class is two, spelt differently by two people."""
    for number in range(0, 60, 2):
        put(photos, f"{number:02}.png", [shape(FIG, "Fig"), shape(DATE, "date")])
    said = preflight(photos)[1]
    assert "“Fig” and “fig” are two classes whose names differ only in case or blanks" in said


def test_more_objects_than_a_model_gives(photos: Path) -> None:
    """At most 100 instances are ever found (#1045, #1164)."""
    many = [
        shape([[x, y], [x + 5, y], [x + 5, y + 4], [x, y + 4]])
        for x in range(0, 78, 6)
        for y in range(0, 55, 5)
    ]
    put(photos, "07.png", many)
    assert "1 image has more than 100 instances" in preflight(photos)[1]


def test_objects_that_are_too_small_to_be_seen(folder: Path) -> None:
    """Objects of 10 x 20 pixels in large photos are never found (#1213, #1870)."""
    for number in range(12):
        picture(number).resize((800, 600), Image.Resampling.NEAREST).save(folder / f"{number}.png")
        seed = [[100, 100], [110, 100], [110, 120], [100, 120]]
        put(folder, f"{number}.png", [shape(seed, "seed")], size_hw=(600, 800))
    # the small model is shown 400 x 533: 14 pixels become 9
    assert "Every instance of seed is smaller than 16 pixels" in preflight(folder)[1]
    # a published one is shown 800 x 1067: they become 19
    assert "smaller than 16" not in preflight(folder, weights="mask_rcnn_R_50_FPN_3x")[1]


def test_too_few_images(folder: Path) -> None:
    """Nothing is predicted after learning from a handful of images (#675, #1956)."""
    for number in range(5):
        picture(number).save(folder / f"{number}.png")
        put(folder, f"{number}.png", [shape(FIG)])
    said = preflight(folder)[1]
    assert "There are only 4 images to learn from" in said
    assert "Fewer than 5 instances to learn from: fig (4)." in said


def test_one_thing_that_is_labelled_twice(photos: Path) -> None:
    """Annotations that are there twice (mmdetection #4782)."""
    put(photos, "07.png", [shape(FIG), shape(FIG), shape(DATE, "date")])
    assert "1 instance in 1 image is labelled twice." in preflight(photos)[1]


def leak_of(photos: Path, opened: Callable[[], Project]) -> Project:
    """The project in which a photo that is learnt from is also one that is measured on."""
    project = opened()
    project.take_stock()
    train, val = project.keys_of(Split.TRAIN)[0], project.keys_of(Split.VAL)[0]
    (photos / val).write_bytes((photos / train).read_bytes())
    return project


def test_the_same_image_in_train_and_val(photos: Path, opened: Callable[[], Project]) -> None:
    """Val images that were in train, and AP too good to be true (LIVECell #26)."""
    leak_of(photos, opened)
    said = preflight(photos)[1]
    assert "1 picture is both learnt from and measured on" in said
    assert "AP would be too good." in said


def test_the_same_image_twice_in_train(photos: Path, opened: Callable[[], Project]) -> None:
    """Images that are there twice under two names."""
    project = opened()
    project.take_stock()
    one, other, *_ = project.keys_of(Split.TRAIN)
    (photos / other).write_bytes((photos / one).read_bytes())
    assert f"1 image is a copy of another and counts once more: {other}." in preflight(photos)[1]


def test_labels_that_nobody_called_done(photos: Path, opened: Callable[[], Project]) -> None:
    """Half of the labels were not in the file that was trained on."""
    project = opened()
    loaded = project.read("07.png")
    labels = replace(loaded.labels, state=ImageState.STARTED)
    project.write("07.png", labels, stamp=loaded.stamp)
    said = preflight(photos)[1]
    assert "1 image with labels of yours is not done and is left out." in said


def test_a_disk_that_is_nearly_full(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OSError: No space left on device at a checkpoint."""
    weights = photos / "start.pth"
    with weights.open("wb") as file:
        file.truncate(100_000_000)
    usage = SimpleNamespace(total=1, used=0, free=500_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    said = preflight(photos, weights=str(weights))[1]
    assert "0.5 GB are free on the disk of the run, and its checkpoints can take 1.0 GB." in said


def test_a_data_set_that_is_read_twice(photos: Path) -> None:
    """AssertionError: Dataset 'my_dataset' is already registered! (#1647)."""
    first, second = preflight(photos)[0], preflight(photos)[0]
    assert first.snapshot == second.snapshot


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """The result of a run of two iterations with two classes, from a config of 80."""
    home = tmp_path_factory.mktemp("learnt")
    folder = home / "photos"
    folder.mkdir()
    for number in range(6):
        picture(number).save(folder / f"{number}.png")
        put(folder, f"{number}.png", [shape(FIG), shape(DATE, "date")])
    settings = replace(small_settings(80), min_size_test=64, max_size_test=96)
    (home / "model.yaml").write_text(settings_to_yaml(settings, class_names=()))
    config = TrainConfig(
        str(folder), model_config=str(home / "model.yaml"), out=str(home / "run"), iterations=2,
        batch_size=2, threads=1, device="cpu",
    )  # fmt: skip
    *_, last = run_job("train", config, EngineShelf(), jobs=all_jobs())
    assert isinstance(last, Finished)
    return dict(last.result)


def test_a_number_of_classes_that_somebody_has_to_type(learnt: dict[str, Json]) -> None:
    """NUM_CLASSES was left at 80, or is one too many for the background (#1956, #3820)."""
    engine = load(EngineConfig(learnt["weights"], device="cpu"))
    assert len(engine.class_names) == 2


def test_class_names_that_are_lost(learnt: dict[str, Json]) -> None:
    """Boxes say "person 98 %", or a percentage alone (#1421, #790, #326)."""
    names = ["fig", "date"]
    assert load(EngineConfig(learnt["weights"], device="cpu")).class_names == tuple(names)
    assert list(class_names_from_yaml(Path(learnt["config"]).read_text())) == names
