"""Checks of a table that may leave: its counts, digits, columns and words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from oko.disclosure.checks import TableCheck, Terms, places
from oko.disclosure.checks_counts import small_in_words
from oko.disclosure.checks_texts import seen, unnamed_in

MOST_ROWS = 5000
DIGITS = 4
MARKS = ("hidden", "hidden_cells", "bounded")
_NOT_PUPILS = frozenset(
    {
        "n_schools", "n_treated", "n_comparison", "n_classes", "n_items", "n_groups", "n_waves", "n_tests",
        "n_clusters", "n_factors", "n_statements", "n_pairs", "n_cells", "n_assignments", "n_parameters", "n_marked",
        "n_same_side", "n_below", "n_small",
    }
)  # fmt: skip
_PUPILS = frozenset({"n", "pupils", "took", "absent", "count", "participants"})
_FORBIDDEN = frozenset(
    {
        "class", "pupil", "teacher", "expert", "respondent", "author", "name", "surname", "first_name", "patronymic",
        "birth_date", "phone", "email", "address", "comment", "min", "max", "minimum", "maximum", "variant", "source",
    }
)  # fmt: skip
_EXTREME = re.compile(r"_(min|max|minimum|maximum)$|^(pupil|teacher|expert|respondent)_(id|code|name)$")
_RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
_WORDS = 4
_LONG = 60


def counts_pupils(name: str) -> bool:
    """Tell whether a column or a key of a statement counts pupils.

    Examples
    --------
    >>> [counts_pupils(name) for name in ("n", "n_scores", "n_schools", "quality")]
    [True, True, False, False]
    """
    return name in _PUPILS or (name.startswith(("n_", "pupils_")) and name not in _NOT_PUPILS) or name.endswith("_n")


def small_counts(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns with a number of pupils above none and below the threshold."""
    found = {name: int(((v > 0) & (v < terms.threshold)).sum()) for name, v in _counts(frame).items()}
    return places(found)


