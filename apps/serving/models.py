"""Model services, the revisions they were told to be, and every change as a rollout."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
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
from core.fields import MessageField, ResourcesField
from core.leased import Leased, LeasedQuerySet
from core.names import validate_dns_label
from projects.models import Environment, Project
from registry.models import ModelVersion, RegisteredModel
from serving.diagnosis.health import Health
from serving.manifests.spec import PROGRESS_DEADLINE_SECONDS, ServiceSpec
from serving.rules.drafts import SETTINGS, Settings
from serving.rules.lifecycle import FINISHED, Phase, RolloutKind
from serving.rules.strategy import ROLLING
from serving.rules.temporary import Replicas

LARGEST_REPLICAS = 1000


class Protocol(models.TextChoices):
    """What a service speaks; it decides probes and port names."""

    HTTP = "http"
    GRPC = "grpc"
    THRIFT = "thrift"


def ids_among(names: Iterable[str]) -> Iterator[uuid.UUID]:
    """Yield those of some names that are ids."""
    for name in names:
        with suppress(ValueError):
            yield uuid.UUID(name)


class ModelServiceQuerySet(models.QuerySet["ModelService"]):
    def visible_to(self, user: User | AnonymousUser) -> "ModelServiceQuerySet":
        """Keep the services of projects a user may know about."""
        return self.filter(environment__project__in=Project.objects.visible_to(user))

    def at(self, places: Collection[tuple[str, str]]) -> "ModelServiceQuerySet":
        """Keep the services of these namespaces and names or ids, and more where they cross."""
        names = {name for _, name in places}
        return self.filter(
            Q(name__among=names) | Q(pk__among=ids_among(names)),
            environment__namespace__among={namespace for namespace, _ in places},
        )

    def ids_by_name(self, environments: Iterable[int]) -> dict[tuple[int, str], uuid.UUID]:
        """Return the ids of all services of some environments, by environment and name."""
        rows = self.filter(environment__in=list(environments)).exclude(
            applied=[], current_revision=None
        )
        named = rows.values_list("environment_id", "name", "pk")
        return {(environment, name): pk for environment, name, pk in named}

    def with_shown_health(self, *, now: datetime | Now) -> "ModelServiceQuerySet":
        """Annotate `shown_health` and `is_stale`: an old mirror makes any health Unknown.

        Only what the cluster was never told to run is known to be Stopped without looking.
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
        """Join `running`, the unfinished rollout; there is never more than one."""
        unfinished = Q(rollouts__finished_at=None)
        return self.annotate(running=models.FilteredRelation("rollouts", condition=unfinished))

    def returning(self, *, now: datetime) -> "ModelServiceQuerySet":
        """Keep services whose temporary scale is over and that nothing else changes now."""
        unfinished = Rollout.objects.unfinished().filter(service=models.OuterRef("pk"))
        # What others have written meanwhile is not overwritten without anybody's having seen it.
        undrifted = self.filter(~models.Exists(unfinished), drift=[])
        return undrifted.filter(temporary_expires_at__lte=now)


def rolling() -> dict[str, str]:
    """Return the strategy of a service that states none."""
    return {"type": ROLLING}


