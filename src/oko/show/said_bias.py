"""What the measures of `bias` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Values = Mapping[str, Any]

SENTENCES: Mapping[str, Callable[[Values], str]] = {}
