"""The protocol is read strictly, hashed by what it says, locked without rewriting, and outcomes read are noted once."""

from __future__ import annotations

import datetime
import json
import multiprocessing
import os
import signal
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from oko.errors import DataError, SettingError
from oko.records.cluster import read_cluster
from oko.records.outcome_log import LOG, Reading, note, read_log
from oko.records.protocol import Protocol, read_protocol
from oko.records.protocol_content import changes
from oko.records.protocol_lock import lock, read_lock
from oko.records.protocol_state import state
from project import CLUSTER
from protocol_text import TEXT, changed

ROOT = Path(__file__).parents[3]
DAY = datetime.date(2020, 9, 2)


def read(tmp_path: Path, text: str = TEXT) -> Protocol:
    folder = tmp_path / "data" / "clusters" / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cluster.toml").write_text(CLUSTER, encoding="utf-8")
    (folder / "protocol.toml").write_text(text, encoding="utf-8")
    protocol = read_protocol(tmp_path, read_cluster(tmp_path, "tiny"))
    assert protocol is not None
    return protocol


def fix(path: Path, protocol: Protocol, reading: Reading | None = None) -> None:
    lock(path, "protocol.lock", protocol, today=DAY, outcomes_stored=False, outcomes_read=reading)


def reading(protocol: Protocol, fixed: str | None, when: str = "2021-05-01T10:00:00+00:00") -> Reading:
    return Reading(when, "effect", protocol.hash, fixed, "data", protocol.content)


def test_hash_is_of_what_the_file_says_not_of_how_it_is_written(tmp_path: Path) -> None:
    first = read(tmp_path)
    same = changed(
        ("alpha = 0.05\nlevel = 0.95", "level    = 0.95 # слова\r\nalpha = 5e-2"), ('["344", "498"]', '["498", "344"]')
    )
    assert read(tmp_path, same).hash == first.hash
    other = read(tmp_path, changed(("alpha = 0.05\nlevel = 0.95", "alpha = 0.1\nlevel = 0.9")))
    assert other.hash != first.hash
    assert [(c.key, c.before, c.after) for c in changes(first.content, other.content)] == [
        ("model.alpha", 0.05, 0.1),
        ("model.level", 0.95, 0.9),
    ]


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("[model]", "[model]\nalpa = 1"), "model.alpa неизвестен; может быть, alpha"),
        (("[model]", "[model]\nxyzzy = 1"), "model.xyzzy"),
        (("least_df = 5\n", ""), "model.least_df"),
        (('"CR2_and_randomisation"', '"CR2"'), "model.rule"),
        (("least_df = 5", "least_df = 4"), "model.least_df"),
        (("least_schools = 5", "least_schools = 4"), "model.least_schools"),
        (('"ancova", "pupils"', '"cohort"'), "model.beside"),
        (("level = 0.95", "level = 0.99"), "alpha и level в сумме должны давать 1"),
        (("alpha = 0.05", 'alpha = "мало"'), "должно быть числом"),
        (("date = 2020-09-01", 'date = "вчера"'), "должно быть датой"),
        (('after = { year = "2020-2021"', 'after = { year = "2018-2019"'), "раньше волны after"),
        (('selection = { year = "2019-2020"', 'selection = { year = "2020-2021"'), None),
        (('selection = { year = "2019-2020", season = "autumn"', 'selection = { year = "2020-2021", season = "spring"'), "она и есть исход"),
        (('before = { year = "2019-2020"', 'before = { year = "2017-2018"'), "waves.before.year: значение «2017-2018»"),
        (('"344", "498"', '"344", "999"'), "groups.treated: значение «999»"),
        (('"344", "498"', '"344", "344"'), "один раз"),
        (('"344", "498"', '"344"'), "groups.treated"),
        (("comparison = []", 'comparison = ["344"]'), "обе группы"),
        (("comparison = []", 'comparison = ["c1"]\nexcluded = [{school = "344", reason = {ru = "а", en = "a"}}, {school = "498", reason = {ru = "а", en = "a"}}]'), "исключить все"),
        (('"material"', '"cohort"'), "targets_before"),
        (('["1", "2"]', "[]"), "outcome.works.0.targets"),
        (('["1", "2"]', '["1", "1"]'), "один раз"),
        (("[groups]", '[[outcome.works]]\nsubject = "mathematics"\ngrade = 7\ntargets = ["3"]\n[groups]'), "один раз"),
        (("power = 0.8", "power = nan"), "detectable.power"),
        (("power = 0.8", "power ="), "непонятен со строки"),
    ],
)  # fmt: skip
def test_wrong_settings_are_named_with_file_and_key(tmp_path: Path, pair: tuple[str, str], said: str | None) -> None:
    if said is None:
        assert read(tmp_path, changed(pair))
        return
    with pytest.raises(SettingError) as caught:
        read(tmp_path, changed(pair))
    assert said in str(caught.value)
    assert "protocol.toml" in str(caught.value)


