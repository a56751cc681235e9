"""``oko protocol`` fixes and shows; the effect study runs again when the protocol's state changes, and only then."""

from __future__ import annotations

import multiprocessing
import re
from pathlib import Path

import pytest

from oko import cli, runs
from oko.errors import SettingError
from oko.language import used
from oko.records.outcome_log import LOG, read_log
from oko.runs.plan import plan
from oko.runs.protocol_state import lock_protocol, missing_tasks, protocol_state, state_digest
from oko.show import protocol as said
from oko.workspace import Workspace
from project import Project
from protocol_text import TEXT, changed

OTHER = changed(('"ancova", "pupils"', '"ancova"'))
CAUSE = re.compile(r"доказа|повлия|благодаря|рейтинг|лучш|худш", re.IGNORECASE)


def write(project: Project, text: str) -> Path:
    path = project.root / "data" / "clusters" / "tiny" / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return path


def oko(project: Project, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.chdir(project.root)
    return cli.main(["protocol", *words, "--cluster", "tiny"])


def words(workspace: Workspace) -> str:
    state = protocol_state(workspace)
    return " ".join((*said.sentences(state), *said.deviations(state, named=True)))


def test_verbs_lock_once_show_and_check(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert oko(project, monkeypatch, "lock") == 2
    assert "нет протокола" in capsys.readouterr().err
    write(project, TEXT)
    assert oko(project, monkeypatch, "check") == 1
    assert "не зафиксирован" in capsys.readouterr().out
    assert oko(project, monkeypatch, "lock") == 0
    lock = project.root / "data" / "clusters" / "tiny" / "protocol.lock"
    before = lock.read_bytes()
    assert oko(project, monkeypatch, "lock") == 0
    assert "новая версия не добавлена" in capsys.readouterr().out
    assert lock.read_bytes() == before
    assert oko(project, monkeypatch, "show") == 0
    assert "Математика, 7 класс: задания 1, 2" in capsys.readouterr().out
    assert oko(project, monkeypatch, "check") == 1  # the tiny store has no work of the wave before
    assert "Волна before, mathematics-7: в хранилище нет такой работы." in capsys.readouterr().out
    assert missing_tasks(project.workspace, protocol_state(project.workspace).protocol) == (
        ("before", "mathematics-7", ""),
    )
    write(project, changed(("comparison = []", 'comparison = ["c99"]')))
    assert oko(project, monkeypatch, "check") == 1
    assert "В хранилище нет школы c99." in capsys.readouterr().out
    assert oko(project, monkeypatch, "unlock") == 2


def test_page_one_says_where_the_protocol_stands(project: Project) -> None:
    assert "нет протокола" in words(project.workspace)
    write(project, "draft = true\n" + TEXT)
    assert "это проект" in words(project.workspace)
    write(project, TEXT)
    assert "Протокол не зафиксирован" in words(project.workspace)
    lock_protocol(project.workspace)
    assert "Исходы ещё не прочитаны" in words(project.workspace)
    assert "уже были в хранилище" in words(project.workspace)
    state = runs.open_outcomes(project.workspace, "effect")
    assert state.confirmatory
    assert "С тех пор протокол не менялся" in words(project.workspace)
    assert state.hash in words(project.workspace)
    write(project, OTHER)
    text = words(project.workspace)
    assert "После этого протокол изменили" in text
    assert "что показывают рядом (model.beside): было «ковариационный анализ, модель по ученикам», стало «ковариационный анализ»" in text  # fmt: skip
    lock_protocol(project.workspace)
    assert "После этого протокол изменили" in words(project.workspace)
    runs.open_outcomes(project.workspace, "effect")
    write(project, TEXT)
    assert "Исходы читали при 2 разных редакциях протокола" in words(project.workspace)
    assert not CAUSE.search(words(project.workspace))


def test_section_escapes_what_the_protocol_says_and_speaks_english(project: Project) -> None:
    write(project, changed(("Выросли ли результаты?", "<script>"), ("selection = { year = \"2019-2020\", season = \"autumn\"", "selection = { year = \"2019-2020\", season = \"spring\"")))  # fmt: skip
    names = project.workspace.names
    state = protocol_state(project.workspace)
    shown = str(said.section(state, names))
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "сами собой" in shown
    with used("en"):
        state = protocol_state(project.workspace)
        text = str(said.section(state, names))
    assert not re.search("[А-Яа-яё]", text.replace(names.text("procedure", "vpr"), ""))


def test_schools_are_named_only_where_the_page_may(project: Project) -> None:
    write(project, TEXT)
    lock_protocol(project.workspace)
    reason = '{ ru = "Закрыта в 498", en = "Closed" }'
    write(
        project,
        changed(("comparison = []", f'comparison = ["c01"]\nexcluded = [{{ school = "344", reason = {reason} }}]')),
    )
    state, names = protocol_state(project.workspace), project.workspace.names
    hidden = str(said.section(state, names))
    assert not re.search("344|498|c01|Закрыта", hidden.replace(state.hash, "").replace(state.lock_hash, ""))
    assert hidden.count("groups.excluded") == 1
    shown = str(said.section(state, names, named=True))
    assert '<details class="protocol" open>' in shown  # a closed one would not be printed
    assert all(text in shown for text in ("344: Закрыта в 498", "c01"))


def test_nothing_is_noted_while_the_store_holds_no_outcomes(project: Project) -> None:
    write(project, changed(("grade = 7", "grade = 8")))
    assert runs.open_outcomes(project.workspace, "effect").first_read is None
    assert not (project.workspace.work / LOG).exists()


def test_key_changes_with_the_protocol_and_its_state_but_not_by_making_the_page(project: Project) -> None:
    project.study("effect", "1")
    project.study("other", "1")
    registry = project.root / "templates" / "studies.toml"
    registry.write_text(registry.read_text().replace("timeout = 60", "timeout = 60\nprotocol = true", 1))

    def keys(study: str) -> set[str]:
        return {run.key for run in plan(project.workspace, "2020-2021", study=study)}

    other = keys("other")
    seen = [keys("effect")]
    steps = (lambda: write(project, TEXT), lambda: lock_protocol(project.workspace), lambda: write(project, OTHER))
    for step in steps:
        step()
        seen.append(keys("effect"))
        runs.open_outcomes(project.workspace, "effect")
        assert keys("effect") == seen[-1]
        runs.open_outcomes(project.workspace, "effect")
        assert keys("effect") == seen[-1]
    assert len({frozenset(entry) for entry in seen}) == len(seen)
    assert keys("other") == other
    assert len(read_log(project.workspace.work)) == len(steps)
    write(project, TEXT + "# слова")
    assert keys("effect") != seen[2]  # outcomes were read under another version meanwhile, and the page says so


def test_a_wrong_protocol_fails_its_own_study_alone(project: Project) -> None:
    write(project, "alpha = ")
    assert state_digest(project.workspace)
    with pytest.raises(SettingError, match=r"protocol\.toml"):
        runs.open_outcomes(project.workspace, "effect")
    write(project, TEXT)
    log = project.workspace.work / LOG
    log.parent.mkdir(parents=True)
    log.write_text("{}\n")
    assert state_digest(project.workspace)


def test_a_protocol_of_tomorrow_is_not_fixed(project: Project) -> None:
    write(project, changed(("date = 2020-09-01", "date = 2999-01-01")))
    with pytest.raises(SettingError, match="позже сегодняшнего"):
        lock_protocol(project.workspace)


def _open(workspace: Workspace, name: str) -> None:
    runs.open_outcomes(workspace, name)


def test_studies_side_by_side_see_one_first_reading(project: Project) -> None:
    write(project, TEXT)
    lock_protocol(project.workspace)
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_open, args=(project.workspace, name)) for name in ("a", "b", "c", "a")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(entry.study for entry in read_log(project.workspace.work)) == ["a", "b", "c"]
    assert protocol_state(project.workspace).tried == 1
