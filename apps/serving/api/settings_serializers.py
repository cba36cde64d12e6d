"""How services, revisions and rollouts look from outside."""

import re
from functools import cache
from typing import Any

import msgspec
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clusters.models import Pod
from clusters.serializers import DriftSerializer
from core.api.fields import (
    MOST_ENTRIES,
    BoundedDict,
    DurationField,
    ResourceListField,
    SentenceField,
)
from core.api.serializers import ModelSerializer, Serializer
from core.errors import Invalid
from core.names import validate_dns_label
from core.reasons import Reason
from core.resources import Resources
from core.words import kept, retold, told
from projects.manifests import Bounds
from projects.quota import above_limit
from registry.models import RegisteredModel
from serving.diagnosis.health import Health
from serving.diagnosis.read import pod_cause
from serving.manifests.spec import Probes, ServiceSpec
from serving.models import (
    LARGEST_REPLICAS,
    ModelService,
    Protocol,
    Revision,
    Rollout,
    RolloutTransition,
)
from serving.rules import drafts, masking, strategy, temporary
from serving.rules.lifecycle import Kind, Phase

LONGEST_VALUE, MOST_SECRETS = 8_192, 50
CONTAINER_KINDS = ("init", "sidecar", "container", "ephemeral")
CONTAINER_STATES = ("waiting", "running", "terminated")
CAUSE_KINDS = ("Rollout", "Deployment", "ReplicaSet", "Pod", "Container", "Event")
STALE = {
    "reason": Reason.STALE,
    "message": kept(
        "The cluster has not been heard of lately; what was last seen may be out of date."
    ),
}
NOT_MIRRORED = {
    "reason": Reason.NOT_MIRRORED,
    "message": kept("Nothing has been seen of the cluster yet; its informer has not reached it."),
}
LABEL_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
# What the system itself keeps there would be hidden.
MOUNT_PATH = r"^(?!/(dev|proc|sys)(/|\Z))(/(?!\.{1,2}(/|\Z))[-._A-Za-z0-9]+)+\Z"
ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
label_value = RegexValidator(
    rf"^{LABEL_VALUE.pattern}\Z", gettext_lazy("Use the value of a node label.")
)


class LongText(serializers.CharField):
    """A text that is kept as it is, spaces and all."""

    def __init__(self, **kwargs: Any) -> None:
        bounds = {"max_length": LONGEST_VALUE, "allow_blank": True, "trim_whitespace": False}
        super().__init__(**{**bounds, **kwargs})


class WordList(serializers.ListField):
    """A command or its arguments."""

    child = LongText()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_ENTRIES, **kwargs)


