"""Model services, their revisions and rollouts, and the secrets that they use."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

import msgspec
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import ActorKind, User
from clusters.models import Cluster
from clusters.staleness import stale
from core.fields import JSONField, MessageField, ResourcesField
from core.leased import Leased, LeasedQuerySet
from core.names import validate_dns_label
from core.reasons import Reason
from projects.models import Environment, Project, visible_to
from registry.models import ModelVersion, RegisteredModel
from serving.diagnosis.health import Health
from serving.manifests.spec import PROGRESS_DEADLINE_SECONDS, ServiceSpec
from serving.rules.drafts import SETTINGS, Settings
from serving.rules.lifecycle import FINISHED, Phase, Position, RolloutKind
from serving.rules.steps import Pause, Steps
from serving.rules.strategy import Replacement, Strategy, from_json
from serving.rules.temporary import Replicas

LARGEST_REPLICAS = 1000


def choices_of(words: type[StrEnum]) -> list[tuple[str, str]]:
    """Return the words of a rule as a column's choices, labelled as Django labels its own."""
    return [(word.value, word.name.replace("_", " ").title()) for word in words]


ROLLOUT_KINDS, ROLLOUT_PHASES = choices_of(RolloutKind), choices_of(Phase)
HEALTHS = choices_of(Health)


class Protocol(models.TextChoices):
    """The protocol a service speaks; it determines probes and port names."""

    HTTP = "http"
    GRPC = "grpc"
    THRIFT = "thrift"


def ids_among(names: Iterable[str]) -> Iterator[uuid.UUID]:
    """Yield, as ids, those names that are ids."""
    for name in names:
        with suppress(ValueError):
            yield uuid.UUID(name)


# SQL: whether anything of the name of `service` is its own, since it was rolled out.
ROLLED_OUT = "(service.applied != '[]' OR service.current_revision_id IS NOT NULL)"


class ModelServiceQuerySet(models.QuerySet["ModelService"]):
    def visible_to(self, user: User | AnonymousUser) -> "ModelServiceQuerySet":
        """Keep the services of projects a user may know about."""
        return self.filter(visible_to(user, project="project"))

    def at(self, places: Collection[tuple[str, str]]) -> "ModelServiceQuerySet":
        """Keep services at these namespaces and names or ids, in any combination of the two."""
        names = {name for _, name in places}
        return self.filter(
            Q(name__among=names) | Q(pk__among=ids_among(names)),
            environment__namespace__among={namespace for namespace, _ in places},
        )

    def ids_by_name(self, environments: Iterable[int]) -> dict[tuple[int, str], uuid.UUID]:
        """Return the ids of the services that should run, by environment and name."""
        rows = self.filter(environment__in=list(environments)).exclude(
            applied=[], current_revision=None
        )
        named = rows.values_list("environment_id", "name", "pk")
        return {(environment, name): pk for environment, name, pk in named}

    def with_shown_health(self, *, now: datetime | Now) -> "ModelServiceQuerySet":
        """Annotate `shown_health` and `is_stale`: a stale mirror makes health Unknown.

        A Stopped service that should run no pods stays Stopped: that needs no mirror.
        """
        is_stopped = Q(health=Health.STOPPED, desired_replicas=0)
        is_unknown = stale("environment__cluster__mirrored_at", now=now) & ~is_stopped
        return self.annotate(
            is_stale=models.Case(
                models.When(is_unknown, then=True),
                default=False,
                output_field=models.BooleanField(),
            ),
            shown_health=models.Case(
                models.When(is_unknown, then=Value(Health.UNKNOWN.value)),
                default=F("health"),
            ),
        )

    def with_running_rollout(self) -> "ModelServiceQuerySet":
        """Join the unfinished rollout as `running`; there is never more than one."""
        # In the words of the index `one_unfinished_rollout`; by `finished_at`, all would be read.
        unfinished = ~Q(rollouts__phase__in=FINISHED)
        return self.annotate(running=models.FilteredRelation("rollouts", condition=unfinished))

    def returning(self, *, now: datetime) -> "ModelServiceQuerySet":
        """Keep services whose temporary scale has expired, without drift or another rollout."""
        unfinished = Rollout.objects.unfinished().filter(service=models.OuterRef("pk"))
        # What others have written must not be overwritten before anybody has seen it.
        undrifted = self.filter(~models.Exists(unfinished), drift=[])
        return undrifted.filter(temporary_expires_at__lte=now)


