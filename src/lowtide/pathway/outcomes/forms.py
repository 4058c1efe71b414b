"""What the pages of outcomes ask beside the questionnaire: why an answer is corrected, what was done about one."""

from uuid import UUID

from django import forms

from lowtide.people.forms import EntryForm
from lowtide.record.entries.care import RiskReviewed

DONE = (
    "Spoke with the patient",
    "No answer, left a message",
    "Called the emergency contact",
    "Sent to emergency care",
    "Seen in person",
)


class CorrectionForm(EntryForm):
    """Why an answer is put right; the answers themselves are read by `questionnaire`."""

    reason = forms.CharField(label="Why is it corrected?", max_length=500)


class ReviewForm(EntryForm):
    """One step of the contact trail."""

    done = forms.ChoiceField(
        label="What was done",
        choices=[(words, words) for words in DONE],
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
        choices=[("no", "It stays open"), ("yes", "It is closed: the patient is safe for now")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: object, staff: list[tuple[str, str]], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.fields["owner"].choices = [("", "You"), *staff]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not (cleaned.get("done") or str(cleaned.get("detail", "")).strip()):
            self.add_error("done", "Choose what was done, or write it below.")
        return cleaned

    def said(self, answers: UUID) -> RiskReviewed:
        parts = (self.cleaned_data["done"], self.cleaned_data["detail"].strip())
        return RiskReviewed(
            answers=answers,
            action=": ".join(p for p in parts if p),
            closed=self.cleaned_data["closes"] == "yes",
            owner=self.cleaned_data["owner"] or None,
        )
