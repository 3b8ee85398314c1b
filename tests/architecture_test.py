"""The stops of the house style, and the folders that are found by their files."""

import ast
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.engines
import core.formats
import core.jobs
import gui.canvas.tools
import gui.panels

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(
    path
    for folder in ("core", "gui", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)
MOST_LINES_OF_A_FILE = 500
MOST_LINES_OF_A_CLASS = 300
MOST_LINES_OF_A_FUNCTION = 60
FOLDERS = (
    (core.engines, "SPEC"),
    (core.formats, "FORMAT"),
    (core.jobs, "JOBS"),
    (gui.canvas.tools, "TOOL"),
    (gui.panels, "PANEL"),
)


def nodes(kinds: tuple[type[ast.AST], ...]) -> Iterator[tuple[str, int]]:
    """Where each such node is, and its lines."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, kinds):
                place = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                yield place, node.end_lineno - node.lineno + 1


def test_files_stop_at_500_lines() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in FILES
    }

    assert {path: n for path, n in lines.items() if n > MOST_LINES_OF_A_FILE} == {}


def test_classes_stop_at_300_lines() -> None:
    sizes = nodes((ast.ClassDef,))

    assert [place for place, n in sizes if n > MOST_LINES_OF_A_CLASS] == []


def test_functions_stop_at_60_lines() -> None:
    sizes = nodes((ast.FunctionDef, ast.AsyncFunctionDef))

    assert [place for place, n in sizes if n > MOST_LINES_OF_A_FUNCTION] == []


@pytest.mark.parametrize(("package", "name"), FOLDERS, ids=[one for _, one in FOLDERS])
def test_each_file_of_a_folder_that_is_searched_declares_exactly_one(
    package: object, name: str
) -> None:
    counts = {}
    for module in pkgutil.iter_modules(package.__path__):
        # one that outgrew its file is a folder, and declares it in its __init__.py
        name_of_file = f"{module.name}/__init__.py" if module.ispkg else f"{module.name}.py"
        source = Path(package.__path__[0], name_of_file)
        tree = ast.parse(source.read_text(encoding="utf-8"))
        counts[module.name] = sum(name in _declared(node) for node in tree.body)

    assert {module: count for module, count in counts.items() if count != 1} == {}


@pytest.mark.parametrize(
    ("package", "found"),
    [
        (core.engines, core.engines.all_engines()),
        (core.formats, core.formats.all_formats()),
        (gui.canvas.tools, gui.canvas.tools.all_tools()),
    ],
    ids=["engines", "formats", "tools"],
)
def test_what_is_found_by_folder_is_named_like_its_file(package: object, found: object) -> None:
    assert set(found) == {module.name for module in pkgutil.iter_modules(package.__path__)}


def test_there_is_no_init_file_in_tests() -> None:
    # tests/core would shadow core
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_package_has_its_init_file() -> None:
    # what lies in a folder without one is not installed
    folders = {path.parent for path in FILES if path.parts[len(ROOT.parts)] != "tests"}

    assert {folder for folder in folders if not (folder / "__init__.py").is_file()} == set()


def test_every_test_is_collected() -> None:
    strays = [
        path
        for path in FILES
        if "def test_" in path.read_text(encoding="utf-8")
        and path.is_relative_to(ROOT / "tests")
        and not (path.name.startswith("test_") or path.name.endswith("_test.py"))
    ]

    assert strays == []


def _declared(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a file gives a value."""
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def test_the_window_has_no_style_sheets() -> None:
    """A widget with one keeps the colours of its first look when light becomes dark."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in FILES
        if path.is_relative_to(ROOT / "gui")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "setStyleSheet"
    ]

    assert found == []