class ModelService(models.Model):
    """The thing that answers requests, in one environment.

    The fields below `model` are its settings: what the last rollout that succeeded made of them.
    Before there was a rollout they are what it was created with.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # An environment goes only when none of its services holds anything; the audit outlives both.
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="services")
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
    # Stands before `replicas` until it expires; see `rules.temporary`.
    temporary_replicas = models.PositiveIntegerField(
        null=True, validators=[MaxValueValidator(LARGEST_REPLICAS)]
    )
    temporary_expires_at = models.DateTimeField(null=True)
    requests = ResourcesField()
    limits = ResourcesField()
    gpu_product = models.CharField(max_length=63, blank=True)
    node_selector = models.JSONField(default=dict)
    env = models.JSONField(default=dict)
    command = models.JSONField(default=list)
    args = models.JSONField(default=list)
    # `[{secret, key, env}]` or `[{secret, key?, path}]`; see `manifests.spec.SecretUse`.
    secrets = models.JSONField(default=list)
    probes = models.JSONField(default=dict)
    strategy = models.JSONField(default=rolling)
    progress_deadline_seconds = models.PositiveIntegerField(
        default=PROGRESS_DEADLINE_SECONDS,
        validators=[MinValueValidator(10), MaxValueValidator(86_400)],
    )
    # Settings that the next rollout will apply beside those above; see `rules.drafts`.
    draft = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # What was last reached; null before the first success and after decommissioning.
    current_revision = models.ForeignKey(
        "Revision", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # How many pods the cluster was last told to hold.
    desired_replicas = models.PositiveIntegerField(default=0)
    # The fence: grows with every claim of a rollout, so an older writer can be told from a newer.
    epoch = models.PositiveBigIntegerField(default=0)

    # The manifests that were last applied, and in what the mirror differs from them:
    # `[{object, field, wanted, found, manager, since}]`.
    applied = models.JSONField(default=list)
    drift = models.JSONField(default=list)
    # How far the cluster was when a worker last saw that: what the mirror saw before is the past.
    seen_version = models.BigIntegerField(default=0)
    # Something differs as far as the mirror has read, which is not far enough; or it is too old for
    # room to be given back.
    awaits_mirror = models.BooleanField(default=False)

    # What the mirror showed last; `with_shown_health` adds how old that is.
    health = models.CharField(max_length=20, choices=Health, default=Health.STOPPED)
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
    def project(self) -> Project:
        return self.environment.project

    @property
    def cluster(self) -> Cluster:
        return self.environment.cluster

    @property
    def settings(self) -> Settings:
        """The settings as values, by field."""
        return {name: getattr(self, name) for name in SETTINGS}

    @property
    def replica_counts(self) -> Replicas:
        """The number for good and what is temporary, as the value that rules work on."""
        return Replicas(self.replicas, self.temporary_replicas, self.temporary_expires_at)


class Revision(models.Model):
    """An immutable snapshot of what a service was told to be, image and settings together."""

    service = models.ForeignKey(ModelService, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="revisions")
    # A `manifests.spec.ServiceSpec` as JSON.
    spec = models.JSONField()
    # Those that `spec` names; one that is no longer kept is not among them.
    secret_versions: Any = models.ManyToManyField("SecretVersion", related_name="revisions")
    created_by = models.CharField(max_length=150)
    created_by_kind = models.CharField(max_length=20, choices=ActorKind, blank=True)
    created_by_token = models.CharField(max_length=63, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # When a rollout last reached it completely; null for one that never became good.
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
        """Keep those that nobody has deleted."""
        return self.filter(deleted_at=None)


class Secret(models.Model):
    """What the services of an environment may know and nobody may read: values, or a login.

    A pull credential is for every service of its environment, because it belongs to where images
    come from and not to what a service does.
    """

    class Kind(models.TextChoices):
        VALUES = "values"
        PULL_CREDENTIAL = "pull_credential"

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="secrets")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.VALUES)
    name = models.CharField(max_length=63, validators=[validate_dns_label])
    keys = models.JSONField(default=list)
    # Where a pull credential is for, such as `registry.example.com`.
    server = models.CharField(max_length=255, blank=True)
    # The newest of its versions, and who made it.
    version = models.PositiveIntegerField(default=0)
    changed_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Its last versions stay as long as pods run with them.
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
    """The values of a secret from one change to the next, sealed."""

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
    """A Kubernetes Secret that we make of a version, or have to remove when it has none.

    Its name is used once: whoever comes late deletes nothing that others have made since.
    """

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    version = models.OneToOneField(SecretVersion, models.SET_NULL, null=True, related_name="object")

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(version=None), name="secrets_to_remove")]

    def __str__(self) -> str:
        return self.name


class ServiceObject(models.Model):
    """An object that was once seen to belong to a service: its events are told after it is gone."""

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
        return self.filter(service__environment__project__in=Project.objects.visible_to(user))

    def unfinished(self) -> "RolloutQuerySet":
        return self.exclude(phase__in=FINISHED)

    def due(self, *, now: datetime) -> "RolloutQuerySet":
        """Keep what a worker should look at; what is finished is over."""
        return super().due(now=now).unfinished()

    def overdue(self, *, now: datetime) -> "RolloutQuerySet":
        """Keep what should have ended by now: nobody paused it, and its deadline has passed."""
        key = "progress_deadline_seconds"
        stated = models.Case(
            models.When(
                phase=Phase.ROLLING_BACK, then=KeyTextTransform(key, "from_revision__spec")
            ),
            default=KeyTextTransform(key, "to_revision__spec"),
        )
        # What is removed has no revision to lead to.
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
    service = models.ForeignKey(ModelService, models.CASCADE, related_name="rollouts")
    kind = models.CharField(max_length=20, choices=RolloutKind)
    phase = models.CharField(max_length=20, choices=Phase, default=Phase.PENDING)
    reason = models.CharField(max_length=63, blank=True)
    message = MessageField()
    strategy = models.JSONField(default=dict)
    from_revision = models.ForeignKey(
        Revision, models.RESTRICT, null=True, blank=True, related_name="+"
    )
    to_revision = models.ForeignKey(
        Revision, models.RESTRICT, null=True, blank=True, related_name="rollouts"
    )
    from_replicas = models.PositiveIntegerField(default=0)
    to_replicas = models.PositiveIntegerField(default=0)
    # What becomes of the service's settings when it has succeeded; see `rules.drafts`.
    settings = models.JSONField(default=dict)
    # The drift that it answers, as it was seen by whoever asked for it, and who leaves others
    # nothing of it: `[{object, field, wanted, found, manager, since}]`.
    resolves = models.JSONField(default=list)
    # Objects of others that it removes because its plan said so: `[{kind, name, uid}]`.
    removes = models.JSONField(default=list)
    started_by = models.CharField(max_length=150)
    started_by_kind = models.CharField(max_length=20, choices=ActorKind, blank=True)
    started_by_token = models.CharField(max_length=63, blank=True)
    # Why somebody asked for it, in their words, or that we did.
    note = MessageField()
    rolled_back = models.BooleanField(default=False)
    # Why it is returning, kept while it does: the reason it will finish with.
    failure_reason = models.CharField(max_length=63, blank=True)
    failure_message = MessageField()
    # What the container that it failed of said last, `{pod, container, lines}`; a log, so whoever
    # may not read the project's logs may not read this either.
    last_lines = models.JSONField(null=True)

    updated_replicas = models.PositiveIntegerField(default=0)
    ready_replicas = models.PositiveIntegerField(default=0)
    available_replicas = models.PositiveIntegerField(default=0)

    # The service's epoch in which it was claimed last: what a cluster knows its holders by.
    epoch = models.PositiveBigIntegerField(default=0)
    # The furthest that the numbers ever were in this phase, and when they last got further; the
    # progress deadline counts from here.
    high_water = models.JSONField(default=list)
    progressed_at = models.DateTimeField(null=True)
    # How often it wrote in this phase, and when last; see `core.pace`.
    writes = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField(null=True)
    # Since when nobody has answered; the deadline waits for that, and not for ever.
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
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.service}"

    @property
    def is_finished(self) -> bool:
        return self.phase in FINISHED

    def count_anew(self, *, now: datetime) -> None:
        """Begin a phase: its deadline counts from now, and it may write at once."""
        self.progressed_at, self.high_water, self.writes = now, [], 0

    @property
    def is_replacing(self) -> bool:
        """Whether its pods are of another revision than those that ran before."""
        return self.to_revision_id is not None and self.to_revision_id != self.from_revision_id

    @property
    def is_other(self) -> bool:
        """Whether what it leads to is other than what it came from."""
        before = self.from_revision_id, self.from_replicas
        return (self.to_revision_id, self.to_replicas) != before


class RolloutTransition(models.Model):
    """One entry of a rollout's timeline."""

    rollout = models.ForeignKey(Rollout, models.CASCADE, related_name="transitions")
    at = models.DateTimeField()
    from_phase = models.CharField(max_length=20, blank=True)
    phase = models.CharField(max_length=20, choices=Phase)
    reason = models.CharField(max_length=63)
    message = MessageField()
    actor = models.CharField(max_length=150)
    actor_kind = models.CharField(max_length=20, choices=ActorKind, blank=True)
    actor_token = models.CharField(max_length=63, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.phase}: {self.reason}"
