"""A request to be contacted becomes a referral in the inbox; a flood of them is held back without asking anybody else."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from lowtide.data.prescreen import prescreen
from lowtide.people.clinic import INBOX
from lowtide.people.retry import append
from lowtide.portal.prescreen import result
from lowtide.record.entries.base import Draft, Entry, Source
from lowtide.record.entries.referral import Referral

READERS = ("front_desk", "prescriber", "nurse", "medical_director")
HOUR_S = 3600


def refer(answers: result.Answers, given: Mapping[str, Any], now: datetime) -> Entry:
    """Keep what the person agreed to, and nothing else. A second press of the same form is one referral."""
    agreed = prescreen().consent
    body = Referral(
        family=given["family"].strip(),
        given=given["given"].strip(),
        birth_date=given["birth_date"],
        condition=answers.get(result.CONDITION, ""),
        answers=result.kept(answers),
        urgent=result.is_urgent(answers),
        consent=_(agreed.text),
        version=agreed.version,
        phone=given["phone"].strip() or None,
        email=given["email"].strip() or None,
        preferred=given["preferred"],
    )
    draft = Draft(
        id=given["entry_id"],
        stream=INBOX,
        body=body,
        by="system:prescreen",
        at=now,
        source=Source.PATIENT,
        visible_to=READERS,
    )
    return append([draft], now=now)[0]


def is_flood(address: str) -> bool:
    """Whether more came in this hour than a clinic's page gets. The address is kept as a hash, for the hour, in memory."""
    limits = prescreen().limits
    name = hashlib.sha256(f"{settings.SECRET_KEY}{address}".encode()).hexdigest()[:24]
    return _counted(f"prescreen-{name}") > limits.from_one_address or _counted("prescreen") > limits.in_all


def _counted(key: str) -> int:
    cache.add(key, 0, HOUR_S)
    return int(cache.incr(key))
