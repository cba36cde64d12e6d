"""What environments and services asked for and used, over time."""

from datetime import datetime, timedelta

from django.db import models

from clusters.models import Cluster
from core.fields import MessageField
from projects.models import Environment

# For so long what was collected is the present: collections are 30 s apart and may take 20 s each,
# and two may be missed. A mirror is stale sooner (`clusters.staleness`), for it hears all the time.
PRESENT_FOR = timedelta(seconds=120)


class MetricsStatus(models.Model):
    """How the last look at a cluster's Prometheus went."""

    cluster = models.OneToOneField(
        Cluster, models.CASCADE, primary_key=True, related_name="metrics_status"
    )
    # When numbers were last obtained; null if never.
    observed_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField()
    reason = models.CharField(max_length=63, blank=True)
    message = MessageField()
    # Cards that name no pod of ours, by resource; null where no card was told of.
    unattributed = models.JSONField(null=True)

    class Meta:
        verbose_name_plural = "metrics status"

    def __str__(self) -> str:
        return str(self.cluster)

    def is_late(self, *, now: datetime) -> bool:
        """Return whether nobody has looked for too long, whatever was found."""
        return now - self.tried_at > PRESENT_FOR

    def is_outdated(self, *, now: datetime) -> bool:
        """Return whether the last numbers are not the present, however often nothing was found."""
        return self.observed_at is None or now - self.observed_at > PRESENT_FOR


class UsageWindow(models.Model):
    """Sums over the collections of one fixed window; no collection is no row, never a zero.

    Units: CPU in millicores, memory in bytes, devices in whole or partly working devices.
    """

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    # Null for the environment as a whole.
    service_id = models.UUIDField(null=True)
    resource = models.CharField(max_length=100)
    window_seconds = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    requested_total = models.FloatField(default=0)
    requested_count = models.PositiveIntegerField(default=0)
    used_total = models.FloatField(default=0)
    used_count = models.PositiveIntegerField(default=0)
    used_peak = models.FloatField(null=True)
    # Ready pods that there were to measure, and those that were; where they differ, the collection
    # adds nothing to `used`.
    pods_expected = models.PositiveIntegerField(default=0)
    pods_measured = models.PositiveIntegerField(default=0)
    # Whether some of `used` is an equal part of what a card does that several pods hold.
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "window_seconds", "starts_at", "service_id", "resource"],
                name="one_row_per_usage_window",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.environment_id} {self.resource} {self.starts_at:%F %T}"
