"""Tables of a run hold their rows and nothing else."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd

from oko.measures.statement import Statement
from oko.runs.page import write_table


def test_remarks_of_a_measure_stay_out_of_the_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["a", "b"], name="item"))
    write_table(tmp_path / "plain.parquet", frame)
    frame.attrs["statements"] = (Statement("few_schools", {"n_schools": 7}),)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_table(tmp_path / "remarked.parquet", frame)
    assert (tmp_path / "plain.parquet").read_bytes() == (tmp_path / "remarked.parquet").read_bytes()
    assert frame.attrs
