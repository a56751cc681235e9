"""One small file of each layout, with an invented person in those that hold names, and a cluster that receives them."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fisoko_files import JOURNAL, LYCEUM, MARKS, REGION
from oko.records.readers.context import Work
from oko.records.writers import Cell, Sitting, dumps, exams, fisoko, forms, registers, roster, write_workbook
from school_forms import sitting

ROOT = Path(__file__).parents[1]
CODE = "trial"
SETTINGS = """code = "trial"
years = ["2018-2019", "2019-2020", "2020-2021"]
name = { ru = "Пробный кластер", en = "Trial cluster" }
[intake]
refused = "leave"
accept_rows = true
[[schools]]
code = "1"
name = { ru = "Школа № 1", en = "School 1" }
logins = ["990001"]
[[schools]]
code = "2"
name = { ru = "Школа № 2", en = "School 2" }
logins = ["990002"]
"""
_HEAD: list[list[Cell]] = [
    ["Отчёт"], [], ["ВПР 2021 Математика 7 класс"], ["Предмет:", "Математика"], ["Максимальный первичный балл:", 19],
    ["Дата:", "15.04.2021"], [],
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody invented, whose traces are looked for."""

    surname: str = "Канарейкина"
    name: str = "Вымышлена"
    patronymic: str = "Тестовна"
    birth_date: str = "2008-02-29"

    @property
    def day(self) -> str:
        return ".".join(reversed(self.birth_date.split("-")))

    @property
    def full(self) -> str:
        return f"{self.surname} {self.name} {self.patronymic}"


CANARY = Person()


def make_root(folder: Path) -> Path:
    """Make a project folder with the trial cluster: facts and report templates are the real ones."""
    settings = folder / "data" / "clusters" / CODE
    settings.mkdir(parents=True)
    (settings / "cluster.toml").write_text(SETTINGS, encoding="utf-8")
    shutil.copytree(ROOT / "data" / "clusters" / "example" / "mappings", settings / "mappings")
    (folder / "data" / "external").symlink_to(ROOT / "data" / "external")
    (folder / "templates").symlink_to(ROOT / "templates")
    return folder


def exam(procedure: str, subject: str, person: Person, maxima: tuple[int, ...] = (1, 1, 2, 1, 3)) -> Sitting:
    """Four invented people; the first is the one who is looked for, the last was absent."""
    grade, year = (9, "2020-2021") if procedure == "oge" else (11, "2019-2020")
    items = pd.DataFrame({"item": [str(n + 1) for n in range(len(maxima))], "max_score": maxima})
    got = np.random.default_rng(5).integers(0, np.array(maxima) + 1, (4, len(maxima)))
    others = ("Придумова", "Выдуманцев", "Небылицына")
    pupils = pd.DataFrame(
        {
            "school": ["1", "1", "2", "2"], "login": ["990001", "990001", "990002", "990002"],
            "code": [f"{grade % 10}0001", f"{grade % 10}0002"] * 2, "letter": list("АБАБ"), "variant": [1, 2, 1, 2],
            "status": ["took"] * 3 + ["absent"], "surname": [person.surname, *others], "name": person.name,
            "patronymic": person.patronymic, "primary_score": got.sum(axis=1),
            "mark": pd.array([5, 3, 4, None], dtype="Int64"), "test_score": pd.array([100, 50, 62, None], dtype="Int64"),
        }
    )  # fmt: skip
    pupils["primary_score"] = pupils["primary_score"].astype("Int64").mask(pupils["status"] == "absent")
    cells = pd.DataFrame(got.astype("str"), pupils.index, items["item"])
    work = Work(procedure, subject, year, "spring", grade, grade)
    return Sitting(work, items.assign(position=range(1, len(maxima) + 1)), pupils, cells)


def of_school(subject: str, grade: int, schools: tuple[str, ...] = ("1",), variants: str = "1") -> Sitting:
    """Six pupils a school who sat a ВПР of spring 2021."""
    sat = sitting(Work("vpr", subject, "2020-2021", "spring", grade, grade), schools, variants=variants)
    cells = sat.cells.replace({"не пройд.": "0", "1\u00a0": "1"})
    scores = (cells == "1").sum(axis=1).astype("Int64").mask(sat.pupils["status"] == "absent")
    marked = pd.array([3] * len(scores), dtype="Int64")
    pupils = sat.pupils.assign(primary_score=scores, mark=pd.Series(marked).mask(sat.pupils["status"] == "absent"))
    return Sitting(sat.work, sat.items, pupils, cells)


