"""Look-up tables of the evaluate step: results that wait for a clinician, and evaluations kept until they are stale."""

from django.db import models


class ResultWaiting(models.Model):
    """One result that nobody has reviewed; `key` is its entry. `out_of_range` puts it first."""

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    label = models.TextField()
    value = models.TextField()
    reference = models.TextField()
    out_of_range = models.BooleanField()
    at = models.DateTimeField()
    dated = models.TextField()
    recorded_at = models.DateTimeField()
    source = models.TextField()


class KeptEvaluation(models.Model):
    """The latest evaluation of one chart for one request under one policy, in short.

    It is stale exactly when the record, the rules, the policy or the day is another than it says.
    """

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    known = models.TextField()
    rules_version = models.TextField()
    policy_version = models.TextField()
    on = models.DateField()
    decision = models.TextField()
    urgent = models.BooleanField()
    summary = models.TextField()
