"""What the pages of outcomes ask beside the questionnaire: why an answer is corrected, what was done about one."""

from uuid import UUID

from django import forms

from lowtide.data.risk import closings, contacts
from lowtide.people.forms import EntryForm
from lowtide.record.entries.care import RiskReviewed


class CorrectionForm(EntryForm):
    """Why an answer is put right; the answers themselves are read by `questionnaire`."""

    reason = forms.CharField(label="Why is it corrected?", max_length=500)


class ReviewForm(EntryForm):
    """One step of the contact trail."""

    done = forms.ChoiceField(
        label="What was done",
        choices=[(key, way.label) for key, way in contacts().items()],
        widget=forms.RadioSelect,
        required=False,
    )
    detail = forms.CharField(
        label="What was found and agreed",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
    )
    owner = forms.ChoiceField(label="Who has it from now on", required=False)
    closes = forms.ChoiceField(
        label="And now",
        choices=[("no", "It stays open"), ("yes", "It is closed")],
        widget=forms.RadioSelect,
    )

    because = forms.ChoiceField(
        label="Why it is closed",
        choices=[("", "It is not closed"), *((key, why.label) for key, why in closings().items())],
        required=False,
    )

    def __init__(
        self, *args: object, staff: list[tuple[str, str]], is_raised: bool = True, **more: object
    ) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.fields["owner"].choices = [("", "You"), *staff]  # type: ignore[attr-defined]
        if not is_raised:
            self.fields.pop("because")
            self.fields["closes"].choices = [("no", "It stays open"), ("yes", "It was looked at")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not (cleaned.get("done") or str(cleaned.get("detail", "")).strip()):
            self.add_error("done", "Choose what was done, or write it below.")
        if cleaned.get("because") and cleaned.get("closes") == "no":
            self.add_error("because", "It stays open: take the reason away, or close it.")
        return cleaned

    def said(self, answers: UUID) -> RiskReviewed:
        given = self.cleaned_data
        way = contacts().get(given["done"])
        parts = (way.label if way else "", given["detail"].strip())
        return RiskReviewed(
            answers=answers,
            action=": ".join(p for p in parts if p),
            closed=given["closes"] == "yes",
            owner=given["owner"] or None,
            contact=given["done"] or None,
            because=given.get("because") or None,
        )
