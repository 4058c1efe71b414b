"""Evaluating everybody again as a piece of work: asked for, taken by a server, done in shares, stopped, gone on with.

No entry says so: nothing about anybody is decided by it, and it can be made again from the record at any time. Who
asked for it and who stopped it is kept here and in the access log.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import Q

from lowtide.data import rules as tables
from lowtide.pathway.evaluate.everybody.comparing import policy_key
from lowtide.pathway.evaluate.everybody.keeping import (
    BLOCK,
    Basis,
    blocks,
    bring_up_to_date,
    everybody,
    forget_all_but,
    stale,
)
from lowtide.pathway.evaluate.models import Reevaluation
from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
from lowtide.people.clinic import clinic_chart, zone
from lowtide.record import store

RUNNING, STOPPED, FINISHED = "running", "stopped", "finished"
LOST_AFTER = timedelta(seconds=20)
"""A server that has not been heard of for so long has lost the work it held."""


class Progress(msgspec.Struct, frozen=True):
    """How far it has come, in people."""

    total: int
    left: int

    @property
    def done(self) -> int:
        return self.total - self.left

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def basis(now: datetime) -> Basis:
    """What everybody would be judged by now: the policy in force, on the clinic's day."""
    where = zone()
    return Basis(policy_in_force(clinic_chart()), now.astimezone(where).date(), where)


def progress(of: Basis) -> Progress:
    people = everybody()
    return Progress(len(people), len(stale(people, of)))


def latest() -> Reevaluation | None:
    return Reevaluation.objects.order_by("-asked_at", "-key").first()


def is_of(run: Reevaluation, what: Basis) -> bool:
    """Whether a run judges by these rules, under this policy and on this day."""
    return (run.rules_version, run.policy, run.on) == (tables.version(), policy_key(what.policy), what.on)


# -- verbs ----------------------------------------------------------------------------------------------------


def start(by: str, key: UUID | str, now: datetime) -> Reevaluation:
    """Evaluate everybody again from now on; what is done already is not done again.

    The same form sent twice is one; one that runs already is answered instead.
    """
    if going := Reevaluation.objects.filter(Q(key=str(key)) | Q(state=RUNNING)).first():
        return going
    try:
        with transaction.atomic():
            return Reevaluation.objects.create(
                key=str(key), asked_at=now, by=by, state=RUNNING, **basis(now).marks
            )
    except IntegrityError:  # somebody else began in this very moment
        return Reevaluation.objects.get(state=RUNNING)


def stop(by: str, key: UUID | str, now: datetime) -> bool:
    """Let it rest where it is; False where it had ended already."""
    return _end(str(key), STOPPED, now, by=by)


def _end(key: str, state: str, now: datetime, *, by: str = "", note: str = "") -> bool:
    """Only what runs can end, so that of two who end it one does."""
    ended = Reevaluation.objects.filter(key=key, state=RUNNING)
    return bool(ended.update(state=state, ended_at=now, ended_by=by, note=note, held_by="", beat_at=None))


# -- a server's part ------------------------------------------------------------------------------------------


def take(me: str, now: datetime, *, alone: bool = False) -> Reevaluation | None:
    """Hold what is to be done and nobody works on. `alone`: no other server can be at work on this database."""
    free = Q(held_by="") | Q(beat_at__lt=now - LOST_AFTER)
    wanted = Reevaluation.objects.filter(Q(state=RUNNING) if alone else Q(state=RUNNING) & free)
    if not wanted.update(held_by=me, beat_at=now):
        return None
    return Reevaluation.objects.filter(state=RUNNING, held_by=me).first()


def beat(run: Reevaluation, me: str, now: datetime) -> bool:
    """Say that the work goes on; False once it was stopped or is another server's."""
    held = Reevaluation.objects.filter(key=run.key, state=RUNNING, held_by=me)
    return bool(held.update(beat_at=now))


def let_go(me: str) -> None:
    """This server ends: whoever comes next may go on at once."""
    Reevaluation.objects.filter(held_by=me).update(held_by="", beat_at=None)


def settle(run: Reevaluation, now: datetime) -> Progress:
    """After the shares are done: finished, once the few whose charts grew meanwhile are done too.

    A policy adopted or a midnight passed meanwhile leaves many: they are still to be done, by what is in force now.
    """
    people, what = everybody(), basis(now)
    left = stale(people, what)
    Reevaluation.objects.filter(key=run.key).update(**what.marks)
    if len(left) > BLOCK:
        return Progress(len(people), len(left))
    bring_up_to_date(left, what)
    forget_all_but(people)
    _end(run.key, FINISHED, now)
    return Progress(len(people), 0)


def give_up(run: Reevaluation, now: datetime, why: str) -> None:
    """It cannot go on by itself: somebody has to look."""
    _end(run.key, STOPPED, now, note=why)


def do_share(
    key: str, share: int, of: int, may_go_on: Callable[[], bool], clock: Callable[[], datetime]
) -> None:
    """Every `of`-th block of people, from block `share` on, until it is done or somebody stopped it."""
    for number, block in enumerate(blocks(everybody())):
        if number % of != share:
            continue
        if not may_go_on() or not Reevaluation.objects.filter(key=key, state=RUNNING).exists():
            return
        bring_up_to_date(block, basis(clock()))
        store.forget()  # nobody will ask for these charts again in this process
