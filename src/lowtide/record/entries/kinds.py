"""Every kind of entry in one tagged union: how bodies become bytes and bytes become bodies."""

from typing import Any, TypeVar, Union

import msgspec

from lowtide.record.entries import (
    authorising,
    care,
    chair,
    clinic,
    consent,
    devices,
    downtime,
    events,
    forecast,
    goals,
    history,
    identity,
    licensed,
    longrun,
    longterm,
    mailed,
    papers,
    portal,
    referral,
    reminding,
    safe,
    therapy,
)
from lowtide.record.entries.base import Body, Unreadable

B = TypeVar("B", bound=Body)
MODULES = (
    *(identity, history, care, consent, forecast, chair, clinic, referral, devices, longrun, downtime),
    *(safe, papers, events, therapy, reminding, goals, licensed, longterm, portal, mailed, authorising),
)


def _kinds() -> dict[str, type[Body]]:
    """tag -> struct, for each concrete body of the modules above."""
    return {
        value.kind_tag(): value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Body) and value.__module__ == module.__name__
    }


KINDS: dict[str, type[Body]] = _kinds()
AnyBody: Any = Union[tuple(KINDS.values())]  # noqa: UP007  built from the table, so it cannot be written out


class Payload(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What lies in the side table: the reason and the body, removable together."""

    body: AnyBody
    reason: str | None = None


class _RawPayload(msgspec.Struct, frozen=True):
    body: msgspec.Raw
    reason: str | None = None


class _Tag(msgspec.Struct, frozen=True):
    kind: str


_encode = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical").encode
_decode = msgspec.json.Decoder(Payload).decode
_decode_raw = msgspec.json.Decoder(_RawPayload).decode


def to_bytes(body: Body, reason: str | None) -> bytes:
    """The bytes that are stored and hashed; they are never made again from the struct."""
    return _encode(Payload(body=body, reason=reason))


def from_bytes(stored: bytes) -> tuple[Body | Unreadable, str | None]:
    """The body in its newest version and the reason; a kind this program does not know is `Unreadable`."""
    try:
        payload = _decode(stored)
    except msgspec.ValidationError:
        raw = _decode_raw(stored)
        tag = msgspec.json.decode(raw.body, type=_Tag).kind
        if tag in KINDS:
            raise
        return Unreadable(tag, bytes(raw.body)), raw.reason
    body: Body = payload.body
    return body.upcast(), payload.reason
