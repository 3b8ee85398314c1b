"""The entry in the menu of a Linux desktop, checked against the Desktop Entry Specification."""

import re
import sys
from pathlib import Path

import pytest
from PIL import Image

from core.desktop import ENTRY_NAME, data_home, entry_text, install_entry, program, remove_entry
from core.errors import AppError

MAIN_CATEGORIES = {
    "AudioVideo", "Audio", "Video", "Development", "Education", "Game", "Graphics", "Network",
    "Office", "Science", "Settings", "System", "Utility",
}  # fmt: skip
STRINGS = {"Type", "Version", "Exec", "TryExec", "Icon", "Name", "GenericName", "Comment"}
LISTS = {"Categories", "Keywords"}
BOOLEANS = {"Terminal", "StartupNotify"}


def values_of(text: str) -> dict[str, str]:
    """The keys of the entry; fails where the file breaks a rule of the specification."""
    header, *lines = text.splitlines()
    assert header == "[Desktop Entry]"
    assert text.endswith("\n")
    pairs = [line.partition("=") for line in lines]
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", key) for key, _, _ in pairs)
    values = {key: value for key, _, value in pairs}
    assert len(values) == len(pairs)
    assert set(values) <= STRINGS | LISTS | BOOLEANS | {"StartupWMClass"}
    assert {"Type", "Name", "Exec"} <= set(values)
    assert values["Type"] == "Application"
    assert values["Version"] in ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")
    assert all(values[key] in ("true", "false") for key in BOOLEANS & set(values))
    assert all(values[key].endswith(";") for key in LISTS & set(values))
    assert all("\\" not in re.sub(r"\\[snrt\\;]", "", value) for value in values.values())
    return values


def command_of(exec_value: str) -> list[str]:
    """The arguments that a desktop makes of Exec: unescaped, split, unquoted, fields filled."""
    value = exec_value.replace("\\\\", "\\")
    found = re.findall(r'"((?:[^"\\`$]|\\["`$\\])*)"|([^\s"\'\\><~|&;$*?#()`]+)(?=\s|$)', value)
    parts = [re.sub(r'\\(["`$\\])', r"\1", quoted) if quoted else plain for quoted, plain in found]
    assert all(not re.search(r"%[^%fFuUick]", part.replace("%%", "")) for part in parts)
    return [part if part.startswith("%") else part.replace("%%", "%") for part in parts]


def test_the_entry_keeps_the_rules_of_the_specification() -> None:
    values = values_of(entry_text(("/opt/python", "/opt/main.py")))
    categories = values["Categories"].split(";")[:-1]
    assert len(MAIN_CATEGORIES & set(categories)) == 1
    assert values["Icon"] == "maskloop"
    assert values["TryExec"] == "/opt/python"


def test_folders_are_opened_by_what_opened_them_before() -> None:
    assert "MimeType" not in values_of(entry_text(("/opt/python",)))


@pytest.mark.parametrize(
    "folder", ["/home/me/a b", '/x/"q"', "/x/$HOME", "/x/`id`", "/x/back\\slash", "/x/100%", "/é"]
)
def test_the_program_starts_from_a_folder_of_any_name(folder: str) -> None:
    command = (f"{folder}/python", f"{folder}/main.py")
    assert command_of(values_of(entry_text(command))["Exec"]) == [*command, "%f"]


def test_a_folder_with_a_line_break_cannot_be_in_an_entry() -> None:
    with pytest.raises(AppError, match="line break"):
        entry_text(("/x\ny/python",))


def test_the_window_calls_itself_as_the_entry_does() -> None:
    source = (Path(__file__).parents[2] / "gui" / "app.py").read_text(encoding="utf-8")
    name = ENTRY_NAME.removesuffix(".desktop")
    assert f'setDesktopFileName("{name}")' in source
    assert values_of(entry_text(("/p",)))["StartupWMClass"] == name


def test_the_program_is_this_checkouts() -> None:
    assert program() == (sys.executable, str(Path(__file__).parents[2] / "main.py"))


def test_what_was_put_there_is_taken_away_again(tmp_path: Path) -> None:
    others = tmp_path / "applications" / "other.desktop"
    others.parent.mkdir()
    others.write_text("[Desktop Entry]\n")
    entry = install_entry(tmp_path, program(), platform="linux")
    assert entry == tmp_path / "applications" / "maskloop.desktop"
    icons = tmp_path / "icons" / "hicolor"
    for side in (48, 128, 256):
        with Image.open(icons / f"{side}x{side}" / "apps" / "maskloop.png") as icon:
            assert icon.size == (side, side)
    assert (icons / "scalable" / "apps" / "maskloop.svg").is_file()
    remove_entry(tmp_path)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [others]


@pytest.mark.parametrize(("named", "is_taken"), [("", False), ("relative", False), ("/x", True)])
def test_the_users_folder_is_where_the_system_says(
    monkeypatch: pytest.MonkeyPatch, named: str, is_taken: bool
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", named)
    expected = Path(named) if is_taken else Path.home() / ".local" / "share"
    assert data_home() == expected


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_a_sentence_says_what_to_do(tmp_path: Path, platform: str) -> None:
    with pytest.raises(AppError, match="is for Linux"):
        install_entry(tmp_path, program(), platform=platform)
    assert list(tmp_path.iterdir()) == []
