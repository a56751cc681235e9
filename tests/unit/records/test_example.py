"""The example: the same bytes on every call, and results that look like those of real procedures."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oko.records import instruments
from oko.records.cluster import Cluster, read_cluster
from oko.records.example import groups, names, raw
from oko.records.example.answers import latent_gain
from oko.records.example.dirt import ABSENT_SPELLINGS, X_SPELLINGS, codes_by_campaign, sitting_of
from oko.records.example.faults import CELL_FAULTS
from oko.records.example.raw import Example, draw, write_raw
from oko.records.example.settings import Bias, ExampleSettings, read_settings
from oko.records.example.sitting import Sat, targets_of
from oko.records.example.waves import WAVES, Wave, writes
from oko.records.example.works import instrument_of
from oko.records.readers.context import Told
from oko.records.readers.sheets import open_sheets
from oko.records.settings_files import read_toml, validate

ROOT = Path(__file__).parents[3]
SELECTED = ("vpr-mathematics-6-in-7-autumn-2020", "vpr-mathematics-7-spring-2021")


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return read_cluster(ROOT, "example")


@pytest.fixture(scope="module")
def pair(cluster: Cluster) -> Cluster:
    return cluster.model_copy(update={"schools": cluster.schools[:2]})


@pytest.fixture(scope="module")
def drawn(cluster: Cluster) -> Example:
    return draw(cluster, ROOT)


@pytest.fixture(scope="module")
def folder(pair: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("example") / "raw"
    assert write_raw(made, pair, ROOT)
    return made


def draw_some(cluster: Cluster, settings: ExampleSettings, *assessments: str) -> Example:
    """Draw a few works alone: they are the same as among all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "WAVES", tuple(wave for wave in WAVES if wave.assessment in assessments))
        return draw(cluster, ROOT, settings=settings)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def of_work(drawn: Example, assessment: str) -> list[Sat]:
    return [one for (wave, _), one in drawn.sat.items() if wave.assessment == assessment]


def points_of(parts: list[Sat]) -> pd.DataFrame:
    return pd.concat([one.points for one in parts]).dropna().astype(float)


def alpha(scores: pd.DataFrame) -> float:
    k = scores.shape[1]
    return float(k / (k - 1) * (1 - scores.var().sum() / scores.sum(axis=1).var()))


