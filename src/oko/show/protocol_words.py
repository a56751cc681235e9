"""Words for the keys and values of a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from oko.language import N_, current, gettext, ngettext, number

Content = Mapping[str, Any]
_WAVES = ("selection", "before", "after")
_RULES = ("model.rule", "model.alpha", "model.least_df", "model.least_schools", "model.level", "model.beside")

_KEYS = {
    "date": N_("date of the protocol"),
    "title": N_("title"),
    "question": N_("question"),
    "waves.selection": N_("wave on which targets were chosen"),
    "waves.before": N_("wave before"),
    "waves.after": N_("wave after"),
    "outcome.how_chosen": N_("how targets were chosen"),
    "outcome.line": N_("who is compared with whom"),
    "outcome.works": N_("works and target tasks"),
    "outcome": N_("primary outcome"),
    "groups.treated": N_("schools of the cluster"),
    "groups.comparison": N_("schools of comparison"),
    "groups.excluded": N_("schools left out"),
    "model.rule": N_("rule by which the effect is judged"),
    "model.alpha": N_("level of significance"),
    "model.level": N_("level of intervals"),
    "model.least_df": N_("least degrees of freedom"),
    "model.least_schools": N_("least number of schools in each group"),
    "model.beside": N_("what is shown beside"),
    "model": N_("model"),
    "families": N_("families of further outcomes"),
    "detectable": N_("assumptions of the minimum detectable effect"),
}
_WORDS = {
    "targets": N_("points of the target tasks"),
    "sd": N_("standard deviations of pupils"),
    "material": N_("the same material in both waves, other pupils"),
    "cohort": N_("the same cohort in both waves, other material"),
    "difference_in_differences": N_("difference in differences"),
    "CR2_and_randomisation": N_(
        "an effect is claimed only where two p are both below the level of significance: that of the estimate with "
        "CR2 standard errors by school and Satterthwaite degrees of freedom, and that of the randomisation test"
    ),
    "wild_bootstrap": N_("wild cluster bootstrap"),
    "ancova": N_("analysis of covariance"),
    "pupils": N_("model of pupils"),
    "synthetic_control": N_("synthetic control"),
    "without_marked": N_("without schools that have markers of biased results"),
    "holm": N_("Holm"),
    "benjamini_hochberg": N_("Benjamini–Hochberg, exploratory"),
    "targets_by_subject": N_("target tasks by subject"),
    "targets_by_work": N_("target tasks by work"),
    "non_targets": N_("the other tasks"),
    "whole_work": N_("all tasks of the work"),
    "mean_score": N_("mean score"),
}


class Names(Protocol):
    """Words for codes, as a workspace has them."""

    def text(self, kind: str, code: str) -> str: ...

    def when(self, season: str, year: str) -> str: ...


def key_words(key: str) -> str:
    """Say what a key of the protocol is about; an unknown one is its own name.

    Examples
    --------
    >>> key_words("outcome.works.physics-7.targets")
    'работы и целевые задания'
    """
    known = [prefix for prefix in _KEYS if key == prefix or key.startswith(f"{prefix}.")]
    return gettext(_KEYS[max(known, key=len)]) if known else key


def words(value: Any) -> str:
    """Say a value of the protocol in words.

    Examples
    --------
    >>> words(0.05), words(["6.1", "6.2"]), words("holm")
    ('0,05', '6.1, 6.2', 'поправка Холма')
    """
    if value is None:
        return gettext("not given")
    if isinstance(value, (list, tuple)):
        parts = [words(part) for part in value]
        return ("; " if any("," in part for part in parts) else ", ").join(parts) or gettext("empty")
    if isinstance(value, float):
        return number(value, max(len(f"{value:.10f}".rstrip("0").partition(".")[2]), 0))
    return gettext(_WORDS[value]) if isinstance(value, str) and value in _WORDS else str(value)


def fixed(content: Content, names: Names, *, named: bool = False) -> tuple[tuple[str, str], ...]:
    """Say in words what the protocol fixes: what, and its value; schools are counted unless they may be named."""
    if not content:
        return ()
    wave = {w: names.when(content[f"waves.{w}.season"], content[f"waves.{w}.year"]) for w in _WAVES}
    treated = [code for code in content["groups.treated"] if f"groups.excluded.{code}.reason.ru" not in content]
    rows = [
        ("question", content[f"question.{current()}"]),
        ("outcome", _outcome(content, names)),
        ("outcome.works", "; ".join(_works(content, names))),
        ("outcome.how_chosen", content[f"outcome.how_chosen.{current()}"]),
        *((f"waves.{name}", when) for name, when in wave.items()),
        ("outcome.line", _of(content, "outcome.line")),
        ("groups.treated", _schools(treated, named)),
        ("groups.comparison", _schools(content["groups.comparison"], named)),
        *(("groups.excluded", text) for text in _excluded(content, named)),
        ("model", _of(content, "model.design")),
        *((key, _of(content, key)) for key in _RULES),
        *(("families", text) for text in _families(content)),
        ("detectable", _detectable(content)),
    ]
    return tuple((_sentence_case(gettext(_KEYS[key])), text) for key, text in rows)


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _outcome(content: Content, names: Names) -> str:
    procedure = names.text("procedure", content["outcome.procedure"])
    return "; ".join((procedure, _of(content, "outcome.kind"), _of(content, "outcome.unit")))


def _of(content: Content, key: str) -> str:
    return words(content[key])


def _parts(content: Content, prefix: str) -> list[str]:
    """Return what the sections of a list are called, in their order."""
    called = dict.fromkeys(key[len(prefix) + 1 :].partition(".")[0] for key in content if key.startswith(f"{prefix}."))
    return list(called)


def _works(content: Content, names: Names) -> list[str]:
    said = []
    for work in _parts(content, "outcome.works"):
        key = f"outcome.works.{work}"
        text = gettext("{subject}, grade {grade}: tasks {items}")
        subject = names.text("subject", content[f"{key}.subject"])
        values = {"grade": content[f"{key}.grade"], "items": words(content[f"{key}.targets"])}
        line = text.format(subject=subject, **values)
        for wave in _WAVES[:2]:
            other = content.get(f"{key}.targets_{wave}")
            if other:
                line += f" ({gettext(_KEYS[f'waves.{wave}'])}: {words(other)})"
        said.append(line)
    return said


def _schools(codes: Sequence[str], named: bool) -> str:
    if not codes:
        return gettext("all that have both waves")
    n = len(codes)
    return ", ".join(codes) if named else ngettext("{n} school", "{n} schools", n).format(n=number(n))


def _excluded(content: Content, named: bool) -> list[str]:
    keys = [f"groups.excluded.{part}" for part in _parts(content, "groups.excluded")]
    if not named:
        return [_schools(keys, named)] if keys else []
    return [f"{content[f'{key}.school']}: {content[f'{key}.reason.{current()}']}" for key in keys]


def _families(content: Content) -> list[str]:
    keys = [f"families.{part}" for part in _parts(content, "families")]
    return [
        f"{content[f'{key}.name.{current()}']} ({_of(content, f'{key}.correction')}): {_of(content, f'{key}.outcomes')}"
        for key in keys
    ]


def _detectable(content: Content) -> str:
    text = gettext(
        "between schools and years {school} SD, of pupils {pupil} SD, {n} pupils a school, {others} schools of "
        "comparison, power {power}"
    )
    told = {key.rpartition(".")[2]: value for key, value in content.items() if key.startswith("detectable.")}
    return text.format(
        school=words(told["school_year_sd"]),
        pupil=words(told["pupil_sd"]),
        n=number(told["pupils_per_school"]),
        others=number(told["comparison_schools"]),
        power=words(told["power"]),
    )
