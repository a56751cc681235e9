"""What the page on the effect says where it may not say a number."""

from __future__ import annotations

import pytest

from oko.language import used
from oko.measures.impact.conclusion import Conclusion
from oko.measures.statement import Statement
from oko.show.effect_sections import conclusion

VALUES = {
    "estimate": 0.44, "lower": 0.3, "upper": 0.6, "level": 0.95, "p": 0.01, "p_randomisation": 0.02, "df": 8.0,
    "alpha": 0.05, "n_treated": 6, "n_comparison": 40,
}  # fmt: skip
CODES = ("consistent_with_effect", "cannot_rule_out_zero")


@pytest.mark.parametrize("code", CODES)
def test_of_too_few_pupils_the_conclusion_has_no_number(code: str) -> None:
    decided = Conclusion(code, code == CODES[0], (Statement(f"impact_{code}", VALUES),))
    with used("en"):
        shown = str(conclusion(decided, True, {}))
        hidden = str(conclusion(decided, True, {}, compared=False))
    assert "0.44" in shown
    assert "Fewer pupils" in hidden
    assert not any(character.isdigit() for character in hidden)
