"""The store: what is written is read, changed bytes are noticed, queries reach nothing else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from oko.errors import DataError, SettingError
from oko.records import store
from oko.records.schema import Tables, conform


def test_tables_come_back_as_they_were_stored(project, tables: Tables) -> None:
    there = project.workspace.results()
    expected = tables.results.sort_values(["school", "assessment", "pupil"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(there, expected)
    assert project.workspace.schools()["school"].tolist() == ["344", "498"]


def test_equal_tables_give_equal_bytes(tmp_path: Path, tables: Tables) -> None:
    store.write(tmp_path / "a", tables)
    shuffled = Tables(
        tables.schools.iloc[::-1], tables.assessments.iloc[::-1], tables.items.iloc[::-1],
        tables.results.sample(frac=1, random_state=1), tables.responses,
    )  # fmt: skip
    store.write(tmp_path / "b", shuffled)
    names = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert [(tmp_path / "a" / n).read_bytes() for n in names] == [(tmp_path / "b" / n).read_bytes() for n in names]


def test_a_later_year_does_not_change_the_digest_of_an_earlier_one(tmp_path: Path, tables: Tables) -> None:
    store.write(tmp_path / "a", tables)
    changed = tables.results.copy()
    changed.loc[changed["year"] == "2020-2021", "primary_score"] = 0.0
    store.write(tmp_path / "b", Tables(tables.schools, tables.assessments, tables.items, changed, tables.responses))
    first, second = (store.open_store(tmp_path / name, "tiny") for name in "ab")
    assert first.year_digest("2019-2020") == second.year_digest("2019-2020")
    assert first.year_digest("2020-2021") != second.year_digest("2020-2021")


def test_filters_narrow_and_unknown_codes_are_named(project) -> None:
    workspace = project.workspace
    assert set(workspace.results(school="344", year="2020-2021")["school"]) == {"344"}
    assert len(workspace.results(subject="mathematics")) == 48
    for wrong in ({"school": "999"}, {"year": "1999-2000"}, {"subject": "alchemy"}, {"assessment": "x"}):
        with pytest.raises(SettingError, match=str(next(iter(wrong.values())))):
            workspace.results(**wrong)


def test_responses_are_wide_and_not_attempted_is_a_mask_beside_them(project) -> None:
    points = project.workspace.responses("vpr-mathematics-7", school="344")
    mask = project.workspace.responses("vpr-mathematics-7", school="344", not_attempted=True)
    assert points.columns.tolist() == mask.columns.tolist() == ["1", "2"]
    assert points.shape == mask.shape == (12, 2)
    assert not mask.to_numpy().any()


@pytest.mark.parametrize("name", ["results.parquet", "store.json", "responses/vpr-mathematics-7.parquet"])
def test_a_damaged_file_is_named(project, name: str) -> None:
    path = project.workspace.store_folder / name
    path.write_bytes(path.read_bytes()[:-7] + b"damaged")
    with pytest.raises(DataError, match=name.replace(".", r"\.")):
        project.workspace.results()


def test_no_store_is_said_with_what_to_do(project) -> None:
    import shutil

    project.workspace.store_folder.unlink()
    shutil.rmtree(next(project.workspace.work.glob(".store-*")))
    with pytest.raises(DataError, match=r"make yearly CLUSTER=tiny"):
        project.workspace.results()


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "copy results to '/tmp/leak.csv'",
        "attach '/tmp/x.db'",
        "set enable_external_access = true",
    ],
)
def test_queries_reach_nothing_outside_the_store(project, sql: str) -> None:
    with pytest.raises(DataError):
        project.workspace.query(sql)


def test_a_failed_write_leaves_the_old_store(project, tables: Tables) -> None:
    broken = Tables(tables.schools, tables.assessments, tables.items, tables.results.drop(columns="school"))
    with pytest.raises(KeyError):
        store.write(project.workspace.store_folder, broken)
    assert len(project.workspace.results()) == 48
    assert len([*project.workspace.work.glob(".store-*")]) == 1


def test_a_table_of_another_form_is_refused(tables: Tables) -> None:
    with pytest.raises(DataError, match="surname"):
        conform(tables.results.assign(surname="x"), "results")
    with pytest.raises(DataError, match="mark"):
        conform(tables.results.assign(mark=7), "results")
