"""The cluster's own forms, filled: self-study, passports, experts' matrix, actions, indicators, events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from oko.records.cluster import Cluster
from oko.records.events import read_events
from oko.records.example.choices import KEYS
from oko.records.example.settings import ExampleSettings
from oko.records.example.waves import Wave
from oko.records.example.works import Instrument
from oko.records.form_lists import Lists, read_lists
from oko.records.writers import registers

EXPERTS = 5
MATRIX_WORKS = ("control-general-7-winter-2021", "vpr-mathematics-7-spring-2021", "vpr-physics-7-spring-2021")
GENERAL_SKILLS = {
    "1": "charts", "2": "charts", "3": "charts", "4": "modelling", "5": "modelling", "6": "modelling",
    "7": "semantic_reading", "8": "semantic_reading", "9": "semantic_reading", "10": "proof", "11": "proof",
    "12": "control",
}  # fmt: skip
_DISAGREE = 0.12
_SURVEY_ROLES = ("teacher", "teacher", "teacher", "teacher", "department_head", "deputy", "principal")
_SURVEY_YEARS = {"2018-2019": 0.0, "2020-2021": 0.5}
_ANSWER_TYPES = {"basic": "short", "raised": "short", "high": "extended"}
_SURVEY_ITEM_SPREAD = 0.5
Works = Mapping[str, tuple[Wave, Instrument]]


def write_forms(
    folder: Path, root: Path, cluster: Cluster, settings: ExampleSettings, works: Works, seed: int
) -> list[Path]:
    """Fill the cluster's forms.

    Parameters
    ----------
    folder : Path
        Folder of files received.
    root : Path
        The project's folder, for the lists of words.
    cluster : Cluster
    settings : ExampleSettings
    works : Mapping
        Waves and instruments by the assessment's id.
    seed : int

    Returns
    -------
    list of Path
        A questionnaire and a log of actions a school, and forms of the whole cluster.
    """
    lists = read_lists(root)
    events = [event.number for event in read_events(root, cluster)]
    rng = np.random.Generator(np.random.PCG64([seed, 950]))
    codes = cluster.school_codes
    tables: list[tuple[str, str, pd.DataFrame]] = []
    for place, school in enumerate(codes):
        own = np.random.Generator(np.random.PCG64([seed, 951, place]))
        tables.append((f"{school}/Анкета самообследования.xlsx", "survey", _survey(school, lists, cluster.years, own)))
        tables.append((f"{school}/Журнал действий.xlsx", "actions", _actions(school, settings, works, own)))
    tables.append(("cluster/Паспорта заданий.xlsx", "passport", _passports(codes, works)))
    for name in MATRIX_WORKS:
        if name in works:
            path = f"cluster/Матрица экспертов {name}.xlsx"
            tables.append((path, "skill_matrix", _matrix(name, works[name], settings, lists, rng)))
    tables.append(("cluster/Показатели модели.xlsx", "indicators", _indicators(codes, rng)))
    tables.append(("cluster/Участие в мероприятиях.xlsx", "participation", _participation(codes, events, rng)))
    for event in events:
        tables.append((f"cluster/Отзывы, мероприятие {event}.xlsx", "feedback", _feedback(event, lists, rng)))
    return [registers.fill(folder / path, kind, rows, root, example=True) for path, kind, rows in tables if len(rows)]


def _answers(rng: np.random.Generator, agree: np.ndarray) -> np.ndarray:
    answers: np.ndarray = np.clip(np.rint(3.2 + agree + 0.8 * rng.standard_normal(agree.shape)), 1, 5).astype(int)
    return answers


def _survey(school: str, lists: Lists, years: Sequence[str], rng: np.random.Generator) -> pd.DataFrame:
    statements = lists.codes("survey")
    hard = _SURVEY_ITEM_SPREAD * rng.standard_normal(len(statements))
    rows = []
    for year, gain in _SURVEY_YEARS.items():
        if year not in years:
            continue
        for respondent in range(1, int(rng.integers(9, 25)) + 1):
            role = str(rng.choice(_SURVEY_ROLES))
            answers = _answers(rng, hard + gain + 0.5 * rng.standard_normal())
            said = rng.random(len(statements)) > 0.02
            rows += [
                ("self-study-1", year, school, role, respondent, statement, int(answer))
                for statement, answer, there in zip(statements, answers, said, strict=True)
                if there
            ]
    return pd.DataFrame(rows, columns=["form", "year", "school", "role", "respondent", "statement", "answer"])


def _passports(schools: Sequence[str], works: Works) -> pd.DataFrame:
    rows = []
    for name, (wave, instrument) in works.items():
        if wave.subject != "general":
            continue
        pilot = wave.start == 2019
        for place, (_, item) in enumerate(instrument.items.iterrows()):
            most = float(item["max_score"])
            rows.append(
                {
                    "instrument": name,
                    "item": item["item"],
                    "subject": "general",
                    "grade": wave.pupil_grade,
                    "skill": GENERAL_SKILLS[str(item["item"])],
                    "content": item["label"],
                    "level": item["level"],
                    "max_score": most,
                    "minutes": 2.0 + 1.5 * most,
                    "answer_type": "choice" if item["item"] in KEYS else _ANSWER_TYPES[str(item["level"])],
                    "right_option": KEYS.get(str(item["item"])),
                    "status": "tried" if pilot else "bank",
                    "school": schools[place % len(schools)],
                }
            )
    return pd.DataFrame(rows)


def _matrix(
    name: str, work: tuple[Wave, Instrument], settings: ExampleSettings, lists: Lists, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw experts' judgements around the map that the example is made by; the last expert disagrees more."""
    wave, instrument = work
    skills = lists.codes("skill")
    needed = {(item, deficit.skill) for deficit in settings.deficits for item in deficit.items.get(wave.name, ())}
    if wave.subject == "general":
        needed |= set(GENERAL_SKILLS.items())
    rows = []
    for expert in range(1, EXPERTS + 1):
        differs = _DISAGREE * (3 if expert == EXPERTS else 1)
        for item in instrument.labels:
            for skill in skills:
                due = (item, skill) in needed
                turned = rng.random() < (differs if due else differs / 4)
                rows.append((name, expert, item, skill, float(due != turned)))
    return pd.DataFrame(rows, columns=["instrument", "expert", "item", "skill", "weight"])


