"""Condition: a problem somebody has, had, or was found not to have (pure)."""

from lowtide.data import observations
from lowtide.exchange.fhir.mapping.parts import (
    Context,
    Json,
    Reading,
    Said,
    believed,
    codes,
    codings,
    day,
    joined,
    kept,
    moment,
    notes,
    span,
    words,
)
from lowtide.record.entries.history import Diagnosis, ProblemStatus

_STATUS = {
    "active": ProblemStatus.ACTIVE,
    "recurrence": ProblemStatus.ACTIVE,
    "relapse": ProblemStatus.ACTIVE,
    "inactive": ProblemStatus.PAST,
    "remission": ProblemStatus.PAST,
    "resolved": ProblemStatus.PAST,
}
_NOT_CONFIRMED = {"unconfirmed", "provisional", "differential"}


def read(resource: Json, context: Context) -> Reading:
    """A diagnosis. One that is not confirmed is neither yes nor no: unknown."""
    verification = codes(resource.get("verificationStatus"))
    if "entered-in-error" in verification:
        return kept("entered in error at its source")
    code = resource.get("code")
    if any(f"{c.system}|{c.code}" in observations.absent()["problem"] for c in codings(code)):
        return kept("it says that no problems are known; whether somebody asked is not said")
    if not words(code):
        return kept("it names no condition")
    onset, _ = span(resource, "onset")
    ended, _ = span(resource, "abatement")
    told = moment(resource.get("recordedDate"), context.zone)
    body = Diagnosis(
        label=words(code),
        status=_status(resource, verification),
        codings=codings(code),
        severity=words(resource.get("severity")) or None,
        onset=day(onset),
        ended=day(ended),
        note=_note(resource, verification),
    )
    return believed([Said("diagnosis", body, told[0] if told else None)])


def _status(resource: Json, verification: set[str]) -> ProblemStatus:
    if "refuted" in verification:
        return ProblemStatus.REFUTED
    if verification & _NOT_CONFIRMED:
        return ProblemStatus.UNKNOWN
    clinical = codes(resource.get("clinicalStatus"))
    over = any(name.startswith("abatement") for name in resource)
    otherwise = ProblemStatus.PAST if over else ProblemStatus.UNKNOWN
    return next((_STATUS[c] for c in sorted(clinical) if c in _STATUS), otherwise)


def _note(resource: Json, verification: set[str]) -> str | None:
    age = resource.get("onsetAge", {})
    return joined(
        *sorted(verification & _NOT_CONFIRMED),
        "in remission" if "remission" in codes(resource.get("clinicalStatus")) else None,
        *(f"site: {words(site)}" for site in resource.get("bodySite", ()) if words(site)),
        f"since the age of {age['value']} {age.get('unit', '')}" if "value" in age else None,
        f"since: {resource['onsetString']}" if resource.get("onsetString") else None,
        f"until: {resource['abatementString']}" if resource.get("abatementString") else None,
        notes(resource),
    )
