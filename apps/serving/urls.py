"""Routes of serving."""

from django.urls import path

from projects.urls import ENVIRONMENT, PROJECT
from serving.api.delivery import DeliveryViewSet
from serving.api.events import EventViewSet
from serving.api.logs import LogViewSet
from serving.api.pods import PodViewSet
from serving.api.preflight import PreflightViewSet
from serving.api.revisions import RevisionViewSet
from serving.api.rollouts import RolloutViewSet, ServiceRolloutsViewSet
from serving.api.secrets import PullCredentialViewSet, SecretViewSet
from serving.api.services import ProjectServicesViewSet, ServiceViewSet

ONE_SERVICE = f"{ENVIRONMENT}/services/<slug:service>"
ONE_ROLLOUT = "rollouts/<uuid:rollout>"

urlpatterns = [
    path(f"{PROJECT}/delivery", DeliveryViewSet.as_view({"get": "retrieve"})),
    path(f"{PROJECT}/preflight", PreflightViewSet.as_view({"post": "create"})),
    path(f"{PROJECT}/services", ProjectServicesViewSet.as_view({"get": "list"})),
    path(f"{ENVIRONMENT}/services", ServiceViewSet.as_view({"get": "list", "post": "create"})),
    path(ONE_SERVICE, ServiceViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(
        f"{ONE_SERVICE}/rollouts",
        ServiceRolloutsViewSet.as_view({"get": "list", "post": "create"}),
    ),
    *(
        path(f"{ONE_SERVICE}/{action}", ServiceViewSet.as_view({"post": action}))
        for action in ("rollback", "scale", "restart", "decommission", "restore")
    ),
    path(f"{ONE_SERVICE}/take-over", ServiceViewSet.as_view({"post": "take_over"})),
    path(f"{ONE_SERVICE}/draft", ServiceViewSet.as_view({"delete": "discard_draft"})),
    path(f"{ONE_SERVICE}/revisions", RevisionViewSet.as_view({"get": "list"})),
    path(f"{ONE_SERVICE}/pods", PodViewSet.as_view({"get": "list"})),
    path(f"{ONE_SERVICE}/events", EventViewSet.as_view({"get": "list"})),
    path(f"{ONE_SERVICE}/logs", LogViewSet.as_view({"get": "retrieve"})),
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
    path(ONE_ROLLOUT, RolloutViewSet.as_view({"get": "retrieve"})),
    *(
        path(f"{ONE_ROLLOUT}/{verb}", RolloutViewSet.as_view({"post": verb}))
        for verb in ("pause", "resume", "promote", "abort", "retry")
    ),
]
