"""Look-up tables for the worklist: what is due and which sessions there are, one row each, folded from charts."""

from django.db import models


class DueRow(models.Model):
    """One due item of one chart; `needs` is the permission without which nobody sees it.

    From `escalates_at` on it is the role `second`'s as well, while nobody has `taken` it.
    """

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    task = models.TextField()
    group = models.TextField()
    rank = models.IntegerField()
    label = models.TextField()
    detail = models.TextField()
    verb = models.TextField()
    level = models.TextField()
    word = models.TextField()
    opens_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    owner = models.TextField()
    rule_id = models.TextField()
    rule_text = models.TextField()
    verified = models.BooleanField()
    needs = models.TextField()
    page = models.TextField()
    place = models.TextField()
    taken = models.TextField()
    second = models.TextField(default="")
    escalates_at = models.DateTimeField(null=True)
    window_from = models.DateTimeField(null=True)
    window_to = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["group", "due_at"], name="course_due_by_group")]


class SessionRow(models.Model):
    """One session of one chart: where and when it is planned, how far it has come, how long it takes.

    `key` is the session's id; `programs` are the risk programmes of its course, each between blanks. Minutes are of the infusion and of the watch after it, where they are known.
    """

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    number = models.IntegerField(null=True)
    at = models.DateTimeField(db_index=True)
    status = models.TextField()
    chair = models.TextField()
    dose = models.TextField()
    dose_min = models.IntegerField(null=True)
    observation_min = models.IntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    programs = models.TextField(default="")
