"""Invented data of an example cluster, in the raw form: the same files, byte for byte, on every call.

Nothing here is about a real school. Sizes, abilities, effects of schools and absences are drawn; tasks and mark scales
are the official ones of 2021, used for all three years, and how hard the tasks are follows one real region.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from oko.records import instruments
from oko.records.cluster import Cluster
from oko.records.example_pupils import Parallel, draw_parallel
from oko.records.example_scores import Answers, draw_answers, draw_journal_marks
from oko.records.example_waves import WAVES, Wave

SEED = 2019
_X = ("X", "x", "Х", "х")  # Latin and Cyrillic: each school writes in its own way
_RESULT_COLUMNS = [
    "assessment", "pupil", "school", "class", "sex", "variant",
    "status", "primary_score", "mark", "journal_mark", "example",
]  # fmt: skip


@dataclass(frozen=True)
class Work:
    """What is known of a work: its tasks, its mark scale, and how a real region did it."""

    tasks: pd.DataFrame
    scale: instruments.MarkScale
    reference: pd.DataFrame


def write_raw(folder: Path, cluster: Cluster, root: Path, seed: int = SEED) -> list[Path]:
    """Write the raw files of an example cluster.

    Parameters
    ----------
    folder : Path
        Where the files go; it is made if it is missing, and files of the same names are replaced.
    cluster : Cluster
        Its schools and years; years that the example does not know stay empty.
    root : Path
        The project's folder, for tasks, mark scales and reference facilities.
    seed : int, default 2019
        Equal seeds give equal bytes.

    Returns
    -------
    list of Path
        assessments.csv, items.csv, a table of results for each school, a table of responses for each assessment.

    Raises
    ------
    DataError
        A work has no tasks, scale or reference in ``data/external``.
    """
    waves = [wave for wave in WAVES if wave.year in cluster.years]
    works = {work: _work(root, *work) for work in sorted({wave.work for wave in waves})}
    results: list[pd.DataFrame] = []
    responses: dict[str, list[pd.DataFrame]] = {wave.assessment: [] for wave in waves}
    for place, school in enumerate(cluster.schools):
        for cohort in sorted({wave.cohort for wave in waves}):
            parallel = draw_parallel(school, place, cohort, seed)
            for wave in (wave for wave in waves if wave.cohort == cohort):
                rows, answers = _sit(wave, works[wave.work], parallel, seed, place)
                results.append(rows)
                responses[wave.assessment].append(answers)
    tables = {
        "assessments.csv": pd.DataFrame([_assessment(wave, works[wave.work], set(responses)) for wave in waves]),
        "items.csv": pd.concat(
            [works[wave.work].tasks.assign(assessment=wave.assessment, example="true") for wave in waves]
        ),
        **{f"responses-{name}.csv": pd.concat(frames) for name, frames in responses.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = [_write(folder / name, table) for name, table in tables.items()]
    whole = pd.concat(results)
    return written + [
        _write(folder / f"results-{code}.csv", rows, separator=";", mark="\ufeff")
        for code, rows in whole.groupby("school", sort=False)
    ]


def _work(root: Path, subject: str, grade: int) -> Work:
    return Work(
        instruments.tasks(root, subject, grade),
        instruments.mark_scale(root, subject, grade),
        instruments.reference_facilities(root, subject, grade),
    )


def _sit(wave: Wave, work: Work, parallel: Parallel, seed: int, place: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Let a parallel sit a work; return its rows of results and of responses."""
    rng = np.random.Generator(np.random.PCG64([seed, place, *wave.key]))
    pupils = parallel.pupils
    ability = parallel.ability(wave.subject, wave.order, rng)
    answers = draw_answers(ability, work.reference, wave.subject, rng)
    journal = draw_journal_marks(parallel.ability(wave.subject, wave.order), rng)
    took = rng.integers(0, 100, len(pupils)) >= rng.integers(6, 13)
    score = pd.Series(answers.points.sum(axis=1), pupils.index)
    marks = instruments.mark_of(score, work.scale)
    rows = pupils.assign(
        assessment=wave.assessment,
        variant=rng.integers(1, 3, len(pupils)),
        status=np.where(took, "took", "absent"),
        primary_score=score.astype("Int64").where(took),
        mark=marks.where(took),
        journal_mark=journal,
        example="true",
    )
    named = rows.assign(**{"class": str(wave.pupil_grade) + rows["letter"]})
    return named[_RESULT_COLUMNS], _cells(named[took], answers, took, _X[place % len(_X)])


def _cells(rows: pd.DataFrame, answers: Answers, took: np.ndarray, skipped: str) -> pd.DataFrame:
    cells = np.where(answers.not_attempted, skipped, answers.points.astype(str))[took]
    keys = rows[["assessment", "pupil", "school", "class"]]
    return pd.concat([keys, pd.DataFrame(cells, keys.index, answers.items)], axis=1).assign(example="true")


def _assessment(wave: Wave, work: Work, held: set[str]) -> dict[str, object]:
    return {
        "assessment": wave.assessment,
        "procedure": wave.procedure,
        "subject": wave.subject,
        "year": wave.year,
        "season": wave.season,
        "material_grade": wave.material_grade,
        "pupil_grade": wave.pupil_grade,
        "max_score": work.scale.max_score,
        "prior": wave.prior if wave.prior in held else "",
        "example": "true",
    }


def _write(path: Path, table: pd.DataFrame, separator: str = ",", mark: str = "") -> Path:
    text = table.to_csv(index=False, sep=separator, lineterminator="\n")
    path.write_bytes((mark + text).encode("utf-8"))
    return path
