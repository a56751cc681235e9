"""T14: the numbers that pages show follow from the pupils' answers, and from nothing else about the files.

One set of results is written down in many ways: in another order, in several files, under other codes of schools, on
another scale, once with weights and once row by row. Each way goes through the whole of intake and measures, and must
give the same marks, facilities, value added and effect.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oko.measures import impact, items, marks, schools
from oko.records import intake
from oko.records.cluster import Cluster, School, Words
from oko.records.schema import Tables
from oko.records.writers import write_workbook

ROOT = Path(__file__).parents[2]
SCHOOLS = ("11", "12", "13", "14", "15", "16", "17", "18")
TREATED = SCHOOLS[:4]
MAXIMA = {"1": 1, "2": 1, "3": 2, "4": 2, "5": 3}
# Sums over pupils in another order differ in the last bits of a double: 240 terms lose three digits of sixteen at most.
SUMS = 1e-12
# REML is a maximum found by steps: where it lies is known to the square root of what its height is known to (1e-15).
FITTED = 1e-7
WORKS = pd.DataFrame(
    {
        "assessment": ["a6", "a7"], "procedure": "control", "subject": "mathematics", "year": ["2019-2020", "2020-2021"],
        "season": "spring", "material_grade": [6, 7], "pupil_grade": [6, 7], "max_score": sum(MAXIMA.values()), "prior": ["", "a6"],
    }
)  # fmt: skip
ITEMS = pd.DataFrame(
    [(work, item, place, most) for work in ("a6", "a7") for place, (item, most) in enumerate(MAXIMA.items(), start=1)],
    columns=["assessment", "item", "position", "max_score"],
)
CLUSTER = Cluster(
    code="trial",
    name=Words(ru="Пробный", en="Trial"),
    years=("2019-2020", "2020-2021"),
    schools=tuple(School(code=code, name=Words(ru=code, en=code)) for code in SCHOOLS),
)


def answers() -> pd.DataFrame:
    """Points of 15 pupils a school in two works of five tasks; a pupil's ability and the school's gain are in both."""
    rng = np.random.default_rng(20)
    pupils = pd.DataFrame([(school, f"{school}-{n}", f"{'АБ'[n % 2]}") for school in SCHOOLS for n in range(15)])
    pupils.columns = ["school", "pupil", "letter"]
    gain = pupils["school"].map(dict(zip(SCHOOLS, rng.normal(0, 0.6, len(SCHOOLS)), strict=True)))
    ability = rng.normal(0, 1, len(pupils))
    made = []
    for grade, level in ((6, ability), (7, ability + gain + rng.normal(0, 0.4, len(pupils)))):
        chance = 1 / (1 + np.exp(-np.subtract.outer(level.to_numpy() if grade == 7 else level, np.linspace(-1, 1, 5))))
        points = rng.binomial(list(MAXIMA.values()), chance)
        frame = pupils.assign(assessment=f"a{grade}", status="took", **{"class": str(grade) + pupils["letter"]})
        made.append(frame.assign(**dict(zip(MAXIMA, points.T, strict=True))))
    return pd.concat(made, ignore_index=True).drop(columns="letter")


def results_of(rows: pd.DataFrame) -> pd.DataFrame:
    score = rows[list(MAXIMA)].sum(axis=1)
    mark = np.select([score < 3, score < 5, score < 8], [2, 3, 4], 5)
    return rows[["assessment", "pupil", "school", "status", "class"]].assign(primary_score=score, mark=mark)


def responses_of(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["assessment", "pupil", "school", "class", *MAXIMA]]


ANSWERS = answers()


@dataclass(frozen=True)
class Numbers:
    """What the pages of a year say of these pupils."""

    marks: pd.DataFrame
    facilities: pd.DataFrame
    added: pd.Series
    effect: pd.Series

    def equals(self, other: Numbers) -> None:
        pd.testing.assert_frame_equal(self.marks, other.marks, rtol=SUMS, atol=SUMS)
        pd.testing.assert_frame_equal(self.facilities, other.facilities, rtol=SUMS, atol=SUMS)
        pd.testing.assert_series_equal(self.added, other.added, rtol=FITTED, atol=FITTED)
        pd.testing.assert_series_equal(self.effect, other.effect, rtol=1e-9, atol=1e-9)


def numbers(tables: Tables, named: Mapping[str, str] | None = None, weights: str | None = None) -> Numbers:
    """Work out the numbers; ``named`` gives schools their first codes back."""
    codes = {code: (named or {}).get(code, code) for code in SCHOOLS}
    results = tables.results.assign(school=lambda frame: frame["school"].map(codes))
    latest = results[results["assessment"] == "a7"]
    scores = tables.responses["a7"].merge(latest[["pupil", *([weights] if weights else [])]], on="pupil")
    earlier = results.loc[results["assessment"] == "a6", ["pupil", "primary_score"]].drop_duplicates("pupil")
    pairs = latest.merge(earlier.rename(columns={"primary_score": "prior_score"}), on="pupil")
    waves = results.assign(
        period=(results["assessment"] == "a7").astype(int), treated=results["school"].isin(TREATED).astype(int)
    )
    given = {"weights": weights} if weights else {}
    added = schools.value_added(pairs, "primary_score", ["prior_score"], **given)
    effect = impact.difference_in_differences(waves, "primary_score", **given)
    taken = items.analyse(
        scores[list(MAXIMA)], pd.Series(MAXIMA, dtype=float), weights=scores[weights] if weights else None
    )
    return Numbers(
        marks.summary(latest, ["school"], **given).set_index("school").sort_index(),
        taken.items.sort_index(),
        added.schools["residual"].sort_index(),
        pd.Series(
            {
                "estimate": effect.estimate,
                "se": effect.se,
                "df": effect.df,
                "size": effect.effect_size.loc["within", "estimate"],
            }
        ),
    )


def read(folder: Path) -> Tables:
    tables, made = intake.read_tables(CLUSTER, ROOT, folder)
    assert not made.faults
    return tables


def put(folder: Path, files: Mapping[str, pd.DataFrame], **form: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in {"works": WORKS, "items": ITEMS, **files}.items():
        frame.to_csv(folder / f"{name}.csv", index=False, **form)
    return folder


def plainly(folder: Path, rows: pd.DataFrame = ANSWERS, **form: object) -> Path:
    return put(folder, {"results": results_of(rows), "responses": responses_of(rows)}, **form)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return read(plainly(tmp_path_factory.mktemp("plain")))


@pytest.fixture(scope="module")
def right(plain: Tables) -> Numbers:
    return numbers(plain)


def test_the_numbers_are_those_of_the_answers(right: Numbers) -> None:
    """By plain pandas: what the other ways are compared with is itself right."""
    rows = ANSWERS[ANSWERS["assessment"] == "a7"]
    expected = rows[list(MAXIMA)].mean() / pd.Series(MAXIMA)
    np.testing.assert_allclose(right.facilities["facility"].reindex(list(MAXIMA)), expected, rtol=SUMS)
    told = results_of(rows)
    np.testing.assert_allclose(
        right.marks["quality"], told.assign(it=told["mark"] >= 4).groupby("school")["it"].mean(), rtol=SUMS
    )
    both = results_of(ANSWERS).groupby(["school", "assessment"])["primary_score"].mean().unstack()
    change = both["a7"] - both["a6"]
    difference = change[list(TREATED)].mean() - change.drop(list(TREATED)).mean()
    assert right.effect["estimate"] == pytest.approx(difference, rel=1e-9)
    assert right.added.abs().max() > 0.1
    assert right.effect.notna().all()


def shuffled(folder: Path) -> Path:
    return plainly(folder, ANSWERS.sample(frac=1, random_state=3))


def split_in_two(folder: Path) -> Path:
    part = np.random.default_rng(4).integers(0, 2, len(ANSWERS)).astype(bool)
    pieces = {"z": ANSWERS[part], "a": ANSWERS[~part]}
    files = {f"results-{name}": results_of(rows) for name, rows in pieces.items()}
    return put(folder, {**files, **{f"responses-{name}": responses_of(rows) for name, rows in pieces.items()}})


def a_file_a_school(folder: Path) -> Path:
    for school, rows in ANSWERS.groupby("school"):
        (folder / str(school)).mkdir(parents=True)
        put(folder, {f"{school}/results": results_of(rows), f"{school}/responses": responses_of(rows)})
    return folder


def other_columns_and_signs(folder: Path) -> Path:
    files = {"results": results_of(ANSWERS), "responses": responses_of(ANSWERS)}
    put(
        folder,
        {name: frame[frame.columns[::-1]] for name, frame in files.items()},
        sep=";",
        encoding="cp1251",
        float_format="%.1f",
    )
    return folder


def workbooks(folder: Path) -> Path:
    put(folder, {})
    for name, frame in {"results": results_of(ANSWERS), "responses": responses_of(ANSWERS)}.items():
        write_workbook(folder / f"{name}.xlsx", {"Лист1": [list(frame.columns), *frame.astype(object).values.tolist()]})
    return folder


WAYS: dict[str, Callable[[Path], Path]] = {
    "another order": shuffled, "split in two": split_in_two, "a file a school": a_file_a_school,
    "other columns and signs": other_columns_and_signs, "workbooks": workbooks,
}  # fmt: skip


SLOWLY = {"split in two", "a file a school", "workbooks"}


@pytest.mark.parametrize("way", [pytest.param(way, marks=pytest.mark.slow) if way in SLOWLY else way for way in WAYS])
def test_however_the_rows_are_written_down_the_store_and_the_numbers_are_the_same(
    tmp_path: Path, plain: Tables, right: Numbers, way: str
) -> None:
    tables = read(WAYS[way](tmp_path / "raw"))

    def ordered(frame: pd.DataFrame) -> pd.DataFrame:
        keys = [name for name in ("assessment", "item", "school", "pupil") if name in frame]
        return frame.drop(columns="source", errors="ignore").sort_values(keys, ignore_index=True)

    for name in ("schools", "assessments", "items", "results"):
        pd.testing.assert_frame_equal(ordered(getattr(tables, name)), ordered(getattr(plain, name)), check_exact=True)
    for name, frame in plain.responses.items():
        pd.testing.assert_frame_equal(ordered(tables.responses[name]), ordered(frame), check_exact=True)
    numbers(tables).equals(right)


def test_schools_under_other_codes_have_the_same_numbers(tmp_path: Path, right: Numbers) -> None:
    """The codes are dealt out anew, so that the schools stand in another order everywhere."""
    codes = dict(zip(SCHOOLS, np.random.default_rng(6).permutation(SCHOOLS), strict=True))
    assert all(codes[code] != code for code in SCHOOLS[:2])
    renamed = read(plainly(tmp_path / "raw", ANSWERS.assign(school=ANSWERS["school"].map(codes))))
    numbers(renamed, {new: old for old, new in codes.items()}).equals(right)


def test_a_weight_is_that_many_rows(tmp_path: Path, plain: Tables) -> None:
    times = dict(
        zip(ANSWERS["pupil"].unique(), np.random.default_rng(7).integers(1, 4, ANSWERS["pupil"].nunique()), strict=True)
    )
    weighted = Tables(
        **{**vars(plain), "results": plain.results.assign(pupils=plain.results["pupil"].map(times).astype(float))}
    )
    repeated = ANSWERS.loc[ANSWERS.index.repeat(ANSWERS["pupil"].map(times))].reset_index(drop=True)
    copy = repeated.groupby(["assessment", "pupil"]).cumcount().astype(str)
    many = numbers(read(plainly(tmp_path / "raw", repeated.assign(pupil=repeated["pupil"] + "x" + copy))))
    few = numbers(weighted, weights="pupils")
    assert np.isnan(few.effect["size"]), "the spread between pupils is not known where a row stands for several"
    replace(few, effect=few.effect.drop("size")).equals(replace(many, effect=many.effect.drop("size")))


def test_another_scale_changes_the_scale_alone(plain: Tables, right: Numbers) -> None:
    """Points that count twice, seven points that everybody has: shares stay, differences double, effects in SD stay."""
    results = plain.results.assign(primary_score=plain.results["primary_score"] * 2 + 7)
    points = {
        name: frame.assign(**{item: frame[item] * 2 for item in MAXIMA}) for name, frame in plain.responses.items()
    }
    told = Tables(**{**vars(plain), "results": results})
    other = numbers(told)
    means = [name for name in right.marks if name.startswith("mean_score")]
    np.testing.assert_allclose(other.marks[means], right.marks[means] * 2 + 7, rtol=1e-9)
    pd.testing.assert_frame_equal(other.marks.drop(columns=means), right.marks.drop(columns=means))
    np.testing.assert_allclose(other.added, right.added * 2, rtol=FITTED, atol=FITTED)
    np.testing.assert_allclose(other.effect[["estimate", "se"]], right.effect[["estimate", "se"]] * 2, rtol=1e-9)
    np.testing.assert_allclose(other.effect[["df", "size"]], right.effect[["df", "size"]], rtol=1e-9)
    doubled = items.analyse(points["a7"][list(MAXIMA)], pd.Series(MAXIMA, dtype=float) * 2)
    same = ["facility", "item_total", "item_rest", "upper_lower"]
    np.testing.assert_allclose(doubled.items.sort_index()[same], right.facilities[same], rtol=1e-9)


def test_what_does_not_concern_a_school_does_not_change_it(tmp_path: Path, right: Numbers) -> None:
    """A school that leaves takes its own rows with it: the marks of the others are as they were, to the last bit."""
    fewer = numbers(read(plainly(tmp_path / "raw", ANSWERS[ANSWERS["school"] != SCHOOLS[-1]])))
    pd.testing.assert_frame_equal(fewer.marks, right.marks.drop(index=SCHOOLS[-1]), check_exact=True)


MAKE = """
import sys
from pathlib import Path
sys.path.insert(0, "tests/security")
sys.path.insert(0, "tests")
import test_numbers as there
from oko.runs.page import write_table
made = there.numbers(there.read(Path(sys.argv[1])))
for name in ("marks", "facilities", "added", "effect"):
    value = getattr(made, name)
    write_table(Path(sys.argv[2]) / f"{name}.parquet", value.to_frame("value") if value.ndim == 1 else value)
"""


@pytest.mark.slow
def test_two_processes_give_the_same_bytes(tmp_path: Path) -> None:
    """Other seeds of hashes, other numbers of threads: equal files."""
    raw, digests = plainly(tmp_path / "raw"), []
    for seed, threads in (("1", "1"), ("77", "2")):
        made = tmp_path / seed
        changed = {**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        subprocess.run(
            [sys.executable, "-c", MAKE, str(raw), str(made)], cwd=ROOT, env=changed, check=True, timeout=120
        )
        digests.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(made.iterdir())})
    assert len(digests[0]) == 4
    assert digests[0] == digests[1]
