"""A config to and from JSON."""

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from core.configs.checks import require
from core.errors import AppError
from core.types import Json

_Config = TypeVar("_Config")


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
        raise AppError(f"A {kind.__name__} is a JSON object, not {value!r}.")
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(value) - set(hints))
    require(not unknown, f"{kind.__name__} has no setting named {', '.join(unknown)}.")
    try:
        return kind(**{name: _typed(hints[name], item) for name, item in value.items()})
    except (TypeError, ValueError) as error:
        raise AppError(f"{kind.__name__} cannot be read: {error}.") from error


def _typed(hint: Any, value: Json) -> Any:
    origin = typing.get_origin(hint)
    if is_dataclass(hint):
        return from_json(typing.cast(type[Any], hint), value)
    if origin in (types.UnionType, typing.Union):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return None if value is None else _typed(options[0], value)
    if origin is tuple:
        items = typing.get_args(hint)
        if items[-1] is not Ellipsis:
            return tuple(_typed(item, one) for item, one in zip(items, value, strict=True))
        return tuple(_typed(items[0], one) for one in value)
    if origin is Mapping:
        return {str(name): str(one) for name, one in value.items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if origin is None and not isinstance(value, hint):
        raise TypeError(f"{value!r} is not a {hint.__name__}")
    if hint is int and isinstance(value, bool):
        raise TypeError(f"{value!r} is not an int")
    return value
