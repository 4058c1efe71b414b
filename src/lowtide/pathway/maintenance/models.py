"""Look-up tables of the planner, predictions that were made, and addresses of calendar feeds."""

from django.db import models


class UpkeepRow(models.Model):
    """One row a treatment that has begun and not ended: where its upkeep stands, in instants and facts, no states of the
    clock. `stay_min` is how long its sessions keep a chair."""

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    state = models.TextField()
    since = models.DateTimeField(null=True)
    protocol = models.TextField()
    indication = models.TextField()
    given = models.IntegerField()
    last_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    next_session = models.TextField()
    next_booked = models.BooleanField()
    window_from = models.DateTimeField(null=True)
    window_to = models.DateTimeField(null=True)
    again_at = models.DateTimeField(null=True)
    scored_at = models.DateTimeField(null=True)
    score = models.TextField()
    best = models.TextField()
    drifting = models.BooleanField()
    relapsed = models.BooleanField()
    lost = models.BooleanField(default=False)
    heard_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    stay_min = models.IntegerField()


class FadeRow(models.Model):
    """One row a chart: the prediction that was last made, valid while doses and scores are those it was made on
    (`mark`). It can be thrown away at any time."""

    stream = models.TextField(primary_key=True)
    mark = models.TextField()
    numbers = models.TextField()
    made_at = models.DateTimeField()
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    why_not = models.TextField()


class CalendarFeed(models.Model):
    """One row a secret address of a calendar: whose it is, who made it, when it was taken back. Only a digest of the
    secret is kept."""

    digest = models.TextField(primary_key=True)
    owner = models.TextField(db_index=True)
    made_at = models.DateTimeField()
    made_by = models.TextField()
    read_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.TextField(default="")
