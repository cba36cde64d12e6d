"""What the views below one project share: whose it is, and who may."""

from django.shortcuts import get_object_or_404

from accounts.api import ApiViewSet
from projects.models import Environment, Project
from projects.permissions import require


class ProjectScopedViewSet(ApiViewSet):
    """Everything below `/projects/{project}`: what the caller may not see is 404."""

    def get_project(self) -> Project:
        """Return the project of the URL if the caller may know about it."""
        return get_object_or_404(
            Project.objects.visible_to(self.request.user), name=self.kwargs["project"]
        )

    def get_environment(self) -> Environment:
        """Return the environment of the URL."""
        environments = Environment.objects.select_related("project", "cluster", "quota")
        return get_object_or_404(
            environments, project=self.get_project(), name=self.kwargs["environment"]
        )

    def require(self, permission: str, environment: Environment | None = None) -> Project:
        """Return the project if the caller may do this in it."""
        project = environment.project if environment else self.get_project()
        # Whose audit has it if this is refused.
        self.request._request.project = project  # type: ignore[attr-defined]
        require(self.user, project, permission, environment=environment)
        self.authorised()
        return project
