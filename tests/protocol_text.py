"""A protocol for the tiny cluster of tests, whole and with single lines changed."""

from __future__ import annotations

TEXT = """
date = 2020-09-01
title = { ru = "Прирост", en = "Gain" }
question = { ru = "Выросли ли результаты?", en = "Did results rise?" }
[waves]
selection = { year = "2019-2020", season = "autumn" }
before = { year = "2019-2020", season = "spring" }
after = { year = "2020-2021", season = "spring" }
[outcome]
procedure = "vpr"
kind = "targets"
unit = "sd"
line = "material"
how_chosen = { ru = "По осени", en = "By the autumn" }
[[outcome.works]]
subject = "mathematics"
grade = 7
targets = ["1", "2"]
[groups]
treated = ["344", "498"]
comparison = []
[model]
design = "difference_in_differences"
rule = "CR2_and_randomisation"
alpha = 0.05
level = 0.95
least_df = 5
least_schools = 5
beside = ["ancova", "pupils"]
[detectable]
school_year_sd = 0.12
pupil_sd = 0.8
pupils_per_school = 80
comparison_schools = 40
power = 0.8
"""


def changed(*pairs: tuple[str, str]) -> str:
    """Return the protocol with texts replaced; each must be there."""
    text = TEXT
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    return text
