"""The gate: internal, checked, release; a second person for real data; what was released before counts."""

from __future__ import annotations

import base64
import csv
import json
import shutil
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from oko import release_verbs
from oko.disclosure import journal, protect, release
from oko.errors import ReleaseError, RunError, SettingError
from oko.folders import sha256
from oko.runs.alone import alone
from oko.runs.page import write_table
from oko.runs.plan import Run, plan
from oko.runs.registry import read_registry
from oko.runs.releases import check_only, check_reviewer, pass_gate, release_runs, withdraw, withdraw_stale
from oko.runs.summary import write_summary
from oko.runs.year import make_year
from project import COUNT, Project

REAL = ('example = true\nsource = "example"', 'source = "raw"')
PAGE = "<!DOCTYPE html><html><body><p>Год кластера</p></body></html>"
REVIEWER = "Петрова А. Б."
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def change(project: Project, before: str, after: str) -> None:
    path = project.root / "data" / "clusters" / "tiny" / "cluster.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def finish(run: Run, n: int = 25, page: str = PAGE, **columns: object) -> None:
    """Put a run's folder in place as if its notebook had made it."""
    shutil.rmtree(run.folder, ignore_errors=True)
    shown = protect(pd.DataFrame({"school": ["344", "498"], "n": [n, 40]}))
    write_table(run.folder / "tables" / "counts.parquet", shown.frame.assign(**columns))  # type: ignore[arg-type]
    (run.folder / "protection").mkdir()
    (run.folder / "protection" / "counts.json").write_text(json.dumps(shown.memory()), encoding="utf-8")
    (run.folder / "page.ru.html").write_text(page, encoding="utf-8")
    kinds = {"tables/counts.parquet": "public", "page.ru.html": "public", "protection/counts.json": "internal"}
    outputs = [{"path": path, "sensitivity": kind, "sha256": sha256(run.folder / path)} for path, kind in kinds.items()]
    record = {
        "study": run.name, "unit": run.unit, "year": "2020-2021", "edition": run.study.edition, "status": "done",
        "message": None, "seconds": 1.0, "key": run.key, "made": "2021-06-01T12:00:00+00:00", "outputs": outputs,
    }  # fmt: skip
    (run.folder / "run.json").write_text(json.dumps(record), encoding="utf-8")


