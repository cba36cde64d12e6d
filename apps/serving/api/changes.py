"""What may be asked of a service, how a change is asked for, and what it would do."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from core.api.fields import DurationField
from core.api.problem import flatten
from core.api.serializers import Serializer
from core.errors import Invalid
from core.resources import format_amount
from projects.manifests import Bounds
from projects.quota import Need
from serving.api.settings_serializers import (
    SettingsSerializer,
    StrategySerializer,
    all_optional_but,
)
from serving.models import LARGEST_REPLICAS, ROLLOUT_KINDS
from serving.resolve import unholdable
from serving.rules import temporary


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
    """The revision to return to; the last good one if it is omitted."""

    revision = serializers.IntegerField(min_value=1, required=False, default=None)


class ScaleSerializer(NoteSerializer):
    """The number of pods, permanent or until it expires and the former number returns."""

    replicas = serializers.IntegerField(min_value=0, max_value=LARGEST_REPLICAS)
    expires_in = DurationField(
        shortest=temporary.SHORTEST, longest=temporary.LONGEST, allow_null=True, default=None
    )


class ResolveSerializer(NoteSerializer):
    """Whether to plan only, or which plan to carry out, and why."""

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
    """What a change needs of one resource, or of one GPU product where those are limited.

    What the service holds, what it holds at the peak of the change, how much more that is, and what
    the quota has left for it; null if it is not limited.
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
    kind = serializers.ChoiceField(choices=ROLLOUT_KINDS)
    to_version = serializers.CharField(allow_null=True)
    desired_replicas = serializers.IntegerField()
    changes = PlannedChangeSerializer(many=True)
    quota = NeedSerializer(many=True)
    strategy = StrategySerializer()


def held_to_limits(settings: dict[str, Any], *, bounds: Bounds) -> dict[str, Any]:
    """Return validated settings; what a request may not state cannot be taken over either."""
    serializer = SettingsSerializer(data=settings, partial=True, context={"bounds": bounds})
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as error:
        wrong: Sequence[Mapping[str, object]] = list(flatten(error.detail))
    except Invalid as refusal:
        wrong = refusal.errors
    else:
        values: dict[str, Any] = serializer.validated_data
        return values
    raise unholdable([f"{error['pointer']}: {error['detail']}" for error in wrong])
