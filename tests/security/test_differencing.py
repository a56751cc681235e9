"""A differencing attack: someone who has every release and knows the example's code finds nothing below the threshold.

He subtracts, links tables that count the same pupils, turns shares, indicators and intervals back into numbers of
pupils, takes models at their word, and looks into pages and bytes; then each school does so, knowing its own numbers
and the cluster's. ``attack`` holds his tools, which use nothing of ``oko.disclosure``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oko.disclosure import protect
from oko.measures import yearly
from oko.runs import sources
from oko.runs.year import make_year
from oko.workspace import Workspace
from oko.workspace import open as open_workspace
from security.attack import attacks, equations, leftovers, models, releases, remainders, shares, truth
from security.attack.knowledge import Key
from security.attack.siege import Siege, besiege, modelled, of_year, seen, successes, unlinked

ROOT = Path(__file__).parents[2]
STUDIES = ("cluster_year", "final")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Return the example as ``make test`` has made it, or made here."""
    with pytest.MonkeyPatch.context() as patch:
        if not os.environ.get("OKO_WORK"):
            patch.setenv("OKO_WORK", str(tmp_path_factory.mktemp("work")))
        workspace = open_workspace(ROOT, "example")
        sources.ensure_store(workspace)
        year = workspace.cluster.latest_year
        for study in STUDIES:
            if not (workspace.results_folder / year / "release" / study).is_dir():
                make_year(workspace, year, study=study)
        yield workspace


@pytest.fixture(scope="module")
def numbers(example: Workspace) -> Mapping[Key, float]:
    return truth.true_numbers(example)


@pytest.fixture(scope="module")
def siege(example: Workspace, numbers: Mapping[Key, float]) -> Siege:
    return besiege(example, of_year(releases.read(example.results_folder), example.cluster.latest_year), numbers)


def test_what_the_attacker_believes_is_true(siege: Siege) -> None:
    assert len(siege.case.knowledge.rows) > 100
    for case in (siege.case, siege.counts, siege.points):
        assert case.knowledge.contradictions(siege.truth) == []


def test_nobody_finds_a_number_below_the_threshold_in_the_latest_releases(siege: Siege) -> None:
    assert any(siege.truth[key] < siege.threshold for key in siege.case.hidden), "nothing was there to be found"
    assert successes(siege) == []
    assert modelled(siege) == []
    assert seen(siege) == []


def test_nobody_finds_the_points_of_a_few_who_have_one_result(siege: Siege) -> None:
    assert unlinked(siege) == []


@pytest.fixture(scope="module")
def careless(example: Workspace, numbers: Mapping[Key, float]) -> Siege:
    """Return what a beginner would release: rows of few pupils hidden, and nothing else."""
    year = example.cluster.latest_year
    return besiege(example, truth.only_by_threshold(example, year, example.cluster.threshold), numbers)


def test_the_attacker_finds_all_that_a_threshold_alone_hides(careless: Siege) -> None:
    marked = [key for key in careless.case.hidden if key[0] == "marked"]
    hidden = pd.DataFrame(marked, columns=["kind", "work", "school"])
    alone = hidden[~hidden["work"].duplicated(keep=False)]
    assert len(alone) > 3
    few = attacks.counts(careless.counts, careless.truth, careless.threshold)
    values = attacks.values(careless.case, careless.truth, careless.threshold, careless.maxima)
    found = attacks.succeed(careless.counts, careless.truth, few)
    found += attacks.succeed(careless.case, careless.truth, values)
    by_name = {success.target: success for success in found}
    for place in alone[["work", "school"]].itertuples(index=False):
        number = by_name["marked", *place]
        assert number.low == number.high == number.truth, "the total less the rest"
        if ("share", *place, "share_2") in {target.name for target in values}:
            share = by_name["share", *place, "share_2"]
            assert share.low == pytest.approx(share.truth, abs=0.01)
            assert share.high == pytest.approx(share.truth, abs=0.01)
        score = by_name["mean score", *place]
        assert score.low - 0.1 <= score.truth <= score.high + 0.1


def test_the_attacker_reads_a_pupils_points_out_of_a_model(careless: Siege) -> None:
    """Of those in one work and not in the other, where they are one or two and nearly nobody else is unlinked."""
    priors = truth.priors_in_points(careless.workspace)
    few = remainders.targets(careless.points, careless.truth, priors, careless.threshold, careless.maxima)
    found = attacks.succeed(careless.points, careless.truth, few, from_inside=False)
    assert found
    for success in found:
        assert success.low - 1e-3 <= success.truth <= success.high + 1e-3
        assert success.who == attacks.OUTSIDER


