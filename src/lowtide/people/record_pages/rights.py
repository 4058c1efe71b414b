"""Who may correct, retract or move an entry, by its kind. A kind that is not named here is changed on its own page."""

import msgspec

from lowtide.data.audiences import topics
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.record.chart import Line, stands
from lowtide.record.entries.base import Redacted
from lowtide.record.entries.chair import Note

P = Permission


class Right(msgspec.Struct, frozen=True):
    """What it takes; whether a form can correct it in place, and whether it can be the wrong patient’s.

    `kept` are fields that say what another page asks a further right for: no correction sets them, and they hold only of
    what they were said of, under its name, in its chart.
    """

    permission: Permission
    correct: bool = True
    move: bool = True
    kept: tuple[str, ...] = ()


RIGHTS: dict[str, Right] = {
    "diagnosis": Right(P.WRITE_HISTORY, kept=("does_not_matter",)),
    "medicine": Right(P.WRITE_HISTORY, kept=("does_not_matter",)),
    "medicines_reconciled": Right(P.WRITE_HISTORY, correct=False),
    "allergy": Right(P.WRITE_HISTORY),
    "treatment_trial": Right(P.WRITE_HISTORY),
    "trial_judged": Right(P.DECIDE, correct=False, move=False),
    "depressive_episode": Right(P.WRITE_HISTORY),
    "program_enrolled": Right(P.BOOK, move=False),
    "history_item": Right(P.WRITE_HISTORY),
    "history_taken": Right(P.WRITE_HISTORY, correct=False),
    "result": Right(P.WRITE_HISTORY),
    "result_reviewed": Right(P.REVIEW_RESULT, correct=False, move=False),
    "measurement": Right(P.WRITE_HISTORY),
    "answers": Right(P.SCORE),
    "total": Right(P.SCORE),
    "risk_reviewed": Right(P.CLOSE_RISK, move=False),
    "candidacy_decided": Right(P.DECIDE, correct=False, move=False),
    "next_session_decided": Right(P.DECIDE, correct=False, move=False),
    "contact_tried": Right(P.BOOK),
    "order_signed": Right(P.ORDER, correct=False, move=False),
    "time_out": Right(P.CHART_SESSION, correct=False, move=False),
    "dose_started": Right(P.CHART_SESSION, move=False),
    "rate_changed": Right(P.CHART_SESSION, move=False),
    "dose_stopped": Right(P.CHART_SESSION, move=False),
    "dose_given": Right(P.CHART_SESSION, move=False),
    "container_prepared": Right(P.CHART_SESSION, correct=False, move=False),
    "dosing_ended": Right(P.CHART_SESSION, correct=False, move=False),
    "vitals": Right(P.CHART_SESSION),
    "rating": Right(P.CHART_SESSION),
    "not_done": Right(P.CHART_SESSION),
    "chair_event": Right(P.CHART_SESSION),
    "artefact_marked": Right(P.CHART_SESSION),
    "discharged": Right(P.CHART_SESSION, correct=False, move=False),
    "note": Right(P.SEE_CHART),
    "adverse_event": Right(P.CHART_SESSION, correct=False),
    "adverse_event_followed": Right(P.CHART_SESSION, correct=False, move=False),
    "report_sent": Right(P.CHART_SESSION, correct=False, move=False),
    "rescue_given": Right(P.CHART_SESSION, correct=False),
    "rescue_effect": Right(P.CHART_SESSION, correct=False, move=False),
    "emergency_step": Right(P.CHART_SESSION, correct=False, move=False),
    "follow_up_call": Right(P.CHART_SESSION, correct=False, move=False),
    "therapy_note": Right(P.WRITE_THERAPY, correct=False),
}


def right(kind: str) -> Right | None:
    """What correcting an entry of this kind (with version) takes; None where its own page does it."""
    return RIGHTS.get(kind.rpartition(".")[0])


def may_change(person: Person, line: Line) -> Right | None:
    """What this person may do about a line of the record; None for nothing."""
    latest, found = line[-1], right(line[0].kind)
    if found is None or not stands(latest) or isinstance(latest.body, Redacted):
        return None
    if isinstance(latest.body, Note):
        return found if latest.body.topic in writable(person) else None
    return found if person.can(found.permission) else None


def writable(person: Person) -> list[str]:
    """The topics this person may write notes of."""
    return [name for name, topic in topics().items() if not person.audience.isdisjoint(topic.written_by)]
