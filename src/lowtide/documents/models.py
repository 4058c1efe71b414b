"""Look-up table of what went out: one row for each document of a session that was ever sent, tried or waived."""

from django.db import models


class SendingRow(models.Model):
    """`known` is how far the chart had come when it was sent (its seq); what came after may have amended it."""

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    session = models.TextField()
    document = models.TextField()
    way = models.TextField()
    to = models.TextField()
    how = models.TextField()
    reference = models.TextField()
    at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)
    known = models.IntegerField()
