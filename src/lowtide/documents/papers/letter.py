"""The letter to the clinician who sent the patient: what was given, how it was borne, what comes next (pure).

It holds what the whole care team may read and nothing narrower, and says so to nobody: the rest is simply not there.
"""

from collections.abc import Iterator

from lowtide.documents.papers import common, events, summary
from lowtide.documents.papers.model import Document, Field, NotNeeded, Part
from lowtide.documents.papers.sources import Sources, missing, said, word
from lowtide.pathway.course.scores import course_measure, scores
from lowtide.record.entries.base import Answer
from lowtide.record.entries.chair import Note
from lowtide.record.entries.papers import Correspondent
from lowtide.record.entries.words import moment
from lowtide.science.units import amount, plain


def made(s: Sources) -> Document | NotNeeded:
    to = s.chart.last(Correspondent)
    if to and to[1].agreed is Answer.NO:
        return NotNeeded("letter", f"the patient does not want letters to go to {to[1].name}")
    if s.facts.started is None and s.facts.abandoned is None:
        return NotNeeded("letter", common.NOT_GIVEN)
    parts = (
        addressed(s),
        _in_short(s),
        Part("About", tuple(common.who(s))),
        _told(s),
        _borne(s),
        _scores(s),
        Part("What comes next", (summary.following(s),)),
        _signed(s),
    )
    return Document("letter", "Letter", f"a treatment with {common.medicine(s)}", parts)


def addressed(s: Sources) -> Part:
    """To whom and from whom; whether the patient agrees where nobody asked."""
    found = s.chart.last(Correspondent)
    if found is None:
        return Part(
            "To",
            (
                Field("To", "nobody is recorded who gets letters", state="check", gap="documents:addressees"),
                _from(s),
            ),
        )
    entry, body = found
    text = ", ".join(filter(None, (body.name, body.role.replace("_", " "), body.address)))
    agreed = Field(
        "Agreed",
        "not asked whether the patient agrees to this letter",
        (entry.id,),
        "missing",
        gap="documents:addressees",
    )
    asked = () if body.agreed is Answer.YES else (agreed,)
    return Part("To", (said("To", text, entry), *asked, _from(s)))


def _in_short(s: Sources) -> Part:
    """The sentences a busy reader needs."""
    p, mg = s.patient[1], s.facts.given_mg
    name = f"{p.given} {p.family}".strip()
    on, what = common.treated_on(s), common.medicine(s)
    route = word("route", s.facts.route) if s.facts.route else ""
    dose = (
        f"{plain(amount(mg))} mg of {what}, {route}" if mg is not None else f"{what}; the amount is not known"
    )
    ends = common.left(s)
    lines = [
        Field("In short", f"Thank you for letting us treat {name}.", (s.patient[0].id,)),
        Field("In short", _what_was_done(s, on.text, dose), (*on.entries, *common.given(s).entries)),
    ]
    if s.facts.discharged:
        lines.append(Field("In short", f"The patient left at {ends.text}.", ends.entries))
    return Part("In short", lines=tuple(lines))


def _what_was_done(s: Sources, on: str, dose: str) -> str:
    ended, condition = s.facts.undosed, common.indication(s).text
    if ended is None:
        return f"On {on} the dose was {dose}, for {condition}."
    why = f" ({ended.reason})" if ended.reason else ""
    return f"On {on} a treatment for {condition} was planned. It was broken off{why}: {common.NOT_GIVEN}."


def _from(s: Sources) -> Field:
    clinic, head = s.about_clinic, s.letterhead
    if clinic is None:
        return missing("From", "the clinic is not set up")
    address = (
        [head[1].address, f"{head[1].postcode or ''} {head[1].city}".strip(), head[1].phone or ""]
        if head
        else []
    )
    return said(
        "From", ", ".join(filter(None, (clinic[1].name, *address))), clinic[0], *([head[0]] if head else [])
    )


def _told(s: Sources) -> Part:
    fields = (
        common.treated_on(s),
        common.indication(s),
        common.which_session(s),
        common.ordered(s),
        common.given(s),
        common.began(s),
        *common.stood_still(s),
        common.ended(s),
    )
    return Part("What was given", fields)


def _borne(s: Sources) -> Part:
    last = common.last_since(s)
    fields = (
        common.read(s, "bp", "Pressure before", common.before_dose(s), "not measured before the dose"),
        common.read(
            s, "bp", "Highest pressure", common.highest(s, "sbp_mmhg"), "not measured since the start"
        ),
        common.read(s, "bp", "Last pressure", last, "not measured since the start"),
        common.read(s, "spo2", "Lowest saturation", common.lowest("spo2_pct"), "not measured"),
        *summary.ratings(s),
        common.left(s),
    )
    return Part("How it was borne", fields, lines=(*events.told(s), *_notes(s)))


def _notes(s: Sources) -> Iterator[Field]:
    for entry in s.facts.entries:
        if isinstance(entry.body, Note) and entry.body.topic == "clinical":
            yield said("Note", entry.body.text, entry)


def _scores(s: Sources) -> Part:
    """The last total before the dose, and the latest one up to the end of the session."""
    measure, until = course_measure(), s.closed_at
    whole = [x for x in scores(s.chart, measure) if x.total is not None and until and x.at <= until]
    shown = list(dict.fromkeys((whole[0], whole[-1]))) if whole else []
    fields = tuple(
        Field(measure.id, f"{int(x.value)}, {x.band.lower()}, {s.date(x.at)}", (x.entry,)) for x in shown
    )
    return Part("Scores", fields or (Field(measure.id, "no score before this session", state="check"),))


def _signed(s: Sources) -> Part:
    if s.facts.signed is None:
        return Part("Signed", (missing("Signed", "the session is not signed", gap="session:sign"),))
    entry, body = s.facts.signed
    return Part("Signed", (said("Signed", f"{body.printed_name}, {moment(entry.at, s.zone)}", entry),))
