"""Look-up of resources from elsewhere, folded from the streams that hold them."""

from django.db import models


class ResourceIndex(models.Model):
    """One row for each resource that stands in a stream: where it is, by source, type and id."""

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    system = models.TextField()
    resource_type = models.TextField()
    resource_id = models.TextField()
    entry = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["resource_id", "resource_type"], name="exchange_resource"),
        ]


class JoinedDevice(models.Model):
    """One row for each device that is on somebody now."""

    key = models.TextField(primary_key=True)
    stream = models.TextField(db_index=True)
    device = models.TextField(db_index=True)
    session = models.TextField()
    since = models.DateTimeField()
