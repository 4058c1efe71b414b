"""Sign-ins, and look-up tables for patients and staff that are folded from their streams."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A sign-in. Who the person is (staff member or patient) is said by the record, found by this name.

    While `temporary_until` is set the password was given by somebody else: it opens nothing but the page that
    changes it, and not after that instant.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    patient = models.TextField(default="", blank=True)
    temporary_until = models.DateTimeField(null=True, blank=True)
    REQUIRED_FIELDS: ClassVar[list[str]] = []


class PatientIndex(models.Model):
    """One row a chart: who it is, for search and look-alikes."""

    key = models.TextField(primary_key=True)
    stream = models.TextField(unique=True)
    number = models.TextField(db_index=True)
    family = models.TextField()
    given = models.TextField()
    preferred = models.TextField()
    former = models.TextField()
    names = models.TextField()
    sound = models.TextField()
    birth_date = models.TextField(db_index=True)
    sex = models.TextField()
    phone = models.TextField(db_index=True)
    email = models.TextField()
    deceased = models.BooleanField()

    @property
    def patient_id(self) -> str:
        return str(self.stream).removeprefix("chart:")


class IdentifierIndex(models.Model):
    """One row an identifier: what names the patient, here or elsewhere; not `current` once corrected away."""

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    system = models.TextField()
    value = models.TextField(db_index=True)
    current = models.BooleanField()


class LinkIndex(models.Model):
    """One row a standing link from this chart to another chart of the same person."""

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    other = models.TextField()


class StaffIndex(models.Model):
    """One row a member of staff."""

    key = models.TextField(primary_key=True)
    stream = models.TextField()
    name = models.TextField()
    roles = models.TextField()
    login = models.TextField(db_index=True)
    active = models.BooleanField()
    clinical_lead = models.BooleanField()


class Tablet(models.Model):
    """One row a browser on which somebody with a full sign-in has worked: the only ones that take a PIN."""

    device = models.TextField(primary_key=True)
    name = models.TextField(default="", blank=True)
    first_at = models.DateTimeField()
    first_by = models.TextField()
    seen_at = models.DateTimeField()
    seen_by = models.TextField()
    lost_at = models.DateTimeField(null=True, blank=True)
    lost_by = models.TextField(default="", blank=True)


class TabletShare(models.Model):
    """One row a person on a tablet: the tablet’s secret, which opens what it keeps, should a PIN be forgotten."""

    key = models.TextField(primary_key=True)
    device = models.TextField(db_index=True)
    person = models.TextField(db_index=True)
    share = models.TextField()


class TabletToken(models.Model):
    """One row a token under which a tablet charts in somebody's name; only its digest is kept."""

    digest = models.TextField(primary_key=True)
    device = models.TextField(db_index=True)
    person = models.TextField(db_index=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    by_pin = models.BooleanField(default=False)


class Pin(models.Model):
    """One row a person with a PIN: its hash, and how many wrong ones came since the last right one."""

    person = models.TextField(primary_key=True)
    hash = models.TextField()
    set_at = models.DateTimeField()
    wrong = models.IntegerField(default=0)
