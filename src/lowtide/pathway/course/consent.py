"""Whether a consent covers a dose: the same series, product, route, condition and form, not too old, not withdrawn (pure)."""

from datetime import date, datetime, tzinfo
from uuid import UUID

import msgspec

from lowtide.data import consent as forms
from lowtide.data.consent import Scope
from lowtide.data.vocabulary import words
from lowtide.pathway.course.settled import protocol_of
from lowtide.record.chart import Chart
from lowtide.record.dates import months_later
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.consent import Consent, ConsentConfirmed, ConsentCopyGiven, ConsentWithdrawn


class Standing(msgspec.Struct, frozen=True):
    """A signed consent with what became of it. `why_not` is one sentence, empty while it is in force."""

    entry: Entry
    body: Consent
    holds_until: date
    withdrawn: Entry | None = None
    copy: Entry | None = None
    why_not: str = ""
    confirmed: Entry | None = None

    @property
    def waits(self) -> bool:
        """Signed at home by the patient, and nobody of the staff has spoken to them about it yet."""
        return _at_home(self.body) and self.confirmed is None


def signed(chart: Chart, now: datetime, zone: tzinfo) -> list[Standing]:
    """Every consent ever signed here, the latest first; why it does not hold by itself, whatever it is for."""
    withdrawn = {body.consent: entry for entry, body in chart.said(ConsentWithdrawn)}
    copies = {body.consent: entry for entry, body in chart.said(ConsentCopyGiven)}
    confirmed = {body.consent: entry for entry, body in chart.said(ConsentConfirmed)}
    today = now.astimezone(zone).date()
    return [
        _standing(
            _Said(entry, body, withdrawn.get(entry.id), copies.get(entry.id), confirmed.get(entry.id)),
            today,
            zone,
        )
        for entry, body in reversed(chart.said(Consent))
    ]


class _Said(msgspec.Struct, frozen=True):
    """One consent with the entries about it."""

    entry: Entry
    body: Consent
    withdrawn: Entry | None
    copy: Entry | None
    confirmed: Entry | None


def _at_home(body: Consent) -> bool:
    return body.acting_as == "patient" and body.capacity is Answer.NOT_KNOWN


def _standing(said: _Said, today: date, zone: tzinfo) -> Standing:
    until = months_later(said.entry.at.astimezone(zone).date(), forms.max_age().value)
    why = _why(said, until, today)
    return Standing(said.entry, said.body, until, said.withdrawn, said.copy, why, said.confirmed)


def _why(said: _Said, until: date, today: date) -> str:
    if said.withdrawn:
        return "the patient has withdrawn it"
    if said.body.version != forms.version():
        return f"it is to form {said.body.version}; the form in force is {forms.version()}"
    if today >= until:
        return f"it is older than {forms.max_age().value} {forms.max_age().unit}"
    return _unconfirmed(said)


def _unconfirmed(said: _Said) -> str:
    """Of one signed at home: whether somebody has said that the patient can decide it."""
    if not _at_home(said.body):
        return ""
    if said.confirmed is None:
        return "it was signed at home, and nobody here has confirmed yet that the patient can decide it"
    return "" if said.confirmed.body.capacity is Answer.YES else "the patient could not decide it when asked"


def covering(chart: Chart, course: CoursePlanned, now: datetime, zone: tzinfo) -> Standing | None:
    """The consent in force for this series; None where there is none."""
    return next((s for s in signed(chart, now, zone) if not why_not(chart, s, course)), None)


def why_not(chart: Chart, standing: Standing, course: CoursePlanned) -> str:
    """In words why this consent does not cover the series; nothing where it does."""
    wanted = scope_of(course)
    if standing.why_not:
        return standing.why_not
    if wanted is None:
        return "what the series gives is not known here"
    body = standing.body
    for said, asked, table, what in (
        (body.product, wanted.product, "product", "product"),
        (body.route, wanted.route, "route", "route"),
        (body.indication, wanted.indication, "indication", "condition"),
    ):
        if said != asked:
            return f"it is for another {what}, {_word(table, said)}"
    if (body.standing, body.compounded) != (wanted.standing, wanted.compounded):
        return "what is said about approval or the pharmacy has changed"
    return "" if _series(chart, standing) == course.course else "it is for another series"


def missing(chart: Chart, course: CoursePlanned, now: datetime, zone: tzinfo) -> str:
    """One sentence on why no consent covers the series; nothing where one does."""
    found = signed(chart, now, zone)
    if not found:
        return "no consent is signed"
    if any(not why_not(chart, s, course) for s in found):
        return ""
    return f"the consent does not hold: {why_not(chart, found[0], course)}"


def course_of(chart: Chart, course: UUID | None) -> CoursePlanned | None:
    """The series with this id, as it was last planned."""
    return next((body for _, body in chart.newest(CoursePlanned) if body.course == course), None)


def scope_of(course: CoursePlanned) -> Scope | None:
    """What a consent to this series has to be for."""
    known = protocol_of(course)
    if known is None or not known.product or not known.route:
        return None
    return forms.scope(known.product, known.route, course.indication)


def _series(chart: Chart, standing: Standing) -> UUID | None:
    """The series that it names, or else the first one that was planned after it."""
    if standing.body.course:
        return standing.body.course
    later = [(chart.line(e.id)[0], b) for e, b in chart.said(CoursePlanned)]
    after = [(e.at, b.course) for e, b in later if e.at >= standing.entry.at]
    return min(after)[1] if after else None


def _word(kind: str, name: str) -> str:
    known = words()[kind].get(name)
    return known.label if known else name
