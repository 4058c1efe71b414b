"""The verbs of the intake: save a section's answers, add to a list, say that a list is whole."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data.charted import charted
from lowtide.pathway.evaluate.asking.given import Said
from lowtide.pathway.evaluate.asking.sheet import standing_answers
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.people.charts import linked, stream_of
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.problems import Conflict, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.dates import earliest
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.history import Allergy, HistoryTaken, Measurement, ProblemStatus
from lowtide.record.store import Charts

ANY = "any"
CHANGED = "changed while the history was taken"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes into whose chart. `form_id` is made with the form: the ids of its entries follow from it."""

    person: Person
    patient_id: UUID
    form_id: UUID
    zone: ZoneInfo
    now: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))

    @property
    def stream(self) -> str:
        return stream_of(self.patient_id)

    def id_of(self, part: str) -> UUID:
        return uuid5(self.form_id, part)

    def draft(self, body: Body, part: str = "", at: datetime | None = None) -> Draft:
        return Draft(
            id=self.id_of(part) if part else self.form_id,
            stream=self.stream,
            body=body,
            by=self.person.by,
            at=at or self.now,
        )


def save(act: Act, answers: Iterable[Said]) -> list[Entry]:
    """Write the answers that differ from what stood when the page was made, and that these items were asked.

    What was said the same day by the same person is corrected; another day or person makes a new entry. Raises
    Conflict when somebody else answered an item meanwhile, differently.
    """
    whole = _whole(act)
    changed = [one for one in answers if _changes(act, whole, one)]
    if not changed:
        return []
    drafts = [_answer(act, whole, one) for one in changed]
    asked = HistoryTaken(items=tuple(one.item.id for one in changed))
    own = linked(act.stream)

    def guard(charts: Charts) -> None:
        now = Chart.union(charts[name] for name in own)
        for one, draft in zip(changed, drafts, strict=True):
            _not_answered_meanwhile(now, one, draft)

    return append([*drafts, act.draft(asked, "asked")], guard, also_lock=own, now=act.now)


def _changes(act: Act, chart: Chart, one: Said) -> bool:
    """Whether this is news: not what stood on the page, and not what somebody has meanwhile said, too."""
    if isinstance(one.body, Measurement) or act.id_of(one.item.id) in chart.entries:
        return True
    standing = standing_answers(chart).get(one.item.id)
    if (
        standing
        and one.item.id in facts_from_chart(chart, act.now.astimezone(act.zone).date(), act.zone).reopened()
    ):
        return True
    before = [e for e in chart.entries.values() if str(e.id) == one.was]
    return one.body not in [e.body for e in (*before, standing) if e is not None]


def _answer(act: Act, chart: Chart, one: Said) -> Draft:
    if isinstance(one.body, Measurement):
        return act.draft(one.body, one.item.id, _first_instant(act, one.body))
    draft = act.draft(one.body, one.item.id)
    if draft.id in chart.entries:  # the same form again: the same draft again
        stored = chart.entries[draft.id]
        return msgspec.structs.replace(draft, corrects=stored.corrects, reason=stored.reason)
    standing = standing_answers(chart).get(one.item.id)
    if standing and standing.by == act.person.by and _same_day(act, standing):
        corrected = msgspec.structs.replace(draft.correcting(standing), stream=standing.stream)
        return msgspec.structs.replace(corrected, reason=CHANGED)
    return draft


def _first_instant(act: Act, body: Measurement) -> datetime | None:
    """When a value measured earlier was taken, as far as it is known."""
    return datetime.combine(earliest(body.dated), time(), act.zone) if body.dated else None


def _same_day(act: Act, entry: Entry) -> bool:
    return entry.at.astimezone(act.zone).date() == act.now.astimezone(act.zone).date()


def _not_answered_meanwhile(chart: Chart, one: Said, draft: Draft) -> None:
    standing = standing_answers(chart).get(one.item.id)
    if isinstance(one.body, Measurement) or standing is None or standing.id == draft.id:
        return
    if str(standing.id) != one.was and standing.body != one.body:
        raise Conflict(standing, draft)


def add(act: Act, body: Body, at: datetime | None = None) -> Entry:
    """One more line of a list."""
    return append([act.draft(body, at=at)], now=act.now)[0]


def no_known_allergies(act: Act) -> Entry:
    """Somebody asked, and there is none. Refused while an allergy stands in the record."""
    own = linked(act.stream)

    def guard(charts: Charts) -> None:
        known = [
            a for name in own for _, a in charts[name].said(Allergy) if a.status is not ProblemStatus.REFUTED
        ]
        if known:
            raise refuse(
                f"{known[0].substance} is on record as an allergy",
                "allergies",
                "Correct that entry first, if it is wrong.",
            )

    body = Allergy(substance=ANY, status=ProblemStatus.REFUTED)
    return append([act.draft(body)], guard, also_lock=own, now=act.now)[0]


def whole(act: Act, which: str) -> Entry:
    """This list is whole: what it does not name is not there."""
    if which not in charted().whole:
        raise bad(f"there is no list “{which}”", "list", f"One of: {', '.join(charted().whole)}.")
    return append([act.draft(HistoryTaken(items=(which,)))], now=act.now)[0]


def _whole(act: Act) -> Chart:
    return Chart.union(store.load(name) for name in linked(act.stream))
