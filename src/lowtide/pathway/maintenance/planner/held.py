"""Whose next session is likely held by long-term safety, read from what is due: no chart is opened. The page that books
judges the chart itself; here it is only marked, so that nobody telephones for nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from lowtide.data import longterm, own
from lowtide.pathway.course.models import DueRow

STOP, CHECK = "stop_", "longterm_"
WITH_THE_SESSION = frozenset({"each_session", "max_age_days"})


def stopped(streams: Iterable[str]) -> frozenset[str]:
    """The streams with an open stop."""
    return _streams(Q(task__startswith=STOP), streams)


def held(streams: Iterable[str], now: datetime) -> frozenset[str]:
    """The streams with an open stop, or with a check that blocks by the policy and is late by more than its grace."""
    late = Q()
    for task, before in _blocking(now):
        late |= Q(task=task, due_at__lt=before)
    return _streams(Q(task__startswith=STOP) | late, streams)


def _streams(which: Q, streams: Iterable[str]) -> frozenset[str]:
    """A stop that is for few eyes only is not told in a list."""
    rows = DueRow.objects.filter(which, stream__in=list(streams))
    return frozenset(rows.exclude(task="stop_review").values_list("stream", flat=True))


def _blocking(now: datetime) -> Iterable[tuple[str, datetime]]:
    """Each check that blocks a booking: its task, and before when it has to be due to be too late."""
    policy, grace = own.laid().policy, timedelta(days=float(longterm.number("grace_days")))
    for key, check in longterm.checks().items():
        does = check.does(policy)
        if does in ("block", "block_at_once") and not WITH_THE_SESSION.issuperset(check.rhythm):
            yield f"{CHECK}{key}", now - (grace if does == "block" else timedelta(0))
