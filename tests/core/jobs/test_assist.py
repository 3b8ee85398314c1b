"""The jobs of an assistant: prompts, a model fetched ahead, and what is offered."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import osam
import pytest
from PIL import Image

from core.assist import offer_from_json
from core.configs import AssistConfig, AssistFetchConfig, AssistOfferConfig
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Assisted, Event, Finished, Progress, from_line, to_line
from core.geometry import bounds_of
from core.jobs import all_jobs, run_job
from tests.core.assist.conftest import discs as discs
from tests.core.assist.made import Offered


def run(name: str, config: Any, engines: EngineShelf) -> list[Event]:
    return list(run_job(name, config, engines, jobs=all_jobs()))


def assisted(events: Sequence[Event]) -> Assisted:
    (found,) = [event for event in events if isinstance(event, Assisted)]
    return found


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    Image.new("RGB", (200, 120), (51, 51, 51)).save(path)
    return path


@pytest.mark.usefixtures("discs")
def test_a_prompt_is_answered_with_parts_that_survive_the_way_to_the_window(image: Path) -> None:
    config = AssistConfig(str(image), points=((60.0, 50.0, True),))
    events = run("assist", config, EngineShelf())
    found = assisted(events)
    assert found.image == str(image)
    assert (len(found.parts), found.scores) == (1, (1.0,))
    assert from_line(to_line(found)) == found
    assert events[-1] == Finished({"is_here": True})


def test_an_embedding_ahead_is_there_for_the_prompt_that_follows(
    discs: Offered, image: Path
) -> None:
    engines = EngineShelf()
    ahead = run("assist", AssistConfig(str(image)), engines)
    assert assisted(ahead) == Assisted(str(image), (), ())
    assert ahead[-1] == Finished({"is_here": True})
    run("assist", AssistConfig(str(image), box=(10.0, 10.0, 50.0, 50.0)), engines)
    assert len(discs.encoded_hw) == 1


def test_nothing_is_downloaded_for_an_embedding_ahead(
    discs: Offered, image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "new home"))
    events = run("assist", AssistConfig(str(image)), EngineShelf())
    assert events[-1] == Finished({"is_here": False})
    assert not (tmp_path / "new home").exists()


def test_a_model_that_is_fetched_ahead_is_ready(discs: Offered, image: Path) -> None:
    engines = EngineShelf()
    run("assist_fetch", AssistFetchConfig(), engines)
    for blob in discs.made.blobs.values():
        Path(blob.path).unlink()
    config = AssistConfig(str(image), points=((60.0, 50.0, True),))
    assert assisted(run("assist", config, engines)).parts


def test_the_offer_says_which_models_are_here(discs: Offered, tmp_path: Path) -> None:
    osam.apis.registered_model_types.append(Offered(discs.made, "sam2:tiny").kind)
    last = run("assist_offer", AssistOfferConfig(), EngineShelf())[-1]
    assert isinstance(last, Finished)
    models = offer_from_json(last.result["models"])
    assert [(one.model.name, one.is_here) for one in models] == [
        ("efficientsam:10m", True),
        ("sam2:tiny", True),
    ]
    assert last.result["why_not"] == ""


def box_of(values: Sequence[int]) -> Any:
    return osam.types.BoundingBox(
        **dict(zip(("xmin", "ymin", "xmax", "ymax"), values, strict=True))
    )


class Texts:
    """A model that finds boxes by text, as YOLO-World does."""

    name = "yoloworld:latest"
    _blobs: ClassVar[dict[str, Any]] = {}

    def generate(self, request: Any) -> Any:
        (text,) = request.prompt.texts
        if len(text) > 20:
            raise RuntimeError("Input is too long for context length 77")
        boxes = {0.4: (100, 60, 149, 89), 0.9: (20, 10, 69, 39), 0.05: (0, 0, 9, 9)}
        found = [
            osam.types.Annotation(bounding_box=box_of(box), text=text, score=score)
            for score, box in boxes.items()
            if score >= request.prompt.score_threshold
        ]
        return osam.types.GenerateResponse(model=self.name, annotations=found)

    def encode_image(self, _: Any) -> Any:
        raise NotImplementedError


class Alike:
    """A model that tells all that looks like what is in a box, as SAM 3 does."""

    name = "sam3:latest"
    _blobs: ClassVar[dict[str, Any]] = {}

    def generate(self, request: Any) -> Any:
        assert request.prompt.point_labels.tolist() == [2, 3]
        found = [
            osam.types.Annotation(
                bounding_box=box_of(box), mask=np.ones((30, 50), dtype=np.bool_), score=score
            )
            for score, box in ((0.9, (100, 60, 149, 89)), (0.8, (20, 10, 69, 39)))
        ]
        return osam.types.GenerateResponse(
            model=self.name, image_embedding=request.image_embedding, annotations=found
        )

    def encode_image(self, image: Any) -> Any:
        return osam.types.ImageEmbedding(
            original_height=image.shape[0],
            original_width=image.shape[1],
            embedding=np.zeros((1, 1, 1), dtype=np.float32),
        )


@pytest.mark.usefixtures("discs")
def test_of_all_that_looks_alike_the_one_in_the_box_is_meant(image: Path) -> None:
    osam.apis.registered_model_types.append(Alike)
    config = AssistConfig(str(image), "sam3:latest", box=(22.0, 8.0, 71.0, 41.0))
    found = assisted(run("assist", config, EngineShelf()))
    assert found.scores == (0.8,)
    assert bounds_of(found.parts[0]) == pytest.approx((20, 10, 70, 40), abs=0.5)


@pytest.mark.usefixtures("discs")
def test_a_text_that_is_too_long_is_told(image: Path) -> None:
    osam.apis.registered_model_types.append(Texts)
    config = AssistConfig(str(image), "yoloworld:latest", text="jeans " * 20)
    with pytest.raises(AppError, match="Use fewer words"):
        run("assist", config, EngineShelf())


def test_a_text_finds_several_things_best_first_each_outlined_in_its_box(
    discs: Offered, image: Path
) -> None:
    osam.apis.registered_model_types.append(Texts)
    config = AssistConfig(str(image), "yoloworld:latest", text="jeans")
    events = run("assist", config, EngineShelf())
    found = assisted(events)
    assert found.scores == (0.9, 0.4)
    boxes = [bounds_of(parts) for parts in found.parts]
    assert boxes == [
        pytest.approx((20, 10, 70, 40), abs=1),
        pytest.approx((100, 60, 150, 90), abs=1),
    ]
    assert [event.done for event in events if isinstance(event, Progress)] == [1, 2]


@pytest.mark.usefixtures("discs")
def test_a_model_that_nobody_offers_is_named(image: Path) -> None:
    with pytest.raises(AppError, match="No assistant is named nobody"):
        run("assist_fetch", AssistFetchConfig("nobody"), EngineShelf())
