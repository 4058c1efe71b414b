"""Which tablets the clinic knows, who holds a key on each, and what is done about one that is lost."""

from datetime import datetime
from typing import Any

import msgspec
from django.utils import timezone

from lowtide.people.models import Tablet, TabletToken
from lowtide.people.who import Person, names_of
from lowtide.problems import bad


class Key(msgspec.Struct, frozen=True):
    """A token that holds: on which tablet, in whose name, since when and until when."""

    device: str
    tablet: str
    person: str
    name: str
    issued_at: datetime
    expires_at: datetime
    by_pin: bool


class Known(msgspec.Struct, frozen=True):
    """One tablet as the clinic sees it."""

    row: Any
    name: str
    first_by: str
    seen_by: str
    lost_by: str
    keys: tuple[Key, ...]


def tablets() -> list[Known]:
    """Every tablet, lost ones first, then the last used first."""
    rows = sorted(Tablet.objects.all(), key=lambda r: (r.lost_at is None, -r.seen_at.timestamp()))
    keys = _keys(TabletToken.objects.all(), {r.device: called(r) for r in rows})
    names = names_of({p for r in rows for p in (r.first_by, r.seen_by, r.lost_by) if p}) | {"": ""}
    return [
        Known(
            *(r, called(r), names[r.first_by], names[r.seen_by], names[r.lost_by]),
            keys=tuple(k for k in keys if k.device == r.device),
        )
        for r in rows
    ]


def keys_of(person: str) -> list[Key]:
    """The keys that hold in this person's name."""
    rows = TabletToken.objects.filter(person=person)
    known = Tablet.objects.filter(device__in=rows.values("device"))
    return _keys(rows, {r.device: called(r) for r in known})


def _keys(rows: Any, called: dict[str, str]) -> list[Key]:
    """The newest that holds of each person on each tablet."""
    holding = list(rows.filter(revoked_at=None, expires_at__gt=timezone.now()).order_by("issued_at"))
    names = names_of({t.person for t in holding})
    newest = {(t.device, t.person): t for t in holding}
    return [
        Key(
            *(t.device, called.get(t.device, t.device), t.person, names[t.person]),
            *(t.issued_at, t.expires_at, t.by_pin),
        )
        for t in newest.values()
    ]


def called(row: Tablet) -> str:
    """Its name, else enough of its id to tell it from the others."""
    return row.name or f"Tablet {row.device[:4]}"


def rename(device: str, name: str) -> None:
    _row(device).update(name=name.strip())


def report_lost(person: Person, device: str, *, now: datetime) -> None:
    """From now on it gets no key and nothing is taken from it, whenever it was made."""
    _row(device).filter(lost_at=None).update(lost_at=now, lost_by=person.by)


def report_found(device: str) -> None:
    """It takes PINs again, and what waits on it is sent."""
    _row(device).update(lost_at=None, lost_by="")


def take_back(device: str, *, now: datetime) -> None:
    """End every key on it: whoever goes on there unlocks it again."""
    _row(device)
    TabletToken.objects.filter(device=device, revoked_at=None).update(revoked_at=now)


def _row(device: str) -> Any:
    rows = Tablet.objects.filter(device=device)
    if not rows.exists():
        raise bad("there is no such tablet", "device", "Look at the list again.")
    return rows
