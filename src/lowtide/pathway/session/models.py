"""One row a session, for the chair board and the lists: instants and last values, folded from the chart."""

from django.db import models


class Session(models.Model):
    """Where a session stands, without any state of the clock.

    `open`: the time-out was taken or the dose begun, and the patient has not left; an upgrade waits for it.
    `todo` is what there is to do, the first open item of each row: (parameter, due, late) as JSON. `blocked` says in
    words what the time-out or the missing order leaves open.
    """

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    course = models.TextField()
    number = models.IntegerField(null=True)
    planned_at = models.DateTimeField(null=True, db_index=True)
    chair = models.TextField()
    nurse = models.TextField()
    escort = models.TextField()
    open = models.BooleanField(db_index=True)
    route = models.TextField()
    drug = models.TextField()
    dose_mg = models.TextField()
    blocked = models.TextField()
    timed_out_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    observe_until = models.DateTimeField(null=True)
    ready_from = models.DateTimeField(null=True)
    ready_to = models.DateTimeField(null=True)
    abandoned_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    discharged_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True, db_index=True)
    bp = models.TextField()
    bp_at = models.DateTimeField(null=True)
    spo2 = models.TextField()
    spo2_at = models.DateTimeField(null=True)
    logged_at = models.DateTimeField(null=True)
    todo = models.JSONField()
    reminders = models.JSONField()
