"""The content of a protocol as keys and values: what is hashed, kept in the lock and compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_IDENTITY = (("subject", "grade"), ("school",))


@dataclass(frozen=True)
class Changed:
    """One key of a protocol that differs; a key that was not there before, or is not there now, has None."""

    key: str
    before: Any
    after: Any


def flatten(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Write nested settings as keys with dots, in order of the keys.

    Sections of a list are called by what they are about, so that their order does not count; neither does the order
    in a list of names.

    Examples
    --------
    >>> flatten({"works": [{"subject": "physics", "grade": 7}], "model": {"beside": ["pupils", "ancova"]}})
    {'model.beside': ['ancova', 'pupils'], 'works.physics-7.grade': 7, 'works.physics-7.subject': 'physics'}
    """
    flat: dict[str, Any] = {}
    for key, value in content.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{name}.")
        elif isinstance(value, (list, tuple)) and value and all(isinstance(part, Mapping) for part in value):
            for number, part in enumerate(value, start=1):
                flat |= flatten(part, f"{name}.{_identity(part, number)}.")
        else:
            flat[name] = sorted(value, key=_naturally) if isinstance(value, (list, tuple)) else value
    return dict(sorted(flat.items()))


def _naturally(value: Any) -> tuple[int, str]:
    return len(str(value)), str(value)


def _identity(part: Mapping[str, Any], number: int) -> str:
    for keys in _IDENTITY:
        if all(key in part for key in keys):
            return "-".join(str(part[key]) for key in keys)
    return str(number)


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a flat content, as hexadecimal text.

    Examples
    --------
    >>> content_hash({"a": 1, "b": "я"}) == content_hash({"b": "я", "a": 1})
    True
    """
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Changed, ...]:
    """List the keys in which two contents differ, in order of the keys.

    Examples
    --------
    >>> changes({"alpha": 0.05, "date": "x"}, {"alpha": 0.1})
    (Changed(key='alpha', before=0.05, after=0.1), Changed(key='date', before='x', after=None))
    """
    keys = sorted({*before, *after})
    return tuple(Changed(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key))
