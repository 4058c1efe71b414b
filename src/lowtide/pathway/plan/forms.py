"""The forms of planning. They carry the entry's id, and no number that the server works out itself."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms

from lowtide.data.giving import made_for, way
from lowtide.data.protocols import Protocol, every
from lowtide.data.vocabulary import label
from lowtide.pathway.plan.counted import Portion
from lowtide.pathway.plan.order import Preparation
from lowtide.pathway.plan.ordered import InHand
from lowtide.people import forms as shared
from lowtide.people.forms import QuantityField
from lowtide.record.entries.care import Settled
from lowtide.science.units import plain


class EntryForm(shared.EntryForm):
    """A form that makes one entry: its id is made when the page is, so that a second press is recognised."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"entry_id": uuid4(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class WeightForm(EntryForm):
    value = QuantityField(
        label="Weight today",
        min_value=Decimal(1),
        max_digits=6,
        decimal_places=2,
    )
    unit = forms.ChoiceField(label="Unit", choices=[("kg", "kg"), ("lb", "lb")], widget=forms.RadioSelect)
    again = QuantityField(
        label="Weighed a second time",
        help_text="In the same unit. Needed only where the weight lies far from the last one.",
        required=False,
        min_value=Decimal(1),
        max_digits=6,
        decimal_places=2,
    )
    device = forms.CharField(label="Scale", required=False, max_length=60)


