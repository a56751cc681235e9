"""Releases of a cluster's year made up for tests: every text in them can be given a payload."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from oko.disclosure import release
from oko.disclosure.checks import Verdict
from oko.disclosure.package import Wording
from oko.disclosure.release import Release
from oko.folders import sha256
from oko.runs.page import write_table

CODES = ("344", "329", "498", "512")
SUBJECTS = {"mathematics": "Математика", "physics": "Физика"}


def write(
    results: Path, year: str = "2020-2021", *, payload: str = "", named: bool = True, example: bool = True
) -> Release:
    """Write a signed release of two subjects and four schools, one of them hidden, under a results folder."""
    run = results / year / "runs" / "cluster_year" / "cluster"
    tables = {
        "marks": marks(),
        **models(named),
        "coverage": marks()[["school", "assessment", "subject", "procedure", "n"]],
    }
    for table, frame in tables.items():
        write_table(run / "tables" / f"{table}.parquet", frame)
    verdicts = [Verdict(path, "public", sha256(run / path)) for path in (f"tables/{table}.parquet" for table in tables)]
    outputs = [{"path": v.output, "sensitivity": "public", "sha256": v.sha256} for v in verdicts]
    record = {"study": "cluster_year", "unit": "cluster", "edition": "public", "status": "done", "outputs": outputs}
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    destination = results / year / "release" / "cluster_year" / "cluster"
    return release.make(run, destination, verdicts, about(year, payload, named, example), Wording("Год кластера"))


def about(year: str, payload: str, named: bool, example: bool) -> dict[str, object]:
    def both(text: str) -> dict[str, str]:
        return {"ru": f"{text}{payload}", "en": f"{text}{payload}"}

    names = {
        "school": {code: both(f"Школа № {code}") for code in CODES} if named else {},
        "subject": {code: both(text) for code, text in SUBJECTS.items()},
        "procedure": {"vpr": both("ВПР")},
        "assessment": {f"vpr-{code}-7": both(f"ВПР, {text.lower()}, 7 класс") for code, text in SUBJECTS.items()},
    }
    return {
        "study": "cluster_year", "unit": "cluster", "year": year, "cluster": "tiny", "cluster_name": both("Малый кластер"),
        "example": example, "source": {"ru": "", "en": ""}, "threshold": 10, "reviewer": f"example{payload}",
        "made": "2026-11-23T12:00:00+00:00", "signed": "2026-11-23T12:00:00+00:00", "names": names,
        "schools": list(names["school"]),
    }  # fmt: skip


def marks() -> pd.DataFrame:
    """Marks of the cluster and its schools; 512 is hidden, and 498 with it."""
    rows = []
    for place, subject in enumerate(SUBJECTS):
        for number, school in enumerate(("", *CODES)):
            n = 200.0 if not school else 40.0 + number
            shares = np.array([0.08, 0.4, 0.35, 0.17]) + (0.02 * place + 0.01 * number) * np.array([1, -1, 1, -1])
            row: dict[str, object] = {
                "assessment": f"vpr-{subject}-7", "procedure": "vpr", "subject": subject, "material_grade": 7,
                "season": "spring", "scope": "school" if school else "cluster", "school": school, "n": n,
                "classes": 4.0, "interval": "clustered", "hidden": False, "hidden_cells": "", "bounded": "",
            }  # fmt: skip
            values = {f"share_{mark}": share for mark, share in zip((2, 3, 4, 5), shares, strict=True)}
            values |= {"pass_rate": 1 - shares[0], "quality": shares[2] + shares[3], "sou": 51.0, "mean_score": 10.5}
            for name, value in values.items():
                half = 0.05 if value <= 1 else 1.0
                row |= {name: value, f"{name}_lower": value - half, f"{name}_upper": value + half}
            rows.append(row)
    frame = pd.DataFrame(rows)
    secret = frame["school"].isin(["498", "512"])
    numbers = frame.select_dtypes("number").columns.drop("material_grade")
    return frame.assign(**{name: frame[name].where(~secret) for name in numbers}, hidden=secret)


def models(named: bool = True) -> dict[str, pd.DataFrame]:
    """Value added of mathematics; physics has no earlier result."""
    key = {"assessment": "vpr-mathematics-7", "subject": "mathematics", "model": "intercept"}
    residual = np.array([0.9, -0.2, 0.1, np.nan])
    schools = pd.DataFrame(
        {
            **{name: [value] * 4 for name, value in key.items()},
            "school": CODES, "role": "cluster", "n": [41.0, 42.0, 43.0, np.nan], "residual": residual, "se": residual * 0 + 0.3,
            "lower": residual - 0.59, "upper": residual + 0.59, "gh_lower": residual - 0.42, "gh_upper": residual + 0.42,
        }
    )  # fmt: skip
    fixed = pd.DataFrame(
        [{**key, "term": t, "estimate": e, "se": 0.05, "n": 160} for t, e in (("Intercept", 2.0), ("prior_score", 0.6))]
    )
    parts = {"school": 0.4, "pupil": 3.0, "icc": 0.118, "minus2loglik": 512.0}
    variance = pd.DataFrame([{**key, "component": c, "value": v, "n": 160} for c, v in parts.items()])
    few = {**key, "code": "few_schools", "values": json.dumps({"n_schools": 4, "df": 3}), "n": 160}
    return {
        "school_residuals": schools if named else schools.iloc[:0],
        "fixed_effects": fixed, "variance": variance, "statements": pd.DataFrame([few]),
    }  # fmt: skip
