"""The settings of a service, as requests state them and as a draft shows them."""

import re
from typing import Any

import msgspec
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import MOST_ENTRIES, BoundedDict, ResourceListField
from core.api.serializers import ModelSerializer, Serializer
from core.errors import Invalid
from core.messages import Message
from core.resources import Resources
from projects.manifests import Bounds
from projects.quota import above_limit
from serving.manifests.spec import Probes
from serving.models import LARGEST_REPLICAS, ModelService
from serving.rules import drafts, steps, strategy
from serving.rules.strategy import Strategy

LONGEST_VALUE, MOST_SECRETS, MOST_STEPS = 8_192, 50, 20
STRATEGIES = [(one.value, one.value) for one in Strategy]
LABEL_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
# Not below these three: a mount would hide what the system itself keeps there.
MOUNT_PATH = r"^(?!/(dev|proc|sys)(/|\Z))(/(?!\.{1,2}(/|\Z))[-._A-Za-z0-9]+)+\Z"
ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
label_value = RegexValidator(
    rf"^{LABEL_VALUE.pattern}\Z", gettext_lazy("Use the value of a node label.")
)


class LongText(serializers.CharField):
    """A text that is kept as it is, including whitespace."""

    def __init__(self, **kwargs: Any) -> None:
        bounds = {"max_length": LONGEST_VALUE, "allow_blank": True, "trim_whitespace": False}
        super().__init__(**{**bounds, **kwargs})


class WordList(serializers.ListField):
    """A command or its arguments."""

    child = LongText()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_ENTRIES, **kwargs)


class ResourceRequirementsSerializer(Serializer):
    """Requests and limits, as in a pod; the environment's `bounds` supply what is not stated."""

    requests = ResourceListField(default=Resources)
    limits = ResourceListField(default=Resources)

    def validate(self, attrs: dict[str, Resources]) -> dict[str, Resources]:
        # If a PATCH states only one of them, the other stays as it is.
        stated = {**self.context.get("resources", {}), **attrs}
        requests, limits = stated["requests"], stated["limits"]
        devices = requests.extended or limits.extended
        bounds: Bounds = self.context.get("bounds") or Bounds()
        wanted = bounds.requests_of(requests=requests, limits=limits)
        limits = bounds.limits_of(limits)
        for name, limit in limits.items():
            if wanted[name] > limit:
                raise above_limit(name, wanted[name], limit)
            if name in devices and wanted[name] != limit:
                raise Invalid(
                    Message("%(name)s must be requested exactly as it is limited.", name=name),
                    pointer="/resources/requests",
                )
        return {"requests": wanted, "limits": Resources({**limits, **devices})}


