"""The report on the cluster's work: events and who came, what they thought, what was decided and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from oko.disclosure import Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.measures.intervals import wilson
from oko.measures.survey import agreement
from oko.show import figures
from oko.show.html import Html, join, paragraph, prose
from oko.show.picture import Picture
from oko.show.tables import table

Words = Mapping[str, str]
ALL = "all"
_DONE = {"share": "share_done", "lower": "share_done_lower", "upper": "share_done_upper"}


class Lists(Protocol):
    """Words of codes in the language in force: of the cluster's forms, or of the register of names."""

    def text(self, kind: str, code: str) -> str: ...


class Event(Protocol):
    """An event of the plan, as far as the report needs it."""

    @property
    def number(self) -> int: ...
    @property
    def called(self) -> Any: ...
    @property
    def month(self) -> str: ...
    @property
    def host(self) -> str: ...


def event_titles(plan: Sequence[Event]) -> dict[str, str]:
    """Return what events are called by number: in short, where the plan has a short title."""
    return {str(event.number): event.called.text() for event in plan}


def protected_events(
    plan: Sequence[Event], participation: pd.DataFrame, named: bool, threshold: int, until: str = ""
) -> Protected:
    """Put the plan beside what schools say of who came.

    Parameters
    ----------
    plan : sequence of Event
        In its order; without a plan the events that participation names.
    participation : DataFrame
        The register: event, school, role, participants, talks.
    named : bool
        Whether the agreement names schools: otherwise the host is left out.
    threshold : int
    until : str, default ""
        A day (ISO): later events are still ahead. Empty: none is.

    Returns
    -------
    Protected
        event, planned_for, place, state ("held", "planned" where nothing is known of it, "ahead"), schools, talks, n
        (participants).
    """
    rows_of = {int(str(code)): rows for code, rows in participation.groupby("event")}
    known = {event.number: event for event in plan}
    rows = []
    for place in sorted(known or rows_of):
        event = known.get(place)
        ahead = bool(event and until and event.month > until[:7])
        own = rows_of.get(place, participation.iloc[:0]) if not ahead else participation.iloc[:0]
        state = "ahead" if ahead else "held" if len(own) else "planned"
        host = event.host if event and named else ""
        numbers = (own["school"].nunique(), int(own["talks"].sum()), int(own["participants"].sum()))
        rows.append((place, event.month if event else "", host, state, *numbers))
    frame = pd.DataFrame(rows, columns=["event", "planned_for", "place", "state", "schools", "talks", "n"])
    return protect(frame, keys=["event", "planned_for", "place", "state", "schools"], threshold=threshold)


def events(protected: Protected, titles: Words, names: Words) -> Html:
    """Show the plan's events and who came, in the plan's order."""
    frame = protected.frame
    if frame.empty:
        text = gettext(
            "The cluster has no plan of events and no lists of participation: what is needed is plan.toml in the "
            "cluster’s folder, and the form of participation from every school."
        )
        return paragraph(text, "empty")
    held, planned = (int((frame["state"] == state).sum()) for state in ("held", "planned"))
    said = [
        ngettext("The plan has {n} event.", "The plan has {n} events.", len(frame)).format(n=number(len(frame))),
    ]
    if held:
        said.append(gettext("Of these, schools have said who came to {n}.").format(n=number(held)))
    if planned:
        text = gettext("Nothing is known of {n}: no school has handed in the form of participation.")
        said.append(text.format(n=number(planned)))
    shown = frame.rename(columns={"n": "people", "schools": "taking_part"}).assign(
        event=[titles.get(str(code), str(code)) for code in frame["event"]],
        taking_part=frame["schools"].where(frame["state"] == "held"),
        talks=frame["talks"].where(frame["state"] == "held"),
    )
    shown["people"] = shown["people"].where((frame["state"] == "held").to_numpy())
    columns = [
        "event",
        *(["place"] if frame["place"].astype(bool).any() else []),
        "state",
        "taking_part",
        "people",
        "talks",
    ]
    return join([prose(said), table(shown, columns, names={"place": names}, threshold=protected.threshold)])


def protected_roles(participation: pd.DataFrame, threshold: int) -> Protected:
    """Add up over all events how often people of each role came: role, talks, n."""
    rows = participation.groupby("role", as_index=False).agg(talks=("talks", "sum"), n=("participants", "sum"))
    return protect(rows[["role", "talks", "n"]], keys=["role"], threshold=threshold)


def roles(protected: Protected, lists: Lists) -> Html:
    """Say who came, by role."""
    frame = protected.frame
    seen = frame[~frame["hidden"]].sort_values("n", ascending=False, kind="stable")
    if seen.empty:
        return Html("")
    listed = "; ".join(
        f"{lists.text('role', str(row['role']))} — {number(row['n'])}" for row in seen.to_dict("records")
    )
    text = gettext("Who came, counted anew at each event: {roles}.")
    return prose([text.format(roles=listed)])