def _roster(path: Path, person: Person) -> Path:
    rows = [
        ("1", "7А", person.surname, person.name, person.patronymic, person.birth_date, "2020-2021", "spring", "70001"),
        ("1", "7А", "Придумов", "Пётр", "Ильич", "2008-01-05", "2020-2021", "spring", "70002"),
        ("1", "9А", person.surname, person.name, person.patronymic, person.birth_date, "", "", ""),
    ]
    names = ["school", "class", "surname", "name", "patronymic", "birth_date", "year", "season", "code"]
    return roster.write_roster(path, pd.DataFrame(rows, columns=names))


def _csv(path: Path, rows: list[list[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        csv.writer(target, delimiter=";").writerows(rows)
    return path


def _cluster_work(path: Path, person: Person) -> Path:
    heads = [
        "Школа", "Класс", "ФИО", "Дата рождения", "Пол", "Работа кластера", "Предмет", "Учебный год", "Время", "Параллель",
        "Материал класса", "Вариант", "Отметка за четверть", "Всего баллов", "Задание 1 (до 1)", "Задание 2 (до 2)",
    ]  # fmt: skip
    last = ["ж", "Контрольная", "Математика", "2020/21", "осень", "7", "7", "1", "4"]
    rows = [
        ["1", "7а", person.full, person.day, *last, "3", "1", "2"],
        ["1", "7а", "Придумов Пётр Ильич", "05.01.2008", *last, "1", "1", "х"],
    ]
    return _csv(path, [heads, *rows])


def _own_system(path: Path, person: Person) -> Path:
    heads = [
        "Школа", "Ученик", "Дата рождения", "Класс", "Параллель", "Пол", "Предмет", "Учебный год", "Работа", "Вариант",
        "Задание 1 (макс. 1)", "Задание 2.1 (макс. 2)", "Сумма баллов", "Отметка", "Телефон родителей", "Адрес",
    ]  # fmt: skip
    middle = ["7А", "7", "ж", "Математика", "2020/21", "Январская", "1"]
    rows = [
        ["1", person.full, person.day, *middle, "1", "2", "3", "5", "8 900 000 00 00", "Небылицы, 1"],
        ["2", "Придумов Пётр", "05.01.2008", *middle, "0", "х", "0", "2", "", ""],
    ]
    return _csv(path, [heads, *rows])


def _journal(path: Path, _: Person) -> Path:
    heads = [
        "Номер участника", "Класс", "Пол", "Вариант", "Предмет", "Учебный год", "Время", "Параллель", "Класс материала",
        "Балл ВПР", "Отметка ВПР", "Отметка в журнале", "Зад. 1 /1", "Зад. 2 /2",
    ]  # fmt: skip
    when = ["Физика", "2019-2020", "осень", "8", "7"]
    rows = [
        ["80001", "8А", "м", "1", *when, "3", "5", "4", "1", "2"],
        ["80002", "8А", "ж", "2", *when, "0", "2", "3", "0", "Х"],
    ]
    return _csv(path, [heads, *rows])


def _tidy(path: Path, _: Person) -> Path:
    heads = ["assessment", "pupil", "school", "status", "class", "sex", "variant", "primary_score", "mark"]
    rows = [["c7", f"p{n}", "1", "took", "7А", "F", "1", str(n), "4"] for n in range(3)]
    return _csv(path, [heads, *rows])


def _groups(path: Path, headings: list[Cell], lines: list[list[Cell]]) -> Path:
    return write_workbook(path, {"МА 7 Отчёт": [*_HEAD, headings, *lines]})


def _register(kind: str, rows: list[dict[str, object]]) -> Callable[[Path, Person], Path]:
    return lambda path, _: registers.fill(path, kind, pd.DataFrame(rows), ROOT)


_SURVEY = [
    {"form": "self-study-1", "year": "2018-2019", "school": "1", "role": "teacher", "respondent": n, "statement": "a1",
     "answer": n}
    for n in (1, 2)
]  # fmt: skip
_ACTIONS = [
    {"school": "1", "date": "2020-10-15", "action": 1, "subject": "mathematics", "grade": 7, "class": "7А",
     "skill": "charts", "item": "3", "assessment": None, "prompt": "Беседа", "kind": "retest", "role": "teacher",
     "status": "done", "done": "2020-12-01", "comment": "Стало лучше"},
]  # fmt: skip
_FEEDBACK = [
    {"event": 3, "role": "teacher", "respondent": 1, "statement": "f1", "answer": 5, "comment": None},
    {
        "event": 3,
        "role": "teacher",
        "respondent": 1,
        "statement": "comment",
        "answer": None,
        "comment": "Больше физики",
    },
]
_PASSPORT = [
    {"instrument": "graphs-7-2020", "item": "11.1", "subject": "mathematics", "grade": 7, "skill": "charts",
     "content": "Диаграмма", "level": "basic", "max_score": 2, "minutes": 3.5, "answer_type": "short", "status": "tried",
     "school": "1"},
]  # fmt: skip

Writer = Callable[[Path, Person], Path]
FORM, SECOND = "ВПР 2021 Математика 7 класс.xlsx", "ВПР 2021 Физика 7 класс.xlsx"
FILES: Mapping[str, tuple[str, Writer]] = {
    "form-two-part": ("1/" + FORM, lambda path, _: forms.write_two_part(path, of_school("mathematics", 7, variants="1-2"), 8)),
    "form-2026": ("1/ВПР 2021 Математика 6 класс.xlsx", lambda path, _: forms.write_2026(path, of_school("mathematics", 6))),
    "dump-2020": ("ВПР 2021 Математика 8 класс.xlsx", lambda path, _: dumps.write_2020(path, of_school("mathematics", 8, ("1", "2")))),
    "dump-2021": ("ВПР 2021 Математика 5 класс.csv", lambda path, _: dumps.write_2021(path, of_school("mathematics", 5, ("1", "2")))),
    "dump-2022": ("ВПР 2021 Математика 4 класс.xlsx", lambda path, _: dumps.write_2022(path, of_school("mathematics", 4, ("1", "2")))),
    "fisoko-individual": ("Ф1.xlsx", lambda path, _: fisoko.write_individual(path, of_school("physics", 7))),
    "fisoko-marks": ("marks.xlsx", lambda path, _: _groups(path, MARKS, [[REGION, 10, 1000, 10, 30, 40, 20], [LYCEUM, None, 10, 0, 20, 50, 30]])),
    "fisoko-journal": ("journal.xlsx", lambda path, _: _groups(path, JOURNAL, [[LYCEUM, 10, 20, 2, 50, 5, 30, 3]])),
    "oge-protocol": ("oge.xlsx", lambda path, who: exams.write_oge(path, [exam("oge", "chemistry", who), exam("oge", "physics", who)])),
    "oge-sparse": ("oge-sparse.xlsx", lambda path, who: exams.write_oge(path, [exam("oge", "biology", who)], sparse=True)),
    "oge-csv": ("02_2021.05.27 математика.csv", lambda path, who: exams.write_csv(path, exam("oge", "mathematics", who))),
    "ege-protocol": ("ege.xlsx", lambda path, who: exams.write_ege(path, [exam("ege", "mathematics", who)])),
    "ege-sparse": ("ege-sparse.xlsx", lambda path, who: exams.write_ege(path, [exam("ege", "physics", who)], sparse=True)),
    "roster": ("список.xlsx", _roster),
    "roster-csv": ("список.csv", _roster),
    "mapped-cluster-work": ("работа.csv", _cluster_work),
    "mapped-own-system": ("выгрузка.csv", _own_system),
    "mapped-electronic-journal": ("1/журнал.csv", _journal),
    "tidy": ("results.csv", _tidy),
    "register-survey": ("анкета.xlsx", _register("survey", _SURVEY)),
    "register-actions": ("действия.xlsx", _register("actions", _ACTIONS)),
    "register-feedback": ("отзывы.xlsx", _register("feedback", _FEEDBACK)),
    "register-passport": ("паспорт.xlsx", _register("passport", _PASSPORT)),
}  # fmt: skip
WITH_NAMES = (
    "oge-protocol", "oge-sparse", "oge-csv", "ege-protocol", "ege-sparse", "roster", "roster-csv", "mapped-cluster-work",
    "mapped-own-system",
)  # fmt: skip


def write(folder: Path, layouts: tuple[str, ...] = tuple(FILES), person: Person = CANARY) -> dict[str, Path]:
    """Write files of the layouts, those of one school into its folder with a received.toml."""
    made = {}
    for layout in layouts:
        name, writer = FILES[layout]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent != folder:
            (path.parent / "received.toml").write_text('school = "1"\n', encoding="utf-8")
        made[layout] = writer(path, person)
    return made
