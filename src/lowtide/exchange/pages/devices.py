"""The pages of monitors and pumps: the clinic's list of them, and those on the person of a session."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.exchange.devices import registering
from lowtide.exchange.devices.live import Heard, live
from lowtide.exchange.hl7v2.values import Value
from lowtide.exchange.models import JoinedDevice
from lowtide.pathway.session.actions import devices as verbs
from lowtide.pathway.session.rules.devices import joined
from lowtide.pathway.session.views.common import Seen, act, conflicts_shown, page, seen
from lowtide.people.clinic import chairs
from lowtide.people.forms import EntryForm, add_problems, sent
from lowtide.people.models import PatientIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.problems import BadInput
from lowtide.record.entries.devices import KINDS_OF_DEVICE, DeviceRegistered

SAID = "devices:"  # and a session: the live line by which its devices' words come
SILENT_AFTER_S, CLOCK_OFF_S, REFUSED_SHOWN_S = 30, 30, 300
SHOWN = {
    "heart_rate_bpm": ("HR", ""),
    "pulse_bpm": ("pulse", ""),
    "spo2_pct": ("SpO₂", " %"),
    "resp_rate_per_min": ("breaths", ""),
    "rate_ml_per_h": ("rate", " mL/h"),
    "delivered_ml": ("delivered", " mL"),
}


class RegisterForm(EntryForm):
    """A device of the clinic."""

    device = forms.CharField(
        label="Number that the device calls itself",
        max_length=100,
        help_text="As in the list of those heard. Behind a gateway it may be the gateway’s name with the bed.",
    )
    label = forms.CharField(label="Name that stands on it", max_length=60, help_text="Such as Monitor 3.")
    device_kind = forms.ChoiceField(
        label="What it is", choices=[(kind, kind.capitalize()) for kind in KINDS_OF_DEVICE]
    )
    chair = forms.ChoiceField(
        label="Chair where it stands",
        required=False,
        help_text="It is proposed for whoever sits there. A device that is moved about has none.",
    )
    zone = forms.CharField(
        label="Time zone of its clock",
        required=False,
        max_length=60,
        help_text="Such as Europe/Berlin. Needed where its messages name none.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        known = [(chair.chair, chair.label) for _, chair in chairs() if chair.active]
        field = self.fields["chair"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "None, it is moved about"), *known]

    def clean_zone(self) -> str | None:
        zone = str(self.cleaned_data["zone"]).strip()
        if zone and zone not in available_timezones():
            raise forms.ValidationError(f"“{zone}” is no time zone. Write it as Europe/Berlin.")
        return zone or None


class JoinForm(EntryForm):
    """Which device is on this person."""

    device = forms.CharField(
        label="Number of the device", max_length=100, help_text="Scan it, or choose from the list."
    )


@needs(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def clinic_devices(request: Request) -> HttpResponse:
    """The clinic's devices, those that were heard without being registered, and a form for one more."""
    form = RegisterForm(request.POST or None, initial={"device": request.GET.get("device", "")})
    if sent(form, request.method, lambda said: registering.register(request.person, **said)):
        messages.success(request, f"{form.cleaned_data['label']} is registered.")
        return redirect("exchange:clinic_devices")
    known, now = verbs.registered(), timezone.now()
    about = {
        "form": form,
        "devices": [_known(row, now) for row in sorted(known.values(), key=lambda row: row.label)],
        "strangers": [heard for heard in live.all() if heard.device not in known],
    }
    return render(request, "exchange/clinic_devices.html", about, status=422 if form.errors else 200)


@needs(Permission.MANAGE_STAFF)
@require_POST
def retire(request: Request, device: str) -> HttpResponse:
    """The clinic uses this device no longer."""
    try:
        registering.retire(request.person, device)
    except BadInput as error:
        messages.error(request, str(error))
    return redirect("exchange:clinic_devices")


