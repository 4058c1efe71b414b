"""What the payer said, in the patient's own words: whether it agrees, until when, for how many visits."""

from datetime import date, tzinfo
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lowtide.pathway.course.authorised import Case, Standing, cases, not_needed, present
from lowtide.pathway.course.state import CourseState
from lowtide.people.own_place import SHORT_DAY, short_day
from lowtide.record.chart import Chart


def told(chart: Chart, state: CourseState, product: str, today: date, zone: tzinfo) -> dict[str, Any] | None:
    """`level` says how it is shown, `lines` what it is; None where nobody has written anything down."""
    case = present(cases(chart, state.doses), today)
    if case:
        return {"level": LEVELS[case.standing], "who": case.asked.payer, "lines": _lines(case, state, zone)}
    if product and not_needed(chart, product):
        return {"level": "clear", "who": "", "lines": [_("Nobody has to agree before your treatment.")]}
    return None


LEVELS = {
    Standing.GRANTED: "clear",
    Standing.DENIED: "hold",
    Standing.MORE: "caution",
    Standing.ASKED: "note",
    Standing.APPEALED: "note",
}


def _lines(case: Case, state: CourseState, zone: tzinfo) -> list[str]:
    since = short_day(case.since, zone)
    if case.standing is Standing.ASKED:
        return [_("We asked them on %(day)s. They have not answered yet.") % {"day": since}]
    if case.standing is Standing.MORE:
        return [_("On %(day)s they asked us for more. We are working on it.") % {"day": since}]
    if case.standing is Standing.APPEALED:
        return [_("They said no. On %(day)s we asked them to look again.") % {"day": since}]
    if case.standing is Standing.DENIED:
        return _refused(case, since)
    return _granted(case, state)


def _refused(case: Case, since: str) -> list[str]:
    lines = [_("On %(day)s they said no.") % {"day": since}]
    if case.answer and case.answer.why:
        lines.append(_("The reason they gave: %(why)s") % {"why": case.answer.why})
    if case.answer and case.answer.by:
        lines.append(_("We can ask them to look again until %(day)s.") % {"day": _day(case.answer.by)})
    return [*lines, _("Talk with us before your next visit about what you would have to pay.")]


def _granted(case: Case, state: CourseState) -> list[str]:
    lines = [
        _("They agreed until %(day)s.") % {"day": _day(case.last)}
        if case.last
        else _("They agreed. No last day is known.")
    ]
    if case.answer and case.answer.sessions is not None:
        held = {"all": case.answer.sessions, "left": case.left}
        lines.append(_("They pay for %(all)s visits. %(left)s are left.") % held)
    ahead = state.next_session
    if ahead and not case.covers(ahead.planned_at.date()):
        lines.append(_("This does not reach your next visit. We will ask them again before it."))
    return lines


def _day(day: date) -> str:
    return str(date_format(day, _(SHORT_DAY)))
