"""Every text of the window can be translated."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gui

GUI = Path(gui.__file__).parent
FILES = sorted(GUI.rglob("*.py"))
NOT_SHOWN = frozenset(
    {"tr", "QT_TR_NOOP", "setObjectName", "QKeySequence", "setStyleSheet", "write"}
)
"""What is called with literals that are translated, or that nobody reads."""
NAMES = frozenset({"Maskloop", "Fusion", "COCO", "labelme", "Mask R-CNN", "SAM", "Esc"})
"""Names, the same in every language."""
KEYS = re.compile(
    r"((Ctrl|Shift|Alt|Meta)\+)*(.|F\d+|Pg(Up|Down)|Del(ete)?|Ins(ert)?|Return|Enter|Esc(ape)?|Space"
    r"|Tab|Backspace|Home|End|Up|Down|Left|Right)"
)
STYLE = re.compile(r"[{};]\s|^Q[A-Z]")
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
    return isinstance(node, ast.Assert)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _is_text(literal: str) -> bool:
    known = literal in NAMES or KEYS.fullmatch(literal) or STYLE.search(literal)
    return not known and bool(WORDS.search(literal))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(GUI)))
def test_no_text_of_the_window_stands_outside_of_tr(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    found = [f"{line}: {text}" for line, text in _literals(tree) if _is_text(text)]
    assert not found, "\n".join(found)
