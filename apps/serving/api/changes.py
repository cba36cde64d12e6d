"""What may be asked of a service and how a change is asked for, and what it would do."""

from functools import partial
from typing import Any

from rest_framework import serializers

from core.api.fields import DurationField
from core.api.serializers import Serializer
from core.resources import format_amount
from projects.quota import Need
from serving.api.settings_serializers import (
    SettingsSerializer,
    StrategySerializer,
    all_optional_but,
)
from serving.models import LARGEST_REPLICAS
from serving.rules import temporary
from serving.rules.lifecycle import RolloutKind


class AllowedActionSerializer(Serializer):
    """Whether the caller may do something now, and if not, why."""

    verb = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField()
    message = serializers.CharField()


class RolloutStartSerializer(SettingsSerializer):
    """A version to roll out, what else changes with it, and why."""

    version = serializers.CharField(max_length=63)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")

    class Meta(SettingsSerializer.Meta):
        fields = ["version", *SettingsSerializer.Meta.fields, "reason"]

    def get_fields(self) -> dict[str, Any]:
        return all_optional_but(super().get_fields(), "version")


class NoteSerializer(Serializer):
    """Why, in the caller's words."""

    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class RollbackSerializer(NoteSerializer):
    """The revision to return to; the last good one when it is left out."""

    revision = serializers.IntegerField(min_value=1, required=False, default=None)


class ScaleSerializer(NoteSerializer):
    """The number of pods, for good or until it expires and the service returns to the former."""

    replicas = serializers.IntegerField(min_value=0, max_value=LARGEST_REPLICAS)
    expires_in = DurationField(
        shortest=temporary.SHORTEST, longest=temporary.LONGEST, allow_null=True, default=None
    )


class ResolveSerializer(NoteSerializer):
    """Whether only to plan, or which plan to carry out, and why."""

    dry_run = serializers.BooleanField(default=False)
    plan = serializers.CharField(max_length=64, allow_blank=True, default="")


class PlannedChangeSerializer(Serializer):
    """What a change alters: a field of an object in the cluster, or a setting of the service."""

    object = serializers.CharField(allow_blank=True)
    field = serializers.CharField(allow_blank=True)
    to = serializers.JSONField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": serializers.JSONField(allow_null=True)}


class NeedSerializer(Serializer):
    """One resource of a change, or one GPU product where those are limited.

    What the service holds, what it holds at the peak of the change, how much more that is, and what
    the quota has left for it; null where it is not limited.
    """

    resource = serializers.CharField()
    gpu_product = serializers.CharField(allow_blank=True)
    held = serializers.CharField()
    peak = serializers.CharField()
    more = serializers.CharField()
    left = serializers.CharField(allow_null=True)
    fits = serializers.BooleanField()

    def to_representation(self, need: Need) -> dict[str, Any]:
        write = partial(format_amount, need.resource)
        return {
            "resource": need.resource,
            "gpu_product": need.gpu_product,
            "held": write(need.held),
            "peak": write(need.peak),
            "more": write(need.more),
            "left": None if need.left is None else write(need.left),
            "fits": need.fits,
        }


class PlanSerializer(Serializer):
    """What a change would do; nothing was changed."""

    plan = serializers.CharField()
    kind = serializers.ChoiceField(choices=RolloutKind.choices)
    to_version = serializers.CharField(allow_null=True)
    desired_replicas = serializers.IntegerField()
    changes = PlannedChangeSerializer(many=True)
    quota = NeedSerializer(many=True)
    strategy = StrategySerializer()
