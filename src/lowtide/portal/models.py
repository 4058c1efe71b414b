"""The ways into the patient's own place: links that open once, and devices that are known for a while."""

from django.db import models


class Link(models.Model):
    """One row a link; only the digest of its code is kept. It opens once, until it expires."""

    digest = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    made_at = models.DateTimeField()
    made_by = models.TextField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class OwnDevice(models.Model):
    """One row a browser that its owner let be remembered; only the digest of what it holds is kept."""

    digest = models.TextField(primary_key=True)
    patient = models.TextField(db_index=True)
    name = models.TextField(default="", blank=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)


class ReminderRow(models.Model):
    """One row a chart in which reminders are spoken of, folded from it: are they wanted, the last one and what became of it.

    `not_taken` is the address that took none, as long as it is the present one.
    """

    key = models.TextField(primary_key=True)
    stream = models.TextField(unique=True)
    on = models.BooleanField()
    count = models.IntegerField()
    last_at = models.DateTimeField(null=True, db_index=True)
    last_about = models.TextField()
    last_how = models.TextField()
    last_to = models.TextField()
    not_taken = models.TextField()
