"""Risk of bias of one study: what somebody judged, else what its own columns imply. After RoB 2, shortened."""

from collections.abc import Iterable, Iterator

import msgspec

from lowtide.data.evidence import Bias, Study
from lowtide.data.evidence_certainty import Certainty, Rule

ORDER = ("low", "no information", "some concerns", "high")
NOT_RANDOMISED = "not randomised"


class Judged(msgspec.Struct, frozen=True):
    """One domain. `verified`: the reason stands in a source that was seen; a default is never verified."""

    domain: str
    judgement: str
    reason: str
    judged_by: str
    verified: bool
    source_url: str | None = None


class Risk(msgspec.Struct, frozen=True):
    """The worst domain is the whole; a study that drew no lots is not on this scale."""

    study_id: str
    overall: str
    domains: tuple[Judged, ...]

    @property
    def why(self) -> str:
        return "; ".join(d.reason for d in self.domains if d.judgement == self.overall) or self.overall


def randomised(study: Study) -> bool:
    return study.design.startswith("RCT")


def crossover(study: Study) -> bool:
    return "crossover" in study.design


def withdrawal(study: Study) -> bool:
    return "withdrawal" in study.design


def risk(study: Study, rows: Iterable[Bias], how: Certainty) -> Risk:
    """`rows` are judgements on any studies; those on this one go before the rules."""
    if not randomised(study):
        return Risk(study.study_id, NOT_RANDOMISED, ())
    judged = {r.domain: r for r in rows if r.study_id == study.study_id}
    found = tuple(_domains(study, judged, how))
    return Risk(study.study_id, max((d.judgement for d in found), key=ORDER.index), found)


def _domains(study: Study, judged: dict[str, Bias], how: Certainty) -> Iterator[Judged]:
    for domain in how.domains:
        if row := judged.get(domain):
            yield Judged(domain, row.judgement, row.reason, row.judged_by, row.verified, row.source_url)
        elif domain == "missing":
            yield _missing(study, how)
        elif rule := next((r for r in how.rule if r.domain == domain and _fits(r, study)), None):
            yield Judged(domain, rule.judgement, rule.reason, how.judged_by, False)
        elif domain == "reporting":
            yield Judged(
                domain, "no information", "its protocol was not compared with it", how.judged_by, False
            )
        elif domain != "carry_over":
            yield Judged(domain, "no information", "its columns do not say", how.judged_by, False)


def _fits(rule: Rule, study: Study) -> bool:
    pairs = (
        (rule.design, study.design),
        (rule.blinding, study.blinding),
        (rule.note, study.risk_of_bias_note),
    )
    return all(any(word in (told or "") for word in words) for words, told in pairs if words)


def _missing(study: Study, how: Certainty) -> Judged:
    began, ended = study.n_randomised_or_enrolled, study.n_analysed
    if not began or ended is None:
        return Judged(
            "missing", "no information", "how many were analysed is not known", how.judged_by, False
        )
    share = ended / began
    judgement = (
        "low"
        if share >= how.missing.low_from
        else "some concerns"
        if share >= how.missing.some_from
        else "high"
    )
    return Judged("missing", judgement, f"{ended} of {began} people were analysed", how.judged_by, False)