_ACTION_KINDS = ("lesson", "programme", "extra_lessons", "individual_plan", "new_tasks", "retest", "department_meeting")
_AUTUMN_PROMPTS = (
    "vpr-mathematics-6-in-7-autumn-2020", "vpr-mathematics-7-in-8-autumn-2020", "vpr-mathematics-5-in-6-autumn-2020",
    "vpr-physics-7-in-8-autumn-2020",
)  # fmt: skip


def _actions(school: str, settings: ExampleSettings, works: Works, rng: np.random.Generator) -> pd.DataFrame:
    prompts = [name for name in _AUTUMN_PROMPTS if name in works]
    targets = [deficit for deficit in settings.deficits if deficit.target]
    rows = []
    for action in range(1, int(rng.integers(7, 13)) + 1 if prompts else 0):
        prompt = prompts[int(rng.integers(len(prompts)))]
        wave = works[prompt][0]
        deficit = targets[int(rng.integers(len(targets)))] if targets and rng.random() < 0.85 else None
        status = str(rng.choice(["done", "planned", "cancelled"], p=[0.72, 0.2, 0.08]))
        items = deficit.items.get(wave.name, ()) if deficit else ()
        rows.append(
            {
                "school": school,
                "date": f"2020-{int(rng.integers(10, 13))}-{int(rng.integers(1, 29)):02d}",
                "action": action,
                "subject": wave.subject,
                "grade": wave.pupil_grade,
                "skill": deficit.skill if deficit else None,
                "item": items[0] if items else None,
                "assessment": prompt,
                "kind": str(rng.choice(_ACTION_KINDS)),
                "role": str(rng.choice(["teacher", "department_head", "deputy", "methodologist"])),
                "status": status,
                "done": f"2021-{int(rng.integers(1, 4)):02d}-{int(rng.integers(1, 29)):02d}"
                if status == "done"
                else None,
            }
        )
    return pd.DataFrame(rows)


_INDICATORS = (
    ("charts_7", "Решаемость заданий на чтение графиков и диаграмм, 7 класс", "%", 52.0, 60.0, 61.0),
    ("modelling_7", "Решаемость заданий на моделирование, 7 класс", "%", 34.0, 42.0, 41.0),
    ("confirmed_7", "Доля отметок ВПР, равных отметке в журнале, математика 7", "%", 46.0, 55.0, 57.0),
    ("actions_done", "Доля решений, выполненных в срок", "%", None, 70.0, 72.0),
    ("tasks_exchanged", "Заданий в общем банке", "число", 0.0, 12.0, 12.0),
)


def _indicators(schools: Sequence[str], rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for code, title, unit, baseline, target, value in _INDICATORS:
        for school in (None, *schools):
            if school and unit != "%":
                continue
            moved = 0.0 if school is None else float(np.rint(4 * rng.standard_normal()))
            rows.append(
                {
                    "indicator": code,
                    "title": title,
                    "school": school,
                    "year": "2020-2021",
                    "baseline": None if baseline is None else baseline + moved,
                    "target": target,
                    "value": value + moved,
                    "unit": unit,
                    "evidence": "придумано для примера",
                }
            )
    return pd.DataFrame(rows)


def _participation(schools: Sequence[str], events: Sequence[int], rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (event, school, role, int(rng.integers(1, most)), int(rng.random() < 0.3))
        for event in events
        for school in schools
        for role, most in (("teacher", 8), ("deputy", 3), ("methodologist", 2))
        if role == "teacher" or rng.random() < 0.7
    ]
    return pd.DataFrame(rows, columns=["event", "school", "role", "participants", "talks"])


_COMMENTS = (
    "Полезно сравнивать задания, а не средние отметки.",
    "Хотелось бы больше времени на разбор своих данных.",
    "Нужны готовые задания на чтение графиков.",
)


def _feedback(event: int, lists: Lists, rng: np.random.Generator) -> pd.DataFrame:
    statements = lists.codes("feedback")
    rows: list[tuple[int, str, int, str, int | None, str | None]] = []
    for respondent in range(1, int(rng.integers(14, 32)) + 1):
        role = str(rng.choice(["teacher", "department_head", "deputy", "methodologist"], p=[0.6, 0.15, 0.15, 0.1]))
        answers = _answers(rng, np.full(len(statements), 0.7))
        rows += [
            (event, role, respondent, statement, int(answer), None)
            for statement, answer in zip(statements, answers, strict=True)
        ]
        if rng.random() < 0.15:
            rows.append((event, role, respondent, "comment", None, str(rng.choice(_COMMENTS))))
    return pd.DataFrame(rows, columns=["event", "role", "respondent", "statement", "answer", "comment"])