_MADE: dict[str, Path] = {}


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Copy a project that is made once: its store takes long to write."""
    monkeypatch.delenv("OKO_WORK", raising=False)
    if not _MADE:
        folder = request.getfixturevalue("tmp_path_factory").mktemp("gate")
        _MADE["root"] = Project(folder, request.getfixturevalue("tables")).root
    made = Project.__new__(Project)
    made.root = tmp_path / "проект с пробелом {x}"
    shutil.copytree(_MADE["root"], made.root)
    return made


@pytest.fixture
def runs(project: Project) -> Callable[..., tuple[Run, ...]]:
    """Plan one open study, finished unless told otherwise; settings are read anew each time."""
    project.study("open", COUNT, edition="public")

    def planned(*, done: bool = True, **made: object) -> tuple[Run, ...]:
        found = plan(project.workspace, "2020-2021", study="open", school="344")
        if done:
            finish(found[0], **made)  # type: ignore[arg-type]
        return found

    return planned


def rows(project: Project) -> dict[str, dict[str, str]]:
    path = project.workspace.results_folder / "2020-2021" / "checked" / "open" / "school-344" / "CHECKS.csv"
    with path.open(encoding="utf-8", newline="") as source:
        return {row["output"]: row for row in csv.DictReader(source)}


def lines(project: Project, action: str = "") -> list[dict[str, str]]:
    return [line for line in journal.read(project.workspace.results_folder) if action in ("", line["action"])]


def folder(project: Project) -> Path:
    return project.workspace.results_folder / "2020-2021" / "release" / "open" / "school-344"


def test_every_output_has_a_verdict_and_what_passed_is_released(
    project: Project, runs: Callable[..., tuple[Run, ...]]
) -> None:
    (made,) = release_runs(project.workspace, runs(), None)
    assert {name: row["verdict"] for name, row in rows(project).items()} == {
        "tables/counts.parquet": "passed", "page.ru.html": "passed", "protection/counts.json": "noted",
    }  # fmt: skip
    assert set(made.files) == {"tables/counts.parquet", "tables/counts.csv", "page.ru.html", "CHECKS.csv"}
    assert [line["action"] for line in lines(project)] == ["checked", "released"]
    (archived,) = (project.workspace.results_folder / "archive").glob("[0-9a-f]*")
    assert archived.name == made.digest[:16]


def test_the_same_again_changes_no_byte(project: Project, runs: Callable[..., tuple[Run, ...]]) -> None:
    planned = runs()
    pass_gate(project.workspace, planned, None, asked=False)
    results = project.workspace.results_folder
    before = {path: sha256(path) for path in results.rglob("*") if path.is_file()}
    assert len(pass_gate(project.workspace, planned, None, asked=False).released) == 1
    assert {path: sha256(path) for path in results.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("made", "output", "code"),
    [
        ({"absent": 3}, "tables/counts.parquet", "small_counts"),
        ({"pupil": "x"}, "tables/counts.parquet", "forbidden_column"),
        ({"page": PAGE.replace("Год", "344-3")}, "page.ru.html", ""),
        ({"page": PAGE.replace("Год", "<script>1</script>")}, "page.ru.html", "active_content"),
        ({"page": PAGE.replace("Год", '<img src="data:image/png;base64,aaaa">')}, "page.ru.html", "undeclared_figure"),
    ],
)
def test_one_refused_output_keeps_its_study_inside(
    project: Project, runs: Callable[..., tuple[Run, ...]], made: dict[str, object], output: str, code: str
) -> None:
    passage = pass_gate(project.workspace, runs(**made), None)
    row = rows(project)[output]
    assert row["reason"] == code
    assert bool(passage.refused) == bool(code)
    assert folder(project).exists() != bool(code)
    assert bool(lines(project, "refused")) == bool(code)
    if code:
        assert row["explanation"]


def test_a_table_without_its_protection_is_refused(project: Project, runs: Callable[..., tuple[Run, ...]]) -> None:
    planned = runs()
    (planned[0].folder / "protection" / "counts.json").unlink()
    pass_gate(project.workspace, planned, None)
    assert rows(project)["tables/counts.parquet"]["reason"] == "unprotected"


def test_an_output_changed_after_its_run_is_refused(project: Project, runs: Callable[..., tuple[Run, ...]]) -> None:
    planned = runs()
    (planned[0].folder / "page.ru.html").write_text(PAGE + " ", encoding="utf-8")
    pass_gate(project.workspace, planned, None)
    assert rows(project)["page.ru.html"]["reason"] == "changed"


def test_a_refusal_leaves_what_was_released_before(project: Project, runs: Callable[..., tuple[Run, ...]]) -> None:
    pass_gate(project.workspace, runs(), None)
    before = release.read(folder(project)).digest
    passage = pass_gate(project.workspace, runs(pupil="x"), None)
    assert passage.standing == {"open/school-344"}
    assert release.read(folder(project)).digest == before


def test_real_results_are_checked_and_wait_for_the_second_person(
    project: Project, runs: Callable[..., tuple[Run, ...]]
) -> None:
    change(project, *REAL)
    planned = runs()
    with pytest.raises(ReleaseError, match="reviewer"):
        release_runs(project.workspace, planned, None)
    passage = check_only(project.workspace, planned)
    assert not passage.refused
    assert rows(project)["tables/counts.parquet"]["verdict"] == "passed"
    assert not folder(project).exists()
    (made,) = release_runs(project.workspace, planned, REVIEWER)
    assert made.about["reviewer"] == REVIEWER
    assert lines(project, "released")[0]["reviewer"] == REVIEWER
    assert len(release_runs(project.workspace, planned, REVIEWER)) == 1


def test_the_second_person_signs_only_what_was_checked(project: Project, runs: Callable[..., tuple[Run, ...]]) -> None:
    change(project, *REAL)
    check_only(project.workspace, runs())
    changed = runs(n=60)
    passage = pass_gate(project.workspace, changed, REVIEWER)
    assert not passage.released
    assert "изменились" in passage.kept["open/school-344"]
    assert len(pass_gate(project.workspace, changed, REVIEWER).released) == 1


def test_who_cannot_sign(project: Project) -> None:
    change(project, *REAL)
    change(project, "[agreement]", '[release]\nmaker = "Семёнов И. И."\n[agreement]')
    cluster = project.workspace.cluster
    for nobody in ("example", "ИМЯ", "Фамилия И. О.", "12", "--", "А", "x" * 101, "Петров\u202e И.", "Петров\x07 И."):
        with pytest.raises(SettingError, match="не имя"):
            check_reviewer(nobody, cluster)
    for maker in ("Семёнов И. И.", "  семенов  и.и. ", "И. И. Семёнов", "Ceмёнoв И. И."):
        with pytest.raises(SettingError, match="другой человек"):
            check_reviewer(maker, cluster)
    assert check_reviewer("  Петрова  А. Б. ", cluster) == REVIEWER


@pytest.mark.parametrize("real", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_few_pupils_more_than_released_before_are_refused_for_real_data(
    project: Project, runs: Callable[..., tuple[Run, ...]], real: bool
) -> None:
    if real:
        change(project, *REAL)
    signed = REVIEWER if real else None
    pass_gate(project.workspace, runs(n=25), signed)
    planned = runs(n=28)
    check_only(project.workspace, planned)
    passage = pass_gate(project.workspace, planned, signed)
    row = rows(project)["tables/counts.parquet"]
    assert (row["verdict"], row["reason"]) == ("refused" if real else "noted", "differs_little")
    assert "28" not in row["explanation"]
    assert release.read(folder(project)).table("counts")["n"].tolist() == ([25, 40] if real else [28, 40])
    assert bool(passage.kept) == real
    planned = runs(n=35)
    check_only(project.workspace, planned)
    assert len(pass_gate(project.workspace, planned, signed).released) == real + (not real)
    assert release.read(folder(project)).table("counts")["n"].tolist() == [35, 40]


def test_a_withdrawn_release_is_gone_everywhere_and_stays_away(
    project: Project, runs: Callable[..., tuple[Run, ...]], tmp_path: Path
) -> None:
    planned = runs()
    (made,) = release_runs(project.workspace, planned, None)
    shutil.copytree(folder(project), tmp_path / "copy")
    for wrong in ({"study": "none"}, {"unit": "school-498"}, {"why": " . "}, {"why": "просил Иванов И.И."}):
        with pytest.raises(SettingError):
            withdraw(project.workspace, "2020-2021", **{"study": "open", "why": "ошибка в данных", **wrong})
    assert withdraw(project.workspace, "2020-2021", "open", "ошибка в данных.") == [folder(project)]
    assert not folder(project).exists()
    assert not (project.workspace.results_folder / "2020-2021" / "checked" / "open" / "school-344").exists()
    (line,) = lines(project, "withdrawn")
    assert (line["digest"], line["reason"], line["by"]) == (made.digest, "ошибка в данных", "person")
    shutil.copytree(tmp_path / "copy", folder(project))
    with pytest.raises(ReleaseError, match="ошибка в данных"):
        release.read(folder(project))
    passage = pass_gate(project.workspace, planned, None, asked=False)
    assert not folder(project).exists()
    assert "ошибка в данных" in passage.kept["open/school-344"]
    assert not passage.refused
    assert len(pass_gate(project.workspace, planned, None).released) == 1


def test_the_index_names_what_was_refused_and_counts_only_whole_releases(
    project: Project, runs: Callable[..., tuple[Run, ...]]
) -> None:
    planned = runs(pupil="x")
    pass_gate(project.workspace, planned, None)
    index, released = write_summary(project.workspace, "2020-2021", planned, ())
    assert released == 0
    assert "checked/open/school-344/CHECKS.csv" in index.read_text(encoding="utf-8")
    planned = runs()
    pass_gate(project.workspace, planned, None)
    index, released = write_summary(project.workspace, "2020-2021", planned, ())
    assert released == 1
    assert "CHECKS.csv" not in index.read_text(encoding="utf-8")
    (folder(project) / "page.ru.html").write_text("x", encoding="utf-8")
    assert write_summary(project.workspace, "2020-2021", planned, ())[1] == 0


def test_a_release_goes_when_its_study_is_no_longer_public(
    project: Project, runs: Callable[..., tuple[Run, ...]]
) -> None:
    pass_gate(project.workspace, runs(), None)
    registry = project.root / "templates" / "studies.toml"
    registry.write_text(registry.read_text(encoding="utf-8").replace('"public"', '"internal"'), encoding="utf-8")
    withdraw_stale(project.workspace, runs(done=False))
    assert not folder(project).exists()
    assert lines(project, "withdrawn")[0]["by"] == "oko"


@pytest.mark.parametrize("broken", ['"refused": "x"', '"verdicts": [{"output": 1}]', '"verdicts": 3', "["])
def test_a_check_written_over_by_hand_is_made_again(
    project: Project, runs: Callable[..., tuple[Run, ...]], broken: str
) -> None:
    planned = runs()
    (made,) = release_runs(project.workspace, planned, None)
    path = project.workspace.results_folder / "2020-2021" / "checked" / "open" / "school-344" / "checked.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(broken if broken == "[" else json.dumps(whole | json.loads(f"{{{broken}}}")), encoding="utf-8")
    write_summary(project.workspace, "2020-2021", planned, ())
    assert release_runs(project.workspace, planned, None)[0].digest == made.digest
    assert json.loads(path.read_text(encoding="utf-8"))["verdicts"] == whole["verdicts"]


@pytest.mark.parametrize("harm", ["line", "journal", "archive"])
def test_a_damaged_memory_of_releases_stops_the_gate_and_takes_nothing_back(
    project: Project, runs: Callable[..., tuple[Run, ...]], harm: str
) -> None:
    planned = runs()
    release_runs(project.workspace, planned, None)
    results = project.workspace.results_folder
    path = results / "releases.jsonl"
    if harm == "line":
        path.write_text(path.read_text(encoding="utf-8").replace('"action"', '"deed"', 1), encoding="utf-8")
    elif harm == "journal":
        path.unlink()
    else:
        shutil.rmtree(results / "archive")
    for gate in (check_only, withdraw_stale):
        with pytest.raises(ReleaseError, match="из копии"):
            gate(project.workspace, planned)
    assert (folder(project) / "datapackage.json").is_file()


def test_two_at_a_time_wait_for_each_other(project: Project, runs: Callable[..., tuple[Run, ...]]) -> None:
    planned = runs()
    with alone(project.workspace.results_folder), pytest.raises(RunError):
        pass_gate(project.workspace, planned, None)
    assert not folder(project).exists()


def told(project: Project, capsys: pytest.CaptureFixture[str], **options: str) -> tuple[int, str]:
    asked = {
        "cluster": "tiny",
        "year": None,
        "language": "ru",
        "reviewer": None,
        "withdraw": None,
        "unit": None,
        "why": None,
    }
    status = release_verbs.release(Namespace(**{**asked, **options}))
    return status, capsys.readouterr().out


def test_the_command_says_what_to_do_next(
    project: Project,
    runs: Callable[..., tuple[Run, ...]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(project.root)
    change(project, *REAL)
    runs()
    status, said = told(project, capsys)
    assert status == 1
    assert "CHECKS.csv" in said
    assert 'oko release --cluster tiny --year 2020-2021 --reviewer "Фамилия И. О."' in said
    status, said = told(project, capsys, reviewer=REVIEWER)
    assert (status, str(folder(project)) in said) == (0, True)
    runs(pupil="x")
    status, said = told(project, capsys)
    assert status == 1
    assert "НЕ ПРОШЛО: tables/counts.parquet" in said
    assert "--reviewer" not in said
    status, said = told(project, capsys, withdraw="open", why="ошибка в данных")
    assert (status, folder(project).exists()) == (0, False)
    for wrong in ({"why": "x"}, {"unit": "x"}, {"withdraw": "open", "reviewer": REVIEWER}, {"withdraw": "open"}):
        with pytest.raises(SettingError):
            told(project, capsys, **wrong)


FIGURE = """
[[studies.open.figures]]
name = "bars"
sensitivity = "public"
table = "counts"
about = { ru = "Сколько учеников.", en = "How many pupils." }
"""


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('about = { ru = "Сколько учеников.", en = "How many pupils." }\n\n[[', "[[", "counts"),
        ('columns = ["school", "n"]', 'columns = ["school"]', "число учеников"),
        ('table = "counts"\n', "", "bars"),
        ('table = "counts"', 'table = "sums"', "bars"),
        ('table = "counts"\nabout = { ru = "Сколько учеников.", en = "How many pupils." }', 'table = "counts"', "bars"),
    ],
)
def test_a_public_output_must_say_what_it_counts(project: Project, before: str, after: str, words: str) -> None:
    project.study("open", COUNT, edition="public")
    registry = project.root / "templates" / "studies.toml"
    whole = registry.read_text(encoding="utf-8") + FIGURE
    registry.write_text(whole, encoding="utf-8")
    assert read_registry(project.root)["open"].figures[0].table == "counts"
    assert before in whole
    registry.write_text(whole.replace(before, after), encoding="utf-8")
    with pytest.raises(SettingError, match=words):
        read_registry(project.root)


def test_a_figure_without_its_table_is_refused(project: Project, runs: Callable[..., tuple[Run, ...]]) -> None:
    registry = project.root / "templates" / "studies.toml"
    registry.write_text(registry.read_text(encoding="utf-8") + FIGURE, encoding="utf-8")
    planned = runs()
    folder_of_run = planned[0].folder
    (folder_of_run / "figures").mkdir()
    (folder_of_run / "figures" / "bars.ru.png").write_bytes(PNG)
    page = PAGE.replace("Год", f'<img src="data:image/png;base64,{base64.b64encode(PNG).decode()}">')
    (folder_of_run / "page.ru.html").write_text(page, encoding="utf-8")
    record = json.loads((folder_of_run / "run.json").read_text(encoding="utf-8"))
    kept = [output for output in record["outputs"] if output["path"] != "page.ru.html"]
    kept += [
        {"path": path, "sensitivity": "public", "sha256": sha256(folder_of_run / path)}
        for path in ("figures/bars.ru.png", "page.ru.html")
    ]
    (folder_of_run / "run.json").write_text(json.dumps({**record, "outputs": kept}), encoding="utf-8")
    assert len(release_runs(project.workspace, planned, None)) == 1
    rest = [output for output in kept if not output["path"].startswith("tables/")]
    (folder_of_run / "run.json").write_text(json.dumps({**record, "outputs": rest}), encoding="utf-8")
    pass_gate(project.workspace, planned, None)
    assert rows(project)["figures/bars.ru.png"]["reason"] == "no_data"


def test_a_gate_that_fails_itself_is_named_and_the_runs_stand(
    project: Project, runs: Callable[..., tuple[Run, ...]]
) -> None:
    runs()
    made = make_year(project.workspace, "2020-2021", study="open", school="344")
    assert (made.made, made.failed, made.released) == ((), {}, 1)
    with (project.workspace.results_folder / "releases.jsonl").open("a", encoding="utf-8") as target:
        target.write("{damaged}\n")
    made = make_year(project.workspace, "2020-2021", study="open", school="344")
    assert "releases.jsonl" in made.failed["release"]
    assert made.released == 0
    assert made.index.is_file()
