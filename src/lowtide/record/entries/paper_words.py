"""Entries about documents and whom they go to, in plain language (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.record.entries.calendar_words import day

LABELS = {
    "document_sent": "Document sent",
    "document_failed": "Document not delivered",
    "document_acknowledged": "Receipt",
    "document_waived": "Document not sent",
    "correspondent": "Letters go to",
    "coverage": "Payer",
    "letterhead": "Letterhead",
    "price_set": "Price",
}


def _name(b: Any) -> str:
    return str(b.document).replace("_", " ")


def _join(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def _agreed(b: Any) -> str:
    words = {"yes": "the patient agreed", "no": "the patient did not agree"}
    return words.get(b.agreed.value, "not asked whether the patient agrees")


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "document_sent": lambda b, z: _join(
        f"{_name(b)} to {b.to}", b.how, b.reference, f"fingerprint {b.digest[:12]}"
    ),
    "document_failed": lambda b, z: _join(f"{_name(b)} did not reach {b.to}", b.how),
    "document_acknowledged": lambda b, z: f"{_name(b)}: {b.receipt}",
    "document_waived": lambda b, z: f"{_name(b)} goes to nobody",
    "correspondent": lambda b, z: _join(b.name, b.role.replace("_", " "), b.address, b.phone, _agreed(b)),
    "coverage": lambda b, z: _join(b.payer_kind.replace("_", " "), b.payer, b.member),
    "letterhead": lambda b, z: _join(b.address, b.postcode, b.city, b.region, b.phone),
    "price_set": lambda b, z: f"{b.code}: {b.price} {b.currency} a unit from {day(b.valid_from.isoformat())}",
}