@needs(Permission.CHART_SESSION)
@conflicts_shown
def devices(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The devices on this person: put one on, take one off."""
    see = seen(request, patient, session)
    on = joined(see.found.chart, session)
    taken = _elsewhere(see.found.stream)
    form = JoinForm(request.POST or None)
    if sent(form, request.method, lambda said: verbs.join(act(request, see, said["entry_id"]), device=said["device"], elsewhere=taken)):  # fmt: skip
        messages.success(request, "The device is on this person. Compare the name on its screen.")
        return redirect("exchange:devices", patient=patient, session=session)
    free = [row for row in verbs.registered().values() if row.device not in on]
    about: dict[str, Any] = {
        "form": form,
        "on": [_strip(body.label, device, see.now) for device, (_, body) in on.items()],
        "here": _proposed(see),
        "free": [(row, taken.get(row.device)) for row in sorted(free, key=lambda row: row.label)],
    }
    return page(request, "exchange/devices.html", see, status=422 if form.errors else 200, **about)


@needs(Permission.CHART_SESSION)
@require_POST
@conflicts_shown
def take_off(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Take a device off this person."""
    see, form = seen(request, patient, session), JoinForm(request.POST)
    if form.is_valid():
        try:
            verbs.part(act(request, see, form.cleaned_data["entry_id"]), device=form.cleaned_data["device"])
        except BadInput as error:
            add_problems(form, error)
            messages.error(request, str(error))
    return redirect("exchange:devices", patient=patient, session=session)


@needs(Permission.SEE_CHART)
@require_GET
def strip(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """What the devices on this person say now, for a corner of the session's page."""
    see = seen(request, patient, session)
    on = joined(see.found.chart, session)
    about = {
        "on": [_strip(body.label, device, see.now) for device, (_, body) in on.items()],
        "here": _proposed(see),
        "over": see.facts.over_at is not None,
        "stream": f"{SAID}{session}",
        "strip_url": reverse("exchange:device_strip", args=[patient, session]),
        "devices_url": reverse("exchange:devices", args=[patient, session]),
        "may_chart": request.person.can(Permission.CHART_SESSION),
    }
    return render(request, "exchange/device_strip.html", about)


def said_now(sessions: set[str], now: datetime) -> dict[str, str]:
    """What the devices say now that are on the people of these sessions, as each open page of a session shows it."""
    on: dict[str, list[Strip]] = {session: [] for session in sessions}
    names = {device: row.label for device, row in verbs.registered().items()}
    for row in JoinedDevice.objects.filter(session__in=sessions).order_by("since"):
        on[row.session].append(_strip(names.get(row.device, row.device), row.device, now))
    return {
        session: render_to_string("exchange/devices_said.html", {"on": strips})
        for session, strips in on.items()
        if strips
    }


def _proposed(see: Seen) -> list[DeviceRegistered]:
    """The devices that stand at this person's chair and are on nobody; somebody looks and puts them on."""
    on = joined(see.found.chart, see.facts.session)
    here = [row for row in verbs.registered().values() if row.chair and row.chair == see.facts.chair]
    off = [row for row in here if row.device not in on]
    taken = _elsewhere(see.found.stream) if off else {}  # every open screen asks for its corner all the time
    return sorted((row for row in off if row.device not in taken), key=lambda row: row.label)


class Strip(msgspec.Struct, frozen=True):
    """A device as the page shows it: its values now, what is wrong with hearing it, and what somebody should look at."""

    label: str
    device: str
    values: list[tuple[str, str, bool]]
    trouble: str
    look: tuple[str, ...] = ()


def _strip(label: str, device: str, now: datetime) -> Strip:
    heard = live.of(device)
    if heard is None:
        return Strip(label, device, [], "not heard yet", _by_bed(device))
    silent_s = (now - heard.at).total_seconds()
    values = [*_pressure(heard), *(_value(heard, name) for name in SHOWN if _number(heard, name))]
    if silent_s > SILENT_AFTER_S:
        return Strip(label, device, [], f"silent for {round(silent_s)} s")
    stopped = f"Not charted: {heard.not_charted}" if heard.not_charted else ""
    look = tuple(said for said in (stopped, heard.doubt, _refused(heard, now)) if said)
    return Strip(label, device, values, "" if stopped else _clock(heard), look)


def _by_bed(device: str) -> tuple[str, ...]:
    """A sender that was registered by its name alone, and names a bed with all that it says."""
    beds = [heard.device for heard in live.all() if heard.device.startswith(f"{device} ")]
    return (f"its messages name a bed: register {' and '.join(beds)} instead",) if beds else ()


def _refused(heard: Heard, now: datetime) -> str:
    """What could not be charted, for some minutes after."""
    if heard.refused_at is None or (now - heard.refused_at).total_seconds() > REFUSED_SHOWN_S:
        return ""
    return f"not charted at {timezone.localtime(heard.refused_at):%H:%M}: {heard.refused}"


def _pressure(heard: Heard) -> Iterator[tuple[str, str, bool]]:
    top, low = (_number(heard, name) for name in ("sbp_mmhg", "dbp_mmhg"))
    if top and low:
        yield "BP", f"{top.value:f}/{low.value:f}", not (top.chartable and low.chartable)


def _value(heard: Heard, name: str) -> tuple[str, str, bool]:
    said, (label, unit) = heard.values[name], SHOWN[name]
    return label, f"{said.value:f}{unit}", not said.chartable


def _number(heard: Heard, name: str) -> Value | None:
    said = heard.values.get(name)
    return said if said and isinstance(said.value, Decimal) else None


def _clock(heard: Heard) -> str:
    if abs(heard.behind_s) < CLOCK_OFF_S:
        return ""
    way = "behind" if heard.behind_s > 0 else "ahead"
    return f"its clock is {abs(round(heard.behind_s))} s {way}; times are corrected"


def _known(row: DeviceRegistered, now: datetime) -> dict[str, Any]:
    on = _elsewhere("").get(row.device)
    return {"row": row, "heard": live.of(row.device), "strip": _strip(row.label, row.device, now), "on": on}


def _elsewhere(own: str) -> dict[str, str]:
    """Devices that are on another person now, and on whom."""
    rows = JoinedDevice.objects.exclude(stream=own)
    names = {
        p.stream: f"{p.given} {p.family}"
        for p in PatientIndex.objects.filter(stream__in=[r.stream for r in rows])
    }
    return {row.device: names.get(row.stream, "another person") for row in rows}