def unrounded_counts(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns of pupils that are no whole multiples of the cluster's base."""
    base = terms.round_counts
    return places({name: int((v.dropna() % base != 0).sum()) for name, v in _counts(frame).items()})


def too_many_digits(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns, and keys of statements, with numbers of more than four significant digits."""
    found = {
        str(name): int(_long(values.to_numpy("float64", na_value=np.nan)).sum())
        for name, values in frame.items()
        if pd.api.types.is_float_dtype(values) and not counts_pupils(str(name)) and str(name) not in terms.keys
    }
    for name, key, value in _inside(frame):
        if isinstance(value, float) and not counts_pupils(key) and _long(np.array([value])).any():
            found[f"{name}.{key}"] = found.get(f"{name}.{key}", 0) + 1
    return places(found)


def _long(values: np.ndarray) -> np.ndarray:
    """Tell which numbers have more than four significant digits."""
    finite = np.isfinite(values) & (values != 0)
    size = np.where(finite, values, 1.0)
    step = 10.0 ** (np.floor(np.log10(np.abs(size))) - (DIGITS - 1))
    steps = size / step
    off = np.abs(steps - np.round(steps)) > 1e-6
    return np.asarray(finite & off)


def small_counts_in_text(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns and keys of statements that tell, in words too, of fewer pupils than the threshold."""
    found: dict[str, int] = {}
    for name, key, value in _inside(frame):
        if counts_pupils(key) and isinstance(value, (int, float)) and 0 < value < terms.threshold:
            found[f"{name}.{key}"] = found.get(f"{name}.{key}", 0) + 1
    for name, texts in _texts(frame):
        found[name or "–"] = sum(1 for text in texts if small_in_words((text,), terms))
    return places(found)


def unknown_columns(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns that are described nowhere."""
    return places(str(name) for name in frame if str(name) not in terms.columns)


def no_count(frame: pd.DataFrame, _: Terms) -> str:
    """Say that the table has no numbers of pupils."""
    return "" if "n" in frame else "n"


def unprotected(frame: pd.DataFrame, _: Terms) -> str:
    """Name the columns of a protected table that this one lacks."""
    return places(name for name in MARKS if name not in frame)


def forbidden_columns(frame: pd.DataFrame, _: Terms) -> str:
    """Name columns that speak of single people, or of the least and greatest."""
    return places(str(name) for name in frame if str(name) in _FORBIDDEN or _EXTREME.search(str(name)))


def identifiers(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns in which a pseudonym stands."""
    return _texts_with(frame, lambda text: is_identifier(text, terms))


def is_identifier(text: str, terms: Terms) -> bool:
    """Tell whether a text holds a pseudonym: of the store, or of its form (32 hexadecimal digits)."""
    return any(
        re.fullmatch(r"[0-9a-f]{32,}", token) or (len(token) >= 6 and token in terms.identifiers)
        for token in (text, *re.findall(r"[A-Za-z0-9_-]{6,64}", text))
    )


def personal(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns in which a text looks like personal data."""
    return _texts_with(frame, terms.personal)


def long_texts(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns with sentences, long texts or Russian words that are no words of the workbench."""
    return _texts_with(
        frame, lambda text: bool(is_sentence(text) or _RUSSIAN.search(text)) and not terms.known_text(text)
    )


def is_sentence(text: str) -> bool:
    """Tell whether a text is a sentence rather than a word, a code or a short name.

    Examples
    --------
    >>> is_sentence("vpr-physics-7-in-8-autumn-2020"), is_sentence("Найдите площадь трапеции")
    (False, False)
    >>> is_sentence("Найдите площадь трапеции ABCD, если её высота равна 5.")
    True
    """
    words = re.findall(r"[^\W\d_]{2,}", text) if re.search(r"\s", text) else []
    ends = bool(re.search(r"[.?!…]\s*$", text)) and len(words) > 1
    return len(text) > _LONG or len(words) > _WORDS or ends


def stored_texts(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns that hold what people wrote in words."""
    return _texts_with(frame, lambda text: any(written in text for written in terms.stored_texts))


def unnamed_schools(frame: pd.DataFrame, terms: Terms) -> str:
    """Name columns that hold a school which the agreement does not name."""
    coded = {"school", "group", "unit"}
    found = {
        str(name): int(values.astype(str).isin(list(terms.unnamed)).sum())
        for name, values in frame.items()
        if str(name) in coded or str(name).startswith("school_")
    }
    named = {name for name, number in found.items() if number}
    texts = [name for name, values in _texts(frame) if any(unnamed_in(text, terms) for text in values)]
    return places([*sorted(named), *(name for name in texts if name not in named)])


def many_rows(frame: pd.DataFrame, _: Terms) -> str:
    """Say how many rows there are, where they are too many to be looked through."""
    return "" if len(frame) <= MOST_ROWS else str(len(frame))


CHECKS: Mapping[str, TableCheck] = {
    "small_counts": small_counts,
    "unrounded_counts": unrounded_counts,
    "too_many_digits": too_many_digits,
    "small_counts_in_text": small_counts_in_text,
    "unknown_column": unknown_columns,
    "no_count": no_count,
    "unprotected": unprotected,
    "forbidden_column": forbidden_columns,
    "pseudonym": identifiers,
    "personal": personal,
    "long_text": long_texts,
    "stored_text": stored_texts,
    "unnamed_school": unnamed_schools,
    "too_many_rows": many_rows,
}


def _counts(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        str(name): values.astype("float64")
        for name, values in frame.items()
        if counts_pupils(str(name)) and pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    }


def _texts(frame: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Yield the different texts of each column; those inside statements, and names of columns, each by itself."""
    yield "", [str(name) for name in frame]
    for name, values in frame.items():
        if pd.api.types.is_object_dtype(values) or isinstance(values.dtype, pd.StringDtype | pd.CategoricalDtype):
            plain: list[str] = []
            given = [seen(text) for text in values.dropna().map(str).unique()]
            for text in given if name not in MARKS else sorted({word for one in given for word in one.split()}):
                inner = _json(text)
                plain += (
                    [text] if inner is None else [str(part) for _, part in _parts("", inner) if isinstance(part, str)]
                )
            yield str(name), plain


def _texts_with(frame: pd.DataFrame, wrong: Any) -> str:
    return places({name or "–": sum(1 for text in texts if wrong(text)) for name, texts in _texts(frame)})


def _inside(frame: pd.DataFrame) -> Iterator[tuple[str, str, Any]]:
    """Yield column, key and value of what stands inside JSON texts."""
    for name, values in frame.items():
        if pd.api.types.is_object_dtype(values) or isinstance(values.dtype, pd.StringDtype):
            for text in map(str, values.dropna()):
                for key, value in _parts("", _json(text) or {}):
                    if not isinstance(value, bool):
                        yield str(name), key, value


def _json(text: str) -> Any:
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _parts(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield key, str(name)
            yield from _parts(str(name), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(key, inner)
    else:
        yield key, value
