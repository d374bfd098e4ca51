"""Type hints and docstrings as descriptions that the library publishes and enforces.

Knows both type systems, and which word of one is which of the other. `Annotated` says more:

    def dim(level: Annotated[int, Range(0, 100), Unit("%"), "How bright."] = 100) -> bool: ...
"""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WORDS: dict[Any, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "list", tuple: "list", dict: "map",
    None: "null", types.NoneType: "null", Sequence: "list", Mapping: "map",
}
_NOTHING = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest number that a value may be."""

    least: float
    greatest: float


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number counts, such as "%" or "°C"."""

    name: str


def word_of(hint: Any) -> str:
    """The library's word for a Python type: `int` is integer. What it has no word for is any."""
    return _WORDS.get(typing.get_origin(hint) or hint, "any")


def described(hint: Any) -> dict[str, Any]:
    """A description of one value: its type, and what Annotated says beside."""
    told: dict[str, Any] = {}
    if typing.get_origin(hint) is typing.Annotated:
        hint, *more = typing.get_args(hint)
        for word in more:
            if isinstance(word, Range):
                told["range"] = [word.least, word.greatest]
            elif isinstance(word, Unit):
                told["unit"] = word.name
            elif isinstance(word, str):
                told["doc"] = word
    return {"type": "any" if hint is _NOTHING else word_of(hint), **told}


def _parameter(name: str, hint: Any, default: Any) -> dict[str, Any]:
    told = {"name": name, **described(hint)}
    if default is not _NOTHING:
        told["default"] = default
        if default is None and told["type"] != "null":
            told["type"] = "any"  # None may be passed too
            told.pop("range", None)
    return told


def of_function(function: Callable[..., Any]) -> bytes:
    """The description of a function, from its signature and its docstring."""
    hints = typing.get_type_hints(function, include_extras=True)
    told: dict[str, Any] = {"parameters": []}
    for name, parameter in inspect.signature(function).parameters.items():
        hint = hints.get(name, _NOTHING)
        if parameter.kind is parameter.VAR_POSITIONAL:
            told["rest"] = described(hint)["type"]
        elif parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD):
            raise TypeError(f"arguments of a call have no names: '{name}' of {function.__name__}() must be positional")
        else:
            told["parameters"].append(_parameter(name, hint, parameter.default))
    if "return" in hints:
        told["returns"] = described(hints["return"])["type"]
    if doc := inspect.getdoc(function):
        told["doc"] = doc
    return json.dumps(told).encode()


def of_event(doc: str | None, parameters: Mapping[str, Any]) -> bytes | None:
    """The description of an event or a channel; None if nothing is known."""
    told: dict[str, Any] = {"doc": doc} if doc else {}
    if parameters:
        told["parameters"] = [_parameter(name, hint, _NOTHING) for name, hint in parameters.items()]
    return json.dumps(told).encode() if told else None


def of_object(doc: str | None, hint: Any) -> bytes | None:
    """The description of an object; None if nothing is known."""
    told = {**(described(hint) if hint is not _NOTHING else {}), **({"doc": doc} if doc else {})}
    return json.dumps(told).encode() if told else None
