"""A protected table made up for tests: a row hidden whole, numbers hidden singly, bounds at both ends, the cluster."""

from __future__ import annotations

import numpy as np
import pandas as pd

LABELS = {
    "": "Весь кластер", "344": "Лицей № 344", "329": "Школа № 329", "498": "Гимназия № 498", "512": "Школа № 512",
    "527": "Школа № 527", "639": "Школа № 639",
}  # fmt: skip
SHARES = ("share_2", "share_3", "share_4", "share_5")
PARTLY, ABOVE, BELOW, WHOLE, QUALITY = "329", "498", "527", "512", "639"


def full() -> pd.DataFrame:
    """What stood in the table before protection: quality is hard to meet by chance in any other number."""
    shares = np.array([
        [0.0713, 0.4017, 0.3529, 0.1741], [0.0503, 0.3611, 0.4119, 0.1767], [0.0309, 0.3383, 0.4271, 0.2037],
        [0.0, 0.0233, 0.4157, 0.5610], [0.1429, 0.2857, 0.2857, 0.2857], [0.3302, 0.6465, 0.0233, 0.0], [0.1103, 0.3371, 0.3923, 0.1603],
    ])  # fmt: skip
    frame = pd.DataFrame(shares, columns=list(SHARES)).assign(school=list(LABELS), n=[312.0, 88, 64, 43, 7, 43, 67])
    frame = frame.assign(
        scope=["cluster", *["school"] * 6], label=list(LABELS.values()), classes=4.0, interval="clustered",
        pass_rate=1 - frame["share_2"], quality=frame["share_4"] + frame["share_5"], mean_score=10.0 + 3 * frame["share_5"],
    )  # fmt: skip
    half = {"pass_rate": 0.037, "quality": 0.0613, "mean_score": 0.71, **dict.fromkeys(SHARES, 0.041)}
    ends = {f"{name}_lower": frame[name] - wide for name, wide in half.items()}
    return frame.assign(**ends, **{f"{name}_upper": frame[name] + wide for name, wide in half.items()})


def marks() -> pd.DataFrame:
    """Return the table as it is released: hidden numbers are missing, bounds stand in place of shares."""
    frame = full().assign(hidden=False, hidden_cells="", bounded="").set_index("school", drop=False)
    frame = _hide(frame, PARTLY, ["share_2", "share_3", "pass_rate"])
    frame = _hide(frame, QUALITY, [*SHARES, "quality", "pass_rate", "n"])
    frame = _hide(frame, ABOVE, ["share_2", "share_4", "share_5"])
    frame = _hide(frame, BELOW, ["share_2", "share_3", "share_4", "pass_rate"])
    frame = _bound(frame, ABOVE, {"share_3": 0.05, "quality": 0.95, "pass_rate": 0.95})
    frame = _bound(frame, BELOW, {"share_5": 0.05, "quality": 0.05})
    numbers = [str(name) for name in frame.select_dtypes("number")]
    frame.loc[WHOLE, numbers] = np.nan
    frame.loc[WHOLE, "hidden"] = True
    return frame.reset_index(drop=True)


def _hide(frame: pd.DataFrame, school: str, columns: list[str]) -> pd.DataFrame:
    made = frame.copy()
    for name in columns:
        made.loc[school, [name, *[f"{name}{end}" for end in ("_lower", "_upper") if f"{name}{end}" in made]]] = np.nan
    made.loc[school, "hidden_cells"] = " ".join(columns)
    return made


def _bound(frame: pd.DataFrame, school: str, bounds: dict[str, float]) -> pd.DataFrame:
    made = frame.copy()
    for name, value in bounds.items():
        made.loc[school, [name, f"{name}_lower", f"{name}_upper"]] = [value, np.nan, np.nan]
    made.loc[school, "bounded"] = " ".join(bounds)
    return made


def residuals() -> pd.DataFrame:
    """Return differences of the schools from what was expected, of which one is hidden whole and one singly."""
    value = np.array([0.81, -0.37, 0.22, np.nan, -0.64, np.nan])
    half = {"lower": -0.59, "upper": 0.59, "gh_lower": -0.42, "gh_upper": 0.42}
    frame = pd.DataFrame(
        {"school": [code for code in LABELS if code], "residual": value, "n": [80.0, 60, 40, np.nan, 40, 60]}
    )
    frame = frame.assign(**{name: value + wide for name, wide in half.items()}, role="cluster")
    return frame.assign(
        hidden=frame["school"].eq(WHOLE), hidden_cells=np.where(frame["school"] == QUALITY, "residual", "")
    )


def tasks() -> pd.DataFrame:
    """Return the facility of tasks beside the cluster's, hidden and bounded in both."""
    share = np.array([0.98, 0.5123, np.nan, 0.02, 0.7341])
    frame = pd.DataFrame({"item": ["1", "2", "3.1", "3.2", "4"], "n": 43.0, "facility": share})
    return frame.assign(
        label="Задача", lower=share - 0.1, upper=share + 0.1, cluster_facility=[0.8137, 0.98, 0.4411, 0.2039, np.nan],
        hidden=False, hidden_cells=["", "", "facility", "", "cluster_facility"],
        bounded=["facility", "cluster_facility", "", "facility", ""],
    )  # fmt: skip
