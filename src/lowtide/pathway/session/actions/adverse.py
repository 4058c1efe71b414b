"""An adverse event at the chair: what is suspected is what was given in this session."""

import msgspec

from lowtide.pathway.course.programs import product_of
from lowtide.pathway.safety import actions
from lowtide.pathway.session.actions.common import Act
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.people.charts import whole_chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.events import AdverseEvent


def record(act: Act, body: AdverseEvent) -> Entry:
    """Write an event down while it happens. A serious one asks for its reports at once."""
    chart = whole_chart(act.stream)
    begun = session_facts(chart, act.session_id).started
    suspected = product_of(chart, act.session_id) if begun else ""
    told = actions.Act(
        person=act.person,
        patient_id=act.patient_id,
        entry_id=act.entry_id,
        session=act.session_id,
        at=act.when,
        now=act.now,
        made_so=act.made_so(),
    )
    return actions.record(told, msgspec.structs.replace(body, suspected=suspected or None))