@extend_schema_field({"type": "object", "additionalProperties": True})
class ProbesField(serializers.Field):
    """`{readiness, liveness, startup}`, each with path, delays and thresholds."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            probes = msgspec.convert(data, Probes)
        except msgspec.ValidationError as error:
            raise serializers.ValidationError(str(error)) from error
        for probe in filter(None, (probes.readiness, probes.liveness, probes.startup)):
            numbers = (probe.period_seconds, probe.timeout_seconds, probe.failure_threshold)
            if (
                not all(1 <= n <= 3600 for n in numbers)
                or not 0 <= probe.initial_delay_seconds <= 3600
            ):
                raise serializers.ValidationError(
                    str(Message("Times and thresholds are 1 to 3600."))
                )
            if probe.path and not re.fullmatch(r"/[!-~]{0,254}", probe.path):
                raise serializers.ValidationError(str(Message("A path starts with '/'.")))
        return dict(msgspec.to_builtins(probes))

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


class StepSerializer(Serializer):
    """A step of a strategy: a weight in percent, or a pause such as `5m`.

    A pause that is null waits until somebody promotes.
    """

    weight = serializers.IntegerField(min_value=1, max_value=steps.FULL_WEIGHT, required=False)
    pause = serializers.CharField(max_length=20, allow_null=True, required=False)


class StrategySerializer(Serializer):
    """How pods are replaced.

    `canary` gives the candidate rising weights of the requests, and `blue_green` all of them at
    once; both go by `steps`, and 100 is always the last. `exact` refuses weights that the number of
    pods cannot give.
    """

    type = serializers.ChoiceField(choices=STRATEGIES)
    max_surge = serializers.IntegerField(min_value=0, max_value=100, required=False)
    max_unavailable = serializers.IntegerField(min_value=0, max_value=100, required=False)
    steps = StepSerializer(many=True, required=False, max_length=MOST_STEPS)  # type: ignore[call-arg]
    exact = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        stated = {**attrs, "steps": [dict(step) for step in attrs.get("steps", [])]}
        strategy.parse(stated, replicas=1)
        return {name: stated[name] for name in attrs}

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        # A step has one of two fields, and a pause that is null is not an absent one.
        return dict(value)


class SecretUsesSerializer(serializers.ListSerializer):
    """The secrets of a service; each variable and each path is used once."""

    def validate(self, uses: list[dict[str, str]]) -> list[dict[str, str]]:
        for place in ("env", "path"):
            stated = [use[place] for use in uses if place in use]
            if len(set(stated)) < len(stated):
                raise serializers.ValidationError(
                    str(Message("A variable or a path can hold one secret only."))
                )
        return uses


class SecretUseSerializer(Serializer):
    """A secret of the environment: one key as a variable, or its keys as files below a path."""

    secret = serializers.CharField(max_length=63)
    key = serializers.CharField(max_length=253, required=False)
    env = serializers.RegexField(rf"^{ENV_NAME.pattern}\Z", required=False)
    path = serializers.RegexField(MOUNT_PATH, max_length=255, required=False)

    class Meta:
        list_serializer_class = SecretUsesSerializer

    def validate(self, use: dict[str, str]) -> dict[str, str]:
        if ("env" in use) == ("path" in use):
            raise serializers.ValidationError(str(Message("Give a variable or a path, not both.")))
        if "env" in use and "key" not in use:
            raise serializers.ValidationError(
                {"key": str(Message("State which key the variable holds."))}
            )
        return dict(use)


class SettingsSerializer(ModelSerializer):
    """A service's settings: what a rollout applies besides the version."""

    replicas = serializers.IntegerField(min_value=0, max_value=LARGEST_REPLICAS)
    resources = ResourceRequirementsSerializer(source="*")
    gpu_product = serializers.CharField(max_length=63, allow_blank=True, validators=[label_value])
    node_selector = BoundedDict(key=LABEL_KEY, value=LABEL_VALUE, child=LongText())
    env = BoundedDict(key=ENV_NAME, child=LongText())
    command = WordList()
    args = WordList()
    secrets = SecretUseSerializer(many=True, max_length=MOST_SECRETS)  # type: ignore[call-arg]
    probes = ProbesField()
    strategy = StrategySerializer()

    class Meta:
        model = ModelService
        fields = [
            "replicas",
            "resources",
            *(name for name in drafts.FROZEN if name not in drafts.AMOUNTS),
            "strategy",
        ]


def completed(settings: dict[str, Any], *, bounds: Bounds) -> dict[str, Any]:
    """Return a new service's settings; requests default to those of the environment."""
    if "requests" in settings:
        return settings
    resources = SettingsSerializer(context={"bounds": bounds}).fields["resources"]
    amounts: dict[str, Any] = resources.run_validation({})
    return settings | amounts


def all_optional_but(fields: dict[str, Any], *needed: str) -> dict[str, Any]:
    """Make every field optional except the named ones."""
    for name in set(fields) - set(needed):
        fields[name].required = False
    return fields


class DraftSerializer(SettingsSerializer):
    """Only the settings that were changed and not yet rolled out."""

    class Meta(SettingsSerializer.Meta):
        pass

    def get_fields(self) -> dict[str, Any]:
        return all_optional_but(super().get_fields())


def shown_draft(draft: dict[str, Any]) -> dict[str, Any]:
    """Return a draft in the form that a PATCH has."""
    shown = {name: value for name, value in draft.items() if name in SettingsSerializer.Meta.fields}
    amounts = {name: draft[name] for name in drafts.AMOUNTS if name in draft}
    return {**shown, "resources": amounts} if amounts else shown
