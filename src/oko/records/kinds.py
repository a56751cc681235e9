"""All kinds of tables that readers may hand over: the raw form, reports on groups, and the cluster's own forms."""

from __future__ import annotations

from collections.abc import Mapping

from oko.language import N_
from oko.records.raw_form import EXAMPLE, RAW_FORMS, RawForm
from oko.records.raw_form import PATTERN_WORDS as RAW_WORDS
from oko.records.register_forms import REGISTER_FORMS
from oko.records.registers import PATTERN_WORDS as REGISTER_WORDS

GROUP_FORM = RawForm(
    "groups",
    ("assessment", "level", "group", "measure", "value"),
    ("school", "n_schools", "n", "key", "count", EXAMPLE),
    "groups",
    N_("one row a group of pupils and a value measured of it, as an authority reports it"),
    ("assessment", "level", "group", "measure", "key"),
)
OPTION_FORM = RawForm(
    "options",
    ("assessment", "pupil", "school", "item", "option"),
    (EXAMPLE,),
    "options",
    N_("one row a pupil and a task whose option is known, where a table of responses has points and no letters"),
    ("assessment", "pupil", "item"),
)
KINDS: Mapping[str, RawForm] = {**RAW_FORMS, "groups": GROUP_FORM, "options": OPTION_FORM, **REGISTER_FORMS}
FURTHER = tuple(kind for kind in KINDS if kind not in RAW_FORMS)
PATTERN_WORDS: Mapping[str, str] = {**RAW_WORDS, **REGISTER_WORDS}
