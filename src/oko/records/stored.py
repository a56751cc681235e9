"""All tables that a store may hold, by name."""

from __future__ import annotations

from collections.abc import Mapping

import pandera.pandas as pa

from oko.records.groups import GROUPS
from oko.records.options import OPTIONS
from oko.records.registers import REGISTERS
from oko.records.schema import SCHEMAS

FURTHER: Mapping[str, pa.DataFrameSchema] = {"groups": GROUPS, "options": OPTIONS, **REGISTERS}
STORED: Mapping[str, pa.DataFrameSchema] = {**SCHEMAS, **FURTHER}
