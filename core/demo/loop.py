"""Once around the loop: draw, import, fine-tune, pre-label, correct, fine-tune again, export."""

import json
import shutil
from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path

from core.batches import written
from core.class_map import mapped_class_ids
from core.configs import (
    DemoConfig,
    EngineConfig,
    ExportConfig,
    ImportConfig,
    PrelabelConfig,
    TrainConfig,
)
from core.demo.drawing import CLASS_NAMES, SIDE, DrawnImage, drawn_images
from core.demo.overlays import write_overlay
from core.engines import EngineShelf
from core.errors import AppError
from core.evaluation.instances import instances_of
from core.events import CheckpointSaved, Event, Finished, Metrics, Noted, Progress
from core.geometry import bounds_of, iou, parts_area, rle_of
from core.images import read_image, write_png
from core.jobs import JobSpec, all_jobs
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, InstanceState, Json, new_instance_id

_LABELLED = 30  # images that come with labels; the rest is pre-labelled and corrected
_NEW = 20
_ITERATIONS = (150, 90)
_FOLDERS = ("project", "overlays", "export", "drawn", "runs")
_MARK = ".maskloop-demo"  # a folder with it was made by a demo, and may be emptied by the next
_GOOD_ENOUGH = 0.9  # mask IoU at which a person accepts a prediction as it is


def draw(config: DemoConfig, _engines: EngineShelf) -> Generator[Event, None, None]:
    """Only the project of the demo: pictures, and labels for the first of them."""
    out = _emptied(config.out)
    yield from _drawn_project(out)
    yield Finished({"project": str(out / "project")})


