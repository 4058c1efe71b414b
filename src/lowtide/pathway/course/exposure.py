"""How much ketamine and esketamine a person has had: here and elsewhere, by any way, over so many days (pure).

Drugs are never added to one another in milligrams, nor are ways: a milligram of one is not a milligram of the other.
What was given elsewhere counts with what is known of it; what is not known is told, and is never nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.codes import named_medicines
from lowtide.data.vocabulary import words
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.course.sessions import Dose
from lowtide.record.chart import Chart
from lowtide.record.dates import PartialDate, earliest, is_partial_date, latest
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.history import HistoryItem, TreatmentTrial
from lowtide.record.entries.longterm import TreatedElsewhere

WINDOWS = (30, 90, 365)
EXPOSED = "ketamine_exposed"
RECORD = "record"
WHOLE_DAY = len("2026-01-31")
DAY = timedelta(days=1)


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """Treatment that somebody else gave. `first_at` to `last_at` is the longest time in which it can have been; None
    where nothing is known. `drug` is empty where only “ketamine before” is known. `session` is the id that the clinic
    which gave it knows it by."""

    entry: Entry
    drug: str
    route: str
    sessions: int | None
    mg: Decimal | None
    first_at: datetime | None
    last_at: datetime | None
    goes_on: bool = False
    session: UUID | None = None

    def within(self, start: datetime, end: datetime) -> bool:
        """Whether any of it can lie in that time; what has no date can lie anywhere."""
        return (self.last_at is None or self.last_at >= start) and (
            self.first_at is None or self.first_at <= end
        )

    @property
    def known_until(self) -> datetime:
        """The last instant of which somebody has told: what goes on is known up to then."""
        return min(self.last_at or self.entry.at, self.entry.at)

    def instants(self, since: datetime) -> tuple[datetime, ...]:
        """When its sessions after an instant may have been: spread evenly over what is known of its time.

        Without a beginning all of them may lie after it, but for earlier treatments of the history. What went on then
        counts once, where nobody has told of it since.
        """
        if self.known_until <= since:
            return (since,) if self.goes_on else ()
        if self.first_at is None and not isinstance(self.entry.body, TreatedElsewhere):
            return ()
        count = self.sessions or 1
        opens = min(self.first_at or since, self.known_until)
        apart = (self.known_until - opens) / max(1, count - 1)
        spread = (opens + n * apart for n in range(count)) if count > 1 else iter([self.known_until])
        return tuple(at for at in spread if at >= since)

    def wholly(self, start: datetime, end: datetime) -> bool:
        return bool(self.first_at and self.last_at and start <= self.first_at and self.last_at <= end)


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """One drug by one way over some days: `sessions` and `mg` here; elsewhere at least and at most so many sessions.

    `mg_elsewhere` is what is known to lie in the time. `unread` doses given here have no amount yet; `unknown` records
    from elsewhere have no number of sessions, no amount or no date; `uncounted` have no number, and count as one each.
    """

    drug: str
    sessions: int = 0
    mg: Decimal = Decimal(0)
    mg_per_kg: Decimal = Decimal(0)
    unread: int = 0
    elsewhere_least: int = 0
    elsewhere_most: int = 0
    mg_elsewhere: Decimal = Decimal(0)
    unknown: int = 0
    uncounted: int = 0
    route: str = ""

    @property
    def mg_known(self) -> Decimal:
        return self.mg + self.mg_elsewhere


class Exposure(msgspec.Struct, frozen=True):
    """All drugs over so many days up to an instant; `days` None is the whole record."""

    days: int | None
    amounts: tuple[Amount, ...]

    @property
    def sessions(self) -> int:
        return sum(one.sessions for one in self.amounts)

    @property
    def least(self) -> int:
        """Sessions here and elsewhere that are known to lie in the time."""
        return self.sessions + sum(one.elsewhere_least for one in self.amounts)

    @property
    def most(self) -> int:
        """Sessions here and elsewhere that can lie in the time, as far as their number is known."""
        return self.sessions + sum(one.elsewhere_most for one in self.amounts)

    @property
    def unknown(self) -> int:
        return sum(one.unknown for one in self.amounts)

    @property
    def uncounted(self) -> int:
        return sum(one.uncounted for one in self.amounts)

    @property
    def unread(self) -> int:
        return sum(one.unread for one in self.amounts)


def elsewhere(chart: Chart) -> tuple[Elsewhere, ...]:
    """Every record of treatment by others: written down as such, told among earlier treatments, or only “had it”."""
    found = [*told_once(chart), *_trials(chart)]
    if not found and (entry := _only_exposed(chart)):
        found.append(
            Elsewhere(
                entry=entry,
                drug="",
                route="",
                sessions=None,
                mg=None,
                first_at=None,
                last_at=entry.at,
            )
        )
    return tuple(found)


def told_once(chart: Chart) -> Iterator[Elsewhere]:
    """What was told of others, each session once: not what this record holds as its own, nor one that two records tell.

    Doses of one drug that a record tells one by one on one day are parts of one session.
    """
    known, days = set(first_doses(chart)), dict[tuple[str, str], list[Elsewhere]]()
    for entry, body in chart.said(TreatedElsewhere):
        if body.their_session in known:
            continue
        if body.their_session:
            known.add(body.their_session)
            yield _said(entry, body)
        elif _is_one_part(body):
            days.setdefault((body.drug, str(body.first)), []).append(_said(entry, body))
        else:
            yield _said(entry, body)
    yield from (_together(parts) for parts in days.values())


def _is_one_part(body: TreatedElsewhere) -> bool:
    whole_day = bool(body.first) and is_partial_date(body.first or "") and len(body.first or "") == WHOLE_DAY
    return body.told_by == RECORD and body.sessions == 1 and whole_day and body.first == body.last


def _together(parts: list[Elsewhere]) -> Elsewhere:
    """The doses of a day as one session; the amount is known where that of each is."""
    known = [one.mg for one in parts if one.mg is not None]
    routes = {one.route for one in parts}
    return msgspec.structs.replace(
        parts[0],
        mg=sum(known, Decimal(0)) if len(known) == len(parts) else None,
        route=routes.pop() if len(routes) == 1 else "",
    )


def _said(entry: Entry, body: TreatedElsewhere) -> Elsewhere:
    first_at, last_at = _between(body.first, body.last, entry, goes_on=body.still is not Answer.NO)
    return Elsewhere(
        entry=entry,
        drug=body.drug,
        route=body.route or "",
        sessions=body.sessions,
        mg=body.mg,
        first_at=first_at,
        last_at=last_at,
        goes_on=body.still is Answer.YES,
        session=body.their_session,
    )


def _between(
    first: PartialDate | None, last: PartialDate | None, entry: Entry, *, goes_on: bool
) -> tuple[datetime | None, datetime | None]:
    """The longest time in which it can have been. Without an end it was over when somebody told of it, or goes on."""
    opens = _instant(earliest(first)) if first and is_partial_date(first) else None
    if last and is_partial_date(last):
        return opens, _instant(latest(last) + DAY) - timedelta(microseconds=1)
    return opens, None if goes_on else entry.at


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _trials(chart: Chart) -> Iterator[Elsewhere]:
    """Earlier treatments of the history with one of these medicines."""
    for entry, body in chart.said(TreatmentTrial):
        named = {medicine.name for _, medicine in named_medicines(body.agent)}
        drug = next((d for d in ("esketamine", "ketamine") if d in named), "")
        if drug:
            opens, closes = _between(body.started, body.stopped, entry, goes_on=False)
            yield Elsewhere(
                entry=entry,
                drug=drug,
                route="",
                sessions=body.sessions,
                mg=None,
                first_at=opens,
                last_at=closes,
            )


def _only_exposed(chart: Chart) -> Entry | None:
    """The answer of the history that there was some, where nothing more is known."""
    said = [(e, b) for e, b in chart.said(HistoryItem) if b.item == EXPOSED]
    return said[-1][0] if said and said[-1][1].answer is Answer.YES else None


def exposure(
    doses: Iterable[Dose], others: Iterable[Elsewhere], until: datetime, days: int | None
) -> Exposure:
    """What was given in the `days` up to an instant, by drug and way; the whole record without `days`."""
    start = until - timedelta(days=days) if days else datetime.min.replace(tzinfo=UTC)
    mine = [d for d in doses if start <= d.started_at <= until]
    theirs = [o for o in others if o.within(start, until)]
    ways = dict.fromkeys((*((d.drug, d.route) for d in mine), *((o.drug, o.route) for o in theirs)))
    return Exposure(days, tuple(_amount(drug, route, mine, theirs, start, until) for drug, route in ways))


def _amount(
    drug: str, route: str, mine: list[Dose], theirs: list[Elsewhere], start: datetime, until: datetime
) -> Amount:
    given = [d for d in mine if (d.drug, d.route) == (drug, route)]
    told = [o for o in theirs if (o.drug, o.route) == (drug, route)]
    inside = [o for o in told if o.wholly(start, until)]
    return Amount(
        drug=drug,
        sessions=len(given),
        mg=sum((d.given_mg for d in given if d.given_mg is not None), Decimal(0)),
        mg_per_kg=sum((d.mg_per_kg for d in given if d.mg_per_kg is not None), Decimal(0)),
        unread=sum(d.given_mg is None for d in given),
        elsewhere_least=sum(o.sessions or 1 for o in inside),
        elsewhere_most=sum(o.sessions or 1 for o in told),
        mg_elsewhere=sum((o.mg for o in inside if o.mg is not None), Decimal(0)),
        unknown=sum(_is_open(o) or o not in inside for o in told),
        uncounted=sum(o.sessions is None for o in told),
        route=route,
    )


def _is_open(one: Elsewhere) -> bool:
    return one.sessions is None or one.mg is None


def counted(least: int, most: int, uncounted: int = 0) -> str:
    """“14”, “8 to 14”; where a number is not known “8 or more”."""
    if uncounted:
        return f"{least} or more" if least else "not known"
    return str(most) if least == most else f"{least} to {most}"


def drug_label(drug: str) -> str:
    known = words()["drug"].get(drug)
    return known.label if known else "a drug that nothing names"
