"""What is said of torchvision's weights, and how they are fetched from a small local server."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from torchvision.models import get_model_weights

from core.configs import EngineConfig
from core.errors import AppError
from core.torchvision_models.published import (
    BASE_ADDRESS,
    ENTRIES,
    entry_of,
    fetched,
    path_of,
    published,
)
from core.weights import PublishedWeights
from tests.serving import Quiet, serving

NAME = "maskrcnn_resnet50_fpn"
STAND_IN = bytes(range(256)) * 2000


class Host(Quiet):
    """Sends the stand-in, from where it is asked to."""

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        begin = self.headers.get("Range")
        self.asked.append((self.path, begin))
        start = int(begin.removeprefix("bytes=").rstrip("-")) if begin else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(STAND_IN) - start))
        self.end_headers()
        self.wfile.write(STAND_IN[start:])


@pytest.fixture
def host() -> Iterator[str]:
    Host.asked = []
    with serving(Host) as address:
        yield address + "models/"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where downloads go; the file is named after the stand-in's hash."""
    monkeypatch.setattr("core.torchvision_models.published.weights_folder", lambda: tmp_path)
    digest = hashlib.sha256(STAND_IN).hexdigest()[:8]
    file = f"maskrcnn_resnet50_fpn_coco-{digest}.pth"
    monkeypatch.setitem(ENTRIES, NAME, replace(ENTRIES[NAME], file=file))
    return tmp_path


@pytest.mark.parametrize("ours", published(), ids=lambda entry: entry.name)
def test_an_entry_says_what_torchvision_says(
    ours: PublishedWeights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # of the stand-in
    theirs = get_model_weights(ours.name).COCO_V1
    maps = theirs.meta["_metrics"]["COCO-val2017"]
    assert BASE_ADDRESS + ENTRIES[ours.name].file == theirs.url
    assert (ours.box_ap, ours.mask_ap) == (maps["box_map"], maps.get("mask_map"))
    assert ours.n_bytes == round(theirs.meta["_file_size"] * 2**20)
    assert theirs.url.removesuffix(".pth").endswith(f"-{ENTRIES[ours.name].hash_prefix}")
    assert "license" not in theirs.meta
    assert ours.licence == "none stated"


def test_every_usual_model_is_there_and_the_best_masks_come_first() -> None:
    mask_ap = [entry.mask_ap or 0 for entry in published()]
    assert mask_ap == sorted(mask_ap, reverse=True)
    assert {
        "maskrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn_v2",
        "fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_v2",
    } <= set(ENTRIES)  # fmt: skip


def test_weights_are_fetched_whole_with_progress_and_once(host: str, folder: Path) -> None:
    config = EngineConfig(NAME, engine="torchvision")
    events = list(fetched(config, base=host))
    assert path_of(NAME).read_bytes() == STAND_IN
    assert path_of(NAME).parent == folder
    assert (events[-1].done, events[-1].total, events[-1].unit) == (512_000, 512_000, "bytes")
    assert list(fetched(config, base=host)) == []
    assert len(Host.asked) == 1
    assert {one.name: one.is_here for one in published()}["maskrcnn_resnet50_fpn_v2"] is False


def test_a_cancelled_download_goes_on_where_it_was(host: str) -> None:
    running = iter(fetched(EngineConfig(NAME, engine="torchvision"), base=host))
    done = next(running).done
    running.close()  # type: ignore[attr-defined]
    assert not path_of(NAME).exists()
    list(fetched(EngineConfig(NAME, engine="torchvision"), base=host))
    assert [begin for _, begin in Host.asked] == [None, f"bytes={done}-"]
    assert path_of(NAME).read_bytes() == STAND_IN


def test_another_file_than_the_published_one_is_refused(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = replace(ENTRIES[NAME], file="maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth")
    monkeypatch.setitem(ENTRIES, NAME, changed)
    with pytest.raises(AppError, match=r"SHA256 begins with [0-9a-f]{8}, not bf2d0c1e"):
        list(fetched(EngineConfig(NAME, engine="torchvision"), base=host))
    assert not path_of(NAME).exists()


def test_without_a_network_the_user_is_told_which_file_goes_where() -> None:
    with pytest.raises(AppError) as caught:
        list(fetched(EngineConfig(NAME, engine="torchvision"), base="http://127.0.0.1:9/"))
    assert str(path_of(NAME)) in str(caught.value)


def test_a_file_needs_no_download() -> None:
    assert list(fetched(EngineConfig("mine.pth", engine="torchvision"))) == []


def test_a_file_that_bears_a_published_name_is_known_by_it() -> None:
    file = "/elsewhere/maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth"
    known = entry_of(file)
    assert known is not None
    assert known.name == "maskrcnn_resnet50_fpn_v2"
    assert path_of(file) == Path(file)
    assert entry_of("own.pth") is None
