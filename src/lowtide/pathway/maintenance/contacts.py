"""The verb of looking for somebody: who was tried, how, and whether they were reached."""

from datetime import datetime
from typing import Any

from lowtide.pathway.maintenance.heard import ended, tried
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import zone
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.care import ContactTried


def tell(person: Person, stream: str, said: dict[str, Any], now: datetime) -> Entry:
    """Record an attempt. After a course has ended, reaching somebody answers the first agreed day that has come and on
    which nobody had asked yet."""
    if (known := store.find(said["entry_id"])) and known.stream == stream and known.by == person.by:
        return known
    chart = whole_chart(stream)
    over, today = ended(chart), now.astimezone(zone()).date()
    asked = {body.asked_for for _, body in tried(chart)}
    day = next((d for d in over.ask_on if d not in asked and d <= today), None) if over else None
    reached = said["reached"] == "yes"
    body = ContactTried(
        how=said["how"], reached=reached, said=said["said"].strip(), asked_for=day if reached else None
    )
    draft = Draft(stream=stream, body=body, by=person.by, at=now, id=said["entry_id"])
    return append([draft], now=now)[0]
