"""Names of tasks in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from oko.language import gettext, number

NAMED = 12


def listed(names: Sequence[str]) -> str:
    """List names; of a long list the first twelve, and how many more there are.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     listed([str(item) for item in range(1, 15)])
    '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 2 more'
    """
    first = ", ".join(names[:NAMED])
    if len(names) <= NAMED:
        return first
    return gettext("{names} and {n} more").format(names=first, n=number(len(names) - NAMED))


def these_items(names: str, n: int) -> str:
    """Name n items at the beginning of a sentence.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     these_items("3, 4.1", 2)
    'Items 3, 4.1'
    """
    template = gettext("Item {items}") if n == 1 else gettext("Items {items}")
    return template.format(items=names)
