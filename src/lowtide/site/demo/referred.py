"""Three invented people who asked to be contacted: one urgent, one who may be a patient here, one who waits."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from lowtide.portal.prescreen.sending import refer
from lowtide.site.demo.staff import NAMESPACE
from lowtide.virtual.people import SyntheticPerson

CALM = {"hurt": "no", "tried_to_die": "no", "home": "yes", "earlier": "yes", "pressure": "unsure"}


def referrals(now: datetime, alike: SyntheticPerson) -> None:
    """Write them at past instants; `alike` is the patient whom one of them resembles."""
    _refer(now - timedelta(days=2), "Mirela", "Dragan", "1979-06-02", CALM | {"condition": "ptsd"})
    again = CALM | {"condition": "trd", "breastfeeding": "no"}
    _refer(now - timedelta(hours=20), alike.given, alike.family, alike.birth_date.isoformat(), again)
    urgent = CALM | {"condition": "trd", "hurt": "yes", "earlier": "no"}
    _refer(now - timedelta(minutes=25), "Tomas", "Lindqvist", "1991-11-19", urgent)


def _refer(at: datetime, given: str, family: str, born: str, answers: dict[str, str]) -> None:
    form: dict[str, Any] = {
        "entry_id": uuid5(NAMESPACE, f"referral {family}"),
        "given": given,
        "family": family,
        "birth_date": born,
        "phone": "555 0142",
        "email": "",
        "preferred": "telephone",
    }
    refer(answers, form, at)
