"""Everybody evaluated again once a day after the clinic's midnight, and the word on Today that a policy left people behind.

The day's run has a key made from the date, so that it is asked for once however many servers look, and however often
one of them is killed: what was begun is taken up by whoever comes next, like any other run.
"""

from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from lowtide.data import rules as tables
from lowtide.pathway.course.notices import Notice
from lowtide.pathway.evaluate.everybody import running
from lowtide.pathway.evaluate.everybody.comparing import policy_key
from lowtide.pathway.evaluate.everybody.running import FINISHED, RUNNING
from lowtide.pathway.evaluate.models import Reevaluated, Reevaluation
from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
from lowtide.people.clinic import clinic_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.record.entries.clinic import PolicyAdopted

BY = "system:midnight"
_DAYS = UUID("9c1a4d0e-7b52-4c55-8d0f-5b1c6f0a2e11")


def key_of(on: date) -> str:
    return str(uuid5(_DAYS, on.isoformat()))


def start_of_the_day(now: datetime) -> Reevaluation | None:
    """Ask for the run of the clinic's day; None where it was asked for already, or where another one goes on.

    Nothing to do is written down as done, without any work.
    """
    what = running.basis(now)
    key = key_of(what.on)
    if Reevaluation.objects.filter(Q(key=key) | Q(state=RUNNING)).exists():
        return None
    far = running.progress(what)
    if not far.total:
        return None  # a clinic without people is not asked about every day
    ends = {"state": RUNNING} if far.left else {"state": FINISHED, "ended_at": now}
    try:
        with transaction.atomic():
            return Reevaluation.objects.create(key=key, asked_at=now, by=BY, **ends, **what.marks)
    except IntegrityError:  # another server asked in this very moment
        return None


def notice(person: Person) -> Notice | None:
    """To whoever decides: the policy or the tables changed, and people are still judged by the older ones."""
    if not person.can(Permission.DECIDE):
        return None
    policy = policy_key(policy_in_force(clinic_chart()))
    fresh = Q(rules_version=tables.version(), policy=policy)
    less = fresh & Q(how__in=("failed", "urgent", "worse"))
    many = Reevaluated.objects.aggregate(
        behind=Count("pk", filter=~fresh), moved=Count("pk", filter=less), known=Count("pk")
    )
    behind, moved = many["behind"], many["moved"]
    never = clinic_chart().last(PolicyAdopted) and not many["known"]
    if behind or never:
        who = f"{behind} people are" if behind > 1 else "1 person is" if behind else "Everybody is"
        text = f"{who} still judged by what was in force before."
        return Notice("The policy changed", text, "What moved", "evaluate:everybody")
    if moved:
        text = f"For {moved} {'person' if moved == 1 else 'people'} the rules now say less than what was decided on."
        return Notice("What moved", text, "Look", "evaluate:everybody")
    return None