def test_example_asks_for_the_tasks_that_are_planted_and_is_locked() -> None:
    protocol = read_protocol(ROOT, read_cluster(ROOT, "example"))
    assert protocol is not None
    versions = read_lock(ROOT / "data" / "clusters" / "example" / "protocol.lock", "protocol.lock")
    assert versions[-1].hash == protocol.hash
    assert not versions[0].outcomes_stored
    assert state(protocol, versions, ()).confirmatory
    truth = tomllib.loads((ROOT / "data" / "clusters" / "example" / "example.toml").read_text(encoding="utf-8"))
    planted = [deficit["items"] for deficit in truth["deficits"] if deficit["target"]]
    for work in protocol.outcome.works:
        name = f"{work.subject}-{work.grade}"
        there = {item for deficit in planted for item in deficit.get(name, ())}
        assert {*work.items("after"), *work.items("before")} == there, name
    draft = read_protocol(ROOT, read_cluster(ROOT, "nevsky"))
    assert draft is not None
    assert draft.draft
    assert read_protocol(ROOT, read_cluster(ROOT, "london")) is None


def test_targets_follow_the_material_or_the_cohort(tmp_path: Path) -> None:
    works = pd.DataFrame(
        {
            "assessment": ["m6", "m7", "m7-spring"], "procedure": "vpr", "subject": "mathematics",
            "year": ["2019-2020", "2019-2020", "2020-2021"], "season": "spring",
            "material_grade": [6, 7, 7], "pupil_grade": [6, 7, 7],
        }
    )  # fmt: skip
    found = read(tmp_path).targets(works)
    assert list(found["item"]) == ["1", "2"] * 3
    assert found.loc[found["wave"] == "before", "assessment"].tolist() == ["m7", "m7"]
    assert found.loc[found["wave"] == "selection", "assessment"].isna().all()
    with pytest.raises(SettingError, match="m7, m7-again"):
        read(tmp_path).targets(pd.concat([works, works.iloc[[1]].assign(assessment="m7-again")]))
    cohort = changed(('"material"', '"cohort"'), ('["1", "2"]', '["1", "2"]\ntargets_before = ["9"]'))
    found = read(tmp_path, cohort).targets(works)
    assert found.loc[found["wave"] == "before", ["assessment", "item"]].to_numpy().tolist() == [["m6", "9"]]


def test_lock_adds_versions_and_rewrites_none(tmp_path: Path) -> None:
    path = tmp_path / "protocol.lock"
    fix(path, read(tmp_path))
    before = path.read_bytes()
    fix(path, read(tmp_path))
    assert path.read_bytes() == before
    fix(path, read(tmp_path, changed(('"ancova", "pupils"', '"ancova"'))))
    first, second = read_lock(path, "protocol.lock")
    assert json.loads(before)["versions"][0] == json.loads(path.read_bytes())["versions"][0]
    assert [c.key for c in changes(first.content, second.content)] == ["model.beside"]
    with pytest.raises(SettingError, match="проект"):
        fix(path, read(tmp_path, "draft = true\n" + TEXT))


