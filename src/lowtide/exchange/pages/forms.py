"""Forms of the import pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from lowtide.data.imports import imports
from lowtide.exchange.fhir.reader import File
from lowtide.people.forms import EntryForm


class _Several(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            widget=_Several(attrs={"accept": ".json,.ndjson,.jsonl,application/fhir+json"}), **more
        )

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        given = data if isinstance(data, list | tuple) and data else [data or None]
        files = [super(FilesField, self).clean(one, initial) for one in given]
        too_large = [f.name for f in files if (f.size or 0) > imports().max_file_mb * 1_000_000]
        if too_large:
            raise ValidationError(
                f"{', '.join(map(str, too_large))}: larger than {imports().max_file_mb} MB. Split it, and send the parts."
            )
        return files


class FilesForm(forms.Form):
    documents = FilesField(
        label="Files",
        allow_empty_file=True,
        error_messages={"required": "Choose at least one file."},
        help_text="FHIR R4 as JSON: a Bundle, NDJSON, or single resources. Files that belong together go in together.",
    )
    source = forms.CharField(
        label="Where they come from",
        required=False,
        max_length=200,
        help_text="The other system’s name, always the same for the same system. A later file with this name updates"
        " what came before. Left empty, it is the server address the file gives, if any.",
    )

    def given(self) -> list[File]:
        """The files with their bytes."""
        return [File(str(f.name), f.read()) for f in self.cleaned_data["documents"]]


class FileIntoForm(EntryForm):
    """Which patient something of the inbox belongs to."""

    patient = forms.UUIDField(
        error_messages={"required": "Choose the patient.", "invalid": "Choose the patient."}
    )
