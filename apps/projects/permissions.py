"""Who may do what in a project."""

from collections.abc import Callable

from accounts.models import User
from accounts.permissions import not_platform_admin
from core.errors import Forbidden
from core.messages import Message
from projects.models import Environment, Membership, Project, Role

RANK = {Role.VIEWER: 0, Role.DEPLOYER: 1, Role.ADMIN: 2}

# The least role for everything a project offers; reading needs only membership.
LEAST_ROLE = {
    "project.view": Role.VIEWER,
    "model.write": Role.DEPLOYER,
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

# What a role that is restricted to environments may do all the same.
UNRESTRICTED = {"project.view", "model.write"}
# What it may do in none of them.
OF_THE_WHOLE_PROJECT = {"project.update", "member.write", "token.view", "token.write"}
# Access is given by people: a token that leaks must not be able to make another, or a member.
FOR_PEOPLE = {"member.write", "token.write"}


def require(
    user: User, project: Project, permission: str, *, environment: Environment | None = None
) -> None:
    """Refuse what a caller's role in a project does not allow.

    A role that is restricted to environments may change only those, and nothing that belongs to
    the whole project except its models. A robot gives access to nobody, whatever its role.

    Raises:
        Forbidden: with the role, or the kind of account, that would be needed.
    """
    if user.is_superuser:
        return
    least = LEAST_ROLE[permission]
    membership = Membership.objects.filter(project=project, user=user).first()
    if least is None or membership is None or RANK[Role(membership.role)] < RANK[least]:
        raise role_refusal(permission, least)
    if user.is_robot and permission in FOR_PEOPLE:
        raise Forbidden(
            Message(
                "A token cannot manage members or tokens. Sign in as a person with the role admin."
            ),
            details={"permission": permission},
        )
    place = None if permission in OF_THE_WHOLE_PROJECT else environment
    if permission not in UNRESTRICTED and not reaches(membership, place):
        where = place.name if place else Message("the project as a whole")
        raise Forbidden(
            Message(
                "Your role in %(project)s does not extend to %(where)s.",
                project=project.name,
                where=where,
            ),
            details={"permission": permission},
        )


def reaches(membership: Membership, environment: Environment | None) -> bool:
    """Return whether a role extends to an environment, or to the project as a whole."""
    if not membership.is_restricted:
        return True
    return environment is not None and environment in membership.environments.all()


def reads_values(user: User, project: Project) -> Callable[[str], bool]:
    """Return what tells, by an environment's name, whether a caller may read values there.

    The one place that decides it; asked once for a whole list.
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
    """Say which role is needed."""
    details = {"permission": permission}
    if least is None:
        return not_platform_admin(details=details)
    return Forbidden(Message("This needs the role %(role)s.", role=least.value), details=details)


def granted(user: User, project: Project) -> list[str]:
    """Return what a caller may do in a project, for buttons that cannot be refused."""
    if user.is_superuser:
        return sorted(LEAST_ROLE)
    membership = Membership.objects.filter(project=project, user=user).first()
    if membership is None:
        return []
    rank = RANK[Role(membership.role)]
    within_rank = {p for p, least in LEAST_ROLE.items() if least and RANK[least] <= rank}
    beyond = OF_THE_WHOLE_PROJECT if membership.is_restricted else set()
    if membership.is_restricted and not membership.environments.exists():
        # Its environments are gone, and the restriction is not.
        beyond = within_rank - UNRESTRICTED
    return sorted(within_rank - beyond - (FOR_PEOPLE if user.is_robot else set()))