def rolling() -> dict[str, str]:
    """Return the strategy of a service that states none."""
    return {"type": Strategy.ROLLING.value}


class ModelService(models.Model):
    """A model served in one environment.

    The fields below `model` are its settings as the last successful rollout left them. Before the
    first rollout they are what people have stated.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # An environment is deleted only once its services hold nothing; the audit log outlives both.
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="services")
    # The environment's own, which never changes: a project's services are read by one index.
    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    # Leaves room for the suffixes that Kubernetes adds to pod names.
    name = models.CharField(max_length=45, validators=[validate_dns_label])
    model = models.ForeignKey(RegisteredModel, models.PROTECT, related_name="services")
    protocol = models.CharField(max_length=10, choices=Protocol, default=Protocol.HTTP)
    port = models.PositiveIntegerField(
        default=8080, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    replicas = models.PositiveIntegerField(
        default=1, validators=[MaxValueValidator(LARGEST_REPLICAS)]
    )
    # Takes precedence over `replicas` until it expires; see `rules.temporary`.
    temporary_replicas = models.PositiveIntegerField(
        null=True, validators=[MaxValueValidator(LARGEST_REPLICAS)]
    )
    temporary_expires_at = models.DateTimeField(null=True)
    requests = ResourcesField()
    limits = ResourcesField()
    gpu_product = models.CharField(max_length=63, blank=True)
    node_selector = JSONField(default=dict)
    env = JSONField(default=dict)
    command = JSONField(default=list)
    args = JSONField(default=list)
    # `[{secret, key, env}]` or `[{secret, key?, path}]`; see `manifests.spec.SecretRef`.
    secrets = JSONField(default=list)
    probes = JSONField(default=dict)
    strategy = JSONField(default=rolling)
    progress_deadline_seconds = models.PositiveIntegerField(
        default=PROGRESS_DEADLINE_SECONDS,
        validators=[MinValueValidator(10), MaxValueValidator(86_400)],
    )
    # Settings that the next rollout will apply on top of those above; see `rules.drafts`.
    draft = JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # The revision last reached; null before the first success and after decommissioning.
    current_revision = models.ForeignKey(
        "Revision", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # How many pods were last applied.
    desired_replicas = models.PositiveIntegerField(default=0)
    # The fence: every claim of a rollout increments it, which tells older writers from newer ones.
    epoch = models.PositiveBigIntegerField(default=0)

    # The manifests that were last applied, and how the mirror differs from them:
    # `[{object, field, wanted, found, manager, since}]`.
    applied = JSONField(default=list)
    drift = JSONField(default=list)
    # How far the cluster had got when a worker last saw that; what the mirror read before then is
    # out of date.
    seen_version = models.BigIntegerField(default=0)
    # The mirror shows a difference but has not read far enough to confirm it, or is too stale for
    # room to be released.
    awaits_mirror = models.BooleanField(default=False)

    # What the mirror last showed; `with_shown_health` takes its age into account.
    health = models.CharField(max_length=20, choices=HEALTHS, default=Health.STOPPED)
    reason = models.CharField(max_length=63, blank=True)
    message = MessageField()
    ready_replicas = models.PositiveIntegerField(default=0)
    observed_at = models.DateTimeField(null=True)

    objects = ModelServiceQuerySet.as_manager()

    class Meta:
        verbose_name = "service"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "name"],
                name="one_service_per_name",
                violation_error_code="Conflict",
                violation_error_message=gettext_lazy(
                    "The environment already has a service of this name."
                ),
            ),
            models.CheckConstraint(
                condition=Q(temporary_replicas=None, temporary_expires_at=None)
                | Q(temporary_replicas__isnull=False, temporary_expires_at__isnull=False),
                name="temporary_replicas_expire",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "name", "id"], name="services_by_project"),
            models.Index(
                fields=["temporary_expires_at"],
                condition=Q(temporary_expires_at__isnull=False),
                name="temporary_scales",
            ),
            models.Index(
                fields=["id"], condition=Q(awaits_mirror=True), name="services_await_mirror"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.environment.name}/{self.name}"

    @property
    def cluster(self) -> Cluster:
        return self.environment.cluster

    @property
    def settings(self) -> Settings:
        """The settings as values, by field."""
        return {name: getattr(self, name) for name in SETTINGS}

    @property
    def replica_counts(self) -> Replicas:
        """The permanent and temporary replica counts, as the value that rules work on."""
        return Replicas(self.replicas, self.temporary_replicas, self.temporary_expires_at)


class Revision(models.Model):
    """An immutable snapshot of a service's image and settings together."""

    service = models.ForeignKey(ModelService, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="revisions")
    # A `manifests.spec.ServiceSpec` as JSON.
    spec = JSONField()
    # The versions that `spec` names, except those that are no longer stored.
    secret_versions: Any = models.ManyToManyField("SecretVersion", related_name="revisions")
    created_by = models.CharField(max_length=150)
    created_by_kind = models.CharField(max_length=20, choices=ActorKind, blank=True)
    created_by_token = models.CharField(max_length=63, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # When a rollout last brought all of its pods up; null if none ever did.
    succeeded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["service", "number"], name="one_revision_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.service.name} r{self.number}"

    @property
    def frozen_spec(self) -> ServiceSpec:
        """The value that manifests are built from."""
        return msgspec.convert(self.spec, ServiceSpec)


class SecretQuerySet(models.QuerySet["Secret"]):
    def current(self) -> "SecretQuerySet":
        """Keep the secrets that have not been deleted."""
        return self.filter(deleted_at=None)


class Secret(models.Model):
    """What the services of an environment may use and nobody may read: values, or a login.

    A pull credential is for every service of its environment, because it belongs to the registry
    that images come from and not to what a service does.
    """

    class Kind(models.TextChoices):
        VALUES = "values"
        PULL_CREDENTIAL = "pull_credential"

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="secrets")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.VALUES)
    name = models.CharField(max_length=63, validators=[validate_dns_label])
    keys = JSONField(default=list)
    # The registry that a pull credential is for, such as `registry.example.com`.
    server = models.CharField(max_length=255, blank=True)
    # The number of its newest version, and who made that.
    version = models.PositiveIntegerField(default=0)
    changed_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Its last versions are kept for as long as pods run with them.
    deleted_at = models.DateTimeField(null=True)

    objects = SecretQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "kind", "name"],
                condition=Q(deleted_at=None),
                name="one_secret_per_name",
                violation_error_code="Conflict",
                violation_error_message=gettext_lazy(
                    "The environment already has a secret of this name."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.environment.name}/{self.name}"


