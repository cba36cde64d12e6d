"""What environments and services asked for and used, over time."""

from datetime import datetime, timedelta

from django.db import models

from clusters.models import Cluster
from core.fields import JSONField, MessageField
from projects.models import Environment

# For how long collections count as the present: they are 30 s apart and may take 20 s each, and two
# may be missed. A mirror is stale sooner (`clusters.staleness`), as it is updated all the time.
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
    # Cards that name no pod of ours, by resource; null if no card was reported.
    unattributed = JSONField(null=True)

    class Meta:
        verbose_name_plural = "metrics status"

    def __str__(self) -> str:
        return str(self.cluster)

    @property
    def findings(self) -> tuple[object, ...]:
        """What people see of the last look, besides when it was."""
        return self.reason, self.message, self.unattributed

    def is_late(self, *, now: datetime) -> bool:
        """Return whether the last look is too long ago, whatever it found."""
        return now - self.tried_at > PRESENT_FOR

    def is_outdated(self, *, now: datetime) -> bool:
        """Return whether the last numbers are outdated, however recent the last look was."""
        return self.observed_at is None or now - self.observed_at > PRESENT_FOR


class UsageWindow(models.Model):
    """Sums over the collections of one fixed window; without any there is no row, never a zero.

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
    # Ready pods that should have been measured, and those that were; a collection in which these
    # differ adds nothing to `used`.
    pods_expected = models.PositiveIntegerField(default=0)
    pods_measured = models.PositiveIntegerField(default=0)
    # Whether some of `used` is an equal part of what a card does that several pods share.
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "window_seconds", "starts_at", "service_id", "resource"],
                name="one_row_per_usage_window",
                nulls_distinct=False,
            )
        ]
        indexes = [
            # A page shows an environment and some of its services, over a time.
            models.Index(
                fields=["environment", "service_id", "window_seconds", "starts_at"],
                name="windows_by_holder",
            )
        ]

    def __str__(self) -> str:
        return f"{self.environment_id} {self.resource} {self.starts_at:%F %T}"
