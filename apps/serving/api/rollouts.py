"""The HTTP API of rollouts: parse, authorise, call one action, render."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Subquery
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.waits import Subject
from core.api.etags import with_etag
from core.api.filters import FlagFilter, MomentFilter
from core.api.pages import ListMixin
from core.api.waits import parse_wait
from projects.models import Project, visible_to
from projects.scope import ProjectScopedViewSet
from serving import actions
from serving.api.changes import (
    PromoteSerializer,
    RolloutStartSerializer,
    StartSerializer,
)
from serving.api.reading import RolloutRows, rollout_page, shown_rollouts
from serving.api.rollout_serializers import (
    RolloutDetailSerializer,
    RolloutSerializer,
)
from serving.api.scope import (
    PLANNED_OR_STARTED,
    ServiceScopedViewSet,
    StartingMixin,
    services_at,
    version_named,
)
from serving.models import ROLLOUT_KINDS, ROLLOUT_PHASES, ModelService, Rollout
from serving.rules.lifecycle import Verb
from serving.wishes import wished_deploy, wished_retry


class ServiceRolloutFilter(filters.FilterSet):
    """Rollouts by kind, phase, whether they are finished, who started them, and when, or one."""

    id = filters.UUIDFilter()
    kind = filters.ChoiceFilter(choices=ROLLOUT_KINDS)
    phase = filters.MultipleChoiceFilter(choices=ROLLOUT_PHASES, distinct=False)
    finished = FlagFilter(field_name="finished_at", lookup_expr="isnull", exclude=True)
    started_by = filters.CharFilter()
    since = MomentFilter(field_name="created_at", lookup_expr="gte")
    until = MomentFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Rollout
        fields: list[str] = []


class RolloutFilter(ServiceRolloutFilter):
    """Rollouts by where they are, too."""

    project = filters.CharFilter(method="of_project")
    environment = filters.CharFilter(method="of_services")
    service = filters.CharFilter(method="of_services")

    def of_project(self, rows: RolloutRows, name: str, value: str) -> RolloutRows:
        """Keep one project's; joined by its name, they would all be read and sorted."""
        return rows.filter(project=Subquery(Project.objects.filter(name=value).values("pk")[:1]))

    def of_services(self, rows: RolloutRows, name: str, value: str) -> RolloutRows:
        """Keep those of services of this name, or in environments of this name.

        Of a few services all rollouts are read; of many, the newest of all are looked through.
        """
        services = ModelService.objects.filter(**{OF_SERVICE[name]: value})
        few = [*services.values_list("pk", flat=True)[: FEW_SERVICES + 1]]
        if len(few) > FEW_SERVICES:
            return rows.filter(**{f"service__{OF_SERVICE[name]}": value})
        return rows.filter(service__in=few)


OF_SERVICE = {"service": "name", "environment": "environment__name"}
FEW_SERVICES = 50
# Each has its index; see `Rollout`.
ROLLOUTS_ORDERED_BY = ["created_at", "phase", "kind", "started_by"]


class ServiceRolloutsViewSet(ListMixin, ServiceScopedViewSet):
    """The rollouts of one service."""

    queryset = Rollout.objects.none()
    serializer_class = RolloutSerializer
    filterset_class = ServiceRolloutFilter
    ordering = ["-created_at", "-id"]
    ordering_fields = ROLLOUTS_ORDERED_BY

    def get_queryset(self) -> RolloutRows:
        return shown_rollouts().filter(service=self.get_service())

    @extend_schema(request=RolloutStartSerializer, responses=PLANNED_OR_STARTED)
    def create(self, request: Request, project: str, environment: str, service: str) -> Response:
        """Roll out a version.

        The quota admits the peak of the change, or refuses it; a worker carries it out. Settings
        that are given here are kept when the rollout has succeeded.
        """
        found = self.controlled("rollout.start")
        context = {"bounds": found.environment.quota.bounds}
        changes = dict(self.parsed(RolloutStartSerializer(data=request.data, context=context)))
        asked = {name: changes.pop(name) for name in ("version", "reason", "dry_run", "plan")}
        wanted = {"version": version_named(found.model, asked["version"]), "changes": changes}
        return self.changed(found, wished_deploy, actions.start_deploy, asked, **wanted)


