"""The clinic's devices: registered, changed, no longer used."""

from uuid import UUID, uuid4

import msgspec
from django.utils import timezone

from lowtide.pathway.session.actions.devices import registered
from lowtide.people.clinic import CLINIC
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import refuse
from lowtide.record import store
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.devices import DeviceRegistered


def register(
    person: Person,
    *,
    entry_id: UUID,
    device: str,
    label: str,
    device_kind: str,
    zone: str | None,
    chair: str | None = None,
) -> list[Entry]:
    """Register a device, or say anew what it is called, what it is, where it and where its clock stands."""
    body = DeviceRegistered(
        device=device.strip(), label=label.strip(), device_kind=device_kind, zone=zone, chair=chair or None
    )
    return _write(person, entry_id, body)


def retire(person: Person, device: str) -> list[Entry]:
    """The clinic uses it no longer."""
    known = registered().get(device)
    if known is None:
        raise refuse("this device is not one of the clinic's", device, "Look at the list again.")
    body = msgspec.structs.replace(known, active=False)
    return _write(person, uuid4(), body)


def _write(person: Person, entry_id: UUID, body: DeviceRegistered) -> list[Entry]:
    if not person.can(Permission.MANAGE_STAFF):
        raise refuse(f"{person.name} may not register devices", "person", "Ask whoever manages the clinic.")
    draft = Draft(id=entry_id, stream=CLINIC, body=body, by=person.by, at=timezone.now())
    stored = store.find(entry_id)
    return [stored] if stored and stored.body == body else store.append([draft])
