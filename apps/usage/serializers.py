"""How the resource summary looks from outside."""

from dataclasses import asdict
from functools import partial
from typing import Any

from rest_framework import serializers

from serving.models import HEALTHS
from usage.pods import UseOfPods
from usage.ranking import RankBy
from usage.summary import Line, Summary, quantity


class QuantityField(serializers.CharField):
    """A number of a line, as Kubernetes writes it; null is unknown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)


class WindowSerializer(serializers.Serializer):
    """Averages and the peak over the window, as quantities."""

    requested_average = QuantityField()
    used_average = QuantityField()
    used_peak = QuantityField()


class LineSerializer(serializers.Serializer):
    """One resource, as quantities; null is not known."""

    resource = serializers.CharField()
    unit = serializers.ChoiceField(
        choices=["millicores", "bytes", "pods", "devices", "units"],
        help_text="Of plain numbers, as in a series; quantities are as Kubernetes writes them.",
    )
    quota = QuantityField()
    reserved = QuantityField()
    requested = QuantityField()
    used = QuantityField()
    idle = QuantityField()
    cluster_free = QuantityField(
        help_text="Of nodes that are known to be ready; null where none that has it is known."
    )
    window = WindowSerializer()
    coverage = serializers.FloatField(
        allow_null=True,
        help_text="Share of ready pods measured; `used` is null unless all were, within a minute.",
    )
    shared = serializers.BooleanField(
        help_text="Some of the use is an equal part of what a card does that several pods hold.",
    )
    observed_at = serializers.DateTimeField(allow_null=True)
    stale = serializers.BooleanField()
    reason = serializers.CharField()


class PointSerializer(serializers.Serializer):
    """One point of a series, in the line's unit."""

    at = serializers.DateTimeField()
    requested = serializers.FloatField(allow_null=True)
    used = serializers.FloatField(allow_null=True)


class LineWithSeriesSerializer(LineSerializer):
    """One resource with its course over the window."""

    series = PointSerializer(many=True)


class CourseSerializer(serializers.Serializer):
    """What a service asked for and used of one resource; where nothing was measured is no point."""

    resource = serializers.CharField()
    unit = serializers.CharField()
    points = PointSerializer(many=True)


class UseOfPodSerializer(serializers.Serializer):
    """What one live pod uses, as quantities by resource; null is not known."""

    pod = serializers.CharField()
    used = serializers.DictField(child=QuantityField())
    shared = serializers.ListField(
        child=serializers.CharField(),
        help_text="Resources of which it uses an equal part of what a shared card does.",
    )


class UseOfPodsSerializer(serializers.Serializer):
    """What the pods of a service used when they were last measured."""

    observed_at = serializers.DateTimeField()
    pods = UseOfPodSerializer(many=True)


class ServiceUsageSerializer(serializers.Serializer):
    """The use of a service over a window that ends now."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    step_seconds = serializers.IntegerField(help_text="How far points without a gap are apart.")
    resources = CourseSerializer(many=True)
    now = UseOfPodsSerializer(allow_null=True, help_text="Null where no pod was measured of late.")


class EnvironmentSummarySerializer(serializers.Serializer):
    """The resources of one environment."""

    environment = serializers.CharField()
    cluster = serializers.CharField()
    resources = LineWithSeriesSerializer(many=True)


class ServiceSummarySerializer(serializers.Serializer):
    """The resources of one service."""

    service = serializers.CharField()
    environment = serializers.CharField()
    health = serializers.ChoiceField(choices=HEALTHS)
    resources = LineSerializer(many=True)


class RankingSerializer(serializers.Serializer):
    """How the services are ranked, how many there are, and where the rest of them is."""

    resource = serializers.CharField()
    rank = serializers.ChoiceField(choices=[rank.value for rank in RankBy])
    total = serializers.IntegerField()
    next = serializers.URLField(allow_null=True, default=None)


class SummarySerializer(serializers.Serializer):
    """What a project may use, asked for, and uses."""

    project = serializers.CharField()
    window_seconds = serializers.IntegerField()
    until = serializers.DateTimeField(help_text="When the window ends.")
    simulated = serializers.BooleanField()
    environments = EnvironmentSummarySerializer(many=True)
    services = ServiceSummarySerializer(many=True)
    ranking = RankingSerializer()


def shown_summary(summary: Summary, next_page: str | None) -> dict[str, Any]:
    """Return a summary as plain values; it has too many for a field object to write each."""
    return {
        "project": summary.project,
        "window_seconds": summary.window_seconds,
        "until": summary.until,
        "simulated": summary.simulated,
        "environments": [
            {
                "environment": own.environment,
                "cluster": own.cluster,
                "resources": [
                    {**shown_line(line), "series": series_of(line)} for line in own.resources
                ],
            }
            for own in summary.environments
        ],
        "services": [
            {
                "service": own.service,
                "environment": own.environment,
                "health": own.health,
                "resources": [shown_line(line) for line in own.resources],
            }
            for own in summary.services
        ],
        "ranking": {**asdict(summary.ranking), "next": next_page},
    }


def shown_use(use: UseOfPods | None) -> dict[str, Any] | None:
    """Return what pods use as plain values."""
    if use is None:
        return None
    pods = [
        {
            "pod": pod,
            "used": {name: quantity(name, one.value) for name, one in amounts.items()},
            "shared": sorted(name for name, one in amounts.items() if one.is_shared),
        }
        for pod, amounts in sorted(use.amounts.items())
    ]
    return {"observed_at": use.observed_at, "pods": pods}


def shown_line(line: Line) -> dict[str, Any]:
    """Return what is shown of one resource."""
    window, write = line.over_window, partial(quantity, line.resource)
    return {
        "resource": line.resource,
        "unit": line.unit,
        "quota": write(line.quota),
        "reserved": write(line.reserved),
        "requested": write(line.requested),
        "used": write(line.now.used),
        "idle": write(line.idle),
        "cluster_free": write(line.cluster_free),
        "window": {
            "requested_average": write(window.requested_average),
            "used_average": write(window.used_average),
            "used_peak": write(window.used_peak),
        },
        "coverage": line.now.coverage,
        "shared": window.is_shared,
        "observed_at": line.freshness.observed_at,
        "stale": line.freshness.is_stale,
        "reason": line.reason,
    }


def series_of(line: Line) -> list[dict[str, Any]]:
    """Return the points of one resource's course."""
    return [{"at": p.at, "requested": p.requested, "used": p.used} for p in line.series]


class UnattributedSerializer(serializers.Serializer):
    """Cards of one resource whose figures name no pod of ours; null is not known."""

    resource = serializers.CharField()
    cards = serializers.FloatField(
        help_text="How many; of a card that others share, the part that is not ours."
    )
    used = serializers.FloatField(
        source="duty", allow_null=True, help_text="How many of them are at work."
    )
    memory_used_bytes = serializers.FloatField(source="memory_bytes", allow_null=True)


class ClusterUnattributedSerializer(serializers.Serializer):
    """The cards of one cluster that nobody of ours is named for; null is not known."""

    cluster = serializers.CharField()
    unattributed = UnattributedSerializer(many=True, allow_null=True)
    observed_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()


class FleetUnattributedSerializer(serializers.Serializer):
    """The cards of all clusters that nobody of ours is named for."""

    clusters = ClusterUnattributedSerializer(many=True)