class SecretVersion(models.Model):
    """The encrypted values of a secret, from one change to the next."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    secret = models.ForeignKey(Secret, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["secret", "number"], name="one_version_of_a_secret_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.secret.name} v{self.number}"


class SecretObject(models.Model):
    """A Kubernetes Secret made from a version, or to be removed if it has no version any more.

    Its name is never reused, so that a late delete cannot hit a newer Secret.
    """

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    version = models.OneToOneField(SecretVersion, models.SET_NULL, null=True, related_name="object")

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(version=None), name="secrets_to_remove")]

    def __str__(self) -> str:
        return self.name


class ServiceObject(models.Model):
    """An object once seen to belong to a service: its events are shown even after it is gone."""

    service = models.ForeignKey(ModelService, models.CASCADE, related_name="+")
    uid = models.CharField(max_length=63)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "uid"], name="one_row_per_service_object")
        ]

    def __str__(self) -> str:
        return self.uid


class RolloutQuerySet(LeasedQuerySet["Rollout"]):
    def visible_to(self, user: User | AnonymousUser) -> "RolloutQuerySet":
        """Keep the rollouts of projects a user may know about."""
        return self.filter(visible_to(user, project="project"))

    def unfinished(self) -> "RolloutQuerySet":
        return self.exclude(phase__in=FINISHED)

    def due(self, *, now: datetime) -> "RolloutQuerySet":
        """Keep the unfinished rollouts that a worker should look at now."""
        return super().due(now=now).unfinished()

    def overdue(self, *, now: datetime) -> "RolloutQuerySet":
        """Keep rollouts that should have ended by now: not paused, and past their deadline."""
        key = "progress_deadline_seconds"
        stated = models.Case(
            models.When(
                phase=Phase.ROLLING_BACK, then=KeyTextTransform(key, "from_revision__spec")
            ),
            default=KeyTextTransform(key, "to_revision__spec"),
        )
        # Without a target revision, as in a decommission, the service states the deadline.
        seconds = Coalesce(Cast(stated, models.IntegerField()), F(f"service__{key}"))
        deadline = models.ExpressionWrapper(
            Coalesce("progressed_at", "created_at") + seconds * Value(timedelta(seconds=1)),
            models.DateTimeField(),
        )
        running = self.unfinished().exclude(phase=Phase.PAUSED)
        return running.alias(deadline=deadline).filter(deadline__lt=now)


class Rollout(Leased):
    """One change of one service, from the request to its end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        ModelService, models.CASCADE, related_name="rollouts", db_index=False
    )
    # The service's own, which never changes: a project's history is read by one index.
    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=ROLLOUT_KINDS)
    phase = models.CharField(max_length=20, choices=ROLLOUT_PHASES, default=Phase.PENDING)
    reason = models.CharField(max_length=63, blank=True)
    message = MessageField()
    strategy = JSONField(default=dict)
    from_revision = models.ForeignKey(
        Revision, models.RESTRICT, null=True, blank=True, related_name="+"
    )
    to_revision = models.ForeignKey(
        Revision, models.RESTRICT, null=True, blank=True, related_name="rollouts"
    )
    from_replicas = models.PositiveIntegerField(default=0)
    to_replicas = models.PositiveIntegerField(default=0)
    # What becomes the service's settings once it has succeeded; see `rules.drafts`.
    settings = JSONField(default=dict)
    # The drift that it resolves, as seen by whoever asked for it. If there is any, no other manager
    # keeps ownership of our objects' fields: `[{object, field, wanted, found, manager, since}]`.
    resolves = JSONField(default=list)
    # Objects of others that it deletes, because its plan said so: `[{kind, name, uid}]`.
    removes = JSONField(default=list)
    started_by = models.CharField(max_length=150)
    started_by_kind = models.CharField(max_length=20, choices=ActorKind, blank=True)
    started_by_token = models.CharField(max_length=63, blank=True)
    # Why somebody asked for it, in their own words, or why the system started it.
    note = MessageField()
    rolled_back = models.BooleanField(default=False)
    # Why it is rolling back; it will finish with this reason.
    failure_reason = models.CharField(max_length=63, blank=True)
    failure_message = MessageField()
    # The last log lines of the container that made it fail, `{pod, container, lines}`. They are a
    # log: whoever may not read the project's logs may not read them either.
    last_lines = JSONField(null=True)

    updated_replicas = models.PositiveIntegerField(default=0)
    ready_replicas = models.PositiveIntegerField(default=0)
    available_replicas = models.PositiveIntegerField(default=0)

    # How many of its steps are behind it, and since when; see `rules.steps`.
    step = models.PositiveSmallIntegerField(default=0)
    step_started_at = models.DateTimeField(null=True)
    # While a candidate runs beside the revision that ran before: that one's ready pods, and what
    # the candidate gets of the requests, from 0 to 1; null if that is unknown.
    running_ready_replicas = models.PositiveIntegerField(null=True)
    candidate_share = models.FloatField(null=True)

    # The service's epoch of its last claim, by which the cluster tells one holder from another.
    epoch = models.PositiveBigIntegerField(default=0)
    # The furthest the numbers have been in this phase, and when they last got further; the progress
    # deadline counts from then.
    high_water = JSONField(default=list)
    progressed_at = models.DateTimeField(null=True)
    # Its writes in a row in this phase, and when the last one was; see `core.pace`.
    writes = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField(null=True)
    # Since when the cluster has not answered; the deadline waits for that, but not for ever.
    outage_started_at = models.DateTimeField(null=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    admitted_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    scheduled_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    first_ready_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RolloutQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=~Q(phase__in=FINISHED),
                name="one_unfinished_rollout",
                violation_error_code="RolloutInProgress",
                violation_error_message=gettext_lazy(
                    "The service already has an unfinished rollout."
                ),
            ),
            models.CheckConstraint(
                condition=Q(phase__in=FINISHED, finished_at__isnull=False)
                | (~Q(phase__in=FINISHED) & Q(finished_at=None)),
                name="finished_rollouts_have_an_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_run_at"], condition=~Q(phase__in=FINISHED), name="due_rollouts"
            ),
            models.Index(fields=["-created_at", "-id"], name="rollouts_by_time"),
            *(
                models.Index(fields=[column, "-created_at", "-id"], name=f"rollouts_by_{column}")
                for column in ("project", "service", "phase", "kind", "started_by")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.service}"

    @property
    def is_finished(self) -> bool:
        return self.phase in FINISHED

    def count_anew(self, *, now: datetime) -> None:
        """Start counting for a new phase: its deadline runs from now, and it may write at once."""
        self.progressed_at, self.high_water, self.writes = now, [], 0

    def reach(self, step: int, *, now: datetime) -> None:
        """Go on to a step: its pause and its deadline run from now."""
        self.step, self.step_started_at = step, now
        self.count_anew(now=now)

    @property
    def changes_revision(self) -> bool:
        """Whether its pods are of a different revision from those that ran before."""
        return self.to_revision_id is not None and self.to_revision_id != self.from_revision_id

    @property
    def is_other(self) -> bool:
        """Whether its target differs from what it started from, in revision or replicas."""
        before = self.from_revision_id, self.from_replicas
        return (self.to_revision_id, self.to_replicas) != before

    @cached_property
    def replacement(self) -> Replacement:
        """How its pods are replaced, as the value that rules work on."""
        return from_json(self.strategy)

    @property
    def steps(self) -> Steps:
        """The steps before all pods are the candidate's; none if it does not go by steps."""
        return self.replacement.all_steps if self.from_replicas and self.to_replicas else ()

    @property
    def position(self) -> Position:
        """Where it stands among its steps, as the value that rules work on."""
        steps = self.steps
        is_at_pause = self.step < len(steps) and isinstance(steps[self.step], Pause)
        awaits_promotion = self.phase == Phase.PAUSED and self.reason == Reason.AWAITING_PROMOTION
        return Position(len(steps), self.step, is_at_pause, awaits_promotion)


class RolloutTransition(models.Model):
    """One entry of a rollout's timeline."""

    rollout = models.ForeignKey(Rollout, models.CASCADE, related_name="transitions")
    at = models.DateTimeField()
    from_phase = models.CharField(max_length=20, blank=True)
    phase = models.CharField(max_length=20, choices=ROLLOUT_PHASES)
    reason = models.CharField(max_length=63)
    message = MessageField()
    actor = models.CharField(max_length=150)
    actor_kind = models.CharField(max_length=20, choices=ActorKind, blank=True)
    actor_token = models.CharField(max_length=63, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.phase}: {self.reason}"
