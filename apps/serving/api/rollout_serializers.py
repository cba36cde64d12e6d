"""How the API shows rollouts."""

from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from core.api.serializers import ModelSerializer, Serializer, columns_of
from core.messages import Message
from serving.allowed_actions import AllowedAction
from serving.api.changes import AllowedActionSerializer, ShownStepSerializer
from serving.api.settings_serializers import StrategySerializer
from serving.diagnosis.read import RolloutPod
from serving.models import ROLLOUT_KINDS, ROLLOUT_PHASES, Rollout, RolloutTransition
from serving.rules.lifecycle import FINISHED
from serving.rules.strategy import SplitBy


class TransitionSerializer(ModelSerializer):
    """One entry of a timeline."""

    class Meta:
        model = RolloutTransition
        fields = ["at", "phase", "reason", "message", "actor", "actor_kind", "actor_token"]

    def to_representation(self, entry: RolloutTransition) -> dict[str, Any]:
        shown = {name: getattr(entry, name) for name in self.Meta.fields}
        return {**shown, "message": str(entry.message)}


class ClockSerializer(Serializer):
    """When a rollout reached each stage, from the registered version to full traffic."""

    registered_at = serializers.DateTimeField(
        source="to_revision__version__created_at", allow_null=True, read_only=True
    )
    requested_at = serializers.DateTimeField(source="created_at")
    admitted_at = serializers.DateTimeField(allow_null=True)
    applied_at = serializers.DateTimeField(allow_null=True)
    scheduled_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    first_ready_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class RolloutSerializer(ModelSerializer):
    """One change of one service."""

    project = serializers.CharField(source="project__name")
    environment = serializers.CharField(source="service__environment__name")
    service = serializers.CharField(source="service__name")
    kind = serializers.ChoiceField(choices=ROLLOUT_KINDS)
    phase = serializers.ChoiceField(choices=ROLLOUT_PHASES)
    from_version = serializers.CharField(
        source="from_revision__version__version", allow_null=True, read_only=True
    )
    to_version = serializers.CharField(
        source="to_revision__version__version", allow_null=True, read_only=True
    )
    from_revision = serializers.IntegerField(source="from_revision__number", allow_null=True)
    to_revision = serializers.IntegerField(source="to_revision__number", allow_null=True)
    finished = serializers.BooleanField(source="*")
    desired_replicas = serializers.IntegerField(source="to_replicas")
    strategy = StrategySerializer()
    clock = ClockSerializer(source="*")

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

    def to_representation(self, row: dict[str, Any]) -> dict[str, Any]:
        # A busy list: asking a field object for each value took most of its time.
        shown = {name: row[column] for name, column in columns_of(RolloutSerializer).items()}
        return {
            **shown,
            "message": str(shown["message"]),
            "note": str(shown["note"]),
            "finished": shown["phase"] in FINISHED,
            "clock": {name: row[column] for name, column in columns_of(ClockSerializer).items()},
        }


class RolloutPodSerializer(Serializer):
    """A pod that a rollout replaces or creates, and what it waits for."""

    name = serializers.CharField(source="pod.name")
    node = serializers.CharField(source="pod.node_name")
    ready = serializers.BooleanField(source="pod.is_ready")
    terminating = serializers.BooleanField(source="pod.is_terminating")
    revision = serializers.IntegerField(source="pod.revision", allow_null=True)
    is_new = serializers.BooleanField()
    reason = serializers.CharField()
    message = serializers.CharField()


class LastLinesSerializer(Serializer):
    """The last log lines of the container that made a rollout fail, kept when it failed."""

    pod = serializers.CharField()
    container = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())


@dataclass(frozen=True, slots=True)
class StartedRollout:
    """A rollout with its timeline."""

    rollout: Rollout
    timeline: list[RolloutTransition]


class TrafficSerializer(Serializer):
    """How requests are split between the candidate and the revision that ran before.

    `share` is what the candidate gets now, from 0 to 1; null if that is unknown.
    """

    by = serializers.ChoiceField(choices=[(one.value, one.value) for one in SplitBy])
    share = serializers.FloatField(allow_null=True)
    candidate_ready = serializers.IntegerField()
    running_ready = serializers.IntegerField(allow_null=True)


class StartedRolloutSerializer(RolloutSerializer):
    """One change that has just been started, with its timeline and steps.

    `step` says how many of the steps are behind it. `traffic` is null for a change without steps,
    and once all requests go to the new pods.
    """

    timeline = TransitionSerializer(many=True)
    steps = ShownStepSerializer(many=True)
    step = serializers.IntegerField()
    step_started_at = serializers.DateTimeField(allow_null=True)
    traffic = TrafficSerializer(allow_null=True)

    class Meta(RolloutSerializer.Meta):
        fields = [
            *RolloutSerializer.Meta.fields,
            "timeline",
            "steps",
            "step",
            "step_started_at",
            "traffic",
        ]

    def to_representation(self, page: StartedRollout) -> dict[str, Any]:  # type: ignore[override]
        rollout = page.rollout
        columns = {name: at(rollout, name) for name in rollout_columns()}
        return {
            **super().to_representation(columns),
            "timeline": TransitionSerializer(page.timeline, many=True).data,
            "steps": shown_steps_of(rollout),
            "step": rollout.step,
            "step_started_at": rollout.step_started_at,
            "traffic": traffic_of(rollout),
        }


def shown_steps_of(rollout: Rollout) -> list[dict[str, Any]]:
    """Return the steps of a rollout as they are shown."""
    old, new = rollout.from_replicas, rollout.to_replicas
    return rollout.replacement.shown_steps(old=old, new=new) if rollout.steps else []


def traffic_of(rollout: Rollout) -> dict[str, Any] | None:
    """Return how requests are split now between both sides of a rollout that goes by steps."""
    if not rollout.steps or rollout.is_finished:
        return None
    return {
        "by": rollout.replacement.split_by.value,
        "share": rollout.candidate_share,
        "candidate_ready": rollout.ready_replicas,
        "running_ready": rollout.running_ready_replicas,
    }


@dataclass(frozen=True, slots=True)
class RolloutPage(StartedRollout):
    """A rollout with its pods, what it waits for, and what its reader may ask of it."""

    pods: list[RolloutPod]
    explanation: Message
    actions: list[AllowedAction]


class RolloutDetailSerializer(StartedRolloutSerializer):
    """One change with its timeline and pods, what it waits for, and what may be asked of it now."""

    pods = RolloutPodSerializer(many=True)
    explanation = serializers.CharField()
    last_lines = LastLinesSerializer(allow_null=True)
    actions = AllowedActionSerializer(many=True)

    class Meta(StartedRolloutSerializer.Meta):
        fields = [
            *StartedRolloutSerializer.Meta.fields,
            "pods",
            "explanation",
            "last_lines",
            "actions",
        ]

    def to_representation(self, page: RolloutPage) -> dict[str, Any]:  # type: ignore[override]
        return {
            **super().to_representation(page),
            "pods": RolloutPodSerializer(page.pods, many=True).data,
            "explanation": str(page.explanation),
            "last_lines": page.rollout.last_lines,
            "actions": AllowedActionSerializer(page.actions, many=True).data,
        }


def rollout_columns() -> set[str]:
    """Return all columns that a rollout is shown from."""
    return {*columns_of(RolloutSerializer).values(), *columns_of(ClockSerializer).values()}


def at(row: Any, column: str) -> Any:
    """Return what a column of a joined row holds; None where nothing is joined."""
    for name in column.split("__"):
        row = None if row is None else getattr(row, name)
    return row
