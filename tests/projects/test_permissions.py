"""Who may do what: every permission, every role, and buttons that are never refused."""

from itertools import product

import pytest

from accounts.models import User
from core.errors import Forbidden
from projects.models import Environment, Role
from projects.permissions import LEAST_ROLE, granted, reads_values, require
from tests import factories

pytestmark = pytest.mark.django_db

# What each role may do, and in which of these a restriction to `staging` keeps it: everywhere, only
# there, or nowhere.
EVERYWHERE, THERE, NOWHERE = "everywhere", "there", "nowhere"
TABLE = {
    "project.view": (Role.VIEWER, EVERYWHERE),
    "model.write": (Role.DEPLOYER, EVERYWHERE),
    "model.delete": (Role.ADMIN, NOWHERE),
    "service.write": (Role.DEPLOYER, THERE),
    "rollout.start": (Role.DEPLOYER, THERE),
    "rollout.steer": (Role.DEPLOYER, THERE),
    "secret.write": (Role.DEPLOYER, THERE),
    "traffic.write": (Role.ADMIN, THERE),
    "project.update": (Role.ADMIN, NOWHERE),
    "member.write": (Role.ADMIN, NOWHERE),
    "token.view": (Role.ADMIN, NOWHERE),
    "token.write": (Role.ADMIN, NOWHERE),
    "environment.write": (None, NOWHERE),
    "quota.write": (None, NOWHERE),
    "project.delete": (None, NOWHERE),
}
ROLES = [Role.VIEWER, Role.DEPLOYER, Role.ADMIN]
FOR_PEOPLE = {"member.write", "token.write"}
# A check is of the project as a whole, or of one of its environments.
PLACES = [None, "staging", "production"]


def may(
    role: Role, permission: str, *, is_robot: bool, is_restricted: bool, place: str | None
) -> bool:
    """Tell what the table says."""
    least, reach = TABLE[permission]
    if least is None or ROLES.index(role) < ROLES.index(least):
        return False
    if is_robot and permission in FOR_PEOPLE:
        return False
    return not is_restricted or reach == EVERYWHERE or (reach == THERE and place == "staging")


@pytest.fixture
def places() -> dict[str | None, Environment | None]:
    project = factories.make_project("fraud")
    cluster = factories.make_cluster()
    names = ("staging", "production")
    made = {n: factories.make_environment(project, n, cluster=cluster) for n in names}
    return {None: None, **made}


def caller(staging: Environment, role: Role, *, is_robot: bool, is_restricted: bool) -> User:
    """Make somebody, or a token, with a role in the project or only in staging."""
    user = factories.make_robot(staging.project, role, [staging] if is_restricted else [])
    User.objects.filter(pk=user.pk).update(is_robot=is_robot)
    user.refresh_from_db()
    return user


def is_allowed(
    user: User, permission: str, environment: Environment | None, staging: Environment
) -> bool:
    try:
        require(user, staging.project, permission, environment=environment)
    except Forbidden:
        return False
    return True


def test_every_permission_is_in_the_table():
    assert {name: least for name, (least, _) in TABLE.items()} == LEAST_ROLE


@pytest.mark.parametrize("is_restricted", [False, True], ids=["everywhere", "in staging"])
@pytest.mark.parametrize("is_robot", [False, True], ids=["a person", "a token"])
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_table_says_and_is_shown_no_more(
    places, role, is_robot, is_restricted
):
    staging = places["staging"]
    user = caller(staging, role, is_robot=is_robot, is_restricted=is_restricted)
    kind = {"is_robot": is_robot, "is_restricted": is_restricted}
    allowed = {
        (permission, place): is_allowed(user, permission, places[place], staging)
        for permission, place in product(TABLE, PLACES)
    }
    assert allowed == {
        (permission, place): may(role, permission, place=place, **kind)
        for permission, place in product(TABLE, PLACES)
    }
    somewhere = {permission for (permission, _), is_so in allowed.items() if is_so}
    assert granted(user, staging.project) == sorted(somewhere)


@pytest.mark.parametrize("place", PLACES)
def test_who_runs_the_platform_may_do_everything(places, place):
    admin, staging = factories.make_user(is_platform_admin=True), places["staging"]
    assert all(is_allowed(admin, one, places[place], staging) for one in TABLE)
    assert granted(admin, staging.project) == sorted(TABLE)
    assert reads_values(admin, staging.project)("production")


@pytest.mark.parametrize("place", PLACES)
def test_who_is_no_member_may_do_nothing(places, place):
    staging = places["staging"]
    outsider = factories.make_member(factories.make_project(), Role.ADMIN)
    assert not any(is_allowed(outsider, one, places[place], staging) for one in TABLE)
    assert granted(outsider, staging.project) == []
    assert not reads_values(outsider, staging.project)("staging")


@pytest.mark.parametrize(
    ("permission", "role", "said"),
    [
        ("service.write", Role.VIEWER, "This needs the role deployer."),
        ("traffic.write", Role.DEPLOYER, "This needs the role admin."),
        ("quota.write", Role.ADMIN, "This needs a platform admin."),
        (
            "member.write",
            Role.ADMIN,
            "A token cannot manage members or tokens. Sign in as a person with the role admin.",
        ),
        (
            "project.update",
            Role.ADMIN,
            "Your role in fraud does not extend to the project as a whole.",
        ),
    ],
)
def test_who_is_refused_is_told_what_is_missing(places, permission, role, said):
    user = caller(places["staging"], role, is_robot=True, is_restricted=True)
    with pytest.raises(Forbidden) as refusal:
        require(user, places["staging"].project, permission)
    assert str(refusal.value.message) == said
    assert refusal.value.details == {"permission": permission}


def test_what_belongs_to_the_whole_project_is_reached_from_none_of_its_environments(places):
    user = caller(places["staging"], Role.ADMIN, is_robot=False, is_restricted=True)
    with pytest.raises(Forbidden, match="does not extend to the project as a whole"):
        require(user, places["staging"].project, "member.write", environment=places["staging"])


def test_a_restriction_to_what_is_gone_leaves_no_button_that_would_be_refused(places):
    staging = places["staging"]
    user = caller(staging, Role.ADMIN, is_robot=False, is_restricted=True)
    staging.delete()
    assert granted(user, staging.project) == ["model.write", "project.view"]


def test_who_is_elsewhere_is_told_where_that_is(places):
    user = caller(places["staging"], Role.ADMIN, is_robot=False, is_restricted=True)
    with pytest.raises(Forbidden) as refusal:
        require(user, places["staging"].project, "service.write", environment=places["production"])
    said = "Your role in fraud does not extend to production."
    assert str(refusal.value.message) == said


@pytest.mark.parametrize("is_restricted", [False, True], ids=["everywhere", "in staging"])
@pytest.mark.parametrize("role", ROLES)
def test_values_are_read_where_services_are_changed(places, role, is_restricted):
    staging = places["staging"]
    user = caller(staging, role, is_robot=False, is_restricted=is_restricted)
    reads = reads_values(user, staging.project)
    names = ("staging", "production")
    assert {name: reads(name) for name in names} == {
        name: is_allowed(user, "service.write", places[name], staging) for name in names
    }