def run(config: DemoConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The whole loop; leaves OUT/project, OUT/export/coco.json and OUT/overlays."""
    out = _emptied(config.out)
    folder = out / "project"
    truth = yield from _drawn_project(out)
    yield Noted(f"Fine-tuning a tiny Mask R-CNN from scratch, {_ITERATIONS[0]} iterations.")
    first = yield from _trained(out, engines, "none", _ITERATIONS[0])
    yield Noted(f"Pre-labelling the {_NEW} new images with the weights of this first round.")
    yield from _prelabelled(folder, first["weights"], engines)
    yield from _corrected(folder, truth)
    yield Noted(f"Fine-tuning on with the corrected labels, {_ITERATIONS[1]} iterations.")
    second = yield from _trained(out, engines, first["weights"], _ITERATIONS[1])
    yield from _exported(out, folder, engines)
    yield from _overlaid(out, folder, second["weights"], engines)
    yield Finished(
        {
            "project": str(folder),
            "overlays": str(out / "overlays"),
            "coco": str(out / "export" / "coco.json"),
            "weights": second["weights"],
            "before": second["before"],
            "after": second["after"],
        }
    )


JOBS = (JobSpec("demo", DemoConfig, run), JobSpec("demo_project", DemoConfig, draw))


def _emptied(out: str) -> Path:
    """The folder, without what an earlier demo left there.

    Raises:
        AppError: it holds something that no demo made, or cannot be written.
    """
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_ours = (folder / _MARK).is_file()
        if not is_ours and any(folder.iterdir()):
            raise AppError(
                f"{folder} is not empty, and what is in it is not of a demo; name an empty folder"
                " by --out."
            )
        (folder / _MARK).touch()
        for name in _FOLDERS:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
    except OSError as error:
        raise AppError(f"The demo cannot write into {folder}: {error.strerror}.") from error
    return folder


def _drawn_project(out: Path) -> Generator[Event, None, dict[str, DrawnImage]]:
    yield Noted(f"Drawing {_LABELLED + _NEW} images, {_LABELLED} of them with labels.")
    truth = {
        f"drawn_{index:02d}.png": image
        for index, image in enumerate(drawn_images(_LABELLED + _NEW, seed=7))
    }
    source = out / "drawn"
    source.mkdir()
    for name, image in truth.items():
        write_png(source / name, image.pixels)
    labelled = dict(list(truth.items())[:_LABELLED])
    (source / "labels.json").write_text(json.dumps(_coco(labelled)), encoding="utf-8")
    folder = out / "project"
    folder.mkdir()
    for name in truth:
        shutil.copyfile(source / name, folder / name)
    yield Noted(f"Importing their labels from COCO JSON into {folder}.")
    config = ImportConfig(str(source / "labels.json"), "coco", str(folder))
    yield from _watched(all_jobs()["import"].run(config, EngineShelf()))
    return truth


def _coco(images: dict[str, DrawnImage]) -> Json:
    annotations: list[Json] = []
    for image_id, image in enumerate(images.values(), start=1):
        for part, name in zip(image.parts, image.class_names, strict=True):
            x0, y0, x1, y1 = bounds_of((part,))
            polygon = [part.outer.ravel().tolist()]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": CLASS_NAMES.index(name) + 1,
                    "segmentation": rle_of((part,), (SIDE, SIDE)) if part.holes else polygon,
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "area": parts_area((part,)),
                    "iscrowd": 0,
                }
            )
    return {
        "images": [
            {"id": image_id, "file_name": name, "width": SIDE, "height": SIDE}
            for image_id, name in enumerate(images, start=1)
        ],
        "categories": [{"id": i, "name": name} for i, name in enumerate(CLASS_NAMES, start=1)],
        "annotations": annotations,
    }


def _watched(events: Iterable[Event]) -> Generator[Event, None, Json]:
    """The events of a job inside this one, all but the end; its result."""
    result: Json = {}
    for event in events:
        if isinstance(event, Finished):
            result = dict(event.result)
        elif isinstance(event, Progress | Metrics | Noted | CheckpointSaved):
            yield event
    return result


def _trained(
    out: Path, engines: EngineShelf, weights: str, iterations: int
) -> Generator[Event, None, Json]:
    from core.maskrcnn.config import settings_to_yaml, small_settings

    runs = out / "runs"
    runs.mkdir(exist_ok=True)
    model = runs / "model.yaml"
    settings = replace(small_settings(len(CLASS_NAMES)), min_size_test=SIDE, max_size_test=SIDE)
    model.write_text(settings_to_yaml(settings, class_names=()), encoding="utf-8")
    config = TrainConfig(
        folder=str(out / "project"),
        weights=weights,
        model_config=str(model) if weights == "none" else "",
        out=str(runs / f"round_{1 if weights == 'none' else 2}"),
        iterations=iterations,
        evaluate_every=iterations,
        threads=2,
    )
    return (yield from _watched(all_jobs()["train"].run(config, engines)))


def _prelabelled(folder: Path, weights: str, engines: EngineShelf) -> Generator[Event, None, None]:
    config = PrelabelConfig(EngineConfig(weights, score=0.5), str(folder))
    project = Project.open(folder)
    try:
        job = all_jobs()["prelabel"]
        yield from _watched(written(project, config, lambda: job.run(config, engines)))
    finally:
        project.close()


def _corrected(folder: Path, truth: dict[str, DrawnImage]) -> Generator[Event, None, None]:
    """Does what a person does: accepts what is right, corrects the rest, marks the image done."""
    project = Project.open(folder)
    accepted = corrected = 0
    try:
        for key in list(truth)[_LABELLED:]:
            loaded = project.read(key)
            after = _as_a_person_would(loaded.labels, truth[key], project)
            accepted += sum(one.state is InstanceState.ACCEPTED for one in after.instances)
            corrected += sum(one.state is not InstanceState.ACCEPTED for one in after.instances)
            project.write(key, after, stamp=loaded.stamp)
    finally:
        project.close()
    yield Noted(
        f"Reviewing them in a person's place, against what was drawn: {accepted} instances"
        f" accepted as predicted, {corrected} corrected or drawn."
    )


def _as_a_person_would(labels: ImageLabels, truth: DrawnImage, project: Project) -> ImageLabels:
    instances = []
    for part, name in zip(truth.parts, truth.class_names, strict=True):
        label_class = project.class_named(name) or project.add_class(name)
        overlaps = [(iou(one.parts, (part,)), one) for one in labels.instances]
        overlap, best = max(overlaps, key=lambda pair: pair[0], default=(0.0, None))
        if best and overlap >= _GOOD_ENOUGH and best.class_id == label_class.id:
            instances.append(replace(best, state=InstanceState.ACCEPTED))
        elif best and overlap >= 0.5:
            instances.append(
                replace(best, class_id=label_class.id, parts=(part,), state=InstanceState.EDITED)
            )
        else:
            instances.append(Instance(new_instance_id(), label_class.id, (part,)))
    return replace(labels, instances=tuple(instances), state=ImageState.DONE)


def _exported(out: Path, folder: Path, engines: EngineShelf) -> Generator[Event, None, None]:
    target = out / "export"
    target.mkdir()
    yield Noted(f"Exporting COCO JSON to {target / 'coco.json'}.")
    config = ExportConfig(str(folder), "coco", str(target / "coco.json"))
    yield from _watched(all_jobs()["export"].run(config, engines))


def _overlaid(
    out: Path, folder: Path, weights: str, engines: EngineShelf
) -> Generator[Event, None, None]:
    """Pictures of what the last weights see in images that they were never shown."""
    target = out / "overlays"
    target.mkdir()
    fresh = out / "drawn" / "fresh"
    fresh.mkdir()
    for index, image in enumerate(drawn_images(8, seed=8)):
        write_png(fresh / f"fresh_{index}.png", image.pixels)
    yield Noted(f"Drawing what the new weights see in 8 fresh images to {target}.")
    classes = Project.open(folder, wants_to_write=False).classes
    by_id = {one.id: one for one in classes}
    engine = yield from engines.engine(EngineConfig(weights, score=0.5))
    class_ids = mapped_class_ids(engine.class_names, classes, {})
    for path in sorted(fresh.iterdir()):
        pixels = read_image(path)
        (detections,) = engine.predict([pixels])
        found = instances_of(detections, class_ids, source="demo")
        labels = ImageLabels((SIDE, SIDE), tuple(one for one in found if one))
        write_overlay(target / path.name, pixels, labels, by_id)
