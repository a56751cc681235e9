"""What a measure did, or could not do, as a code that another room puts into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Statement:
    """A coded remark of a measure about its own result.

    Parameters
    ----------
    code : str
        What is said, e.g. ``"few_schools"``.
    values : mapping of str to object
        Numbers and names that the sentence needs; read-only afterwards.

    Examples
    --------
    >>> remark = Statement("few_schools", {"n_schools": 7, "df": 6})
    >>> remark.code, remark.values["df"]
    ('few_schools', 6)
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted((name, repr(value)) for name, value in self.values.items()))))

    def __reduce__(self) -> tuple[type[Statement], tuple[str, dict[str, object]]]:
        return type(self), (self.code, dict(self.values))


def named(items: Iterable[object]) -> tuple[str, ...]:
    """Return the names of items as text.

    Examples
    --------
    >>> named([1, "2a"])
    ('1', '2a')
    """
    return tuple(str(item) for item in items)


def whole(count: float) -> int | float:
    """Return a count as an integer where it is one.

    Examples
    --------
    >>> whole(12.0), whole(12.5)
    (12, 12.5)
    """
    return int(count) if count == int(count) else count
