"""A person's own medicines before the next visit: which are held when, which somebody has to decide on, which go on."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _

from lowtide.pathway.course.approved import approvals
from lowtide.pathway.evaluate.reconciling.lines import Line, medicines
from lowtide.pathway.evaluate.reconciling.meaning import Meaning, meanings
from lowtide.pathway.plan.medicines.page import Scene, name, scene
from lowtide.people.clinic import clinic_chart
from lowtide.people.own_place import clock, full_day
from lowtide.record.chart import Chart


class Medicines(msgspec.Struct, frozen=True):
    """`held`: name and when; `unsaid`: the clinic has to say first what to do; `others` go on as usual.

    `asked` False: nobody has gone through the medicines with this person yet, so that the list may lack some.
    """

    held: tuple[tuple[str, str], ...]
    unsaid: tuple[str, ...]
    others: tuple[str, ...]
    asked: bool


def before_visit(chart: Chart, session: datetime, zone: tzinfo, now: datetime) -> Medicines:
    """Around a visit. No medicine is left out on a default that nobody here has approved, nor before somebody has gone
    through this person's medicines with them."""
    place = zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")
    at = msgspec.structs.replace(scene(chart, clinic_chart(), place, now), session=session)
    found = medicines(chart, now)
    held, unsaid, others = list[tuple[str, str]](), list[str](), list[str]()
    approved = approvals(clinic_chart())
    for line in (one for one in found.taken if one.is_current):
        timed = [m for m in _meanings(line, at) if m.hold.is_timed]
        settled = [m for m in timed if m.hold_is_settled(approved) and m.window and not line.open]
        if timed and found.last and len(settled) == len(timed):
            held.extend((name(line), words) for words in dict.fromkeys(_words(m, at) for m in settled))
        elif timed or line.open or not line.known:
            unsaid.append(name(line))
        else:
            others.append(name(line))
    return Medicines(tuple(held), tuple(unsaid), tuple(others), found.last is not None)


def _meanings(line: Line, at: Scene) -> tuple[Meaning, ...]:
    return meanings(line, at.numbers, at.asked, at.session, at.zone)


def _words(found: Meaning, at: Scene) -> str:
    window = found.window
    assert window  # only those with hours come here
    until = _until(window.ends, at)
    if window.starts is None:
        words = _("not until %(until)s") % {"until": until}
    else:
        start = f"{full_day(window.starts, at.zone)}, {clock(window.starts, at.zone)}"
        words = _("not from %(start)s until %(until)s") % {"start": start, "until": until}
    return f"{_('no extra dose:')} {words}" if found.hold.extra else words


def _until(ends: datetime | None, at: Scene) -> str:
    return f"{full_day(ends, at.zone)}, {clock(ends, at.zone)}" if ends else _("you go home")
