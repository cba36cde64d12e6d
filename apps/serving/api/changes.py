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
from serving.preflight import Verdict
from serving.resolve import unholdable
from serving.rules import temporary

VERDICTS = [(one.value, one.value) for one in Verdict]


class AllowedActionSerializer(Serializer):
    """Whether the caller may do something now, and if not, why."""

    verb = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField()
    message = serializers.CharField()


class RolloutStartSerializer(SettingsSerializer):
    """A version to roll out, what else changes with it, and why; or only a plan of that."""

    version = serializers.CharField(max_length=63)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")
    dry_run = serializers.BooleanField(default=False)
    plan = serializers.CharField(max_length=64, allow_blank=True, default="")

    class Meta(SettingsSerializer.Meta):
        fields = ["version", *SettingsSerializer.Meta.fields, "reason", "dry_run", "plan"]

    def get_fields(self) -> dict[str, Any]:
        return all_optional_but(super().get_fields(), "version")


class StartSerializer(Serializer):
    """Why, in the caller's words; whether to plan only, or which plan to carry out."""

    reason = serializers.CharField(max_length=500, allow_blank=True, default="")
    dry_run = serializers.BooleanField(default=False)
    plan = serializers.CharField(max_length=64, allow_blank=True, default="")


class PromoteSerializer(Serializer):
    """Whether to go on past all steps that are left, or only to the next one."""

    full = serializers.BooleanField(default=False)


class RollbackSerializer(StartSerializer):
    """The revision to return to; the last good one if it is omitted."""

    revision = serializers.IntegerField(min_value=1, required=False, default=None)


class ScaleSerializer(StartSerializer):
    """The number of pods, permanent or until it expires and the former number returns."""

    replicas = serializers.IntegerField(min_value=0, max_value=LARGEST_REPLICAS)
    expires_in = DurationField(
        shortest=temporary.SHORTEST, longest=temporary.LONGEST, allow_null=True, default=None
    )


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


class FitSerializer(Serializer):
    """Whether a change would be admitted, and whether nodes have room, as preflight says it."""

    verdict = serializers.ChoiceField(choices=VERDICTS)
    reason = serializers.CharField()
    message = serializers.CharField()


class ExpectedSerializer(Serializer):
    """How long such changes of the service took, in seconds."""

    median = serializers.FloatField()
    p90 = serializers.FloatField()


class ShownStepSerializer(Serializer):
    """A step of a rollout, with the pods of both sides that it leads to.

    A pause without `seconds` waits until somebody promotes. `share` is what the candidate gets of
    the requests, from 0 to 1.
    """

    kind = serializers.ChoiceField(choices=[("weight", "weight"), ("pause", "pause")])
    weight = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)
    candidate_replicas = serializers.IntegerField()
    running_replicas = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)


class PlanSerializer(Serializer):
    """What a change would do; nothing was changed.

    `strategy` is null if no pod is replaced, and `expected_seconds` if too few such changes were
    made. After the `steps` all pods are the new ones. `highest_replicas` is how many such pods the
    quota has room for, null if none is to run.
    """

    plan = serializers.CharField()
    kind = serializers.ChoiceField(choices=ROLLOUT_KINDS)
    from_version = serializers.CharField(allow_null=True)
    to_version = serializers.CharField(allow_null=True)
    from_revision = serializers.IntegerField(allow_null=True)
    to_revision = serializers.IntegerField(allow_null=True)
    from_replicas = serializers.IntegerField()
    desired_replicas = serializers.IntegerField()
    stopping_replicas = serializers.IntegerField()
    starting_replicas = serializers.IntegerField()
    lowest_serving_replicas = serializers.IntegerField()
    changes = PlannedChangeSerializer(many=True)
    quota = NeedSerializer(many=True)
    highest_replicas = serializers.IntegerField(allow_null=True)
    fit = FitSerializer()
    strategy = StrategySerializer(allow_null=True)
    strategy_reason = serializers.CharField()
    steps = ShownStepSerializer(many=True)
    expected_seconds = ExpectedSerializer(allow_null=True)


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
