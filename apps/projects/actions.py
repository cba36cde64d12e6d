"""Changes that people make to projects: one transaction each, without the network."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts import tokens
from accounts.actions import refuse_pretence
from accounts.actor import Actor
from accounts.models import ApiToken, User
from audit.record import record
from clusters.models import Cluster
from core.database import lock
from core.errors import Conflict, Invalid
from core.messages import Message
from core.reasons import Reason
from core.resources import Resources
from core.stream import announce
from core.wakeup import wake_worker
from projects.models import (
    BOUNDS,
    Environment,
    Membership,
    Project,
    Quota,
    Reservation,
    Role,
    visible_to,
)
from projects.permissions import refuse_while_leaving
from projects.quota import refuse_bounds
from projects.reconcile import remove_project

RESERVED_NAMESPACES = ("kube-", "default", "slipway-system")
# The fields of an environment that can be changed besides its quota.
POLICIES = ("foreign_fields", "ingress", "egress", "image_registries")
# The columns of an environment that are written with every new spec.
SPEC_COLUMNS = ("generation", "next_run_at", "lease_until", "updated_at")
DEFAULT_TOKEN_LIFETIME, LONGEST_TOKEN_LIFETIME = timedelta(days=90), timedelta(days=366)


@transaction.atomic
def create_project(*, name: str, details: Mapping[str, str], by: Actor) -> Project:
    """Create a tenant; whoever creates it becomes its first admin."""
    if Project.objects.filter(name=name).exists():
        raise Conflict(Message("A project named %(name)s exists.", name=name))
    project = Project.objects.create(name=name, **details)
    if by.user is not None:
        Membership.objects.create(project=project, user=by.user, role=Role.ADMIN)
    record("project.create", project, by=by, project=project, after={"name": name, **details})
    announce("project", project.pk, project=name)
    return project


@transaction.atomic
def update_project(*, project: Project, changes: Mapping[str, str], by: Actor) -> Project:
    """Change how a project is described."""
    before = {field: getattr(project, field) for field in changes}
    for field, value in changes.items():
        setattr(project, field, value)
    project.save(update_fields=[*changes, "updated_at"])
    record("project.update", project, by=by, project=project, before=before, after=dict(changes))
    announce("project", project.pk, project=project.name)
    return project


@transaction.atomic
def delete_project(*, project: Project, by: Actor) -> bool:
    """Give up a project in which nothing runs; workers delete its namespaces, then the row goes.

    The caller holds the project's lock; those of its environments are taken after it. A deletion
    that is already under way is left as it is. Returns whether the project is gone.

    Raises:
        Conflict: says which services still run.
    """
    if project.deletion_requested_at is None:
        environments = Environment.objects.filter(project=project).order_by("pk")
        lock(environments)
        refuse_while_services_run(project)
        record("project.delete", project, by=by, project=project)
        project.deletion_requested_at = timezone.now()
        project.save(update_fields=["deletion_requested_at", "updated_at"])
        announce("project", project.pk, project=project.name)
        for environment in environments:
            delete_environment(environment=environment, by=by)
    return remove_project(project.pk)


def refuse_while_services_run(project: Project) -> None:
    """Refuse to delete a project as long as a service of it holds quota."""
    held = Reservation.objects.filter(quota__environment__project=project).values("service_id")
    places = Environment.objects.filter(services__in=held).order_by("name", "services__name")
    running = ["/".join(names) for names in places.values_list("name", "services__name")]
    if running:
        raise Conflict(
            Message(
                "Services still run in %(project)s: %(services)s. Decommission them first.",
                project=project.name,
                services=", ".join(running),
            ),
            reason=Reason.IN_USE,
            details={"services": running},
        )


@transaction.atomic
def create_environment(
    *,
    project: Project,
    name: str,
    cluster: Cluster,
    namespace: str,
    quota: Mapping[str, Any],
    policies: Mapping[str, Any],
    by: Actor,
) -> Environment:
    """Record a project's presence on a cluster; a worker creates the namespace.

    `policies` are those fields of `POLICIES` that are stated.
    """
    if namespace.startswith(RESERVED_NAMESPACES):
        raise Invalid(
            Message("The namespace %(name)s belongs to the cluster.", name=namespace),
            pointer="/namespace",
        )
    # Its deletion would not see an environment that is being added.
    lock(Project.objects.filter(pk=project.pk))
    project.refresh_from_db(fields=["deletion_requested_at"])
    refuse_while_leaving(project)
    if cluster.duplicate_of is not None:
        raise Conflict(
            Message(
                "%(cluster)s is the same cluster as %(name)s. Use that one.",
                cluster=cluster.name,
                name=cluster.duplicate_of.name,
            ),
            reason=Reason.DUPLICATE_CLUSTER,
            errors=[{"pointer": "/cluster", "detail": Message("Use another cluster.")}],
        )
    environment = Environment(
        project=project,
        name=name,
        cluster=cluster,
        namespace=namespace,
        **policies,
    )
    refuse_unknown_peers(environment, policies, by=by)
    environment.save(force_insert=True)
    allowance = Quota(environment=environment, **quota)
    refuse_bounds(allowance.bounds)
    allowance.save(force_insert=True)
    record(
        "environment.create",
        environment,
        by=by,
        project=project,
        after={
            "cluster": cluster.name,
            "namespace": namespace,
            **shown_policies(environment),
            **shown_quota(allowance),
        },
    )
    wake(environment)
    return environment


@transaction.atomic
def set_quota(
    *,
    environment: Environment,
    limits: Resources,
    gpu_products: Mapping[str, int],
    bounds: Mapping[str, Resources] | None = None,
    by: Actor,
) -> Environment:
    """Replace an environment's limits, and those of its bounds that are stated.

    Limits below what is reserved are allowed: what runs is not touched, but no more is admitted.
    """
    quota = Quota.objects.select_for_update().get(environment=environment)
    before = shown_quota(quota)
    quota.limits, quota.gpu_products = limits, dict(gpu_products)
    for name, amounts in (bounds or {}).items():
        setattr(quota, name, amounts)
    refuse_bounds(quota.bounds)
    quota.save(update_fields=["limits", "gpu_products", *BOUNDS, "updated_at"])
    record(
        "quota.update",
        environment,
        by=by,
        project=environment.project,
        before=before,
        after=shown_quota(quota),
    )
    bump_generation(environment)
    environment.quota = quota
    return environment


@transaction.atomic
def update_environment(
    *, environment: Environment, changes: Mapping[str, Any], by: Actor
) -> Environment:
    """Change an environment's `quota`, as `set_quota` takes it, or some of its `POLICIES`.

    The caller holds the environment's lock.
    """
    before = shown_policies(environment)
    policies = {n: changes[n] for n in POLICIES if n in changes and changes[n] != before[n]}
    refuse_unknown_peers(environment, policies, by=by)
    if "quota" in changes:
        environment = set_quota(environment=environment, **changes["quota"], by=by)
    if policies:
        record(
            "environment.update",
            environment,
            by=by,
            project=environment.project,
            before={name: before[name] for name in policies},
            after=policies,
        )
        for name, value in policies.items():
            setattr(environment, name, value)
        environment.save(update_fields=list(policies))
        bump_generation(environment)
    return environment


def refuse_unknown_peers(
    environment: Environment, policies: Mapping[str, Any], *, by: Actor
) -> None:
    """Refuse traffic rules for environments that do not exist, or are on another cluster.

    Raises:
        Invalid: the caller knows of no such environment, or it is on another cluster.
    """
    for field in ("ingress", "egress"):
        names = (policies.get(field) or {}).get("environments", [])
        clusters = clusters_of(names, by=by)
        for name in names:
            if name not in clusters:
                raise Invalid(
                    Message("There is no environment %(name)s.", name=name),
                    pointer=f"/{field}/environments",
                )
            if clusters[name] != environment.cluster_id:
                raise Invalid(
                    Message(
                        "%(name)s is on another cluster. State the addresses that it has.",
                        name=name,
                    ),
                    pointer=f"/{field}/environments",
                )


def clusters_of(names: Collection[str], *, by: Actor) -> dict[str, int]:
    """Return the clusters of environments, given as `project/name`, that a caller knows."""
    pairs = [name.partition("/") for name in names]
    rows = Environment.objects.filter(
        project__name__in={project for project, _, _ in pairs}, name__in={n for *_, n in pairs}
    )
    if by.user is not None:
        rows = rows.filter(visible_to(by.user, project="project"))
    found = rows.values_list("project__name", "name", "cluster_id")
    return {f"{project}/{name}": cluster for project, name, cluster in found}


def bump_generation(environment: Environment) -> None:
    """Count a new spec, and have a worker bring the environment to it."""
    environment.generation += 1
    environment.take_away(now=timezone.now())
    # A change of spec is not somebody undoing our writes.
    environment.writes = 0
    environment.save(update_fields=[*SPEC_COLUMNS, "writes"])
    wake(environment)


@transaction.atomic
def delete_environment(*, environment: Environment, by: Actor) -> Environment:
    """Give up a presence on a cluster; a worker deletes the namespace, then the row.

    The caller holds the environment's lock; everywhere the quota's lock is taken after it. A
    deletion that is already under way is left as it is.
    """
    if environment.phase == Environment.Phase.TERMINATING:
        return environment
    lock(Quota.objects.filter(environment=environment))
    if Reservation.objects.filter(quota_id=environment.pk).exists():
        raise Conflict(
            Message(
                "Services still run in %(environment)s. Decommission them first.",
                environment=environment,
            ),
            reason=Reason.IN_USE,
        )
    environment.phase = Environment.Phase.TERMINATING
    environment.generation += 1
    environment.take_away(now=timezone.now())
    environment.save(update_fields=[*SPEC_COLUMNS, "phase"])
    record("environment.delete", environment, by=by, project=environment.project)
    wake(environment)
    return environment


def look_at_environment(environment: Environment) -> None:
    """Have a worker check whether an environment is still as it was set up."""
    now = timezone.now()
    ready = Environment.objects.filter(pk=environment.pk, phase=Environment.Phase.READY)
    if not ready.due(now=now).exists() and ready.wake(now=now):
        wake_worker("projects.reconcile_environment", environment.pk)


def wake(environment: Environment) -> None:
    """Have a worker reconcile an environment, and tell listeners."""
    wake_worker("projects.reconcile_environment", environment.pk)
    announce("environment", environment.pk, project=environment.project.name)


def shown_quota(quota: Quota) -> dict[str, Any]:
    """Return a quota as audit rows show it."""
    return {
        "limits": quota.limits.canonical(),
        "gpu_products": quota.gpu_products,
        **{name: getattr(quota, name).canonical() for name in BOUNDS},
    }


def shown_policies(environment: Environment) -> dict[str, Any]:
    """Return an environment's policies as audit rows show them."""
    return {name: getattr(environment, name) for name in POLICIES}