class RolloutViewSet(StartingMixin, ListMixin, ProjectScopedViewSet):
    """Every rollout the caller may see."""

    serializer_class = RolloutSerializer
    filterset_class = RolloutFilter
    ordering = ["-created_at", "-id"]
    ordering_fields = ROLLOUTS_ORDERED_BY
    query_parameters = frozenset({"wait"})

    def get_queryset(self) -> RolloutRows:
        return shown_rollouts().filter(visible_to(self.request.user, project="project"))

    def get_rollout(self, rollout_id: UUID) -> Rollout:
        """Return a rollout that the caller may see."""
        visible = Rollout.objects.visible_to(self.request.user).defer("last_lines")
        return get_object_or_404(
            visible.select_related("service__environment__project"), pk=rollout_id
        )

    @extend_schema(
        parameters=[OpenApiParameter("wait", str, description="Such as 30s, at most 60s.")],
        responses=RolloutDetailSerializer,
    )
    def retrieve(self, request: Request, rollout: UUID) -> Response:
        """Read a rollout, or wait for its end.

        `?wait=30s` holds the answer until it has finished or the time is up.
        """
        found = self.get_rollout(rollout)
        wait = parse_wait(request.query_params.get("wait"))
        shown = self.shown(found.pk)
        if not wait or found.is_finished:
            return shown
        project = found.service.environment.project.name
        return self.held(shown, Subject("rollout", found.pk, project, finished_among), wait)

    def verb(self, rollout: UUID, verb: Verb, **asked: bool) -> Response:
        found = self.get_rollout(rollout)
        self.require("rollout.steer", found.service.environment)
        actions.control(verb, rollout=found, by=self.actor, **asked)
        return self.shown(found.pk)

    @extend_schema(request=None, responses=RolloutDetailSerializer)
    def pause(self, request: Request, rollout: UUID) -> Response:
        """Pause a rollout."""
        return self.verb(rollout, Verb.PAUSE)

    @extend_schema(request=None, responses=RolloutDetailSerializer)
    def resume(self, request: Request, rollout: UUID) -> Response:
        """Resume a paused rollout."""
        return self.verb(rollout, Verb.RESUME)

    @extend_schema(request=PromoteSerializer, responses=RolloutDetailSerializer)
    def promote(self, request: Request, rollout: UUID) -> Response:
        """Promote a rollout past its pause.

        It goes on to its next step; with `full`, past all that are left, whatever they wait for.
        """
        asked = self.parsed(PromoteSerializer(data=request.data))
        return self.verb(rollout, Verb.PROMOTE, is_full=asked["full"])

    @extend_schema(request=None, responses=RolloutDetailSerializer)
    def abort(self, request: Request, rollout: UUID) -> Response:
        """Abort a rollout and return to the last good revision."""
        return self.verb(rollout, Verb.ABORT)

    @extend_schema(request=StartSerializer, responses=PLANNED_OR_STARTED)
    def retry(self, request: Request, rollout: UUID) -> Response:
        """Try again what failed or was aborted.

        A new rollout of the same kind: a version with the settings it had then, a number of pods, a
        restart or a decommission. With `dry_run` it answers the plan and changes nothing.
        """
        found = self.get_rollout(rollout)
        environment = found.service.environment
        self.require("rollout.start", environment)
        asked = self.parsed(StartSerializer(data=request.data))
        (service,) = services_at(environment.project.name, environment.name, found.service.name)
        return self.changed(service, wished_retry, actions.start_retry, asked, rollout=found)

    def shown(self, rollout_id: UUID) -> Response:
        """Render one rollout as it is now."""
        page = rollout_page(rollout_id, self.user)
        return with_etag(Response(RolloutDetailSerializer(page).data), page.rollout)


def finished_among(rollouts: Collection[UUID]) -> set[UUID]:
    """Return which of these rollouts are finished."""
    finished = Rollout.objects.filter(pk__in=rollouts, finished_at__isnull=False)
    return set(finished.values_list("pk", flat=True))
