"""What a bus knows of a service of somebody else at one moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .ear import Kind, News


@dataclass(frozen=True, slots=True)
class Sighting:
    """A service that was found: its id, its best place, and its info as its publisher sent it."""

    service: str
    host: str
    port: int
    info: Mapping[str, Any] = field(hash=False)

    @property
    def type(self) -> Any:
        """The type in its info; None without one."""
        return self.info.get("type")


@dataclass(frozen=True, slots=True)
class Change:
    """A service has `appeared` or `left`, or has `changed` its best place."""

    kind: str
    service: Sighting


def change_of(news: News) -> Change:
    """What a listener was told."""
    sighting = Sighting(news.service, news.name, news.number, news.value())
    return Change(Kind(news.kind).name.lower(), sighting)


def filter_text(conditions: Mapping[str, Any] | None, more: Mapping[str, Any]) -> bytes | None:
    """The JSON of a filter: each key equals its value. None where there is no condition at all."""
    every = {**(conditions or {}), **more}
    return json.dumps(every).encode() if every else None
