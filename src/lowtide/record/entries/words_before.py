"""Entries from before the first dose in plain language: consent, and people who asked to be contacted (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.data.vocabulary import label

LABELS = {
    "consent": "Consent",
    "consent_withdrawn": "Consent withdrawn",
    "consent_copy_given": "Copy of the consent",
    "registry_choice": "Registry",
    "referral": "Referral",
    "referral_taken": "Referral taken",
    "referral_contacted": "Contact tried",
    "referral_declined": "Referral declined",
}


def _consent(b: Any, zone: tzinfo) -> str:
    what = ", ".join(label(kind, getattr(b, kind)) for kind in ("product", "route"))
    parts = (
        f"to {what}, for {label('indication', b.indication)}",
        f"{len(b.elements)} elements, form {b.version}",
        f"signed {b.signer}",
        b.acting_as == "representative" and f"as representative, {b.relation}",
        b.witness and f"witness {b.witness}",
        b.interpreter and f"interpreter {b.interpreter}",
    )
    return ", ".join(part for part in parts if part)


def _referral(b: Any, zone: tzinfo) -> str:
    told = "; ".join(f"{a.asked} {a.said}" for a in b.answers)
    parts = (f"{b.given} {b.family} asked to be contacted", b.urgent and "urgent", told)
    return ", ".join(part for part in parts if part)


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "consent": _consent,
    "consent_withdrawn": lambda b, z: "taken back: no further dose under it",
    "consent_copy_given": lambda b, z: f"the patient has it, {b.how}",
    "registry_choice": lambda b, z: "takes part" if b.joins else "does not take part",
    "referral": _referral,
    "referral_taken": lambda b, z: "somebody has it by name",
    "referral_contacted": lambda b, z: ": ".join(filter(None, (b.outcome.replace("_", " "), b.what))),
    "referral_declined": lambda b, z: "nobody becomes a patient of it",
}
