"""The table of what came of evaluating everybody again: whom it is about, what of it is stale, a block made anew.

A row says what it was made on, so that what remains to be done is seen from the rows alone: a run that was stopped or
killed goes on where it was, and doing a chart twice changes nothing.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import rules as tables
from lowtide.data.policies import Policy
from lowtide.pathway.evaluate.everybody.comparing import Outcome, compared, policy_key
from lowtide.pathway.evaluate.models import Reevaluated
from lowtide.people.models import LinkIndex
from lowtide.record import store
from lowtide.record.chart import Chart

BLOCK = 50
FAILED = Outcome("failed", 0)
_log = logging.getLogger(__name__)
_COLUMNS = [f.name for f in Reevaluated._meta.concrete_fields if f.name != "key"]


class Basis(msgspec.Struct, frozen=True):
    """What everybody is judged by: this policy on this day, with days counted in the clinic's zone."""

    policy: Policy
    on: date
    zone: ZoneInfo

    @property
    def marks(self) -> dict[str, object]:
        """The columns that say so."""
        return {"rules_version": tables.version(), "policy": policy_key(self.policy), "on": self.on}


class OnePerson(msgspec.Struct, frozen=True):
    """Somebody's charts, the first of which names the row."""

    streams: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.streams[0]


def everybody() -> list[OnePerson]:
    """Each person once, by the first of their charts."""
    others: dict[str, set[str]] = {}
    for stream, other in LinkIndex.objects.values_list("stream", "other"):
        others.setdefault(stream, set()).add(other)
        others.setdefault(other, set()).add(stream)
    found, seen = [], set[str]()
    for stream in store.streams("chart:"):
        if stream not in seen:
            together = _together(stream, others)
            seen |= together
            found.append(OnePerson(tuple(sorted(together))))
    return found


def _together(stream: str, others: dict[str, set[str]]) -> set[str]:
    found, waiting = {stream}, [stream]
    while waiting:
        fresh = others.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


def blocks(people: Sequence[OnePerson]) -> Iterator[Sequence[OnePerson]]:
    return (people[start : start + BLOCK] for start in range(0, len(people), BLOCK))


def stale(people: Sequence[OnePerson], basis: Basis) -> list[OnePerson]:
    """Those of whom no row says what the record, the rules, the policy and the day would say now."""
    seqs = store.seqs(None if len(people) > BLOCK else [s for p in people for s in p.streams])
    made = Reevaluated.objects.filter(**basis.marks)
    if len(people) <= BLOCK:
        made = made.filter(key__in=[p.key for p in people])
    known = dict(made.values_list("key", "known"))
    return [p for p in people if known.get(p.key) != _known(p, seqs)]


def _known(person: OnePerson, seqs: dict[str, int]) -> str:
    return known_as({name: seqs.get(name, 0) for name in person.streams})


def known_as(known: dict[str, int]) -> str:
    """What was known, as it is written into a row."""
    return msgspec.json.encode(dict(sorted((s, seq) for s, seq in known.items() if seq))).decode()


def bring_up_to_date(people: Sequence[OnePerson], basis: Basis) -> int:
    """Make the stale rows among these again; answers how many. Nothing is locked while charts are read."""
    todo = stale(people, basis)
    made = [_row(person, basis) for person in todo]
    if made:
        Reevaluated.objects.bulk_create(
            made, update_conflicts=True, update_fields=_COLUMNS, unique_fields=["key"]
        )
    return len(made)


def forget_all_but(people: Iterable[OnePerson]) -> None:
    """Drop the rows of charts that have since been joined to others."""
    gone = set(Reevaluated.objects.values_list("key", flat=True)) - {p.key for p in people}
    Reevaluated.objects.filter(key__in=list(gone)).delete()


def _row(person: OnePerson, basis: Basis) -> Reevaluated:
    chart = Chart.union(store.load(name) for name in person.streams)
    outcome = _compared(chart, basis)
    decided, said = outcome.decided, outcome.said
    return Reevaluated(
        key=person.key,
        stream=decided.stream if decided else person.key,
        known=known_as(chart.known),
        how=outcome.how,
        rank=outcome.rank,
        decided=str(decided.id) if decided else "",
        decided_at=decided.at if decided else None,
        before=said.then.decision if said else "",
        after=said.now.decision if said else "",
        said=msgspec.json.encode(said).decode() if said else "",
        **basis.marks,
    )


def _compared(chart: Chart, basis: Basis) -> Outcome:
    """One chart that cannot be judged is told on the page and keeps nobody else from being judged."""
    if chart.unreadable:  # entries of a newer Lowtide: whatever they say would be left out
        return FAILED
    try:
        return compared(chart, basis.policy, basis.on, basis.zone)
    except Exception:
        _log.exception("the chart %s could not be evaluated", chart.stream)
        return FAILED
