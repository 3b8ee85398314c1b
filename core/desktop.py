"""The entry of the program in the menus of a Linux desktop, with its icon.

The file is as the Desktop Entry Specification asks, the icons lie where the Icon Theme
Specification looks for those of every theme.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from core.atomic import make_folder, remove_file, write_atomically
from core.errors import AppError
from core.paths import resources_folder

ENTRY_NAME = "maskloop.desktop"
"""Its stem is what the window calls itself to the desktop, so that both are known as one."""
_SIDES = (48, 128, 256)
_RESERVED = '"`$\\'
"""Characters that a backslash goes before inside the quotes of Exec."""
_ELSEWHERE = {
    "win32": (
        "The menu entry is for Linux. On Windows make a shortcut to maskloop.exe in the Scripts"
        " folder of the environment, and put it on the desktop or pin it to the task bar."
    ),
    "darwin": (
        "The menu entry is for Linux. On macOS make a file Maskloop.command that holds the line of"
        " the start, allow it to run with chmod +x, and put it into the Dock."
    ),
}


def data_home() -> Path:
    """Where the desktop looks for entries and icons of this user."""
    named = os.environ.get("XDG_DATA_HOME", "")
    # The specification says that a relative path is as if there were none.
    return Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "share"


def program() -> tuple[str, ...]:
    """What starts this very program, as it runs now."""
    main = Path(__file__).resolve().parent.parent / "main.py"
    return (sys.executable, *((str(main),) if main.is_file() else ("-m", "main")))


def install_entry(home: Path, command: Sequence[str], *, platform: str = sys.platform) -> Path:
    """Puts the entry and the icons into the user's folder; the entry's file.

    Args:
        home: data_home().
        command: what starts the program.
        platform: sys.platform.

    Raises:
        AppError: this is no Linux, or the folder cannot be written to.
    """
    if platform in _ELSEWHERE:
        raise AppError(_ELSEWHERE[platform])
    for source, target in _icons(home):
        make_folder(target.parent)
        write_atomically(target, source.read_bytes())
    entry = home / "applications" / ENTRY_NAME
    make_folder(entry.parent)
    write_atomically(entry, entry_text(command).encode())
    return entry


def remove_entry(home: Path) -> None:
    """Takes away what install_entry put there.

    Raises:
        AppError: something cannot be removed.
    """
    for _, target in _icons(home):
        remove_file(target)
    remove_file(home / "applications" / ENTRY_NAME)


def entry_text(command: Sequence[str]) -> str:
    """The content of the entry; a folder that is dropped on it is its argument.

    It names no MimeType: an entry of the user goes before those of the system, and a desktop that
    has no other choice set would open every folder with it.

    Raises:
        AppError: the path of the program has a line break, which no entry can hold.
    """
    if any(character in part for part in command for character in "\n\r\0"):
        raise AppError("The program lies in a folder with a line break in its name: move it.")
    values = {
        "Type": "Application",
        "Version": "1.0",
        "Name": "Maskloop",
        "GenericName": "Image labelling",
        "Comment": "Label images, fine-tune a Mask R-CNN and pre-label with it",
        "TryExec": _escaped(command[0]),
        "Exec": " ".join([*map(_quoted, command), "%f"]),
        "Icon": "maskloop",
        "Terminal": "false",
        "Categories": "Graphics;2DGraphics;",
        "Keywords": "segmentation;annotation;polygon;labelme;COCO;detectron2;",
        "StartupNotify": "true",
        "StartupWMClass": "maskloop",
    }
    return "[Desktop Entry]\n" + "".join(f"{key}={value}\n" for key, value in values.items())


def _quoted(argument: str) -> str:
    """One argument of Exec: quoted, %% for a percent sign, then escaped as every value is."""
    inside = "".join(f"\\{one}" if one in _RESERVED else one for one in argument)
    return _escaped(f'"{inside}"').replace("%", "%%")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\t", "\\t")


def _icons(home: Path) -> list[tuple[Path, Path]]:
    """Each icon that comes with the program, and where it goes."""
    theme, ours = home / "icons" / "hicolor", resources_folder()
    pictures = [
        (ours / "desktop" / f"maskloop-{side}.png", theme / f"{side}x{side}" / "apps")
        for side in _SIDES
    ]
    pictures.append((ours / "maskloop.svg", theme / "scalable" / "apps"))
    return [(source, folder / f"maskloop{source.suffix}") for source, folder in pictures]
