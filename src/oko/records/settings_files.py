"""Files of settings: how they are read, and how what is wrong in one is named."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from oko.errors import SettingError
from oko.language import N_, gettext

CODE_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,31}$"
YEAR_PATTERN = r"^[0-9]{4}(-[0-9]{4})?$"
MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"

Model = TypeVar("Model", bound=BaseModel)
_PLACE = re.compile(r"\(at line ([0-9]+), column ([0-9]+)\)$")


def read_toml(path: Path, where: str) -> dict[str, Any]:
    """Read a TOML file in UTF-8, with a byte-order mark or without; a broken one is named with its line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SettingError("File {where} is not in UTF-8: save it in this encoding.", where=where) from error
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        if place is None:
            raise SettingError("File {where} breaks off: a quote or a bracket is not closed.", where=where) from error
        raise SettingError(
            "File {where} cannot be understood from line {line}, sign {column} on: look for a missing quote, bracket "
            "or sign =, a key that stands twice, or a day that does not exist.",
            where=where,
            line=place[1],
            column=place[2],
        ) from error
    except OSError as error:
        raise SettingError("File {where} cannot be read: {detail}.", where=where, detail=error.strerror) from error


def validate(model: type[Model], content: dict[str, Any], where: str) -> Model:
    """Check settings against their model; the error names the file, the key and what is wrong with it."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise _setting_error(model, error, where) from error


def _setting_error(model: type[BaseModel], error: ValidationError, where: str) -> SettingError:
    found = error.errors(include_url=False)
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])  # a key misspelt is missing too
    key = ".".join(str(part) for part in first["loc"]) or "–"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), _field_names(model), n=1)
        if near:
            return SettingError(
                "File {where}: key {key} is unknown; did you mean {near}?", where=where, key=key, near=near[0]
            )
        return SettingError("File {where}: key {key} is unknown; remove it.", where=where, key=key)
    if first["type"] == "missing":
        return SettingError("File {where}: key {key} is missing; add it.", where=where, key=key)
    if isinstance(first["input"], list | dict):
        return SettingError("File {where}, key {key}: {detail}.", where=where, key=key, detail=_detail(first))
    return SettingError(
        "File {where}, key {key}: {given} is not allowed: {detail}.",
        where=where,
        key=key,
        given=repr(first["input"])[:80],
        detail=_detail(first),
    )


_DETAILS = {
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "string_pattern_mismatch": "must match the pattern {pattern}",
    "literal_error": "must be one of: {expected}",
    "too_short": "must have {min_length} or more",
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "must have {max_length} characters at most",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "date_type": "must be a date such as 2020-09-01",
    "date_parsing": "must be a date such as 2020-09-01",
    "date_from_datetime_parsing": "must be a date such as 2020-09-01",
    "date_from_datetime_inexact": "must be a date such as 2020-09-01",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "model_type": "must be a section with keys",
}
_PATTERNS = {
    CODE_PATTERN: N_("small Latin letters, digits, - and _, up to 32 characters"),
    YEAR_PATTERN: N_("a school year: 2020-2021"),
    MONTH_PATTERN: N_("a month of a year: 2020-02"),
}


def _detail(error: Any) -> str:
    context = dict(error.get("ctx", {}))
    if error["type"] == "value_error":
        return gettext(str(context["error"]))
    known = _PATTERNS.get(context.get("pattern", ""))
    if known:
        return gettext("must be {form}").format(form=gettext(known))
    if "expected" in context:
        context["expected"] = context["expected"].replace(" or ", ", ")
    return gettext(_DETAILS.get(error["type"], error["msg"])).format(**context)


def _field_names(model: type[BaseModel]) -> list[str]:
    schema = model.model_json_schema()
    return [name for part in (schema, *schema.get("$defs", {}).values()) for name in part.get("properties", {})]
