"""YAML as plain values, from files that anyone may have written: bounded in time and in memory."""

from collections.abc import Hashable
from typing import Any

import yaml

from core.types import Json

_DEEPEST = 50
_MOST_NODES = 20_000
_NODE_CHARACTERS = 200
"""A longer text counts as so many nodes of this length: one that stands for it is as long."""
_LONGEST_NUMBER = 100
"""PyYAML's time goes with the square of a number's length where it has colons."""
_BROKEN = (
    yaml.YAMLError,
    RecursionError,
    ValueError,
    OverflowError,
    LookupError,
    TypeError,
    AttributeError,
)
"""What PyYAML raises on a text that is none: ValueError on a date that is no date, say."""


class PlainYamlError(ValueError):
    """The text is no plain YAML; the message says why, and where, as a part of a sentence."""


def plain_yaml(text: str, *, most_nodes: int = _MOST_NODES) -> Json:
    """What a text in YAML says: mappings, lists, texts, numbers, dates.

    Args:
        text: of a length that its reader has bounded.
        most_nodes: how many values and keys it may have, those that stand for others counted as
            often as they stand.

    Raises:
        PlainYamlError: it is no YAML, asks for objects of Python, or is nested without end.
    """
    try:
        return _Loader(text, most_nodes).get_single_data()
    except PlainYamlError:
        raise
    except _BROKEN as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        why = str(getattr(error, "problem", None) or "it is no YAML")[:200]
        raise PlainYamlError(f"{why}{where}") from error


class _Loader(yaml.SafeLoader):
    """Stops at what unfolds to more than a reader should take: thousands of levels, and values
    that stand for lists of values that stand for lists."""

    def __init__(self, text: str, most_nodes: int) -> None:
        super().__init__(text)
        self._n_left = most_nodes
        self._depth = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._depth += 1
        self._take(1)
        if self._depth > _DEEPEST:
            raise PlainYamlError("it is nested too deeply")
        is_alias = self.check_event(yaml.AliasEvent)
        before = self._n_left
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.ScalarNode) and not is_alias:
            self._take(len(node.value) // _NODE_CHARACTERS)
        if is_alias:
            # one that stands inside of itself has no size yet
            if id(node) not in self._sizes:
                raise PlainYamlError("it is nested in itself")
            self._take(self._sizes[id(node)])
        else:
            self._sizes[id(node)] = before - self._n_left
        self._depth -= 1
        return node

    def whole(self, node: Any) -> int:
        self._check_length(node)
        return super().construct_yaml_int(node)

    def real(self, node: Any) -> float:
        self._check_length(node)
        return super().construct_yaml_float(node)

    def _check_length(self, node: Any) -> None:
        if len(self.construct_scalar(node)) > _LONGEST_NUMBER:
            raise PlainYamlError("it has a number that is longer than any of use")

    def flatten_mapping(self, node: Any) -> None:
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            raise PlainYamlError("it merges mappings (<<), which is not read")

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key for key, _ in node.value]
        if not all(isinstance(key, yaml.ScalarNode) for key in keys):
            raise PlainYamlError("a key is no text and no number")
        return super().construct_mapping(node, deep)

    def _take(self, n: int) -> None:
        self._n_left -= n
        if self._n_left < 0:
            raise PlainYamlError("it is nested or long beyond all measure")


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.whole)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.real)
