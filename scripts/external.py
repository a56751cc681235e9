"""Make the tables of ВПР in data/external from the field's transcriptions, or compare the two.

The transcriptions (``reference/domain`` beside the project) are not part of it; where they lie, facts can be checked
against them. Labels of tasks are our own words: they stay as they are in ``vpr_tasks.csv``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd

from oko.disclosure.files import csv_bytes

ROOT = Path(__file__).resolve().parents[1]
DOMAIN = ROOT.parent / "shared" / "reference" / "domain"
EXTERNAL = ROOT / "data" / "external"
REGION = "Алтайский край"
SUBJECTS = {
    "Математика": "mathematics",
    "Физика": "physics",
    "Химия": "chemistry",
    "Биология": "biology",
    "География": "geography",
    "Окружающий мир": "science",
}
LEVELS = {"Б": "basic", "П": "raised", "В": "high", "": ""}
WAVES = {"ВПР 2020": ("2020-2021", "autumn"), "ВПР 2021": ("2020-2021", "spring")}
KINDS = {"KES_content": "content", "KT_requirement": "requirement"}
KEYS = ["structure", "subject", "grade", "item"]
WORK = ["subject", "grade"]
NOTES = {
    "max corrected": "the transcription's maximum was corrected to the description's",
    "the description text says": "the description prints 8.1 = 2, 8.2 = 1, 8.3 = 2; the collected forms hold 1, 1, 3",
}
REMARKS = {
    ("geography", 8, "6.1"): "content codes of 6.1 and 6.2 look exchanged",
    ("geography", 8, "6.2"): "content codes of 6.1 and 6.2 look exchanged",
    ("geography", 7, "8.2"): NOTES["the description text says"],
}
COLUMNS_2020 = {("biology", 8): 22, ("science", 4): 20}
COUNTED = "github.com/shekeldini/Flask (columns of the collected forms, counted)"
OWN = "own computation, one region"


def read(domain: Path, name: str, grade: str = "grade") -> pd.DataFrame:
    """Read a transcription as text, with our codes of subjects and grades."""
    frame = pd.read_csv(domain / f"{name}.csv", dtype="str", keep_default_na=False)
    codes = frame["subject"].map(SUBJECTS)
    return frame.assign(subject=codes, grade=frame[grade].astype("int64"))


def tasks(domain: Path, labels: pd.Series) -> pd.DataFrame:
    """Return the tasks of 2021, and those of autumn 2020 where they differ."""
    frame = read(domain, "vpr_tasks_2021").rename(columns={"task": "item", "kes_codes": "content", "kt_codes": "skill"})
    frame = frame.assign(structure="2021", level=frame["level"].map(LEVELS), position=frame["position"].astype("int64"))
    earlier = _earlier(domain, frame)
    frame = _labelled(frame, labels)
    described = [_status(row) for row in frame.itertuples(index=False)]
    whole = pd.concat([frame.assign(status=described), _labelled(earlier, labels)])
    names = ["structure", "subject", "grade", "position", "item", "max_score", "level", "label"]
    whole = whole[[*names, "content", "skill", "source", "status"]].rename(columns={"skill": "requirement"})
    return whole.sort_values(["subject", "grade", "structure", "position"], ignore_index=True)


def _earlier(domain: Path, later: pd.DataFrame) -> pd.DataFrame:
    """Return mathematics 8 of autumn 2020: task 16 was one, the rest stood as in 2021."""
    rows = read(domain, "vpr_reference_items", "material_grade").rename(columns={"task": "item"})
    rows = rows[(rows["procedure"] == "ВПР 2020") & (rows["subject"] == "mathematics") & (rows["grade"] == 8)]
    codes = later[(later["subject"] == "mathematics") & (later["grade"] == 8)].set_index("item")
    codes.loc["16"] = codes.loc["16.1"]
    columns = {name: rows["item"].map(codes[name]) for name in ("level", "content", "skill")}
    said = "collected forms of autumn 2020, tasks by position; level: as in 2021, not confirmed; label: own words"
    return rows.assign(structure="2020", position=range(1, len(rows) + 1), status=said, **columns)


def _labelled(frame: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    index = pd.MultiIndex.from_frame(frame[KEYS])
    return frame.assign(label=labels.reindex(index).fillna("").to_numpy())


def _status(row: object) -> str:
    said = ["official description", "label: own words"]
    if re.search(r": (часть|критерий) [0-9]$", row.label):  # type: ignore[attr-defined]
        said[1] += ", parts told apart by number"
    note = next((ours for theirs, ours in NOTES.items() if row.note.startswith(theirs)), None)  # type: ignore[attr-defined]
    remark = note or REMARKS.get((row.subject, row.grade, row.item))  # type: ignore[attr-defined]
    return "; ".join([*said, *([remark] if remark else [])])


def structures(specified: pd.DataFrame) -> pd.DataFrame:
    """Return which structure a work had in a season, and where it is not known."""
    first = specified[specified["structure"] == "2021"].groupby(WORK, sort=False)
    latest = first.agg(tasks=("item", "size"), source=("source", "first")).reset_index()
    spring = latest.assign(season="spring", structure="2021", status="official description")
    same = "counted: as many columns as in 2021; tasks and maxima by position"
    autumn = latest.assign(season="autumn", structure="2021", source=COUNTED, status=same)
    for (subject, grade), columns in COLUMNS_2020.items():
        chosen = (autumn["subject"] == subject) & (autumn["grade"] == grade)
        unknown = f"counted: {columns} columns; labels and maxima not known"
        autumn.loc[chosen, ["structure", "tasks", "status"]] = ["", columns, unknown]
    chosen = (autumn["subject"] == "mathematics") & (autumn["grade"] == 8)
    one = "counted: task 16 in one column, 0 to 2 points"
    autumn.loc[chosen, ["structure", "tasks", "status"]] = ["2020", 19, one]
    whole = pd.concat([autumn, spring]).assign(year="2020-2021")
    whole = whole[["year", "season", *WORK, "structure", "tasks", "source", "status"]]
    return whole.sort_values(["year", "season", *WORK], ignore_index=True)


def scales(domain: Path) -> pd.DataFrame:
    """Return the recommended mark scales of 2021."""
    frame = read(domain, "vpr_mark_scales_2021").rename(columns={"max_primary": "max_score", "duration_min": "minutes"})
    frame = frame.rename(columns={f"mark{mark}_from": f"mark_{mark}_from" for mark in (3, 4, 5)})
    bounds = "; the description prints 27-35 for 4 and 35-40 for 5: 5 begins at 35, as one region marked"
    printed = (frame["subject"] == "geography") & (frame["grade"] == 8)
    said = pd.Series("official description: recommended scale", frame.index).mask(
        printed, f"official description: recommended scale{bounds}"
    )
    names = [*WORK, "year", "max_score", "mark_3_from", "mark_4_from", "mark_5_from", "minutes", "source"]
    return frame[names].assign(status=said).sort_values(WORK, ignore_index=True)


def items(domain: Path) -> pd.DataFrame:
    """Return how one region did each task."""
    frame = read(domain, "vpr_reference_items", "material_grade").rename(
        columns={"task": "item", "n_participants": "n", "item_rest_correlation": "item_rest"}
    )
    shares = {
        "facility": "pct_of_max",
        "share_zero": "pct_zero",
        "share_full": "pct_full",
        "share_not_attempted": "pct_not_attempted_X",
        "share_not_covered": "pct_topic_not_covered",
        **{f"facility_{mark}": f"pct_of_max_mark{mark}" for mark in (2, 3, 4, 5)},
    }
    frame = _waved(frame).assign(**{ours: _share(frame[theirs]) for ours, theirs in shares.items()})
    position = frame.groupby(["season", *WORK], sort=False).cumcount() + 1
    names = ["region", "year", "season", *WORK, "position", "item", "max_score", "n", "facility", "share_zero"]
    names += ["share_full", "share_not_attempted", "share_not_covered", "item_rest"]
    names += [f"facility_{mark}" for mark in (2, 3, 4, 5)]
    frame = frame.assign(position=position, status=OWN)[[*names, "source", "status"]]
    return frame.sort_values(["season", *WORK, "position"], ignore_index=True)


def works(domain: Path) -> pd.DataFrame:
    """Return how one region did each work."""
    frame = read(domain, "vpr_reference_procedures", "material_grade").rename(
        columns={
            "max_primary": "max_score", "n_participants": "n", "absent_rows": "n_absent", "mean_primary": "mean",
            "sd_primary": "sd", "cronbach_alpha": "alpha", "spearman_score_vs_journal": "journal_correlation",
        }
    )  # fmt: skip
    shares = {f"share_{mark}": f"pct_mark{mark}" for mark in (2, 3, 4, 5)}
    shares |= {f"journal_share_{mark}": f"pct_journal{mark}" for mark in (2, 3, 4, 5)}
    shares |= {name: f"pct_{name}" for name in ("lowered", "confirmed", "raised")}
    frame = _waved(frame).assign(**{ours: _share(frame[theirs]) for ours, theirs in shares.items()})
    said = pd.Series(OWN, frame.index).mask(frame["note"] != "", f"{OWN}; task 16 in one column, 0 to 2 points")
    names = ["region", "year", "season", *WORK, "max_score", "n", "n_schools", "n_absent", "mean", "sd", "alpha"]
    frame = frame.assign(status=said)[[*names, *shares, "journal_correlation", "source", "status"]]
    return frame.sort_values(["season", *WORK], ignore_index=True)


def codes(domain: Path) -> pd.DataFrame:
    """Return the codes of the codifier, without its texts."""
    frame = read(domain, "vpr_codifier_2021")
    frame = frame.assign(kind=frame["kind"].map(KINDS), status="official description; codes only")
    order = frame["code"].str.split(".").map(lambda parts: tuple(int(part) for part in parts))
    names = [*WORK, "kind", "code", "source", "status"]
    return frame.assign(order=order).sort_values([*WORK, "kind", "order"], ignore_index=True)[names]


def _waved(frame: pd.DataFrame) -> pd.DataFrame:
    years = frame["procedure"].map({name: year for name, (year, _) in WAVES.items()})
    seasons = frame["procedure"].map({name: season for name, (_, season) in WAVES.items()})
    return frame.assign(region=REGION, year=years, season=seasons)


def _share(per_cent: pd.Series) -> pd.Series:
    return (pd.to_numeric(per_cent) / 100).round(4)


def build(domain: Path, external: Path) -> dict[str, str]:
    """Return the text of each table by its file's name; labels are taken from the tasks that are there."""
    known = pd.read_csv(external / "vpr_tasks.csv", dtype={"structure": "str", "item": "str"})
    labels = known.set_index(KEYS)["label"]
    specified = tasks(domain, labels)
    tables = {
        "vpr_tasks.csv": specified,
        "vpr_structures.csv": structures(specified),
        "vpr_mark_scales.csv": scales(domain),
        "vpr_reference_items.csv": items(domain),
        "vpr_reference_works.csv": works(domain),
        "vpr_codes.csv": codes(domain),
    }
    return {name: csv_bytes(table).decode() for name, table in tables.items()}


def main(check: bool) -> int:
    """Write the tables, or name those that differ."""
    if not DOMAIN.is_dir():
        print(f"{DOMAIN} is not there: nothing to compare with")
        return 2
    made = build(DOMAIN, EXTERNAL)
    there = {name: (EXTERNAL / name).read_text("utf-8") if (EXTERNAL / name).is_file() else "" for name in made}
    other = [name for name, text in made.items() if there[name] != text]
    print("\n".join(other) or "all as transcribed")
    for name in [] if check else other:
        (EXTERNAL / name).write_text(made[name], "utf-8")
    return int(check and bool(other))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
