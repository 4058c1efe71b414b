"""Look-up tables of the evaluate step: results that wait for a clinician, evaluations kept until they are stale, and
what came of evaluating everybody again."""

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


class Reevaluation(models.Model):
    """One evaluation of everybody: who asked for it, what it judges by, how far it may go on. `key` is the form's id.

    How much of it is done is counted in `Reevaluated`, never kept. `held_by` is the server that works on it, and
    `beat_at` its last sign of life.
    """

    key = models.TextField(primary_key=True)
    asked_at = models.DateTimeField()
    by = models.TextField()
    rules_version = models.TextField()
    policy = models.TextField()
    on = models.DateField()
    state = models.TextField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")
    note = models.TextField(default="")
    held_by = models.TextField(default="")
    beat_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="running"), name="evaluate_one_at_a_time"
            )
        ]


class Reevaluated(models.Model):
    """What the rules say now of what was decided about one person, whose first chart is `key`.

    It holds for `known` (stream -> seq), the rules, the policy and the day it names, and is stale otherwise.
    `how` says in one word what moved.
    """

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    known = models.TextField()
    rules_version = models.TextField()
    policy = models.TextField()
    on = models.DateField()
    how = models.TextField()
    rank = models.IntegerField()
    decided = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    before = models.TextField(default="")
    after = models.TextField(default="")
    said = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["rules_version", "policy", "on"], name="evaluate_again_by"),
            models.Index(fields=["how", "rank", "key"], name="evaluate_again_how"),
        ]
