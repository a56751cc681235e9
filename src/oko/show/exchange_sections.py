"""A draft of the agreement on exchange of results, from the cluster's settings and the data dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oko.language import gettext, number
from oko.show.html import Html, grid, join, paragraph

BLANK = "________"
NOT_SHARED = ("example", "source")


def draft(cluster: Any, columns: Mapping[str, Any]) -> Html:
    """Put the draft together; what no setting says is left blank for the conference.

    Parameters
    ----------
    cluster : Cluster
        threshold, agreement, exchange, release, schools, code.
    columns : Mapping of str to column
        Columns of the table of results, each with a description.
    """
    rows = [*_who(cluster), *_terms(cluster), *_release(cluster)]
    cells = pd.DataFrame(rows, columns=["point", "text", "where"], dtype="str")
    headings = {
        "point": gettext("Point"), "text": gettext("What is proposed"), "where": gettext("Where it is set"),
    }  # fmt: skip
    fields = pd.DataFrame(
        [(name, gettext(str(rule.description))) for name, rule in columns.items() if name not in NOT_SHARED],
        columns=["field", "meaning"], dtype="str",
    )  # fmt: skip
    return join(
        [
            paragraph(gettext("A draft for discussion: a blank is a point that the cluster has not settled yet.")),
            grid(cells, headings, "agreement"),
            paragraph(
                gettext(
                    "Fields of a row of results. Rows leave a school only on a legal basis; without one only "
                    "aggregates do. Names of people are in no field."
                )
            ),
            grid(fields, {"field": gettext("Field"), "meaning": gettext("What it holds")}, "fields"),
        ]
    )


def _who(cluster: Any) -> list[tuple[str, str, str]]:
    codes = gettext("codes of schools: {codes}; codes of pupils are pseudonyms made in the school, the key stays there")
    named = gettext("schools are named on public pages") if cluster.agreement.names_schools else gettext(
        "schools are not named on public pages"
    )  # fmt: skip
    others = gettext("schools for comparison are named") if cluster.agreement.names_comparison else gettext(
        "schools for comparison are not named"
    )  # fmt: skip
    seen = gettext(
        "a school sees all of its own; the others see pages and tables in which every number has passed the "
        "protection; parents and the public see what was signed for release"
    )
    return [
        (gettext("Who"), "; ".join(school.name.text() for school in cluster.schools), "cluster.toml: schools"),
        (gettext("Codes"), codes.format(codes=", ".join(school.code for school in cluster.schools)), "docs/privacy"),
        (gettext("Who sees what"), seen, "templates/studies.toml: edition"),
        (gettext("Names of schools"), f"{named}; {others}", "cluster.toml: agreement"),
    ]


def _terms(cluster: Any) -> list[tuple[str, str, str]]:
    terms = cluster.exchange
    least = gettext("no number on fewer than {n} pupils is shown outside a school, nor one that gives it away")
    rows = gettext("rows of pupils: {basis}").format(basis=terms.legal_basis) if terms.legal_basis else gettext(
        "only aggregates; rows of pupils would need a legal basis: {blank}"
    ).format(blank=BLANK)  # fmt: skip
    return [
        (gettext("Smallest number"), least.format(n=number(cluster.threshold)), "cluster.toml: threshold"),
        (gettext("What leaves a school"), rows, "cluster.toml: exchange.legal_basis"),
        (gettext("Purpose"), terms.purpose or BLANK, "cluster.toml: exchange.purpose"),
        (gettext("Term of keeping"), terms.keep_until or BLANK, "cluster.toml: exchange.keep_until"),
    ]


def _release(cluster: Any) -> list[tuple[str, str, str]]:
    second = gettext("made by {maker}, signed by a second person: {blank}")
    signed = second.format(maker=cluster.release.maker or BLANK, blank=BLANK)
    if cluster.signs_itself:
        signed = gettext("training or public data: no second person is needed; for real data {signed}").format(
            signed=signed
        )
    return [
        (gettext("Who signs a release"), signed, "cluster.toml: release.maker"),
        (
            gettext("What is not done"),
            gettext("no ranking of schools, no judging of teachers, no looking for single pupils"),
            "docs/privacy",
        ),
        (gettext("Signatures of the schools"), BLANK, ""),
    ]
