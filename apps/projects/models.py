"""Projects, their presence on clusters, who may do what in them, and what they may use."""

from collections.abc import Collection
from typing import Any

import msgspec
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import User
from clusters.models import Cluster, Node
from core.fields import JSONField, MessageField, ResourcesField
from core.leased import Leased, LeasedQuerySet
from core.names import validate_dns_label
from core.resources import PODS, Resources
from projects.drift import Setup
from projects.manifests import Bounds, Peers, Tenancy, Traffic

# How many pods an environment may have if its quota does not say.
DEFAULT_PODS = 200
BOUNDS = ("minimum", "default_requests", "default_limits")


def least() -> Resources:
    """Return the least that containers request, unless a quota says otherwise."""
    return Bounds().minimum


def given() -> Resources:
    """Return what containers that state nothing request, unless a quota says otherwise."""
    return Bounds().default_requests


class Role(models.TextChoices):
    """What a member may do; each role includes the ones before it."""

    VIEWER = "viewer"
    DEPLOYER = "deployer"
    ADMIN = "admin"


def visible_to(user: User | AnonymousUser, *, project: str) -> models.Q:
    """Keep rows of projects a user may know about; `project` leads from a row to its project."""
    return models.Q() if user.is_superuser else visible_to_member(user.pk, project=project)


def visible_to_member(user_id: Any, *, project: str) -> models.Q:
    """Keep rows of projects that an account has a role in."""
    own = Membership.objects.filter(user_id=user_id).values("project_id")
    return models.Q(**{f"{project}__in": own})


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User | AnonymousUser) -> "ProjectQuerySet":
        """Keep the projects a user may know about."""
        return self.filter(visible_to(user, project="pk"))

    def to_remove(self) -> "ProjectQuerySet":
        """Keep the projects that were to be deleted and have no environment any more."""
        return self.filter(deletion_requested_at__isnull=False, environments=None)


class Project(models.Model):
    """A tenant: a team's models, services and allowance."""

    name = models.CharField(max_length=40, unique=True, validators=[validate_dns_label])
    display_name = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True, max_length=2000)
    # Nothing more is let in from then on; the row goes with the last of its environments.
    deletion_requested_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def admins(self, *, at_most: int) -> list[str]:
        """Return the people who administer it, by name."""
        people = self.memberships.filter(role=Role.ADMIN, user__is_robot=False)
        return list(people.values_list("user__username", flat=True)[:at_most])


class EnvironmentQuerySet(LeasedQuerySet["Environment"]):
    def reached(self) -> "EnvironmentQuerySet":
        """Keep environments that have met their present spec at least once."""
        leaving = models.Q(phase=Environment.Phase.TERMINATING)
        return self.filter(~leaving, observed_generation=models.F("generation"))


def nobody_else() -> dict[str, list[str]]:
    """Return the peers of an environment for which none are stated."""
    return {"environments": [], "cidrs": []}


