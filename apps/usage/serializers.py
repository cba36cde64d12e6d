"""How the resource summary looks from outside."""

from rest_framework import serializers

from serving.diagnosis.health import Health


class AmountsSerializer(serializers.Serializer):
    """The same numbers as plain ones, in the line's unit; null is not known."""

    quota = serializers.FloatField(allow_null=True)
    reserved = serializers.FloatField(allow_null=True)
    requested = serializers.FloatField(allow_null=True)
    used = serializers.FloatField(allow_null=True)
    idle = serializers.FloatField(allow_null=True)
    cluster_free = serializers.FloatField(allow_null=True)
    requested_average = serializers.FloatField(allow_null=True)
    used_average = serializers.FloatField(allow_null=True)
    used_peak = serializers.FloatField(allow_null=True)


class WindowSerializer(serializers.Serializer):
    """Averages and the peak over the window, as quantities."""

    requested_average = serializers.CharField(allow_null=True)
    used_average = serializers.CharField(allow_null=True)
    used_peak = serializers.CharField(allow_null=True)


class LineSerializer(serializers.Serializer):
    """One resource, as quantities; null is not known."""

    resource = serializers.CharField()
    unit = serializers.ChoiceField(choices=["millicores", "bytes", "pods", "devices", "units"])
    quota = serializers.CharField(allow_null=True)
    reserved = serializers.CharField(allow_null=True)
    requested = serializers.CharField(allow_null=True)
    used = serializers.CharField(allow_null=True)
    idle = serializers.CharField(allow_null=True)
    cluster_free = serializers.CharField(allow_null=True)
    amounts = AmountsSerializer()
    window = WindowSerializer()
    coverage = serializers.FloatField(
        allow_null=True,
        help_text="Share of ready pods measured; `used` is null unless all were, within a minute.",
    )
    shared = serializers.BooleanField(
        help_text="Some of the use is an equal part of what a card does that several pods hold."
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
