"""A config to and from JSON."""

import textwrap
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, TypeVar

from core.configs.checks import require
from core.errors import AppError
from core.types import Json

_Config = TypeVar("_Config")
_MOST_LETTERS = 60
"""Of a value that is said to be none."""


def to_json(config: Any) -> Json:
    """The config as a JSON value."""
    if is_dataclass(config):
        return {f.name: to_json(getattr(config, f.name)) for f in fields(config)}
    if isinstance(config, Mapping):
        return {name: to_json(value) for name, value in config.items()}
    if isinstance(config, tuple):
        return [to_json(value) for value in config]
    return config


def from_json(kind: type[_Config], value: Json) -> _Config:
    """The config of this kind that to_json wrote; keys left out keep their defaults.

    Raises:
        AppError: a key is unknown, missing or of another type, or a value is out of range.
    """
    if not isinstance(value, dict):
        raise AppError(f"Settings are names with values, not {_shown(value)}.")
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(value) - set(hints))
    require(not unknown, f"There is no setting named {' or '.join(unknown)} here.")
    needed = [one.name for one in fields(typing.cast(Any, kind)) if _has_no_default(one)]
    missing = [name for name in needed if name not in value]
    require(not missing, f"The setting {' and '.join(missing)} is missing: it has no usual value.")
    return kind(**{name: _of_setting(name, hints[name], item) for name, item in value.items()})


def _has_no_default(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _of_setting(name: str, hint: Any, value: Json) -> Any:
    try:
        return _typed(hint, value)
    except (TypeError, ValueError, OverflowError) as error:
        raise AppError(f"{name} is {_words_of(hint)}, not {_shown(value)}.") from error


def _typed(hint: Any, value: Json) -> Any:
    origin = typing.get_origin(hint)
    if is_dataclass(hint):
        return from_json(typing.cast(type[Any], hint), value)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _typed(_given_kind(hint), value)
    if origin is tuple:
        return _typed_items(typing.get_args(hint), value)
    if origin is Mapping:
        return {str(name): str(one) for name, one in dict(value).items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    is_number_of_truth = hint is int and isinstance(value, bool)
    if is_number_of_truth or (origin is None and not isinstance(value, hint)):
        raise TypeError
    return value


def _typed_items(items: tuple[Any, ...], value: Json) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    if items[-1] is not Ellipsis:
        return tuple(_typed(item, one) for item, one in zip(items, value, strict=True))
    return tuple(_typed(items[0], one) for one in value)


def _given_kind(hint: Any) -> Any:
    """What a value is that may be none."""
    return next(option for option in typing.get_args(hint) if option is not type(None))


_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
_SEVERAL = {int: "whole numbers", float: "numbers", str: "texts"}


def _words_of(hint: Any) -> str:
    """What a setting can be, as people say it."""
    origin, items = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return f"{_words_of(_given_kind(hint))}, or left out"
    if origin is tuple and items[-1] is Ellipsis:
        return f"{_SEVERAL.get(items[0], 'a list of lists')} with commas between them"
    if origin is tuple:
        return f"{len(items)} {_SEVERAL.get(items[0], 'values')} with commas between them"
    return _WORDS.get(hint, "names with values")


def _shown(value: Json) -> str:
    """A value as a person wrote it, not too long."""
    if value is None:
        return "empty"
    if isinstance(value, str):
        return f"“{textwrap.shorten(value, _MOST_LETTERS, placeholder='…')}”"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return textwrap.shorten(text, _MOST_LETTERS, placeholder="…")
