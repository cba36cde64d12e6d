"""What the views of one project share: finding it, and checking who may do what."""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404

from accounts.api import ApiViewSet
from core.prepared import prepared
from projects.models import Environment, Project, visible_to_member
from projects.permissions import WHILE_LEAVING, refuse_while_leaving, require

T = TypeVar("T")
Reading = Callable[..., list[T]]


class ProjectScopedViewSet(ApiViewSet):
    """Everything below `/projects/{project}`: what the caller may not see is 404."""

    # What the URL was found to name, for as long as the request.
    found: Project | None = None

    def get_project(self) -> Project:
        """Return the project of the URL if the caller may know about it."""
        if self.found is None:
            self.found = self.seen(projects_named, projects_of_member, "project")
        return self.found

    def get_environment(self) -> Environment:
        """Return the environment of the URL, with its project in the same query."""
        environment = self.seen(environments_at, environments_of_member, "project", "environment")
        self.found = environment.project
        return environment

    def seen(self, of_all: Reading[T], of_member: Reading[T], *kinds: str) -> T:
        """Return what the URL names, read for an account that sees all or for one with roles."""
        names = [self.kwargs[kind] for kind in kinds]
        is_admin = self.user.is_superuser
        for found in of_all(*names) if is_admin else of_member(self.user.pk, *names):
            return found
        raise Http404

    def require(self, permission: str, environment: Environment | None = None) -> Project:
        """Return the project if the caller may do this in it."""
        project = environment.project if environment else self.get_project()
        # The project whose audit records it if this is refused.
        self.request._request.project = project  # type: ignore[attr-defined]
        require(self.user, project, permission, environment=environment)
        self.authorised()
        if permission not in WHILE_LEAVING:
            refuse_while_leaving(project)
        return project


@prepared
def projects_named(name: str) -> QuerySet[Project]:
    """Read the project of this name."""
    return Project.objects.filter(name=name)


@prepared
def projects_of_member(user_id: int, name: str) -> QuerySet[Project]:
    """Read the project of this name if an account has a role in it."""
    return Project.objects.filter(visible_to_member(user_id, project="pk"), name=name)


def environment_rows(project: str, name: str) -> QuerySet[Environment]:
    """Return a query for the environment at an address, with all above it."""
    rows = Environment.objects.select_related("project", "cluster", "quota")
    return rows.filter(project__name=project, name=name)


@prepared
def environments_at(project: str, name: str) -> QuerySet[Environment]:
    """Read the environment at an address."""
    return environment_rows(project, name)


@prepared
def environments_of_member(user_id: int, project: str, name: str) -> QuerySet[Environment]:
    """Read the environment at an address if an account has a role in its project."""
    return environment_rows(project, name).filter(visible_to_member(user_id, project="project"))