class ResourceRequirementsSerializer(Serializer):
    """Requests and limits, as in a pod; what is not stated is as the environment's `bounds` say."""

    requests = ResourceListField(default=Resources)
    limits = ResourceListField(default=Resources)

    def validate(self, attrs: dict[str, Resources]) -> dict[str, Resources]:
        # Of a PATCH with one of them, the other stays as it is.
        stated = {**self.context.get("resources", {}), **attrs}
        requests, limits = stated["requests"], stated["limits"]
        devices = requests.extended or limits.extended
        bounds: Bounds = self.context.get("bounds") or Bounds()
        wanted = Resources({**bounds.default_requests, **limits, **requests, **devices})
        limits = Resources({**bounds.default_limits, **limits})
        for name, limit in limits.items():
            if wanted[name] > limit:
                raise above_limit(name, wanted[name], limit)
            if name in devices and wanted[name] != limit:
                raise Invalid(
                    told("%(name)s must be requested exactly as it is limited.", name=name),
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
                raise serializers.ValidationError(told("Times and thresholds are 1 to 3600."))
            if probe.path and not re.fullmatch(r"/[!-~]{0,254}", probe.path):
                raise serializers.ValidationError(told("A path starts with '/'."))
        return dict(msgspec.to_builtins(probes))

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


class StrategySerializer(Serializer):
    """How pods are replaced."""

    type: Any = serializers.ChoiceField(choices=[strategy.ROLLING, strategy.RECREATE])
    max_surge: Any = serializers.IntegerField(min_value=0, max_value=100, required=False)
    max_unavailable: Any = serializers.IntegerField(min_value=0, max_value=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        strategy.parse(attrs, replicas=1)
        return dict(attrs)


class SecretUsesSerializer(serializers.ListSerializer):
    """The secrets of a service; each variable and each path is there once."""

    def validate(self, uses: list[dict[str, str]]) -> list[dict[str, str]]:
        for place in ("env", "path"):
            stated = [use[place] for use in uses if place in use]
            if len(set(stated)) < len(stated):
                raise serializers.ValidationError(
                    told("A variable or a path can hold one secret only.")
                )
        return uses


class SecretUseSerializer(Serializer):
    """A secret of the environment: one key as a variable, or its keys as files below a path."""

    secret: Any = serializers.CharField(max_length=63)
    key: Any = serializers.CharField(max_length=253, required=False)
    env: Any = serializers.RegexField(rf"^{ENV_NAME.pattern}\Z", required=False)
    path: Any = serializers.RegexField(MOUNT_PATH, max_length=255, required=False)

    class Meta:
        list_serializer_class = SecretUsesSerializer

    def validate(self, use: dict[str, str]) -> dict[str, str]:
        if ("env" in use) == ("path" in use):
            raise serializers.ValidationError(told("Give a variable or a path, not both."))
        if "env" in use and "key" not in use:
            raise serializers.ValidationError({"key": told("Say which key the variable holds.")})
        return dict(use)


class SettingsSerializer(ModelSerializer):
    """A service's settings: what a rollout applies besides the version."""

    replicas: Any = serializers.IntegerField(min_value=0, max_value=LARGEST_REPLICAS)
    resources = ResourceRequirementsSerializer(source="*")
    gpu_product: Any = serializers.CharField(
        max_length=63, allow_blank=True, validators=[label_value]
    )
    node_selector = BoundedDict(key=LABEL_KEY, value=LABEL_VALUE, child=LongText())
    env = BoundedDict(key=ENV_NAME, child=LongText())
    command = WordList()
    args = WordList()
    secrets: Any = SecretUseSerializer(many=True, max_length=MOST_SECRETS)  # type: ignore[call-arg]
    probes = ProbesField()
    strategy = StrategySerializer()

    class Meta:
        model = ModelService
        fields = [
            "protocol",
            "port",
            "replicas",
            "resources",
            "gpu_product",
            "node_selector",
            "env",
            "command",
            "args",
            "secrets",
            "probes",
            "strategy",
            "progress_deadline_seconds",
        ]


def all_optional_but(fields: dict[str, Any], *needed: str) -> dict[str, Any]:
    """Let every field be left out, but the named ones."""
    for name in set(fields) - set(needed):
        fields[name].required = False
    return fields


class ServiceCreateSerializer(SettingsSerializer):
    """What a new service is to be."""

    model: Any = serializers.SlugRelatedField("name", queryset=RegisteredModel.objects.none())

    class Meta(SettingsSerializer.Meta):
        fields = ["name", "model", *SettingsSerializer.Meta.fields]
        extra_kwargs = {"name": {"validators": [validate_dns_label]}}

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        project = self.context.get("project")
        if project is not None:
            models: Any = fields["model"]
            models.queryset = project.models.all()
        return all_optional_but(fields, "name", "model")


class ShownRolloutSerializer(ModelSerializer):
    """The unfinished rollout of a service, in short."""

    class Meta:
        model = Rollout
        fields = ["id", "kind", "phase", "reason", "message"]


class DraftSerializer(SettingsSerializer):
    """Settings that were changed and not yet rolled out; only those are there."""

    class Meta(SettingsSerializer.Meta):
        pass

    def get_fields(self) -> dict[str, Any]:
        return all_optional_but(super().get_fields())


def shown_draft(draft: dict[str, Any]) -> dict[str, Any]:
    """Return a draft in the words of a PATCH."""
    shown = {name: value for name, value in draft.items() if name in SettingsSerializer.Meta.fields}
    amounts = {name: draft[name] for name in drafts.AMOUNTS if name in draft}
    return {**shown, "resources": amounts} if amounts else shown


class ServiceSerializer(SettingsSerializer):
    """A service: its settings, what is drafted, and what the mirror shows of it.

    Values of `env` are for those who deploy there; `env_masked` says that names only are shown.
    """

    project: Any = serializers.CharField(source="environment__project__name")
    environment: Any = serializers.CharField(source="environment__name")
    cluster: Any = serializers.CharField(source="environment__cluster__name")
    model: Any = serializers.CharField(source="model__name")
    resources: Any = serializers.SerializerMethodField()
    health: Any = serializers.ChoiceField(source="shown_health", choices=Health.choices)
    current_version: Any = serializers.CharField(
        source="current_revision__version__version", allow_null=True
    )
    current_revision: Any = serializers.IntegerField(
        source="current_revision__number", allow_null=True
    )
    stale: Any = serializers.BooleanField(source="is_stale")
    observed_at: Any = serializers.DateTimeField(
        source="environment__cluster__mirrored_at", allow_null=True
    )
    rollout: Any = serializers.SerializerMethodField()
    draft: Any = DraftSerializer()
    drift: Any = DriftSerializer(many=True)
    env_masked = serializers.SerializerMethodField()

    class Meta(SettingsSerializer.Meta):
        fields = [
            "id",
            "name",
            "project",
            "environment",
            "cluster",
            "model",
            *SettingsSerializer.Meta.fields,
            "env_masked",
            "temporary_replicas",
            "temporary_expires_at",
            "health",
            "reason",
            "message",
            "current_version",
            "current_revision",
            "desired_replicas",
            "ready_replicas",
            "observed_at",
            "stale",
            "drift",
            "draft",
            "rollout",
            "created_at",
            "updated_at",
        ]

    def to_representation(self, row: dict[str, Any]) -> dict[str, Any]:
        # The busiest list: asking a field object for each value took most of its time.
        shown = {name: row[column] for name, column in service_columns().items()}
        if row["is_stale"]:
            shown |= STALE if shown["observed_at"] else NOT_MIRRORED
        shown["message"] = retold(shown["message"])
        draft = shown_draft(row["draft"])
        is_masked = self.get_env_masked(row)
        if is_masked:
            shown, draft = masking.of_settings(shown), masking.of_settings(draft)
            shown["drift"] = masking.of_drift(shown["drift"])
        return {
            **shown,
            "env_masked": is_masked,
            "resources": self.get_resources(row),
            "draft": draft,
            "rollout": self.get_rollout(row),
        }

    def get_env_masked(self, row: dict[str, Any]) -> bool:
        return is_masked(self, row["environment__name"])

    @extend_schema_field(ResourceRequirementsSerializer)
    def get_resources(self, row: dict[str, Any]) -> dict[str, dict[str, str]]:
        return {"requests": row["requests"].canonical(), "limits": row["limits"].canonical()}

    @extend_schema_field(ShownRolloutSerializer(allow_null=True))
    def get_rollout(self, row: dict[str, Any]) -> dict[str, Any] | None:
        if not row["running__id"]:
            return None
        shown = {name: row[f"running__{name}"] for name in ShownRolloutSerializer.Meta.fields}
        return {**shown, "message": retold(shown["message"])}


def is_masked(serializer: serializers.BaseSerializer, environment: str) -> bool:
    """Return whether a caller is shown no values; without a context, nobody is."""
    reads_values = serializer.context.get("reads_values")
    return reads_values is None or not reads_values(environment)


class CauseSerializer(Serializer):
    """One step from a rollout to what holds it up, in the words of whoever says it."""

    kind = serializers.ChoiceField(choices=CAUSE_KINDS)
    name = serializers.CharField()
    reason = serializers.CharField()
    message = SentenceField()
    at: Any = serializers.DateTimeField(allow_null=True)
    exit_code: Any = serializers.IntegerField(allow_null=True)
    restarts: Any = serializers.IntegerField(allow_null=True)


class LogHintSerializer(Serializer):
    """What to ask of the log route to read a failing container's last words."""

    pod = serializers.CharField()
    container = serializers.CharField()
    previous = serializers.BooleanField()


class OfferSerializer(Serializer):
    """Whether the caller may do something now, and if not, why."""

    verb = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField()
    message = serializers.CharField()


class ServiceDetailSerializer(ServiceSerializer):
    """One service: why it is as it is, what the caller may do to it, what it is promised."""

    causes: Any = CauseSerializer(many=True)
    log_hint: Any = LogHintSerializer(allow_null=True)
    actions: Any = OfferSerializer(many=True)
    reserved = ResourceListField()

    class Meta(ServiceSerializer.Meta):
        fields = [*ServiceSerializer.Meta.fields, "causes", "log_hint", "actions", "reserved"]

    def to_representation(self, row: dict[str, Any]) -> dict[str, Any]:
        hint = row["log_hint"]
        return {
            **super().to_representation(row),
            "causes": CauseSerializer(row["causes"], many=True).data,
            "log_hint": LogHintSerializer(hint).data if hint else None,
            "actions": OfferSerializer(row["actions"], many=True).data,
            "reserved": row["reserved"].canonical(),
        }


@cache
def service_columns() -> dict[str, str]:
    """Return the column behind each field of a service that is one."""
    fields = ServiceSerializer().fields.items()
    return {name: field.source for name, field in fields if field.source != "*"}


class RolloutStartSerializer(SettingsSerializer):
    """A version to roll out, what else changes with it, and why."""

    version: Any = serializers.CharField(max_length=63)
    reason: Any = serializers.CharField(max_length=500, allow_blank=True, default="")

    class Meta(SettingsSerializer.Meta):
        fields = ["version", *SettingsSerializer.Meta.fields, "reason"]

    def get_fields(self) -> dict[str, Any]:
        return all_optional_but(super().get_fields(), "version")


class NoteSerializer(Serializer):
    """Why, in the caller's words."""

    reason: Any = serializers.CharField(max_length=500, allow_blank=True, default="")


class RollbackSerializer(NoteSerializer):
    """The revision to return to; the last good one when it is left out."""

    revision: Any = serializers.IntegerField(min_value=1, required=False, default=None)


class ScaleSerializer(NoteSerializer):
    """The number of pods, for good or until it expires and the service returns to the former."""

    replicas: Any = serializers.IntegerField(min_value=0, max_value=LARGEST_REPLICAS)
    expires_in = DurationField(
        shortest=temporary.SHORTEST, longest=temporary.LONGEST, allow_null=True, default=None
    )


class ResolveSerializer(NoteSerializer):
    """Whether only to plan, or which plan to carry out, and why."""

    dry_run: Any = serializers.BooleanField(default=False)
    plan: Any = serializers.CharField(max_length=64, allow_blank=True, default="")


class PlannedChangeSerializer(Serializer):
    """What a change alters: a field of an object in the cluster, or a setting of the service."""

    object = serializers.CharField(allow_blank=True)
    field: Any = serializers.CharField(allow_blank=True)
    to: Any = serializers.JSONField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": serializers.JSONField(allow_null=True)}


class QuotaLineSerializer(Serializer):
    """One resource of a change: what is held, its peak, and what is left; null is not limited."""

    resource = serializers.CharField()
    held = serializers.CharField()
    peak = serializers.CharField()
    more = serializers.CharField()
    left: Any = serializers.CharField(allow_null=True)
    fits = serializers.BooleanField()


class PlanSerializer(Serializer):
    """What a change would do; nothing was changed."""

    plan = serializers.CharField()
    kind: Any = serializers.ChoiceField(choices=Kind.choices)
    to_version: Any = serializers.CharField(allow_null=True)
    desired_replicas = serializers.IntegerField()
    changes: Any = PlannedChangeSerializer(many=True)
    quota: Any = QuotaLineSerializer(many=True)
    strategy = StrategySerializer()


class SpecSerializer(Serializer):
    """All that a revision freezes: everything about a service's pods but their number."""

    model: Any = serializers.CharField()
    version: Any = serializers.CharField()
    image: Any = serializers.CharField()
    protocol: Any = serializers.ChoiceField(choices=Protocol.choices)
    port: Any = serializers.IntegerField()
    requests: Any = serializers.DictField(child=serializers.CharField())
    limits: Any = serializers.DictField(child=serializers.CharField())
    gpu_product: Any = serializers.CharField()
    node_selector: Any = serializers.DictField(child=serializers.CharField())
    env: Any = serializers.DictField(child=serializers.CharField())
    command: Any = serializers.ListField(child=serializers.CharField())
    args: Any = serializers.ListField(child=serializers.CharField())
    secrets: Any = SecretUseSerializer(many=True)
    secret_versions: Any = serializers.DictField(child=serializers.IntegerField())
    pull_credentials: Any = serializers.DictField(child=serializers.IntegerField())
    probes: Any = ProbesField()
    progress_deadline_seconds: Any = serializers.IntegerField()

    def to_representation(self, spec: ServiceSpec) -> dict[str, Any]:
        shown: dict[str, Any] = msgspec.to_builtins(spec)
        return shown


class RevisionSerializer(ModelSerializer):
    """What a service was told to be; `replicas` is null for one that no rollout led to."""

    version: Any = serializers.CharField(source="version.version")
    image: Any = serializers.CharField(source="frozen_spec.image")
    replicas: Any = serializers.IntegerField(allow_null=True)
    resources: Any = serializers.SerializerMethodField()
    good: Any = serializers.SerializerMethodField()
    is_good: Any = serializers.SerializerMethodField()
    is_current: Any = serializers.BooleanField()
    spec: Any = SpecSerializer(source="frozen_spec")
    env_masked = serializers.SerializerMethodField()

    class Meta:
        model = Revision
        fields = [
            "number",
            "version",
            "image",
            "replicas",
            "resources",
            "spec",
            "env_masked",
            "good",
            "is_good",
            "is_current",
            "succeeded_at",
            "created_by",
            "created_by_kind",
            "created_by_token",
            "created_at",
        ]

    def to_representation(self, revision: Revision) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(revision)
        return (
            {**shown, "spec": masking.of_settings(shown["spec"])} if shown["env_masked"] else shown
        )

    def get_env_masked(self, revision: Revision) -> bool:
        return is_masked(self, revision.service.environment.name)

    def get_good(self, revision: Revision) -> bool:
        return revision.succeeded_at is not None

    def get_is_good(self, revision: Revision) -> bool:
        return self.get_good(revision)

    @extend_schema_field(ResourceRequirementsSerializer)
    def get_resources(self, revision: Revision) -> dict[str, dict[str, str]]:
        spec = revision.frozen_spec
        return {"requests": spec.requests, "limits": spec.limits}


class TransitionSerializer(ModelSerializer):
    """One entry of a timeline."""

    message: Any = SentenceField()

    class Meta:
        model = RolloutTransition
        fields = ["at", "phase", "reason", "message", "actor", "actor_kind", "actor_token"]


class ClockSerializer(Serializer):
    """When a rollout reached each stage, from the registered version to full traffic."""

    registered_at: Any = serializers.SerializerMethodField()
    requested_at: Any = serializers.DateTimeField(source="created_at")
    admitted_at: Any = serializers.DateTimeField(allow_null=True)
    applied_at: Any = serializers.DateTimeField(allow_null=True)
    scheduled_at: Any = serializers.DateTimeField(allow_null=True)
    started_at: Any = serializers.DateTimeField(allow_null=True)
    first_ready_at: Any = serializers.DateTimeField(allow_null=True)
    finished_at: Any = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_registered_at(self, rollout: Rollout) -> Any:
        return rollout.to_revision.version.created_at if rollout.to_revision else None


class RolloutSerializer(ModelSerializer):
    """One change of one service."""

    project: Any = serializers.CharField(source="service.environment.project.name")
    environment: Any = serializers.CharField(source="service.environment.name")
    service: Any = serializers.CharField(source="service.name")
    kind: Any = serializers.ChoiceField(choices=Kind.choices)
    phase: Any = serializers.ChoiceField(choices=Phase.choices)
    from_version: Any = serializers.SerializerMethodField()
    to_version: Any = serializers.SerializerMethodField()
    from_revision: Any = serializers.IntegerField(
        source="from_revision.number", allow_null=True, default=None
    )
    to_revision: Any = serializers.IntegerField(
        source="to_revision.number", allow_null=True, default=None
    )
    finished: Any = serializers.BooleanField(source="is_finished")
    message: Any = SentenceField()
    note: Any = SentenceField()
    desired_replicas: Any = serializers.IntegerField(source="to_replicas")
    strategy = StrategySerializer()
    clock: Any = ClockSerializer(source="*")

    class Meta:
        model = Rollout
        fields = [
            "id",
            "kind",
            "project",
            "environment",
            "service",
            "from_version",
            "to_version",
            "from_revision",
            "to_revision",
            "strategy",
            "phase",
            "finished",
            "reason",
            "message",
            "note",
            "rolled_back",
            "desired_replicas",
            "updated_replicas",
            "ready_replicas",
            "available_replicas",
            "clock",
            "started_by",
            "started_by_kind",
            "started_by_token",
            "created_at",
        ]

    def get_from_version(self, rollout: Rollout) -> str | None:
        return rollout.from_revision.version.version if rollout.from_revision else None

    def get_to_version(self, rollout: Rollout) -> str | None:
        return rollout.to_revision.version.version if rollout.to_revision else None


class RolloutPodSerializer(Serializer):
    """A pod that a rollout replaces or brings, and what it waits for."""

    name = serializers.CharField()
    node: Any = serializers.CharField(source="node_name")
    ready: Any = serializers.BooleanField(source="is_ready")
    terminating: Any = serializers.BooleanField(source="is_terminating")
    revision: Any = serializers.IntegerField(allow_null=True)
    is_new = serializers.BooleanField()
    reason: Any = serializers.CharField(source="shown_reason")
    message: Any = SentenceField(source="shown_message")


class LastLinesSerializer(Serializer):
    """The last lines of the container that a rollout failed of, kept when it failed."""

    pod = serializers.CharField()
    container = serializers.CharField()
    lines: Any = serializers.ListField(child=serializers.CharField())


class RolloutDetailSerializer(RolloutSerializer):
    """One change with its timeline and pods, what it waits for, and what may be asked of it now."""

    timeline: Any = TransitionSerializer(source="transitions", many=True)
    pods: Any = RolloutPodSerializer(many=True)
    explanation: Any = serializers.CharField()
    last_lines: Any = LastLinesSerializer(allow_null=True)
    actions: Any = OfferSerializer(many=True)

    class Meta(RolloutSerializer.Meta):
        fields = [
            *RolloutSerializer.Meta.fields,
            "timeline",
            "pods",
            "explanation",
            "last_lines",
            "actions",
        ]


class ContainerSerializer(Serializer):
    """A container of a pod: how it is, and how its run before this one ended."""

    name = serializers.CharField()
    kind: Any = serializers.ChoiceField(
        choices=CONTAINER_KINDS, read_only=True, default="container"
    )
    image: Any = serializers.CharField(read_only=True, default="")
    ready: Any = serializers.BooleanField(read_only=True, default=False)
    restarts: Any = serializers.IntegerField(read_only=True, default=0)
    state: Any = serializers.ChoiceField(choices=CONTAINER_STATES)
    reason: Any = serializers.CharField(read_only=True, default="")
    message: Any = serializers.CharField(read_only=True, default="")
    exit_code: Any = serializers.IntegerField(read_only=True, allow_null=True, default=None)
    started_at: Any = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    finished_at: Any = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    last_reason: Any = serializers.CharField(read_only=True, default="")
    last_message: Any = serializers.CharField(read_only=True, default="")
    last_exit_code: Any = serializers.IntegerField(read_only=True, allow_null=True, default=None)
    last_finished_at: Any = serializers.DateTimeField(read_only=True, allow_null=True, default=None)


class PodConditionSerializer(Serializer):
    """A condition of a pod that says something is not as it should be."""

    type = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()


class PodCauseSerializer(Serializer):
    """Why a pod is not ready, and which of its containers to look at."""

    reason = serializers.CharField()
    message = SentenceField()
    container: Any = serializers.CharField(allow_null=True)


class PodSerializer(Serializer):
    """A pod of a service, as the mirror shows it; `cause` is null for one that is ready."""

    name = serializers.CharField()
    node: Any = serializers.CharField(source="node_name")
    version: Any = serializers.CharField(allow_null=True)
    gpus: Any = serializers.SerializerMethodField()
    phase = serializers.CharField()
    ready: Any = serializers.BooleanField(source="is_ready")
    terminating: Any = serializers.BooleanField(source="is_terminating")
    revision: Any = serializers.IntegerField(allow_null=True)
    requests = ResourceListField()
    reason = serializers.CharField()
    message = serializers.CharField()
    cause: Any = serializers.SerializerMethodField()
    conditions: Any = PodConditionSerializer(many=True)
    finalizers: Any = serializers.ListField(child=serializers.CharField())
    deletion_due_at: Any = serializers.DateTimeField(allow_null=True)
    ip = serializers.CharField()
    containers: Any = ContainerSerializer(many=True)
    created_at = serializers.DateTimeField()
    started_at: Any = serializers.DateTimeField(allow_null=True)

    def get_gpus(self, pod: Pod) -> int:
        devices: int = pod.requests.gpu_devices
        return devices

    @extend_schema_field(PodCauseSerializer(allow_null=True))
    def get_cause(self, pod: Pod) -> Any:
        cause = pod_cause(pod)
        return PodCauseSerializer(cause).data if cause else None


class EventSerializer(Serializer):
    """A Kubernetes event about a service's objects."""

    type = serializers.CharField()
    reason: Any = serializers.CharField(source="event_reason")
    message = serializers.CharField()
    object_kind: Any = serializers.CharField(source="involved_kind")
    object_name: Any = serializers.CharField(source="involved_name")
    count = serializers.IntegerField()
    first_seen_at: Any = serializers.DateTimeField(allow_null=True)
    last_seen_at = serializers.DateTimeField()
