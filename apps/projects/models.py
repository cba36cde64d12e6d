"""Projects, their presence on clusters, who may do what in them, and what they may use."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import User
from clusters.models import Cluster
from clusters.namespaces import Tenancy
from core.fields import ResourcesField
from core.names import validate_dns_label
from projects.drift import Setup


class Role(models.TextChoices):
    """What a member may do; each role includes the ones before it."""

    VIEWER = "viewer"
    DEPLOYER = "deployer"
    ADMIN = "admin"


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User | AnonymousUser) -> "ProjectQuerySet":
        """Keep the projects a user may know about."""
        if user.is_superuser:
            return self
        return self.filter(pk__in=Membership.objects.filter(user_id=user.pk).values("project_id"))


class Project(models.Model):
    """A tenant: a team's models, services and allowance."""

    name = models.CharField(max_length=40, unique=True, validators=[validate_dns_label])
    display_name = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EnvironmentQuerySet(models.QuerySet["Environment"]):
    def reached(self) -> "EnvironmentQuerySet":
        """Keep those that were once what they are wished to be now."""
        leaving = models.Q(phase=Environment.Phase.TERMINATING)
        return self.filter(~leaving, observed_generation=models.F("generation"))

    def due(self, *, now: datetime) -> "EnvironmentQuerySet":
        """Keep those that a worker should look at."""
        return self.filter(models.Q(next_run_at=None) | models.Q(next_run_at__lte=now))


class Environment(models.Model):
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

    # Ready means that the namespace, its ResourceQuota and LimitRange are there as `generation`
    # wants them; where something differs since, `reason` and `message` say so.
    phase = models.CharField(max_length=20, choices=Phase, default=Phase.PENDING)
    reason = models.CharField(max_length=63, blank=True)
    message = models.TextField(blank=True)
    generation = models.PositiveIntegerField(default=1)
    observed_generation = models.PositiveIntegerField(default=0)
    # When a worker looks at it: at once where it is null. Whoever looks holds it until then.
    next_run_at = models.DateTimeField(null=True, db_index=True)
    # The namespace that was last seen to be ours, whatever happens to its labels.
    namespace_uid = models.CharField(max_length=63, blank=True)
    # How far the cluster was when a worker last looked: what the mirror saw before is the past.
    seen_version = models.BigIntegerField(default=0)
    # How often in a row something was put back, and when last; see `core.pace`.
    writes = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField(null=True)
    # What happens to fields of our objects that somebody else wrote.
    foreign_fields = models.CharField(
        max_length=20, choices=ForeignFields, default=ForeignFields.TAKE_OVER
    )
    # In what the cluster differs from what was applied, and what others put beside it:
    # `[{object, field, wanted, found, manager, since}]`.
    drift = models.JSONField(default=list)

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

    def __str__(self) -> str:
        return f"{self.project.name}/{self.name}"

    @property
    def setup(self) -> Setup:
        """The environment as the value that it is made of and compared by."""
        tenancy = Tenancy(
            project=self.project.name, environment=self.name, namespace=self.namespace
        )
        return Setup(
            tenancy=tenancy,
            limits=self.quota.limits,
            namespace_uid=self.namespace_uid,
            was_reached=self.observed_generation > 0,
        )


class Quota(models.Model):
    """An environment's allowance and what admission has promised of it.

    The row is locked for every admission, which makes admission O(1) and race-proof. A resource
    that `limits` does not name is not limited, as in a ResourceQuota.
    """

    environment = models.OneToOneField(
        Environment, models.CASCADE, primary_key=True, related_name="quota"
    )
    limits = ResourcesField()
    reserved = ResourcesField()
    # GPUs by product, e.g. `{"NVIDIA-A10": 4}`.
    gpu_products = models.JSONField(default=dict)
    reserved_gpu_products = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.environment)


class Reservation(models.Model):
    """What admission has promised to one model service: the peak of its running change."""

    quota = models.ForeignKey(Quota, models.CASCADE, related_name="reservations")
    # The id of the model service; serving is above this app.
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
