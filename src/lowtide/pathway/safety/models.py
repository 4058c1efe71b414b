"""Look-up table of exposure: one row for each dose given here and each record of treatment elsewhere."""

from django.db import models


class ExposureRow(models.Model):
    """`sessions` None and `mg` None are not known. A dose here is one session with an instant; what was given elsewhere
    lies somewhere from `first_at` to `last_at`, None where not even that is known."""

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    elsewhere = models.BooleanField()
    drug = models.TextField()
    route = models.TextField()
    first_at = models.DateTimeField(null=True, db_index=True)
    last_at = models.DateTimeField(null=True)
    sessions = models.IntegerField(null=True)
    mg = models.DecimalField(max_digits=12, decimal_places=4, null=True)
