"""Who may do what in a project."""

from collections.abc import Callable

from accounts.models import User
from accounts.permissions import not_platform_admin
from core.errors import Conflict, Forbidden
from core.messages import Message
from projects.models import Environment, Membership, Project, Role

RANK = {Role.VIEWER: 0, Role.DEPLOYER: 1, Role.ADMIN: 2}

# The least role for everything a project offers; reading needs only membership.
LEAST_ROLE = {
    "project.view": Role.VIEWER,
    "model.write": Role.DEPLOYER,
    "model.delete": Role.ADMIN,
    "service.write": Role.DEPLOYER,
    "rollout.start": Role.DEPLOYER,
    "rollout.steer": Role.DEPLOYER,
    "secret.write": Role.DEPLOYER,
    "project.update": Role.ADMIN,
    "traffic.write": Role.ADMIN,
    "member.write": Role.ADMIN,
    "token.view": Role.ADMIN,
    "token.write": Role.ADMIN,
    # What a team may use is decided by those who run the fleet.
    "environment.write": None,
    "quota.write": None,
    "project.delete": None,
}

# What a role may do even if it is restricted to some environments.
UNRESTRICTED = {"project.view", "model.write"}
# What such a role may not do at all.
OF_THE_WHOLE_PROJECT = {
    "project.update",
    "model.delete",
    "member.write",
    "token.view",
    "token.write",
}
# Only people give access: a token that leaks must not be able to make another, or a member.
FOR_PEOPLE = {"member.write", "token.write"}
# What can be done to a project that is being deleted.
WHILE_LEAVING = {"project.view", "project.delete"}


def require(
    user: User, project: Project, permission: str, *, environment: Environment | None = None
) -> None:
    """Refuse what a caller's role in a project does not allow.

    A role that is restricted to environments may change only those, and nothing that belongs to
    the whole project except its models. A robot gives access to nobody, whatever its role.

    Raises:
        Forbidden: says which role, or kind of account, is needed.
    """
    if user.is_superuser:
        return
    membership = project.memberships.filter(user=user).first()
    denial = denial_of(permission, user, membership, environment=environment)
    if denial is not None:
        raise denial


def refuse_while_leaving(project: Project) -> None:
    """Refuse to change a project that is being deleted."""
    if project.deletion_requested_at is not None:
        raise Conflict(Message("%(project)s is being deleted.", project=project.name))


def denial_of(
    permission: str, user: User, membership: Membership | None, *, environment: Environment | None
) -> Forbidden | None:
    """Return why a role does not allow something, in an environment or the project as a whole."""
    least = LEAST_ROLE[permission]
    if least is None or membership is None or RANK[Role(membership.role)] < RANK[least]:
        return role_refusal(permission, least)
    if user.is_robot and permission in FOR_PEOPLE:
        return Forbidden(
            Message(
                "A token cannot manage members or tokens. Sign in as a person with the role admin."
            ),
            details={"permission": permission},
        )
    place = None if permission in OF_THE_WHOLE_PROJECT else environment
    if permission in UNRESTRICTED or reaches(membership, place):
        return None
    return Forbidden(
        Message(
            "Your role in %(project)s does not extend to %(where)s.",
            project=membership.project.name,
            where=place.name if place else Message("the project as a whole"),
        ),
        details={"permission": permission},
    )


def reaches(membership: Membership, environment: Environment | None) -> bool:
    """Return whether a role extends to an environment, or to the project as a whole."""
    if not membership.is_restricted:
        return True
    return environment is not None and environment in membership.environments.all()


def reads_values(user: User, project: Project) -> Callable[[str], bool]:
    """Return a function that says, by environment name, whether a caller may read values there.

    This is the only place that decides it; call it once for a whole list.
    """
    if user.is_superuser:
        return lambda _: True
    membership = Membership.objects.filter(project=project, user=user).first()
    if membership is None or RANK[Role(membership.role)] < RANK[Role.DEPLOYER]:
        return lambda _: False
    if not membership.is_restricted:
        return lambda _: True
    return set(membership.environments.values_list("name", flat=True)).__contains__


def role_refusal(permission: str, least: Role | None) -> Forbidden:
    """Return the refusal, which says which role is needed."""
    details = {"permission": permission}
    if least is None:
        return not_platform_admin(details=details)
    return Forbidden(Message("This needs the role %(role)s.", role=least.value), details=details)


def granted(user: User, project: Project) -> list[str]:
    """Return what a caller may do in a project, so that no button leads to a refusal."""
    if user.is_superuser:
        return sorted(LEAST_ROLE)
    membership = project.memberships.prefetch_related("environments").filter(user=user).first()
    places = [None, *(membership.environments.all() if membership else ())]
    return sorted(
        permission
        for permission in LEAST_ROLE
        if None in (denial_of(permission, user, membership, environment=one) for one in places)
    )