@transaction.atomic
def add_member(*, project: Project, username: str, role: Role, by: Actor) -> Membership:
    """Give a person a role."""
    user = User.objects.filter(username=username, is_robot=False, is_active=True).first()
    if user is None:
        raise Invalid(
            Message("There is no account named %(name)s.", name=username), pointer="/username"
        )
    if Membership.objects.filter(project=project, user=user).exists():
        raise Conflict(
            Message(
                "%(user)s is already a member of %(project)s.", user=username, project=project.name
            )
        )
    membership = Membership.objects.create(project=project, user=user, role=role)
    record_member("member.add", membership, by=by, after={"role": role})
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: Role, by: Actor) -> Membership:
    """Change a person's role; a project keeps at least one admin."""
    before = membership.role
    if role != Role.ADMIN:
        keep_an_admin(membership, by=by)
    membership.role = role
    membership.save(update_fields=["role", "updated_at"])
    record_member("member.update", membership, by=by, before={"role": before}, after={"role": role})
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, by: Actor) -> None:
    """Take a person's role away."""
    keep_an_admin(membership, by=by)
    record_member("member.remove", membership, by=by, before={"role": membership.role})
    membership.delete()


def keep_an_admin(membership: Membership, *, by: Actor) -> None:
    """Refuse to leave a project without an admin, except by a platform admin."""
    admins = Membership.objects.filter(
        project=membership.project, role=Role.ADMIN, user__is_robot=False
    )
    is_last = membership.role == Role.ADMIN and admins.count() == 1
    if is_last and not (by.user and by.user.is_superuser):
        raise Conflict(
            Message(
                "%(user)s is the last admin of %(project)s.",
                user=membership.user.username,
                project=membership.project,
            )
        )


