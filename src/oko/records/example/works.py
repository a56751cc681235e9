"""The works of the example: their tasks, how hard they are, and how scores become marks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from oko.errors import DataError
from oko.records import instruments
from oko.records.example.waves import Wave

_SLOPES = {
    "mathematics": 0.62,
    "physics": 0.49,
    "chemistry": 0.75,
    "biology": 0.5,
    "geography": 0.68,
    "science": 0.55,
    "general": 0.7,
}
_EXAM_SLOPE = 0.85
_X_SHARE = 0.12
_SHARES = ["max_score", "facility", "share_zero", "share_full", "share_not_attempted", "share_not_covered"]


@dataclass(frozen=True)
class Instrument:
    """What is known of a work.

    Attributes
    ----------
    items : DataFrame
        item, position, max_score, level, label; in the order of the work.
    reference : DataFrame, index item
        max_score, facility, share_zero, share_full, share_not_attempted, share_not_covered of a population with
        standard normal ability.
    scale : MarkScale or None
        None for works without marks of their own.
    slope : float
        How well its tasks tell abilities apart.
    """

    items: pd.DataFrame
    reference: pd.DataFrame
    scale: instruments.MarkScale | None
    slope: float

    @property
    def labels(self) -> list[str]:
        return [str(item) for item in self.items["item"]]

    @property
    def max_score(self) -> int:
        return int(self.items["max_score"].sum())


def instrument_of(root: Path, wave: Wave) -> Instrument | None:
    """Return the instrument of a wave, or None where no reference is known: the work is not written then.

    Parameters
    ----------
    root : Path
        The project's folder.
    wave : Wave

    Raises
    ------
    SettingError
        A file of facts cannot be read.
    """
    if wave.procedure in {"oge", "ege"}:
        return _exam(wave)
    if wave.subject == "general":
        return _general()
    try:
        return _of_region(root, wave)
    except DataError:
        return None


def _of_region(root: Path, wave: Wave) -> Instrument:
    """Take tasks as hard as they were in one real region: in autumn 2020, or for all other times in spring 2021."""
    subject, grade = wave.work
    own = wave.procedure == "vpr"
    items = instruments.specification(root, wave.described) if own else instruments.tasks(root, subject, grade)
    season = "autumn" if own and wave.season == "autumn" else "spring"
    reference = instruments.reference_facilities(root, subject, grade, season).reindex(items["item"])[_SHARES]
    scale = instruments.mark_scale(root, subject, grade)
    return Instrument(items, reference, scale, _SLOPES[subject])


_GENERAL = (
    ("1", 1, "basic", "Данные таблицы", 0.78),
    ("2", 2, "basic", "Сравнение по диаграмме", 0.62),
    ("3", 2, "raised", "График процесса", 0.5),
    ("4", 1, "basic", "План комнаты", 0.66),
    ("5", 2, "raised", "Расход и цена", 0.47),
    ("6", 3, "high", "Схема опыта", 0.33),
    ("7", 1, "basic", "Сведения в тексте", 0.74),
    ("8", 2, "basic", "Смысл абзаца", 0.6),
    ("9", 2, "raised", "Два источника", 0.46),
    ("10", 2, "raised", "Верно ли рассуждение", 0.41),
    ("11", 3, "high", "Обоснование вывода", 0.28),
    ("12", 1, "basic", "Проверка ответа", 0.57),
)


def _general() -> Instrument:
    """Return the cluster's own metasubject work: twelve tasks, all of them invented."""
    columns = ["item", "max_score", "level", "label", "facility"]
    return _invented(pd.DataFrame(list(_GENERAL), columns=columns), _SLOPES["general"])


def _exam(wave: Wave) -> Instrument:
    """Maxima of tasks from memory (unconfirmed); their sums agree with the scales. Difficulties are invented."""
    maxima = _EXAMS[wave.procedure, wave.subject, wave.calendar]
    n = len(maxima)
    easy, hard = (0.9, 0.12) if wave.procedure == "oge" else (0.93, 0.1)
    rows = [
        (
            str(place),
            most,
            "basic" if most == 1 else "raised",
            "",
            easy - (easy - hard) * ((place - 1) / (n - 1)) ** 1.3,
        )
        for place, most in enumerate(maxima, start=1)
    ]
    return _invented(pd.DataFrame(rows, columns=["item", "max_score", "level", "label", "facility"]), _EXAM_SLOPE)


_PHYSICS_1 = (1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 2, 1, 1, 2, 1, 1)
_MATHEMATICS = (*(1,) * 12, 2, 2, 2, 3, 3, 4, 4)
_EXAMS: dict[tuple[str, str, int], tuple[int, ...]] = {
    ("oge", "mathematics", 2019): (*(1,) * 20, *(2,) * 6),
    ("oge", "mathematics", 2021): (*(1,) * 19, *(2,) * 6),
    **{("ege", "mathematics", year): _MATHEMATICS for year in (2019, 2020, 2021)},
    ("ege", "physics", 2019): (*_PHYSICS_1, 2, 1, 1, 1, *(3,) * 5),
    **{("ege", "physics", year): (*_PHYSICS_1, 2, 1, 1, 3, 2, *(3,) * 4) for year in (2020, 2021)},
}


def _invented(rows: pd.DataFrame, slope: float) -> Instrument:
    facility, most = rows["facility"], rows["max_score"]
    spread = (most - 1) * 0.18 * facility
    zero = (1 - facility - spread / 2).clip(0.02, 0.97)
    reference = pd.DataFrame(
        {
            "max_score": most.astype("float64"),
            "facility": facility,
            "share_zero": zero.where(most > 1, 1 - facility),
            "share_full": (facility - spread / 2).clip(0.01, 0.98).where(most > 1, facility),
            "share_not_attempted": _X_SHARE * (1 - facility),
            "share_not_covered": 0.0,
        }
    ).set_axis(rows["item"], axis=0)
    items = rows[["item", "max_score", "level", "label"]].assign(position=range(1, len(rows) + 1))
    return Instrument(items, reference, None, slope)