class CourseForm(EntryForm):
    """Which protocol, from which day, to what end. Nothing is chosen beforehand."""

    protocol = forms.ChoiceField(label="Protocol", widget=forms.RadioSelect)
    start = forms.DateField(label="First session on", widget=forms.DateInput(attrs={"type": "date"}))
    goal = forms.CharField(
        label="What the person wants from it",
        help_text="In their own words, one goal a line: they are shown beside the scores.",
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    with_therapy = forms.BooleanField(
        label="Plan psychotherapy beside the doses",
        help_text="Preparation before the first dose, integration after each.",
        required=False,
    )

    own_sessions = forms.IntegerField(
        label="How many sessions, where the source does not say", required=False, min_value=1, max_value=30
    )
    own_every_days = forms.IntegerField(
        label="One every so many days, where it does not say", required=False, min_value=1, max_value=60
    )
    own_dose = QuantityField(
        label="Dose, where it does not say",
        required=False,
        min_value=Decimal("0.01"),
        max_digits=7,
        decimal_places=3,
    )
    own_unit = forms.ChoiceField(
        label="Unit of the dose",
        required=False,
        choices=[("mg", "mg"), ("mg/kg", "mg/kg")],
        widget=forms.RadioSelect,
    )
    own_because = forms.CharField(
        label="Why so, in your words",
        help_text="The source of the protocol leaves this open: it is your own decision, and is kept as yours.",
        required=False,
        max_length=400,
    )

    def __init__(
        self, *args: Any, fitting: list[Protocol], today: date, route: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.route, self.left = route, {name for p in fitting for name in p.open}
        for name in ("sessions", "every_days", "dose", "unit", "because"):
            asked = {"unit": "dose"}.get(name, name) in self.left or (name == "because" and self.left)
            if not asked:
                del self.fields[f"own_{name}"]
        self.fields["protocol"].choices = [(p.id, protocol_line(p)) for p in fitting]  # type: ignore[attr-defined]
        self.fields["start"].widget.attrs["min"] = today.isoformat()

    def settled(self) -> Settled | None:
        """What the prescriber settles; None where nothing was left open."""
        if not self.left:
            return None
        given = self.cleaned_data
        return Settled(
            because=given.get("own_because", ""),
            route=self.route or None,
            dose=given.get("own_dose"),
            unit=given.get("own_unit") or None,
            sessions=given.get("own_sessions"),
            every_days=given.get("own_every_days"),
        )


class ReviewForm(EntryForm):
    """A clinician's word on what stopping and review rules found. Nothing is chosen beforehand."""

    choice = forms.ChoiceField(
        label="Decision",
        choices=[
            ("continue", "Go on as planned"),
            ("change", "Go on with a change"),
            ("stop", "Stop: to be ended under Maintain"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Reason, in your words", max_length=300)


class InHandForm(forms.Form):
    """What is in hand, by the way the drug is given. Sent by GET: it only shows. Devices ask for nothing."""

    dose = forms.DecimalField(required=False, max_digits=8, decimal_places=4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, plan: Protocol | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan

    def chosen(self) -> Decimal | None:
        """The protocol's dose that was chosen on the page; also where nothing else is chosen yet."""
        self.is_valid()
        return getattr(self, "cleaned_data", {}).get("dose")

    def preparation(self) -> InHand:
        return None


class PortionForm(InHandForm):
    """A compounded preparation and its strength, as its container says."""

    given_as = forms.ChoiceField(label="Preparation in hand", widget=forms.RadioSelect)
    each_mg = QuantityField(
        label="Strength on the container",
        help_text="mg in one capsule, tablet, lozenge or spray; of a solution mg/mL.",
        min_value=Decimal("0.001"),
        max_digits=7,
        decimal_places=3,
    )

    def __init__(self, *args: Any, plan: Protocol, **kwargs: Any) -> None:
        super().__init__(*args, plan=plan, **kwargs)
        known = made_for(plan.product, plan.route or "")
        self.fields["given_as"].choices = [(m.id, m.label.capitalize()) for m in known]  # type: ignore[attr-defined]

    def preparation(self) -> InHand:
        return Portion(self.cleaned_data["given_as"], self.cleaned_data["each_mg"])


class InjectionForm(InHandForm):
    """The vial an injection is drawn from."""

    vial = forms.ChoiceField(
        label="Vial in hand",
        choices=[(s, f"{s} mg/mL") for s in ("10", "50", "100")],
        widget=forms.RadioSelect,
    )

    def preparation(self) -> InHand:
        return Preparation(Decimal(self.cleaned_data["vial"]))


class PreparationForm(InjectionForm):
    """The vial of an infusion, and what it is made up to."""

    final_volume = QuantityField(
        label="Made up to",
        min_value=Decimal(1),
        max_digits=5,
        decimal_places=1,
    )

    def preparation(self) -> InHand:
        return Preparation(Decimal(self.cleaned_data["vial"]), self.cleaned_data["final_volume"])


FORMS: dict[str, type[InHandForm]] = {
    "infusion": PreparationForm,
    "injection": InjectionForm,
    "device": InHandForm,
    "portion": PortionForm,
}


def in_hand(plan: Protocol, data: Any) -> InHandForm:
    """The form for what this protocol's dose is made ready from."""
    return FORMS[way(plan.product, plan.route).form](data, plan=plan)


class SignForm(EntryForm):
    """The signature. `seen_mg` says which dose stood on the page, `seen_forecast` which forecast."""

    seen_mg = forms.DecimalField(widget=forms.HiddenInput)
    seen_forecast = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    printed_name = forms.CharField(label="Your name, as signature", max_length=120)
    reason = forms.CharField(label="Why the standing order is replaced", required=False, max_length=300)
    second_login = forms.CharField(label="Second person: sign-in name", required=False, max_length=150)
    second_password = forms.CharField(
        label="Second person: password",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    dose_because = forms.CharField(label="Why another dose than the rule’s", required=False, max_length=300)
    dose_again = QuantityField(
        label="Type the dose once more, mg",
        min_value=0,
        error_messages={"required": "Type the dose once more.", "invalid": "Enter a number."},
    )

    def __init__(
        self,
        *args: Any,
        replaces: bool,
        second: bool,
        otherwise: bool = False,
        far: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dose_again"].help_text = f"{far}." if far else ""
        if not far:
            del self.fields["dose_again"]
        if otherwise:
            self.fields["dose_because"].required = True
        else:
            del self.fields["dose_because"]
        if replaces:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]
        for name in ("second_login", "second_password"):
            if second:
                self.fields[name].required = True
            else:
                del self.fields[name]


def fitting(indication: str, product: str, route: str) -> list[Protocol]:
    """The protocols that give what was decided on; those for reference only are left out."""
    return [
        p
        for p in every().values()
        if indication in p.indications
        and p.product == product
        and (p.route == route or (p.route is None and route in p.routes))
        and (not p.reference_only or p.open)
    ]


def protocol_line(protocol: Protocol) -> str:
    """A protocol in one line: what, how much, how long, how often, from where."""
    dose = f"{plain(protocol.dose.value)} {protocol.dose.unit}" if protocol.dose else "dose open"
    over = f" over {plain(protocol.over_min)} min" if protocol.over_min else ""
    route = label("route", protocol.route) if protocol.route else ""
    planned = protocol.schedule.sessions if protocol.schedule else None
    sessions = f"{planned} sessions" if planned else "number of sessions left open"
    ages = f" · {protocol.ages} years" if protocol.ages else ""
    return f"{protocol.id} · {dose} {route}{over} · {sessions}{ages} · {protocol.source_body}"
