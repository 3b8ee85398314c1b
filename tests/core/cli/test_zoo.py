"""The subcommand zoo: what it lists, what it fetches."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.cli import zoo
from core.cli.program import run
from core.engines import all_engines
from core.maskrcnn import zoo_download
from core.maskrcnn.zoo import ZOO, zoo_path
from tests.serving import serving_files

NAME = "mask_rcnn_R_50_FPN_3x"
# Made so that its MD5 begins with f10217, as the published file's name says of that file.
WEIGHTS = bytes(range(256)) * 1200 + b"23814564"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("core.maskrcnn.zoo.user_cache_folder", lambda: tmp_path / "cache")


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that a server on this machine shows, where downloads come from."""
    folder = tmp_path / "mirror"
    file = folder / ZOO[NAME].path
    file.parent.mkdir(parents=True)
    file.write_bytes(WEIGHTS)
    with serving_files(folder) as address:
        monkeypatch.setitem(zoo_download.download.__kwdefaults__, "base", address)
        yield folder


def listed(capsys: Captured, *names: str) -> Any:
    assert run(["zoo", "--json", *names]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_engines_weights_are_listed_once(capsys: Captured) -> None:
    names = [one["name"] for one in listed(capsys)["weights"]]
    published = {one.name for spec in all_engines().values() for one in spec.published()}
    assert set(names) == published
    assert len(names) == len(published)


def test_a_row_says_ap_size_and_licence_and_whether_it_is_here(capsys: Captured) -> None:
    zoo_path("mask_rcnn_R_101_FPN_3x").parent.mkdir(parents=True)
    zoo_path("mask_rcnn_R_101_FPN_3x").touch()
    assert run(["zoo"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    licence = ["CC", "BY-SA", "3.0"]
    assert ["mask_rcnn_R_50_FPN_1x", "38.6", "35.2", "178", "MB", *licence] in rows
    assert ["faster_rcnn_R_101_FPN_3x", "42.0", "-", "243", "MB", *licence] in rows
    assert ["mask_rcnn_R_101_FPN_3x", "42.9", "38.6", "254", "MB", *licence, "downloaded"] in rows


@pytest.mark.parametrize(
    ("device", "default"),
    [
        ("cpu", "mask_rcnn_R_50_FPN_3x"),
        ("cuda:0", "mask_rcnn_R_50_FPN_400ep_LSJ"),
        ("mps", "mask_rcnn_R_50_FPN_400ep_LSJ"),
    ],
)
def test_the_default_is_that_of_the_device(
    device: str, default: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = SimpleNamespace(devices=(SimpleNamespace(name=device),))
    monkeypatch.setattr(zoo, "device_report", lambda *_: found)
    told = listed(capsys)
    assert told["default"] == default
    assert [one["name"] for one in told["weights"] if one["is_default"]] == [default]
    assert run(["zoo"]) == 0
    marked = [line for line in capsys.readouterr().out.splitlines() if line.startswith("*  ")]
    assert [line.split()[1] for line in marked] == [default]


def test_one_name_tells_where_it_comes_from_and_where_it_lies(capsys: Captured) -> None:
    assert run(["zoo", NAME]) == 0
    said = capsys.readouterr().out
    assert ZOO[NAME].address in said
    assert f"Not here yet; it would lie at {zoo_path(NAME)}" in said
    assert "mask_rcnn_R_101" not in said


def test_one_name_tells_what_can_be_checked_of_its_file_and_what_it_knows(
    capsys: Captured,
) -> None:
    assert run(["zoo", NAME, "maskrcnn_resnet50_fpn"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The file's MD5 begins with f10217;" in said
    assert "The file's SHA256 begins with bf2d0c1e;" in said
    assert said.count("Classes: person, bicycle, car,") == 2
    assert said.count("hair drier, toothbrush.") == 2


def test_a_name_that_nobody_publishes_is_told_with_those_there_are(capsys: Captured) -> None:
    assert run(["zoo", "mask_rcnn_R_49"]) == 1
    said = capsys.readouterr().err
    assert "Nobody publishes weights named mask_rcnn_R_49" in said
    assert NAME in said


def test_a_download_without_a_name_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        run(["zoo", "--download"])
    assert ended.value.code == 2


def test_a_download_says_how_far_it_is_and_where_the_file_is(
    mirror: Path, capsys: Captured
) -> None:
    assert run(["zoo", NAME, "--download"]) == 0
    said = capsys.readouterr().out
    assert zoo_path(NAME).read_bytes() == WEIGHTS
    assert f"Downloading {NAME}, licence CC BY-SA 3.0: " in said
    assert " of 0.3 MB" in said
    assert f"{NAME} is downloaded: {zoo_path(NAME)}" in said


def test_what_is_here_is_not_downloaded_again(mirror: Path, capsys: Captured) -> None:
    run(["zoo", NAME, "--download"])
    (mirror / ZOO[NAME].path).unlink()
    capsys.readouterr()
    assert run(["zoo", NAME, "--download"]) == 0
    assert f"{NAME} was here already: {zoo_path(NAME)}" in capsys.readouterr().out


def test_another_file_in_the_place_of_the_published_one_is_told(capsys: Captured) -> None:
    zoo_path(NAME).parent.mkdir(parents=True)
    zoo_path(NAME).write_bytes(b"put there by hand")
    assert run(["zoo", NAME, "--download"]) == 0
    assert "is not that of the published file" in capsys.readouterr().out


def test_another_file_in_the_place_of_torchvisions_is_told(capsys: Captured) -> None:
    name = "maskrcnn_resnet50_fpn"
    (one,) = listed(capsys, name)["weights"]
    Path(one["file"]).parent.mkdir(parents=True)
    Path(one["file"]).write_bytes(b"put there by hand")
    assert run(["zoo", name, "--download"]) == 0
    assert "is not that of the published file" in capsys.readouterr().out


def test_without_a_network_a_sentence_says_where_a_file_goes(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(zoo_download.download.__kwdefaults__, "base", "http://127.0.0.1:9/")
    assert run(["zoo", NAME, "--download"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"put the file at {zoo_path(NAME)}" in said


def test_json_of_a_download_ends_with_the_file(mirror: Path, capsys: Captured) -> None:
    assert run(["zoo", NAME, "--download", "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["file"] == str(zoo_path(NAME))
