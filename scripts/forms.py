"""Write the blanks of the cluster's own forms into templates/forms, from their descriptions in the package."""

from __future__ import annotations

import sys
from pathlib import Path

from oko.records.register_forms import FORMS
from oko.records.writers.registers import blank

ROOT = Path(__file__).resolve().parents[1]


def main(folder: Path) -> int:
    """Write every blank into a folder."""
    for kind in FORMS:
        path = blank(folder / f"{kind}.xlsx", kind, ROOT)
        print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "templates" / "forms"))
