"""The tables of data/external: complete, readable, with sources, and as they were transcribed."""

from __future__ import annotations

import csv
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from oko.records import calendar, instruments
from oko.records.cluster import read_cluster
from oko.records.facts import read_facts
from oko.records.names import read_names
from oko.records.readers.context import Context, Told, Work
from oko.records.readers.headings import stored_label

ROOT = Path(__file__).parents[3]
EXTERNAL = ROOT / "data" / "external"
DOMAIN = ROOT.parent / "shared" / "reference" / "domain"
KEYS = ["structure", "subject", "grade"]
LONGEST = 40
OWN_LISTS = {"forms"}  # words of the cluster itself: the status says all


@pytest.fixture(scope="module")
def tasks() -> pd.DataFrame:
    return read_facts(ROOT, instruments.TASKS)


@pytest.fixture(scope="module")
def dates() -> pd.DataFrame:
    return calendar.calendar(ROOT)


@pytest.fixture(scope="module")
def transcription() -> ModuleType:
    described = importlib.util.spec_from_file_location("external", ROOT / "scripts" / "external.py")
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", sorted(EXTERNAL.glob("*.csv")), ids=lambda path: path.stem)
def test_every_fact_has_a_source_and_a_status(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    assert rows
    assert all(row["status"] for row in rows)
    assert path.stem in OWN_LISTS or all(row["source"] for row in rows)


def test_every_file_is_described() -> None:
    described = (EXTERNAL / "README.md").read_text("utf-8")
    assert not [path.name for path in EXTERNAL.glob("*.csv") if f"`{path.name}`" not in described]


def test_there_are_sixteen_works_and_an_earlier_structure(tasks: pd.DataFrame) -> None:
    sizes = tasks.groupby("structure")["item"].size()
    assert sizes.to_dict() == {"2020": 19, "2021": 297}
    assert tasks[tasks["structure"] == "2021"].groupby(["subject", "grade"]).ngroups == 16


def test_tasks_are_numbered_and_labelled_as_they_are_stored(tasks: pd.DataFrame) -> None:
    for _, rows in tasks.groupby(KEYS):
        assert rows["position"].tolist() == [*range(1, len(rows) + 1)]
        assert rows["item"].is_unique
    assert all(stored_label(item) == item for item in tasks["item"])
    assert tasks["max_score"].between(1, 3).all()
    assert tasks["level"].dropna().isin(["basic", "raised", "high"]).all()


def test_maxima_sum_to_the_scale(tasks: pd.DataFrame) -> None:
    for (_, subject, grade), rows in tasks.groupby(KEYS):
        assert rows["max_score"].sum() == instruments.mark_scale(ROOT, subject, grade).max_score


def test_scales_rise_and_take_time() -> None:
    scales = read_facts(ROOT, instruments.SCALES)
    bounds = scales[["mark_3_from", "mark_4_from", "mark_5_from", "max_score"]]
    assert bounds.diff(axis=1).iloc[:, 1:].gt(0).all(axis=None)
    assert set(scales["minutes"]) == {45, 60, 90}


def test_a_structure_has_as_many_tasks_as_were_counted(tasks: pd.DataFrame) -> None:
    structures = read_facts(ROOT, instruments.STRUCTURES)
    assert not structures.duplicated(["year", "season", "subject", "grade"]).any()
    sizes = tasks.groupby(KEYS).size().rename("described").reset_index()
    known = structures.dropna(subset="structure").merge(sizes, how="left")
    assert known["described"].tolist() == known["tasks"].tolist()
    unknown = structures[structures["structure"].isna()].set_index(["subject", "grade"])["tasks"]
    assert unknown.to_dict() == {("biology", 8): 22, ("science", 4): 20}


def test_labels_are_short_distinct_and_translated(tasks: pd.DataFrame) -> None:
    assert tasks["label"].str.len().between(1, LONGEST).all()
    assert not tasks.duplicated([*KEYS, "label"]).any()
    words = read_names(ROOT).words
    english = tasks["label"].map(lambda label: words["label", label][1])
    assert all(text.isascii() and text for text in english)
    assert not tasks.assign(english=english).duplicated([*KEYS, "english"]).any()
    named = read_facts(ROOT, "data/external/names.csv")
    labels = named[named["kind"] == "label"]
    described = labels["source"] == "vpr_tasks.csv"
    assert set(labels.loc[described, "ru"]) == set(tasks["label"])
    assert set(labels.loc[~described, "status"]) == {"invented"}


def test_codes_of_tasks_are_codes_of_the_codifier(tasks: pd.DataFrame) -> None:
    codifier = read_facts(ROOT, "data/external/vpr_codes.csv")
    known = set(codifier[["subject", "grade", "kind", "code"]].itertuples(index=False, name=None))
    for kind in ("content", "requirement"):
        rows = tasks.dropna(subset=kind)
        given = rows.assign(code=rows[kind].str.split(";")).explode("code")
        pairs = given[["subject", "grade", "code"]].itertuples(index=False, name=None)
        assert not [pair for pair in pairs if (*pair[:2], kind, pair[2]) not in known]
    assert set(tasks.loc[tasks["content"].isna(), "subject"] + "") == {"mathematics"}


def test_geography_7_says_what_is_printed_and_holds_what_was_collected(tasks: pd.DataFrame) -> None:
    rows = tasks[(tasks["subject"] == "geography") & (tasks["grade"] == 7)].set_index("item").loc[["8.1", "8.2", "8.3"]]
    assert rows["max_score"].tolist() == [1, 1, 3]
    assert rows["status"].str.contains("8.1 = 2, 8.2 = 1, 8.3 = 2", regex=False).all()


@pytest.mark.skipif(not DOMAIN.is_dir(), reason="the transcriptions are not beside the project")
def test_tables_are_as_transcribed(transcription: ModuleType) -> None:
    for name, text in transcription.build(DOMAIN, EXTERNAL).items():
        assert (EXTERNAL / name).read_text("utf-8") == text, name


@pytest.mark.skipif(not DOMAIN.is_dir(), reason="the transcriptions are not beside the project")
def test_no_label_is_a_sentence_of_the_description() -> None:
    theirs = pd.read_csv(DOMAIN / "vpr_tasks_2021.csv", dtype="str", keep_default_na=False)
    ours = read_facts(ROOT, instruments.TASKS).set_index("item")
    written = theirs[theirs["short_label"] == ""]
    texts = {part.strip().lower() for name in ("requirement_fgos", "planned_result_poop")
             for text in written[name] for part in re.split(r"[.;]", text)}  # fmt: skip
    labels = ours.loc[ours["subject"].isin(["biology", "geography", "science"]), "label"].str.lower()
    assert not sorted(label for label in labels if label in texts and len(label.split()) > 2)


@pytest.mark.skipif(not DOMAIN.is_dir(), reason="the transcriptions are not beside the project")
@pytest.mark.parametrize("name", ["procedures_calendar", "bias_markers"])
def test_no_source_is_lost(name: str) -> None:
    theirs = pd.read_csv(DOMAIN / f"{name}.csv", dtype="str")["source"]
    ours = pd.read_csv(EXTERNAL / f"{name}.csv", dtype="str")["source"]
    assert set(theirs) <= set(ours)


def test_the_calendar_has_known_words(dates: pd.DataFrame) -> None:
    names = read_names(ROOT).words
    assert set(dates["held"].dropna()) == {"yes", "no", "partly"}
    assert all(("procedure", code) in names for code in dates["procedure"].unique())
    assert all(("subject", code) in names for code in dates["subject"].dropna().unique())
    assert set(dates["season"]) <= {"autumn", "spring", "year"}
    assert dates[["note_ru", "note_en"]].notna().all(axis=None)
    keys = ["school_year", "procedure", "season", "pupil_grade", "subject"]
    assert not dates.dropna(subset="subject").duplicated(keys).any()
    assert dates.loc[dates["held"].isna(), "procedure"].eq("rdr").all()


def test_nothing_was_held_in_the_closed_spring_but_the_march_works(dates: pd.DataFrame) -> None:
    spring = dates[(dates["school_year"] == "2019-2020") & (dates["procedure"] == "vpr")]
    assert set(spring.loc[spring["held"] == "yes", "pupil_grade"]) == {11}
    assert set(spring.loc[spring["held"] == "no", "pupil_grade"]) == {4, 5, 6, 7, 8}


def test_grades_differ_in_autumn_2020_alone(dates: pd.DataFrame) -> None:
    vpr = dates[dates["procedure"] == "vpr"]
    shift = vpr["pupil_grade"] - vpr["material_grade"]
    autumn = vpr["season"] == "autumn"
    assert set(vpr.loc[autumn, "school_year"]) == {"2020-2021"}
    assert set(vpr.loc[autumn, "material_grade"]) == {4, 5, 6, 7, 8}
    assert shift.eq(autumn.astype("Int64")).all()


def test_intake_gives_the_grades_of_the_calendar(dates: pd.DataFrame) -> None:
    context = Context(ROOT, read_cluster(ROOT, "example"), "form.xlsx", Told())
    for row in dates[dates["procedure"] == "vpr"].itertuples(index=False):
        about = ("vpr", row.subject, row.school_year, row.season)
        assert context.work(Work(*about, material_grade=row.material_grade)).pupil_grade == row.pupil_grade
        assert context.work(Work(*about, pupil_grade=row.pupil_grade)).material_grade == row.material_grade


def test_works_that_were_held_are_described(dates: pd.DataFrame, tasks: pd.DataFrame) -> None:
    described = set(tasks[["subject", "grade"]].itertuples(index=False, name=None))
    held = dates[(dates["procedure"] == "vpr") & (dates["pupil_grade"] < 10)]
    assert set(held[["subject", "material_grade"]].itertuples(index=False, name=None)) <= described


def test_the_fourteen_markers() -> None:
    markers = calendar.bias_markers(ROOT)
    counts = markers["marker"].value_counts().to_dict()
    assert counts == {"high_mean": 6, "journal_mismatch": 4, "sharp_fall": 2, "sharp_rise": 2}
    limits = markers.groupby("marker")["limit"].first().to_dict()
    assert limits == {"high_mean": 1.96, "journal_mismatch": 0, "sharp_fall": 3, "sharp_rise": 3}
    assert markers.notna().all(axis=None)