def test_the_same_bytes_on_every_call(pair: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few works of each campaign and procedure, so that every kind of file is written."""
    some = {(wave.procedure, wave.start, wave.season): wave for wave in WAVES}
    monkeypatch.setattr(raw, "WAVES", tuple(some.values()))
    for name in ("first", "second"):
        write_raw(tmp_path / name / "raw", pair, ROOT)
    written = digests(tmp_path / "first")
    assert len(written) > 40
    assert written == digests(tmp_path / "second")


def test_another_seed_gives_other_pupils(pair: Cluster, drawn: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "WAVES", WAVES[:1])
    other = draw(pair, ROOT, seed=1)
    assert not other.people.pupils["surname"].head(50).equals(drawn.people.pupils["surname"].head(50))


def test_every_file_told_of_is_there_and_no_other(folder: Path) -> None:
    listed = json.loads((folder.parent / "truth" / "files.json").read_text(encoding="utf-8"))
    assert set(listed) == set(digests(folder))
    assert len(listed) == len(set(listed)) > 80


def test_what_an_earlier_call_wrote_is_deleted_and_other_files_stay(
    pair: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "raw"
    monkeypatch.setattr(raw, "WAVES", tuple(wave for wave in WAVES if wave.procedure == "oge"))
    write_raw(folder, pair, ROOT)
    stray = folder / "344" / "own.txt"
    stray.write_text("mine", encoding="utf-8")
    assert list(folder.rglob("Протокол ОГЭ 2021.xlsx"))
    monkeypatch.setattr(raw, "WAVES", tuple(wave for wave in WAVES if wave.procedure == "oge" and wave.start == 2018))
    write_raw(folder, pair, ROOT)
    assert stray.is_file()
    assert not list(folder.rglob("Протокол ОГЭ 2021.xlsx"))


def test_what_a_file_does_not_say_is_told_beside_it(folder: Path) -> None:
    for path in folder.rglob("received.toml"):
        told = validate(Told, read_toml(path, path.name), path.name)
        assert (told.school, f"{told.year}-{told.season}") == (path.parent.parent.name, path.parent.name)
    own = [path.parent for path in folder.rglob("ВПР *") if path.parents[1].name != "district"]
    assert all((place / "received.toml").is_file() for place in own)


def test_the_calendar_is_that_of_the_pandemic() -> None:
    works = {wave.assessment for wave in WAVES}
    assert not any(wave.procedure == "vpr" and wave.start == 2019 for wave in WAVES)
    assert {"vpr-science-4-spring-2019", "vpr-chemistry-8-in-9-autumn-2020", "vpr-biology-8-spring-2021"} <= works
    assert {wave.calendar for wave in WAVES if wave.procedure == "oge"} == {2019, 2021}
    assert {wave.calendar for wave in WAVES if wave.procedure == "ege"} == {2019, 2020, 2021}
    autumn = [wave for wave in WAVES if wave.procedure == "vpr" and wave.season == "autumn"]
    assert all(wave.pupil_grade - wave.material_grade == 1 for wave in autumn)


def test_grade_8_writes_two_sciences_and_few_schools_tried_it_early(cluster: Cluster) -> None:
    sciences = [w for w in WAVES if w.material_grade == 8 and w.start == 2020 and w.season == "spring"]
    early = Wave("vpr", "mathematics", 2018, "spring", 8, 8)
    places = range(len(cluster.schools))
    for place in places:
        own = [wave for wave in sciences if wave.subject != "mathematics" and writes(wave, place, 2019)]
        assert len(own) == 2
    assert 0 < sum(writes(early, place, 2019) for place in places) < 4


def test_works_without_reference_are_not_written(drawn: Example) -> None:
    assert "vpr-science-4-in-5-autumn-2020" not in drawn.works
    assert len(drawn.works["vpr-mathematics-8-in-9-autumn-2020"][1].items) == 19
    assert len(drawn.works["vpr-mathematics-8-spring-2021"][1].items) == 20


def test_maxima_of_exams_are_those_of_the_scales() -> None:
    sums = {w.assessment: instrument_of(ROOT, w).max_score for w in WAVES if w.procedure in {"oge", "ege"}}  # type: ignore[union-attr]
    assert sums["oge-mathematics-9-spring-2019"] == 32
    assert sums["oge-mathematics-9-spring-2021"] == 31
    assert sums["ege-physics-11-spring-2019"] == 52
    assert sums["ege-physics-11-spring-2021"] == 53
    assert {sums[name] for name in sums if name.startswith("ege-mathematics")} == {32}


def test_reliability_is_that_of_real_works(drawn: Example) -> None:
    known = instruments.reference_works(ROOT).set_index(["subject", "grade", "season"])["alpha"]
    for name, (wave, _) in drawn.works.items():
        if wave.procedure == "vpr" and len(of_work(drawn, name)) > 2:
            season = "autumn" if wave.season == "autumn" else "spring"
            assert abs(alpha(points_of(of_work(drawn, name))) - known[wave.subject, wave.material_grade, season]) < 0.1


def test_tasks_are_as_hard_as_in_the_region(drawn: Example) -> None:
    for name, (wave, instrument) in drawn.works.items():
        parts = of_work(drawn, name)
        if wave.procedure == "vpr" and len(parts) == 7:
            ours = points_of(parts).mean() / instrument.reference["max_score"]
            assert np.corrcoef(ours, instrument.reference["facility"])[0, 1] > 0.95, name
            assert (ours - instrument.reference["facility"]).abs().max() < 0.17, name


def test_marks_follow_the_official_scale(drawn: Example) -> None:
    for (wave, _), one in drawn.sat.items():
        if wave.procedure == "vpr" and wave.material_grade == 7:
            scale = instruments.mark_scale(ROOT, *wave.work)
            took = one.pupils[one.pupils["status"] == "took"]
            assert took["mark"].tolist() == instruments.mark_of(took["primary_score"], scale).tolist()


def test_the_cluster_gained_in_the_target_tasks_alone(cluster: Cluster) -> None:
    assert target_gain(cluster, 0.4) == pytest.approx(0.4, abs=0.12)
    assert target_gain(cluster, 0.0) == pytest.approx(0.0, abs=0.12)


def target_gain(cluster: Cluster, effect: float) -> float:
    """Return the gain in target tasks, in standard deviations of the schools of comparison, autumn to spring."""
    settings = read_settings(ROOT, "example").model_copy(update={"effect": effect})
    made = draw_some(cluster, settings, *SELECTED)
    schools = groups.comparison_schools(settings, made.seed)
    gaps = []
    for name in SELECTED:
        wave, instrument = made.works[name]
        places = [instrument.labels.index(item) for item in targets_of(wave, instrument, settings)]
        others = groups.compared(wave, instrument, schools, made.seed)
        pooled = np.concatenate([group.points[:, places].sum(axis=1) for group in others.values()])
        ours = points_of(of_work(made, name)).iloc[:, places].sum(axis=1)
        gaps.append((ours.mean() - pooled.mean()) / pooled.std())
    return float(gaps[1] - gaps[0])


def test_a_gain_is_measured_in_deviations_of_the_target_score(drawn: Example) -> None:
    wave, instrument = drawn.works["vpr-mathematics-7-spring-2021"]
    targets = targets_of(wave, instrument, drawn.settings)
    assert targets == ["3", "7", "10", "15"]
    assert latent_gain(instrument.reference, instrument.slope, targets, 0.0) == 0.0
    small, great = (latent_gain(instrument.reference, instrument.slope, targets, size) for size in (0.2, 0.4))
    assert 0.2 < small < great


def test_shared_deficits_lie_below_the_level_of_their_schools(cluster: Cluster, drawn: Example) -> None:
    name = "vpr-mathematics-7-in-8-autumn-2020"
    plain = draw_some(cluster, drawn.settings.model_copy(update={"deficits": ()}), name)
    change = points_of(of_work(drawn, name)).mean() - points_of(of_work(plain, name)).mean()
    assert (change[["3", "7", "10", "14", "15"]] < -0.03).all()
    assert change.drop(["3", "7", "10", "14", "15"]).abs().max() < 0.02


def test_two_tasks_are_easier_for_one_sex(drawn: Example) -> None:
    for dif in drawn.settings.dif:
        parts = [one for (wave, _), one in drawn.sat.items() if wave.name == dif.work]
        points, sex = points_of(parts), pd.concat([one.pupils["sex"] for one in parts])
        sex = sex[~sex.index.duplicated()].reindex(points.index)
        gap = points[sex.to_numpy() == "M"].mean() - points[sex.to_numpy() == "F"].mean()
        assert (gap[dif.item] > 0) == (dif.favours == "M")
        assert abs(gap[dif.item]) > 0.08


def test_one_school_stands_above_the_bounds_of_marks(cluster: Cluster, drawn: Example) -> None:
    works = [name for name in drawn.works if name.startswith("vpr-mathematics")]
    plain = draw_some(cluster, drawn.settings.model_copy(update={"bias": Bias()}), *works)
    assert just_below(drawn) < 0.5 * just_below(plain)


def just_below(made: Example) -> int:
    """Return how many pupils of the biased school lack one point to the next mark."""
    found = 0
    for (wave, _), one in made.sat.items():
        if wave.procedure == "vpr" and wave.subject == "mathematics" and one.pupils["school"].iloc[0] == "572":
            scale = instruments.mark_scale(ROOT, *wave.work)
            bounds = [scale.mark_3_from - 1, scale.mark_4_from - 1, scale.mark_5_from - 1]
            found += int(one.pupils["primary_score"].isin(bounds).sum())
    return found


def test_codes_are_five_digits_that_begin_with_the_grade_and_change_with_the_campaign(drawn: Example) -> None:
    people = drawn.people.pupils
    codes = codes_by_campaign(people, drawn.seed)
    for (year, _), own in codes.items():
        assert own.str.fullmatch("[4-9][0-9]{4}").all()
        assert (own.str[0].astype(int) == people.loc[own.index, "cohort"] + year).all()
        assert not (people.loc[own.index, "school"] + own).duplicated().any()
    both = codes[2, "autumn"].index.intersection(codes[2, "spring"].index)
    assert (codes[2, "autumn"][both] == codes[2, "spring"][both]).mean() < 0.1


def test_cells_hold_the_spellings_of_real_files_at_low_rates(drawn: Example) -> None:
    codes = codes_by_campaign(drawn.people.pupils, drawn.seed)
    texts: list[pd.Series] = []
    variants: list[pd.Series] = []
    for (wave, _), one in drawn.sat.items():
        if wave.procedure == "vpr" and wave.season == "autumn":
            sitting = sitting_of(one, codes[2, "autumn"], "780344", drawn.seed)
            texts.append(pd.Series(sitting.cells.to_numpy().ravel(), dtype="str"))
            variants.append(sitting.pupils["variant"])
    cells = pd.concat(texts)
    assert set(X_SPELLINGS) | {"не пройд."} <= set(cells)
    assert 0 < cells.str.endswith("\u00a0").mean() < 0.01
    assert set(ABSENT_SPELLINGS) <= set(pd.concat(variants))
    assert cells.str.strip().isin([*X_SPELLINGS, "не пройд.", "", *map(str, range(11))]).all()


def test_pupils_stay_come_leave_and_change_the_school(drawn: Example) -> None:
    people = drawn.people.pupils
    assert 0.9 < ((people["first"] == 0) & (people["last"] == 2))[people["cohort"] < 7].mean() < 1
    changed = people[people.duplicated("person", keep=False)]
    assert len(changed) > 10
    assert (changed.groupby("person")["school"].nunique() == 2).all()
    assert (people["cohort"] + people["last"] <= 11).all()


def test_names_are_made_by_rule_and_homonyms_differ_by_birth_date(drawn: Example) -> None:
    people = drawn.people.pupils.drop_duplicates("person")
    endings = people["surname"].str.split("-").explode().str.extract("(ова?)$")[0]
    assert endings.isin(["ов", "ова"]).all()
    assert names.surname("Образц", "F") == "Образцова"
    whole = people[["surname", "name", "patronymic"]].agg(" ".join, axis=1)
    twice = people[whole.duplicated(keep=False)]
    assert 2 <= len(twice) <= 10
    assert not twice.duplicated(["surname", "name", "birth_date"]).any()


def test_one_school_is_small_and_has_a_class_of_nine(drawn: Example) -> None:
    latest = [one.pupils for (w, _), one in drawn.sat.items() if w.assessment == "vpr-mathematics-5-spring-2021"]
    sizes = pd.concat(latest).value_counts(["school", "letter"])
    small = sizes.index.get_level_values("school") == "331"
    assert sizes[small].tolist() == pytest.approx([9], abs=1)
    assert (sizes[~small] >= 20).all()


def test_planted_faults_stand_where_the_list_says(folder: Path) -> None:
    planted = json.loads((folder.parent / "truth" / "faults.json").read_text(encoding="utf-8"))
    assert len(planted) == len({(one["file"], one["row"]) for one in planted}) >= 9
    spoiled = {"score of a task above its maximum": "7", "? for points": "?", "-1 for points": "-1"}
    for one in planted:
        assert (folder / one["file"]).is_file()
        if one["what"] in spoiled:
            sheet = next(sheet for sheet in open_sheets(folder / one["file"]) if sheet.name == one["sheet"])
            headings = sheet.frame.iloc[0].tolist()
            assert sheet.frame.iloc[one["row"] - 1, headings.index(one["column"])] == spoiled[one["what"]]


def test_few_cells_are_spoiled(cluster: Cluster, drawn: Example) -> None:
    assert len(CELL_FAULTS) <= 12
    assert all(school in cluster.school_codes and work in drawn.works for school, work in CELL_FAULTS)


def test_schools_of_comparison_come_as_aggregates_alone(folder: Path, drawn: Example) -> None:
    table = pd.read_csv(folder / "district" / "groups-spring-2021.csv", dtype={"key": "str"}, keep_default_na=False)
    assert table["school"].nunique() == drawn.settings.comparison_schools == 40
    assert set(table["measure"]) == {"mean", "sd", "facility"}
    assert (table["n"] > 20).all()
    assert not table.duplicated(["assessment", "group", "measure", "key"]).any()


def test_truth_lies_beside_and_not_among_the_files(folder: Path) -> None:
    beside = folder.parent / "truth"
    planted = json.loads((beside / "planted.json").read_text(encoding="utf-8"))
    assert planted["effect"] == 0.4
    assert set(planted["latent_gains"]) <= set(planted["targets"])
    abilities = pd.read_csv(beside / "abilities.csv", dtype={"pupil": "str", "school": "str"})
    assert abilities["pupil"].str.fullmatch("[0-9a-f]{32}").all()
    assert not re.search("surname|name|birth", ",".join(abilities.columns))
    assert not (folder / "truth").exists()


def test_settings_name_tasks_that_exist(drawn: Example) -> None:
    labels: dict[str, set[str]] = {}
    for wave, instrument in drawn.works.values():
        labels.setdefault(wave.name, set()).update(instrument.labels)
    for deficit in drawn.settings.deficits:
        for work, items in deficit.items.items():
            assert set(items) <= labels[work], work
    assert all(dif.item in labels[dif.work] for dif in drawn.settings.dif)
    assert ExampleSettings().effect == 0.4
