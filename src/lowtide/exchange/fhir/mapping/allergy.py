"""AllergyIntolerance: what somebody reacts to, or that nothing is known (pure)."""

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
    span,
    words,
)
from lowtide.record.entries.history import Allergy, ProblemStatus

_STATUS = {"active": ProblemStatus.ACTIVE, "inactive": ProblemStatus.PAST, "resolved": ProblemStatus.PAST}


def read(resource: Json, context: Context) -> Reading:
    """An allergy; a code such as “no known allergy” is a refuted one, which is not the same as an empty list."""
    verification = codes(resource.get("verificationStatus"))
    if "entered-in-error" in verification:
        return kept("entered in error at its source")
    code = _substance(resource)
    absent = observations.absent()["allergy"]
    none_of = next((absent[k] for c in codings(code) if (k := f"{c.system}|{c.code}") in absent), None)
    if none_of == "":
        return kept("it says that nothing is known about allergies")
    if not (none_of or words(code)):
        return kept("it names no substance")
    onset, _ = span(resource, "onset")
    told = moment(resource.get("recordedDate"), context.zone)
    body = Allergy(
        substance=none_of or words(code),
        status=_refutable(resource, verification, none_of is not None),
        codings=codings(code),
        reaction=_reaction(resource),
        onset=day(onset),
    )
    return believed([Said("allergy", body, told[0] if told else None)])


def _substance(resource: Json) -> Json:
    substances = (r["substance"] for r in resource.get("reaction", ()) if "substance" in r)
    return resource.get("code") or next(substances, {})


def _refutable(resource: Json, verification: set[str], says_none: bool) -> ProblemStatus:
    """“No known allergy” that is itself refuted or in doubt says nothing either way."""
    refuted = "refuted" in verification
    if says_none:
        return ProblemStatus.UNKNOWN if refuted else ProblemStatus.REFUTED
    if refuted:
        return ProblemStatus.REFUTED
    clinical = sorted(codes(resource.get("clinicalStatus")))
    return next((_STATUS[c] for c in clinical if c in _STATUS), ProblemStatus.UNKNOWN)


def _reaction(resource: Json) -> str | None:
    reactions = resource.get("reaction", ())
    seen = (words(m) for r in reactions for m in r.get("manifestation", ()))
    severities = (r.get("severity") for r in reactions)
    risk = (
        f"{resource['criticality']} criticality" if resource.get("criticality") in ("high", "low") else None
    )
    return joined(
        ", ".join(dict.fromkeys(w for w in seen if w)), next((s for s in severities if s), None), risk
    )