class Environment(Leased):
    """A project's presence on a cluster: a namespace and a quota, e.g. staging or production."""

    class Phase(models.TextChoices):
        PENDING = "Pending"
        READY = "Ready"
        TERMINATING = "Terminating"

    class ForeignFields(models.TextChoices):
        TAKE_OVER = "take_over"
        REFUSE = "refuse"

    project = models.ForeignKey(Project, models.PROTECT, related_name="environments")
    name = models.CharField(max_length=30, validators=[validate_dns_label])
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="environments")
    namespace = models.CharField(max_length=63, validators=[validate_dns_label])
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # Ready means that the namespace and its setup were brought to what `generation` wants; if
    # something differs since then, `reason` and `message` say so.
    phase = models.CharField(max_length=20, choices=Phase, default=Phase.PENDING)
    reason = models.CharField(max_length=63, blank=True)
    message = MessageField()
    generation = models.PositiveIntegerField(default=1)
    observed_generation = models.PositiveIntegerField(default=0)
    # The uid of the namespace last seen to be ours, whatever happens to its labels.
    namespace_uid = models.CharField(max_length=63, blank=True)
    # How far the cluster was when a worker last looked: what the mirror saw earlier is outdated.
    seen_version = models.BigIntegerField(default=0)
    # How often in a row something was put back, and when last; see `core.pace`.
    writes = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField(null=True)
    # What to do about fields of our objects that somebody else wrote.
    foreign_fields = models.CharField(
        max_length=20, choices=ForeignFields, default=ForeignFields.TAKE_OVER
    )
    # Who may connect to its pods, and to whom they may: `{environments, cidrs}`; null is everybody.
    ingress = JSONField(null=True, default=nobody_else)
    egress = JSONField(null=True)
    # Where its images may come from, as `registry` or `registry/path`; if empty, the platform says.
    image_registries = JSONField(default=list)
    # How the cluster differs from what was applied, and what others put beside it:
    # `[{object, field, wanted, found, manager, since}]`.
    drift = JSONField(default=list)

    objects = EnvironmentQuerySet.as_manager()

    class Meta:
        ordering = ["project__name", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="one_environment_per_name",
                violation_error_code="Conflict",
                violation_error_message=gettext_lazy(
                    "The project already has an environment of this name."
                ),
            ),
            models.UniqueConstraint(
                fields=["cluster", "namespace"],
                name="one_environment_per_namespace",
                violation_error_code="Conflict",
                violation_error_message=gettext_lazy(
                    "This namespace belongs to another environment."
                ),
            ),
        ]
        indexes = [models.Index(fields=["next_run_at"], name="due_environments")]

    def __str__(self) -> str:
        return f"{self.project.name}/{self.name}"

    @property
    def setup(self) -> Setup:
        """The environment as a value, from which it is set up and compared."""
        return self.setup_beside(Node.objects.filter(cluster=self.cluster_id).resource_names())

    def setup_beside(self, devices: Collection[str]) -> Setup:
        """Return that value, given what the cluster's nodes have."""
        tenancy = Tenancy(
            project=self.project.name, environment=self.name, namespace=self.namespace
        )
        return Setup(
            tenancy=tenancy,
            limits=self.quota.allowed,
            bounds=self.quota.bounds,
            traffic=self.traffic,
            devices=frozenset(devices),
            namespace_uid=self.namespace_uid,
            was_reached=self.observed_generation > 0,
        )

    @property
    def traffic(self) -> Traffic:
        """Who may connect to its pods, and to whom they may."""
        ingress, egress = (
            peers and msgspec.convert(peers, Peers) for peers in (self.ingress, self.egress)
        )
        return Traffic(
            ingress=ingress,
            egress=egress,
            platform_namespaces=tuple(settings.PLATFORM_NAMESPACES),
        )


class Quota(models.Model):
    """An environment's allowance and what admission has promised of it.

    The row is locked for every admission, which makes admission O(1) and race-proof. For what it
    means that `limits` does not name a resource, see `core.resources.with_unlisted`.
    """

    environment = models.OneToOneField(
        Environment, models.CASCADE, primary_key=True, related_name="quota"
    )
    limits = ResourcesField()
    reserved = ResourcesField()
    # GPUs by product, e.g. `{"NVIDIA-A10": 4}`.
    gpu_products = JSONField(default=dict)
    reserved_gpu_products = JSONField(default=dict)
    # Of one container; see `Bounds`.
    minimum = ResourcesField(default=least)
    default_requests = ResourcesField(default=given)
    default_limits = ResourcesField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.environment)

    @property
    def allowed(self) -> Resources:
        """The limits, with the default number of pods if none is stated."""
        return Resources({PODS: DEFAULT_PODS, **self.limits})

    @property
    def bounds(self) -> Bounds:
        """The least that a container requests, and what it gets if it states nothing."""
        return Bounds(**{name: getattr(self, name) for name in BOUNDS})


class Reservation(models.Model):
    """What admission has promised to one model service: the peak of its running change."""

    quota = models.ForeignKey(Quota, models.CASCADE, related_name="reservations")
    # The id of the model service; serving builds on this app, so it cannot be a foreign key.
    service_id = models.UUIDField(unique=True)
    resources = ResourcesField()
    gpu_product = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return str(self.service_id)


class Membership(models.Model):
    """A person's, or a CI robot's, role in a project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    # Restricts what the role may change to `environments`. A flag of its own, so that the
    # restriction outlives the environments.
    is_restricted = models.BooleanField(default=False)
    environments: Any = models.ManyToManyField(Environment, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["user__username"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"],
                name="one_membership_per_user",
                violation_error_code="Conflict",
                violation_error_message=gettext_lazy(
                    "This user is already a member of the project."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}"