LEFT = [["share_3", "share_4", "share_5"], ["share_2_lower", "share_2_upper"], ["quality", "sou"], []]


@pytest.mark.parametrize("left", LEFT, ids=["others", "interval", "indicators", "cluster"])
def test_the_attacker_undoes_a_bound_by_whatever_is_left(careless: Siege, left: list[str]) -> None:
    """The other shares, the interval, the indicators with the cluster's row, and the cluster less the other schools."""
    (key, table) = next((key, table) for key, table in careless.released.tables.items() if key[1] == "marks")
    whole = table.groupby("assessment")["hidden"].transform("any")
    fits = ~whole & (table["school"] != "") & table["share_2"].between(0.02, 0.04) & table["n"].between(60, 100)
    row = table.index[fits][0]
    changed = table.copy()
    numbers = [*shares.SETS, "sou"]
    numbers += [f"{name}_{end}" for name in numbers for end in ("lower", "upper")]
    changed.loc[row, [name for name in numbers if name not in left]] = np.nan
    changed.loc[row, ["share_2", "bounded"]] = [0.05, "share_2"]
    changed = changed[changed["assessment"] == table.loc[row, "assessment"]]
    if left:
        changed = changed.loc[[row]]
    broken = equations.learn(releases.Releases({key: changed}, {}), careless.maxima)
    place = (table.loc[row, "assessment"], table.loc[row, "school"])
    (success,) = attacks.succeed(broken, careless.truth, attacks.bounds(broken, careless.truth))
    assert success.target == ("bound", *place, "share_2")
    assert success.low == success.high == careless.truth["mark", *place, 2]


def test_the_attacker_reads_hidden_schools_out_of_a_model(example: Workspace) -> None:
    year = example.cluster.latest_year
    pairs = yearly.linked(example.results(), example.assessments(), year)
    numbers = pairs.groupby(["assessment", "school"]).size()
    few = numbers[numbers < example.cluster.threshold].index
    work, small = min(few, key=lambda place: (-numbers[place[0]].size, numbers[place[0]].sum()))
    model = yearly.year_models(pairs[pairs["assessment"] == work])
    rows = model.schools().sort_values("n").reset_index(drop=True)
    rows["hidden"] = rows.index < 3
    truth_of = rows.set_index("school")
    numeric = [name for name in rows.select_dtypes("number") if name != "hidden"]
    shown = rows.assign(**{name: rows[name].mask(rows["hidden"]) for name in numeric})
    variance = model.variance().set_index("component")["value"]
    published_model = models.Published(shown, variance["school"], variance["pupil"], int(rows["n"].sum()))
    found = models.sizes(published_model)
    assert {tuple(sorted(each)) for each in found} == {tuple(sorted(truth_of["n"].iloc[:3]))}
    low, high = models.residuals(published_model, found[0])
    assert low - 0.02 <= truth_of.loc[small, "residual"] <= high + 0.02
    insider = rows["school"].iloc[2]
    known = {insider: float(truth_of.loc[insider, "residual"])}
    one, other = models.residuals(published_model, found[0], known)
    error = truth_of.loc[small, "se"]
    assert min(abs(one - truth_of.loc[small, "residual"]), abs(other - truth_of.loc[small, "residual"])) < error / 5