def record_member(action: str, membership: Membership, *, by: Actor, **states: Any) -> None:
    """Audit a change of membership under the person's name."""
    record(action, membership.user, by=by, project=membership.project, **states)
    announce("project", membership.project_id, project=membership.project.name)


@transaction.atomic
def create_token(
    *,
    project: Project,
    name: str,
    role: Role,
    expires_at: datetime | None,
    environments: Sequence[Environment],
    by: Actor,
) -> tuple[ApiToken, str]:
    """Make a robot with one role in this project, and its token; the secret is returned once."""
    now = timezone.now()
    expires_at = expires_at or now + DEFAULT_TOKEN_LIFETIME
    if not now < expires_at <= now + LONGEST_TOKEN_LIFETIME:
        raise Invalid(
            Message("A token expires within a year, and not in the past."), pointer="/expires_at"
        )
    refuse_pretence(name, pointer="/name")
    robot = User.objects.create(
        username=f"robot-{project.name}-{get_random_string(8).lower()}",
        display_name=name,
        is_robot=True,
    )
    robot.set_unusable_password()
    robot.save(update_fields=["password"])
    membership = Membership.objects.create(
        project=project, user=robot, role=role, is_restricted=bool(environments)
    )
    membership.environments.set(environments)
    token, secret = tokens.issue(robot, name=name, expires_at=expires_at, by=by.user)
    after = {"role": role, "expires_at": expires_at.isoformat(), "prefix": token.prefix}
    record("token.create", token, by=by, project=project, after=after)
    announce("token", token.pk, project=project.name)
    return token, secret


@transaction.atomic
def revoke_token(*, project: Project, token: ApiToken, by: Actor) -> None:
    """Revoke a token at once; one that was revoked before stays as it is."""
    usable = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if not usable.update(revoked_at=timezone.now()):
        return
    User.objects.filter(pk=token.user_id, is_robot=True).update(is_active=False)
    record("token.revoke", token, by=by, project=project)
    announce("token", token.pk, project=project.name)
