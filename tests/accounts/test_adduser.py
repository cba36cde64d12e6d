"""`manage.py adduser`: an account, or what was asked to change of one."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from audit.models import AuditEvent
from projects.models import Role
from tests.factories import make_member, make_project, make_robot, make_user, signed_in

pytestmark = pytest.mark.django_db
PASSWORD, OTHER = "correct horse battery staple", "incorrect donkey battery clip"


@pytest.fixture
def adduser(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(name: str, *arguments: str, password: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        said = io.StringIO()
        call_command("adduser", name, *arguments, stdout=said)
        return said.getvalue().strip()

    return run


def written() -> list[tuple[str, Any, Any]]:
    return list(AuditEvent.objects.order_by("id").values_list("action", "before", "after"))


def test_it_adds_an_account(adduser: Any) -> None:
    assert adduser("ada", password=PASSWORD) == "Added ada."
    assert (
        adduser("admin", "--platform-admin", password=PASSWORD) == "Added admin, a platform admin."
    )
    ranks = dict(User.objects.values_list("username", "is_superuser"))
    assert ranks == {"ada": False, "admin": True}
    assert written() == [
        ("account.add", None, {"platform_admin": False}),
        ("account.add", None, {"platform_admin": True}),
    ]


def test_a_new_password_takes_no_rank_away(adduser: Any) -> None:
    adduser("ada", "--platform-admin", password=PASSWORD)
    assert adduser("ada", password=OTHER) == "ada has a new password."
    ada = User.objects.get()
    assert ada.is_superuser
    assert ada.check_password(OTHER)
    assert written()[1:] == [("password.update", None, None)]


def test_a_rank_takes_no_password_away(adduser: Any) -> None:
    adduser("ada", password=PASSWORD)
    assert adduser("ada", "--platform-admin") == "ada is now a platform admin."
    assert adduser("ada", "--platform-admin") == "ada exists, and nothing was asked for."
    assert adduser("ada", "--no-platform-admin") == "ada is no longer a platform admin."
    ada = User.objects.get()
    assert not ada.is_superuser
    assert ada.check_password(PASSWORD)
    assert [action for action, *_ in written()] == ["account.add"] + ["account.update"] * 2


@pytest.mark.parametrize("password", ["", "short", "ada-ada-ada"])
def test_a_password_that_is_none_changes_nothing(adduser: Any, password: str) -> None:
    with pytest.raises(CommandError):
        adduser("ada-ada-ada", password=password)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "name", ["slipway", "Admin", "аdmin", "ADA", "аda", "ada\u200b", "a b", "", "x" * 151]
)
def test_a_name_that_pretends_is_refused(adduser: Any, name: str) -> None:
    make_user("ada")
    with pytest.raises(CommandError):
        adduser(name, password=PASSWORD)
    assert User.objects.count() == 1


def test_a_tokens_account_is_not_a_persons(adduser: Any) -> None:
    robot = make_robot(make_project(), Role.DEPLOYER)
    with pytest.raises(CommandError, match="belongs to a token"):
        adduser(robot.username, password=PASSWORD)


@pytest.mark.parametrize("name", ["admin", "slipway", "system", "s1ipway", "root", "ada"])
def test_a_token_that_pretends_is_refused(name: str) -> None:
    make_user("Ada")
    project = make_project("fraud")
    admin = signed_in(make_member(project, Role.ADMIN))
    response: Any = admin.post("/api/v1/projects/fraud/tokens", {"name": name, "role": "viewer"})
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["/name"]
    assert not User.objects.filter(display_name=name).exists()
