"""How the resource summary looks from outside."""

from typing import Any

from rest_framework import serializers

from serving.diagnosis.health import Health
from usage.summary import Line, quantity


class QuantityField(serializers.CharField):
    """A number of a line, as Kubernetes writes it; null is not known."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)

    def get_attribute(self, instance: Line) -> str | None:
        value: Any = super().get_attribute(instance)
        return quantity(instance.resource, value)


class WindowSerializer(serializers.Serializer):
    """Averages and the peak over the window, as quantities."""

    requested_average = QuantityField(source="over_window.requested_average")
    used_average = QuantityField(source="over_window.used_average")
    used_peak = QuantityField(source="over_window.used_peak")


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
    used = QuantityField(source="now.used")
    idle = QuantityField()
    cluster_free = QuantityField(
        help_text="Of nodes that are known to be ready; null where none that has it is known."
    )
    window = WindowSerializer(source="*")
    coverage = serializers.FloatField(
        source="now.coverage",
        allow_null=True,
        help_text="Share of ready pods measured; `used` is null unless all were, within a minute.",
    )
    shared = serializers.BooleanField(
        source="over_window.is_shared",
        help_text="Some of the use is an equal part of what a card does that several pods hold.",
    )
    observed_at = serializers.DateTimeField(source="freshness.observed_at", allow_null=True)
    stale = serializers.BooleanField(source="freshness.is_stale")
    reason = serializers.CharField()


class PointSerializer(serializers.Serializer):
    """One point of a series, in the line's unit."""

    at = serializers.DateTimeField()
    requested = serializers.FloatField(allow_null=True)
    used = serializers.FloatField(allow_null=True)


class LineWithSeriesSerializer(LineSerializer):
    """One resource with its course over the window."""

    series = PointSerializer(many=True)


class EnvironmentSummarySerializer(serializers.Serializer):
    """The resources of one environment."""

    environment = serializers.CharField()
    cluster = serializers.CharField()
    resources = LineWithSeriesSerializer(many=True)


class ServiceSummarySerializer(serializers.Serializer):
    """The resources of one service."""

    service = serializers.CharField()
    environment = serializers.CharField()
    health = serializers.ChoiceField(choices=Health.choices)
    resources = LineSerializer(many=True)


class SummarySerializer(serializers.Serializer):
    """What a project may use, asked for, and uses."""

    project = serializers.CharField()
    window_seconds = serializers.IntegerField()
    simulated = serializers.BooleanField()
    environments = EnvironmentSummarySerializer(many=True)
    services = ServiceSummarySerializer(many=True)


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
