"""The tables of the record. Only `store` reads or writes the entry tables; triggers guard them (`guards`)."""

from django.db import models


class Stream(models.Model):
    """The head of each stream: a convenience that `verify` checks against the entries."""

    name = models.TextField(primary_key=True)
    last_seq = models.BigIntegerField(default=0)
    head_hash = models.TextField()
    last_recorded_at = models.TextField(default="")


class StoredEntry(models.Model):
    """One entry's envelope as bytes, with columns copied out of it for look-up."""

    id = models.TextField(primary_key=True)
    stream = models.TextField()
    seq = models.BigIntegerField()
    kind = models.TextField()
    at = models.TextField()
    session = models.TextField(null=True)
    corrects = models.TextField(null=True)
    redacts = models.TextField(null=True)
    clock = models.TextField(null=True)
    envelope = models.BinaryField()
    hash = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="record_one_seq_once")]
        indexes = [
            models.Index(fields=["kind", "at"], name="record_by_kind"),
            models.Index(
                fields=["redacts"], name="record_redacts", condition=models.Q(redacts__isnull=False)
            ),
            models.Index(fields=["clock"], name="record_clock", condition=models.Q(clock__isnull=False)),
        ]


class StoredBody(models.Model):
    """The body and its salt, apart from the chain so that a redaction can remove them."""

    entry_id = models.TextField(primary_key=True)
    salt = models.BinaryField()
    payload = models.BinaryField()


class ProjectionVersion(models.Model):
    """Which version of each projection the tables were built with."""

    name = models.TextField(primary_key=True)
    version = models.IntegerField()


class Access(models.Model):
    """Who read (or tried to read) what, when and from where. Append-only, apart from charts."""

    at = models.DateTimeField(db_index=True)
    person = models.TextField()
    roles = models.TextField(default="")
    action = models.TextField()
    stream = models.TextField(db_index=True, default="")
    detail = models.TextField(default="")
    address = models.TextField(default="")
    allowed = models.BooleanField(default=True)