def protected_feedback(feedback: pd.DataFrame, threshold: int) -> Protected:
    """Guard the answers to each statement over all events; sheets of one event count as answering alike.

    Parameters
    ----------
    feedback : DataFrame
        The register: event, respondent, statement, answer (comments have none).
    threshold : int
    """
    rows = feedback[feedback["answer"].notna() & (feedback["statement"] != "comment")]
    sheets = rows.assign(school=rows["event"].astype("str"))[["school", "respondent", "statement", "answer"]]
    found = agreement(sheets)[["statement", "n", "agree", "agree_lower", "agree_upper"]]
    return protect(found, keys=["statement"], threshold=threshold, shares=["agree"])


def feedback_picture(protected: Protected, lists: Lists, mark: str = "") -> Picture | None:
    """Draw how many agree with each statement; nothing where nobody answered."""
    frame = protected.frame
    if frame["agree"].isna().all():
        return None
    called = frame.assign(label=[lists.text("feedback", str(code)) for code in frame["statement"]])
    return figures.intervals(
        called, "agree", "agree_lower", "agree_upper", "label", title=gettext("Agree (answers 4 and 5)"),
        threshold=protected.threshold, mark=mark,
    )  # fmt: skip


def feedback(protected: Protected, picture: Picture | Html) -> Html:
    """Show with which statements those who came agree."""
    if protected.frame["agree"].isna().all():
        text = gettext(
            "There are no sheets of feedback, or too few of them: what people thought of the events is unknown."
        )
        return paragraph(text, "empty")
    text = gettext(
        "The sheets carry no names and are filled in by those who wish: these are their opinions. All events together; "
        "the interval allows for people of one event answering alike."
    )
    return join([prose([text]), picture])


def protected_actions(actions: pd.DataFrame, results: pd.DataFrame, threshold: int, until: str = "") -> Protected:
    """Count what was planned and done by subject and grade; n counts the cluster's pupils of these parallels.

    Parameters
    ----------
    actions : DataFrame
        The register: school, date, subject, grade, status, done.
    results : DataFrame
        The year's results of the cluster: school, subject, pupil_grade, pupil, status.
    threshold : int
    until : str, default ""
        A day (ISO): what was decided later is left out, what was done later counts as planned.

    Returns
    -------
    Protected
        subject, grade ("all" and 0 in the row of all), decided, carried_out, cancelled, unfinished, share_done with its
        interval (Wilson's), n.
    """
    rows = actions[actions["date"] <= until] if until else actions
    late = (rows["done"] > until).fillna(False) if until else pd.Series(False, index=rows.index)
    status = rows["status"].mask(late & (rows["status"] == "done"), "planned")
    took = results.loc[results["status"] == "took", ["school", "subject", "pupil_grade", "pupil"]]
    took = took.dropna().drop_duplicates().rename(columns={"pupil_grade": "grade"}).astype({"grade": "int64"})
    rows = rows.assign(status=status).dropna(subset="grade").astype({"grade": "int64"})
    both = pd.concat([rows, rows.assign(subject=ALL, grade=0)])
    seen = took.merge(rows[["school", "subject", "grade"]].drop_duplicates(), on=["school", "subject", "grade"])
    counts = {**seen.groupby(["subject", "grade"])["pupil"].nunique(), (ALL, 0): seen["pupil"].nunique()}
    found = both.groupby(["subject", "grade"], as_index=False).agg(
        decided=("status", "size"),
        carried_out=("status", lambda values: int((values == "done").sum())),
        cancelled=("status", lambda values: int((values == "cancelled").sum())),
    )
    found = found.astype(dict.fromkeys(["decided", "carried_out", "cancelled"], "int64"))
    lower, upper = wilson(found["carried_out"] / found["decided"], found["decided"])
    found = found.assign(
        unfinished=found["decided"] - found["carried_out"] - found["cancelled"],
        share_done=found["carried_out"] / found["decided"], share_done_lower=lower, share_done_upper=upper,
        n=[int(counts.get((row.subject, row.grade), 0)) for row in found.itertuples()],
    )  # fmt: skip
    return protect(found, keys=["subject", "grade"], threshold=threshold)


def actions(protected: Protected, names: Lists) -> Html:
    """Say how much of what was decided is done, and show it by subject and grade."""
    frame = protected.frame
    whole = frame[(frame["subject"] == ALL) & ~frame["hidden"]]
    if whole.empty:
        text = gettext(
            "There is nothing in the journals of actions, or the pupils behind it are too few: what the schools did "
            "because of results is unknown."
        )
        return paragraph(text, "empty")
    row = whole.iloc[0]
    text = gettext(
        "By the journals of actions {decided} decisions were taken because of results: {carried_out} are carried out "
        "({share}; from {lower} to {upper}), {cancelled} cancelled, {unfinished} still open."
    )
    said = text.format(
        **{name: percent(row[at]) for name, at in _DONE.items()},
        **{name: number(row[name]) for name in ("decided", "carried_out", "cancelled", "unfinished")},
    )  # fmt: skip
    subjects = {code: names.text("subject", code) for code in frame["subject"].astype("str")}
    parts = frame[frame["subject"] != ALL]
    note = gettext("n: pupils of the parallels that the decisions are about. The interval is Wilson’s over decisions.")
    columns = ["subject", "grade", "decided", "carried_out", "cancelled", "unfinished", "n"]
    shown = table(parts, columns, names={"subject": subjects}, note=note, threshold=protected.threshold)
    return join([prose([said]), shown])
