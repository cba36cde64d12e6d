"""Routes of serving."""

from django.urls import path

from projects.urls import ENVIRONMENT, PROJECT
from serving.api.events import EventViewSet
from serving.api.logs import LogViewSet
from serving.api.pods import PodViewSet
from serving.api.preflight import PreflightViewSet
from serving.api.revisions import RevisionViewSet
from serving.api.rollouts import RolloutViewSet, ServiceRolloutsViewSet
from serving.api.secrets import PullCredentialViewSet, SecretViewSet
from serving.api.services import ProjectServicesViewSet, ServiceViewSet

SERVICE = f"{ENVIRONMENT}/services/<slug:service>"
ROLLOUT = "rollouts/<uuid:rollout>"

urlpatterns = [
    path(f"{PROJECT}/preflight", PreflightViewSet.as_view({"post": "create"})),
    path(f"{PROJECT}/services", ProjectServicesViewSet.as_view({"get": "list"})),
    path(f"{ENVIRONMENT}/services", ServiceViewSet.as_view({"get": "list", "post": "create"})),
    path(SERVICE, ServiceViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(f"{SERVICE}/rollouts", ServiceRolloutsViewSet.as_view({"get": "list", "post": "create"})),
    *(
        path(f"{SERVICE}/{action}", ServiceViewSet.as_view({"post": action}))
        for action in ("rollback", "scale", "restart", "decommission", "restore")
    ),
    path(f"{SERVICE}/take-over", ServiceViewSet.as_view({"post": "take_over"})),
    path(f"{SERVICE}/draft", ServiceViewSet.as_view({"delete": "discard_draft"})),
    path(f"{SERVICE}/revisions", RevisionViewSet.as_view({"get": "list"})),
    path(f"{SERVICE}/pods", PodViewSet.as_view({"get": "list"})),
    path(f"{SERVICE}/events", EventViewSet.as_view({"get": "list"})),
    path(f"{SERVICE}/logs", LogViewSet.as_view({"get": "retrieve"})),
    path(f"{ENVIRONMENT}/secrets", SecretViewSet.as_view({"get": "list"})),
    path(
        f"{ENVIRONMENT}/secrets/<slug:secret>",
        SecretViewSet.as_view(
            {
                "get": "retrieve",
                "put": "update",
                "patch": "partial_update",
                "delete": "destroy",
            }
        ),
    ),
    path(f"{ENVIRONMENT}/pull-credentials", PullCredentialViewSet.as_view({"get": "list"})),
    path(
        f"{ENVIRONMENT}/pull-credentials/<slug:credential>",
        PullCredentialViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
    ),
    path("rollouts", RolloutViewSet.as_view({"get": "list"})),
    path(ROLLOUT, RolloutViewSet.as_view({"get": "retrieve"})),
    *(
        path(f"{ROLLOUT}/{verb}", RolloutViewSet.as_view({"post": verb}))
        for verb in ("pause", "resume", "promote", "abort")
    ),
]