def test_the_attacker_sees_what_is_left_over(tmp_path: Path) -> None:
    page = "<h3>Работа 1</h3><table><tr><th></th><th>n</th></tr><tr><td>Школа № 331</td><td>{}</td></tr></table>{}"
    image = '<img alt="весь кластер: 7 %; Школа № 331: отметки «2» — {}">'
    hidden = {"Работа 1": {"Школа № 331"}}
    assert leftovers.on_page(page.format("c", image.format("–")), hidden) == []
    assert len(leftovers.on_page(page.format("7", image.format("14 %")), hidden)) == 2
    frame = pd.DataFrame({"school": pd.Categorical(["344"], categories=["331", "344"]), "n": [50.0]})
    frame.to_parquet(tmp_path / "marks.parquet", index=False)
    assert leftovers.in_parquet(tmp_path / "marks.parquet")
    frame.astype({"school": str}).to_parquet(tmp_path / "marks.parquet", index=False)
    assert leftovers.in_parquet(tmp_path / "marks.parquet") == []
    (tmp_path / "marks.csv").write_text("school,n\n344,50.25\n", encoding="utf-8")
    assert leftovers.in_twin(tmp_path / "marks.parquet") == ["marks.csv: n, row 0: 50.25"]
    (tmp_path / "datapackage.json").write_text('{"why": "complementary"}', encoding="utf-8")
    assert len(leftovers.in_words(tmp_path / "datapackage.json")) == 2
    ways = pd.DataFrame({"method": ["schools", "without_marked"], "n_treated": [7, 6]})
    assert leftovers.single_out(ways, pd.DataFrame({"school": ["344"]})) == ["without_marked"]
    said = pd.DataFrame({"assessment": ["a"], "code": ["dropped_rows"], "values": ['{"n_dropped": 3, "n_schools": 4}']})
    assert leftovers.in_remarks(said, 10) == ["a dropped_rows: n_dropped = 3.0"]
    table = pd.DataFrame({"assessment": ["a", "a", "b", "b"], "school": ["344", "331", "331", "344"]})
    assert leftovers.out_of_order(table, ["assessment"])


@pytest.mark.slow
def test_nobody_finds_a_number_below_the_threshold_in_the_releases_of_all_years(
    example: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(example.store_folder, tmp_path / "example" / "store")
    monkeypatch.setenv("OKO_WORK", str(tmp_path))
    workspace = open_workspace(ROOT, "example")
    for year in workspace.cluster.years:
        for study in STUDIES if year == workspace.cluster.latest_year else STUDIES[:1]:
            made = make_year(workspace, year, study=study)
            assert not made.failed
            assert not made.refused
    found = besiege(workspace, releases.read(workspace.results_folder), truth.true_numbers(workspace))
    assert len(found.released.years) == len(workspace.cluster.years)
    assert found.case.knowledge.contradictions(found.truth) == []
    assert successes(found) + modelled(found) + unlinked(found) + seen(found) == []


@pytest.mark.slow
def test_what_is_hidden_does_not_tell_by_which_rows_it_is(example: Workspace) -> None:
    """Whoever has the code hides every table that could be, and keeps those that hide the same rows.

    With any number from 1 to one below the threshold in the place of the small school's some table does.
    """
    threshold, year = example.cluster.threshold, example.cluster.latest_year
    taken = example.results(year=year, role="cluster")
    counted = taken[taken["status"] == "took"].groupby(["assessment", "school"]).size().rename("n").reset_index()
    hidden = hides(counted, threshold)
    for work, rows in counted.groupby("assessment"):
        pattern = hides(rows, threshold)
        small = rows.loc[(rows["n"] < threshold).to_numpy(), "school"]
        assert set(pattern) == {place for place in hidden if place[0] == work}
        for school in small:
            others = [name for _, name in pattern if name != school]
            possible = {n for n in range(1, threshold) if any_table(rows, school, n, others, pattern, threshold)}
            assert possible == set(range(1, threshold)), (work, school)


def hides(counted: pd.DataFrame, threshold: int) -> set[tuple[str, str]]:
    frame = protect(counted, by=["assessment"], part="school", threshold=threshold).frame
    return set(frame.loc[frame["hidden"], ["assessment", "school"]].itertuples(index=False, name=None))


def any_table(
    rows: pd.DataFrame, school: str, n: int, others: list[str], pattern: set[tuple[str, str]], threshold: int
) -> bool:
    """Tell whether some table with n pupils in the school, and the same total, hides the same rows."""
    numbers = rows.set_index("school")["n"]
    rest = int(numbers[[school, *others]].sum()) - n
    random = np.random.default_rng(n)
    usual = numbers[others].to_numpy() / numbers[others].sum()
    for trial in range(200):
        mix = usual if trial == 0 else random.dirichlet(1 + 20 * usual if trial % 2 else np.ones(len(others)))
        tried = np.maximum(1, np.floor(mix * rest)).astype(int)
        tried[-1] += rest - tried.sum()
        if tried.min() >= 1:
            guessed = {**numbers.to_dict(), school: n, **dict(zip(others, tried, strict=True))}
            if hides(rows.assign(n=rows["school"].map(guessed)), threshold) == pattern:
                return True
    return False
