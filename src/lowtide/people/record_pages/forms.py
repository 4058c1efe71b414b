"""Forms on lines of the record. A correction's form is made from the fields of the body it corrects."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from django import forms

from lowtide.data.audiences import topics
from lowtide.data.plausibility import limits
from lowtide.people.forms import PartialDateField, QuantityField, ReasonForm
from lowtide.people.record_pages.rights import right
from lowtide.record.dates import PartialDate
from lowtide.record.entries.base import Body, Entry

# What a statement is about stays: a statement about something else is another statement.
ABOUT = {
    "scale",
    "quantity",
    "instrument",
    "version",
    "item",
    "topic",
    "test",
    "unit",
    "system",
    "number",
    "of_mg",
    "form",
    "route",
    "scanned",
}
NAMES = {"label", "name", "substance", "agent"}
LONG = {"text", "note", "detail", "action"}
UNITS = {"_mmhg": "mmHg", "_bpm": "per minute", "_pct": "%", "_per_min": "per minute", "_c": "°C"}
UNITS |= {"_ml_per_h": "mL/h", "_mg_per_ml": "mg/mL", "_ml": "mL", "_mg": "mg", "_kg": "kg"}


class CorrectEntryForm(ReasonForm):
    """A correction: the simple fields of the body, when it happened, and why it is corrected."""

    corrects = forms.UUIDField(widget=forms.HiddenInput)
    at = forms.DateTimeField(
        label="When it happened",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
    )

    def __init__(self, *args: Any, entry: Entry, **more: Any) -> None:
        super().__init__(*args, **more)
        self.entry = entry
        self.body: Body = entry.body
        self.initial.update(corrects=entry.id, at=entry.at)
        known = right(entry.kind)
        made = {n: f for n, f in _fields(self.body).items() if known is None or n not in known.kept}
        for name, field in made.items():
            self.fields[name] = field
            self.initial[name] = _value(self.body, name)
        self.order_fields([*made, "at", "reason"])

    def corrected(self) -> Body:
        """The body with what the form says in place of what it said."""
        said = {n: v for n, v in self.cleaned_data.items() if n in self.fields and n not in BASE}
        items = {n.removeprefix(ITEM): said.pop(n) for n in list(said) if n.startswith(ITEM)}
        if items:
            said["items"] = {n: v for n, v in items.items() if v is not None}
        plain = {n: None if v == "" and _optional(self.body, n) else v for n, v in said.items()}
        return msgspec.structs.replace(self.body, **plain)

    def happened(self) -> datetime:
        """When it happened: the stored instant to its last digit unless somebody changed it."""
        at: datetime = self.cleaned_data["at"]
        return self.entry.at if at == self.entry.at.replace(microsecond=0) else at


BASE = set(CorrectEntryForm.base_fields)
ITEM = "item_"


class RetractForm(ReasonForm):
    """Entered in error."""

    corrects = forms.UUIDField(widget=forms.HiddenInput)


class MoveForm(RetractForm):
    """It was another patient's."""

    to = forms.UUIDField(widget=forms.HiddenInput)
    session = forms.TypedChoiceField(label="Session there", required=False, coerce=UUID, empty_value=None)

    def __init__(self, *args: Any, sessions: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        choice = self.fields["session"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "none"), *sessions]
        if not sessions:
            choice.widget = forms.HiddenInput()


class RedactForm(ReasonForm):
    """A removal by two people."""

    legal_basis = forms.CharField(label="Legal basis", max_length=500, help_text="The law, order or request.")
    second_login = forms.CharField(
        label="Second person, sign-in name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    second_password = forms.CharField(
        label="Second person, password",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="They type it themselves. You stay signed in.",
    )


class NoteForm(ReasonForm):
    """A note of one of the kinds this person writes."""

    topic = forms.ChoiceField(label="Kind of note", widget=forms.RadioSelect)
    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 8}), max_length=20_000)

    def __init__(self, *args: Any, writable: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        del self.fields["reason"]
        topic = self.fields["topic"]
        assert isinstance(topic, forms.ChoiceField)
        topic.choices = [(t, f"{topics()[t].label}: {topics()[t].about}") for t in writable]


# -- fields from bodies ---------------------------------------------------------------------------------------


def _fields(body: Body) -> dict[str, forms.Field]:
    """A form field for each simple field of the body that a correction may change."""
    hints = get_type_hints(type(body), include_extras=True)
    kept = ABOUT | (NAMES if getattr(body, "codings", ()) else set())
    may_be_empty = {f.name for f in msgspec.structs.fields(type(body)) if f.default == ""}
    found: dict[str, forms.Field] = {}
    for name in body.__struct_fields__:
        if name in kept:
            continue
        if hints[name] == dict[str, int]:
            found |= {f"{ITEM}{item}": _item(item) for item in getattr(body, name)}
        elif field := _field(name, hints[name]):
            field.required = field.required and name not in may_be_empty
            found[name] = field
    return found


def _item(item: str) -> forms.Field:
    return forms.IntegerField(label=f"Item {item}", required=False, min_value=0)


def _field(name: str, hint: Any) -> forms.Field | None:
    required, plain = _unwrapped(hint)
    label = _label(name)
    if plain is PartialDate:
        return PartialDateField(label=label, required=required)
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        words = [(w.value, w.value.replace("_", " ")) for w in plain]
        return forms.ChoiceField(label=label, choices=words, widget=forms.RadioSelect)
    make = MAKERS.get(plain)
    return make(name, label, required) if make else None


MAKERS: dict[Any, Callable[[str, str, bool], forms.Field]] = {
    bool: lambda name, label, required: forms.BooleanField(label=label, required=False),
    int: lambda name, label, required: forms.IntegerField(label=label, required=required),
    Decimal: lambda name, label, required: QuantityField(label=label, required=required),
    str: lambda name, label, required: forms.CharField(
        label=label,
        required=required,
        max_length=20_000 if name in LONG else 2_000,
        widget=forms.Textarea(attrs={"rows": 4}) if name in LONG else forms.TextInput(),
    ),
}


def _unwrapped(hint: Any) -> tuple[bool, Any]:
    """(must be given, the type itself) of a hint that may be optional."""
    if get_origin(hint) not in (Union, UnionType):
        return True, hint
    inner = [arm for arm in get_args(hint) if arm is not type(None)]
    return False, inner[0] if len(inner) == 1 else None


def _optional(body: Body, name: str) -> bool:
    return not _unwrapped(get_type_hints(type(body), include_extras=True)[name])[0]


def _value(body: Body, name: str) -> Any:
    if name.startswith(ITEM):
        return getattr(body, "items")[name.removeprefix(ITEM)]  # noqa: B009  msgspec gives `items` no type here
    return getattr(body, name)


def _label(name: str) -> str:
    if known := limits().get(name):
        words = f"{known.label}, {known.unit}".rstrip(", ")
        return words[:1].upper() + words[1:]
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            return f"{name.removesuffix(ending).replace('_', ' ').capitalize()}, {unit}"
    return name.replace("_", " ").capitalize()