@pytest.mark.parametrize("harm", ["", "{}", '{"format": 1, "versions": []}', "0.06", "[]"])
def test_a_lock_changed_by_hand_is_refused(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "protocol.lock"
    fix(path, read(tmp_path))
    path.write_text(path.read_text().replace("0.05", harm) if harm == "0.06" else harm, encoding="utf-8")
    with pytest.raises(SettingError, match="изменён вручную"):
        read_lock(path, "protocol.lock")


def test_what_the_log_and_the_lock_say_of_the_order_of_things(tmp_path: Path) -> None:
    path = tmp_path / "protocol.lock"
    asked, other = read(tmp_path), read(tmp_path, changed(('"ancova", "pupils"', '"ancova"')))
    assert not state(None, (), ()).confirmatory
    early = reading(asked, None)
    unlocked = state(asked, (), (early,))
    assert (unlocked.locked, unlocked.confirmatory, unlocked.changed_after_reading) == (False, False, False)
    fix(path, asked, early)
    late = state(asked, read_lock(path, ""), ())  # the log was deleted: the lock remembers
    assert (late.locked, late.locked_before_reading, late.confirmatory) == (True, False, False)
    assert late.first_read == datetime.date(2021, 5, 1)
    path.unlink()
    fix(path, asked)
    right = reading(asked, asked.hash)
    good = state(asked, read_lock(path, ""), (right, right))
    assert (good.confirmatory, good.tried, good.deviations) == (True, 1, ())
    silent = state(other, read_lock(path, ""), (right,))  # changed and not fixed again
    fix(path, other, right)
    fixed_again = state(other, read_lock(path, ""), (right, reading(other, other.hash)))
    for departed in (silent, fixed_again):
        assert departed.changed_after_reading
        assert not departed.confirmatory
        assert [c.key for c in departed.deviations] == ["model.beside"]
    assert fixed_again.tried == 2
    back = state(asked, read_lock(path, ""), (right, reading(other, other.hash)))
    assert (back.locked, back.changed_after_reading, back.tried) == (False, False, 2)


def test_fixed_again_before_reading_is_no_deviation(tmp_path: Path) -> None:
    path = tmp_path / "protocol.lock"
    fix(path, read(tmp_path))
    other = read(tmp_path, changed(('"ancova", "pupils"', '"ancova"')))
    fix(path, other)
    now = state(other, read_lock(path, ""), (reading(other, other.hash),))
    assert (now.confirmatory, now.versions, now.deviations) == (True, 2, ())


def test_log_survives_a_kill_and_refuses_damage(tmp_path: Path) -> None:
    asked = read(tmp_path)
    note(tmp_path, reading(asked, None))
    path = tmp_path / LOG
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:30])
    assert len(read_log(tmp_path)) == 1
    note(tmp_path, reading(asked, None, "2022-01-01T00:00:00+00:00"))
    assert path.read_bytes() == whole + whole[:30]  # the same reading is noted already
    noted = note(tmp_path, reading(asked, asked.hash))
    assert len(noted) == len(read_log(tmp_path)) == 2
    path.write_bytes(b"{}\n" + whole)
    with pytest.raises(DataError, match="строка 1"):
        read_log(tmp_path)


def _note_many(work: Path, name: str, protocol: Protocol) -> None:
    for place in range(20):
        note(work, Reading("2021-05-01T10:00:00+00:00", name, protocol.hash, None, str(place), protocol.content))


def test_runs_side_by_side_note_every_reading_once(tmp_path: Path) -> None:
    asked = read(tmp_path)
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_note_many, args=(tmp_path, name, asked)) for name in ("a", "b", "a")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    noted = read_log(tmp_path)
    assert len(noted) == 40
    assert {(entry.study, entry.data) for entry in noted} == {(name, str(n)) for name in "ab" for n in range(20)}


def _killed(seconds: float, work: Callable[..., None], *given: object) -> None:
    """Let a process work without end and kill it."""
    worker = multiprocessing.get_context("fork").Process(target=work, args=given)
    worker.start()
    time.sleep(seconds)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    assert worker.exitcode == -signal.SIGKILL


def _note_without_end(work: Path, protocol: Protocol) -> None:
    for place in range(10**9):
        path = work / LOG
        path.unlink(missing_ok=True) if place % 8 == 0 else None  # keep it short: many lines are slow to read
        note(work, Reading("2021-05-01T10:00:00+00:00", str(place), protocol.hash, None, "", protocol.content))


def _lock_without_end(path: Path, one: Protocol, other: Protocol) -> None:
    for place in range(10**9):
        path.unlink(missing_ok=True) if place % 8 == 0 else None
        fix(path, (one, other)[place % 2])


def test_a_kill_leaves_the_log_and_the_lock_readable(tmp_path: Path) -> None:
    one, other = read(tmp_path), read(tmp_path, changed(('"ancova", "pupils"', '"ancova"')))
    path = tmp_path / "protocol.lock"
    for time_left in (0.02, 0.05, 0.11):
        _killed(time_left, _note_without_end, tmp_path, one)
        assert len(note(tmp_path, reading(one, one.hash))) == len(read_log(tmp_path)) > 0
        _killed(time_left, _lock_without_end, path, one, other)
        assert all(version.hash in (one.hash, other.hash) for version in read_lock(path, ""))
        fix(path, other)
        assert read_lock(path, "")[-1].hash == other.hash
