"""Every text of the window can be translated."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import PySide6
import pytest

import gui

GUI = Path(gui.__file__).parent
FILES = sorted(GUI.rglob("*.py"))
NOT_SHOWN = frozenset(
    {"tr", "QT_TR_NOOP", "setObjectName", "QKeySequence", "setStyleSheet", "write"}
)
"""What is called with literals that are translated, or that nobody reads."""
NAMES = frozenset(
    {"Maskloop", "Fusion", "COCO", "labelme", "Mask R-CNN", "SAM", "Esc", "Python", "Qt"}
)
"""Names, the same in every language."""
KEYS = re.compile(
    r"((Ctrl|Shift|Alt|Meta)\+)*(.|F\d+|Pg(Up|Down)|Del(ete)?|Ins(ert)?|Return|Enter|Esc(ape)?|Space"
    r"|Tab|Backspace|Home|End|Up|Down|Left|Right)"
)
NAME = re.compile(rf"\b({'|'.join(NAMES)})\b")
STYLE = re.compile(r"^Q[A-Z]|<\w+ style=")
WORDS = re.compile(r"[^\W\d_]{2,}[,.:;!?…”]* +\W*[^\W\d_]|^\W*[A-Z][a-z]{2,}")


def _literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines and literals, f-strings with their holes as {}, that are not known to be no texts."""
    annotations = {getattr(tree, "annotation", None), getattr(tree, "returns", None)}
    for child in ast.iter_child_nodes(tree):
        if child in annotations or _is_for_who_programs(child):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.lineno, child.value
        elif isinstance(child, ast.JoinedStr):
            pieces = [one.value if isinstance(one, ast.Constant) else "{}" for one in child.values]
            yield child.lineno, "".join(map(str, pieces))
            for piece in child.values:
                if isinstance(piece, ast.FormattedValue):
                    yield from _literals(piece)
        else:
            yield from _literals(child)


def _is_for_who_programs(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.Call) and _name(node.func) in NOT_SHOWN:
        return True
    if isinstance(node, ast.Raise):
        return "AppError" not in ast.dump(node)
    if isinstance(node, ast.Assign):
        return any(getattr(target, "id", "") == "__all__" for target in node.targets)
    return isinstance(node, ast.Assert)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _is_text(literal: str) -> bool:
    known = KEYS.fullmatch(literal) or STYLE.search(literal)
    return not known and bool(WORDS.search(NAME.sub("", literal)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(GUI)))
def test_no_text_of_the_window_stands_outside_of_tr(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    found = [f"{line}: {text}" for line, text in _literals(tree) if _is_text(text)]
    assert not found, "\n".join(found)


class Text(NamedTuple):
    """One to translate."""

    english: str
    comment: str
    has_number: bool


def _marked(tree: ast.AST) -> Iterator[Text]:
    """The literals in tr and QT_TR_NOOP."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in {"tr", "QT_TR_NOOP"}:
            n_arguments = len(node.args) + len(node.keywords)
            first, *more = [*node.args, *(one.value for one in node.keywords)]
            if isinstance(first, ast.Constant):
                comment = more[0].value if more and isinstance(more[0], ast.Constant) else ""
                yield Text(str(first.value), str(comment), n_arguments == 3)
            else:  # what was marked elsewhere, by its name
                composed = [text for _, text in _literals(first) if _is_text(text)]
                assert not composed, f"lupdate reads no {ast.unparse(node)}"


def test_lupdate_finds_every_text_that_is_marked(tmp_path: Path) -> None:
    lupdate = shutil.which("lupdate", path=str(Path(*PySide6.__path__)))
    assert lupdate
    out = tmp_path / "maskloop_de.ts"
    done = subprocess.run(
        [lupdate, "-extensions", "py", str(GUI), "-ts", str(out)],
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=True,
    )
    assert done.stderr == ""
    assert "arning" not in done.stdout
    contexts = ElementTree.parse(out).getroot().findall("context")
    assert [one.findtext("name") for one in contexts] == [""]  # where tr looks
    found = {
        Text(one.findtext("source", ""), one.findtext("comment", ""), one.get("numerus") == "yes")
        for one in contexts[0].findall("message")
    }
    marked = {text for file in FILES for text in _marked(ast.parse(file.read_text("utf-8")))}
    assert found == marked
    assert len(found) > 1000
    assert {one for one in found if "%n" in one.english and not one.has_number} == set()
