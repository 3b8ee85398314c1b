from pathlib import Path

import pytest

from core.errors import AppError
from core.project.incoming import copy_in, safe_key


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file outside the folder."""
    path = tmp_path / "source.png"
    path.write_bytes(b"picture")
    return path


@pytest.mark.parametrize(
    "wished",
    ["../a.png", "sub/../../a.png", "/etc/a.png", "C:\\a.png", "c:a.png", "\\\\host\\share\\a.png",
     "..\\a.png", "", ".", "a\0.png"],
)  # fmt: skip
def test_a_name_that_leads_out_of_the_folder_is_refused(wished: str) -> None:
    with pytest.raises(AppError, match="must stay inside the folder"):
        safe_key(wished)


@pytest.mark.parametrize(
    ("wished", "safe"),
    [
        ("sub\\a.png", "sub/a.png"),
        ("./sub//a.png", "sub/a.png"),
        ("con.png", "_con.png"),
        ("NUL", "_NUL"),
        ("com1.x/a.png", "_com1.x/a.png"),
        ("console.png", "console.png"),
        ("ab:c?.png", "ab_c_.png"),
        ("end. /a.png", "end/a.png"),
        (".hidden/a.png", "_.hidden/a.png"),
        ("tab\there.png", "tab_here.png"),
        ("größe 1.png", "größe 1.png"),
        ("\udcff.png", "_.png"),
    ],
)
def test_names_are_made_safe_for_all_systems(wished: str, safe: str) -> None:
    assert safe_key(wished) == safe


def test_an_image_is_copied_byte_for_byte(folder: Path, source: Path) -> None:
    assert copy_in(source, folder, "sub/a.png") == "sub/a.png"
    assert (folder / "sub" / "a.png").read_bytes() == b"picture"
    assert [path.name for path in (folder / "sub").iterdir()] == ["a.png"]


def test_the_same_bytes_are_the_same_image(folder: Path, source: Path) -> None:
    assert copy_in(source, folder, "a.png") == copy_in(source, folder, "a.png")
    assert len(list(folder.iterdir())) == 1


def test_other_bytes_of_that_name_get_a_number(folder: Path, source: Path) -> None:
    (folder / "a.png").write_bytes(b"another")
    assert copy_in(source, folder, "a.png") == "a_2.png"
    assert copy_in(source, folder, "a.png") == "a_2.png"
    assert (folder / "a.png").read_bytes() == b"another"


def test_a_link_that_leads_out_of_the_folder_is_not_followed(
    folder: Path, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (folder / "sub").symlink_to(tmp_path / "out", target_is_directory=True)
    with pytest.raises(AppError, match="a link leads out of"):
        copy_in(source, folder, "sub/a.png")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_dangling_link_is_not_written_through(folder: Path, source: Path, tmp_path: Path) -> None:
    (folder / "a.png").symlink_to(tmp_path / "victim.png")
    assert copy_in(source, folder, "a.png") == "a_2.png"
    assert not (tmp_path / "victim.png").exists()


def test_a_source_that_is_gone_is_a_sentence_and_leaves_nothing(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(AppError, match="was not copied to"):
        copy_in(tmp_path / "gone.png", folder, "a.png")
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_gone_is_a_sentence(source: Path, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="is not there any more"):
        copy_in(source, tmp_path / "gone", "a.png")


def test_a_disk_without_hard_links_does_as_well(
    folder: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    assert copy_in(source, folder, "a.png") == "a.png"
    assert (folder / "a.png").read_bytes() == b"picture"
