"""The edge of serving: parse, authorise, call one action, render."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import aclosing, contextmanager
from functools import cache
from typing import Any, cast
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db.models import BooleanField, Case, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Now
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.standing import Credential, credential_of
from accounts.waits import Subject
from clusters.client import client_for
from clusters.errors import ClusterError, ClusterInvalid
from clusters.following import FollowedLog, follow_log
from clusters.models import ClusterEvent, Pod, PodQuerySet
from core.api.etags import changing, with_etag
from core.api.pagination import whole_number
from core.api.waits import parse_wait
from core.errors import Invalid, NotFound, Unavailable
from core.holding import Endless, before, let_go
from core.places import LOGS, Place
from core.words import retold, told
from projects.admission import held_by
from projects.permissions import reads_values
from projects.rights import Rights, watch_of_this_loop
from projects.views import ProjectScopedViewSet
from serving import actions, resolve
from serving.api.settings_serializers import (
    EventSerializer,
    NoteSerializer,
    PlanSerializer,
    PodSerializer,
    ResolveSerializer,
    RevisionSerializer,
    RollbackSerializer,
    RolloutDetailSerializer,
    RolloutSerializer,
    RolloutStartSerializer,
    ScaleSerializer,
    ServiceCreateSerializer,
    ServiceDetailSerializer,
    ServiceSerializer,
    SettingsSerializer,
    ShownRolloutSerializer,
    service_columns,
)
from serving.diagnosis.chain import container_to_read
from serving.diagnosis.explanation import explanation
from serving.diagnosis.health import Health
from serving.diagnosis.read import belongings, diagnose, facts_of, pods_of, progress_of
from serving.models import ModelService, Revision, Rollout, ServiceObject
from serving.offers import rollout_offers, service_offers
from serving.rules import drafts
from serving.rules.lifecycle import Kind, Phase, Verb

LOG_PARAMETERS = frozenset({"pod", "container", "tail", "previous", "follow"})
MOST_LOG_LINES = 10_000
PLAIN_TEXT = "text/plain; charset=utf-8"
LARGEST_LOG, LARGEST_FOLLOWED_LOG = 8 * 1024**2, 256 * 1024**2


def shown_services() -> QuerySet[ModelService, dict[str, Any]]:
    """Return rows with everything that one look at a service needs, in one query."""
    return every_shown_service().all()


@cache
def every_shown_service() -> QuerySet[ModelService, dict[str, Any]]:
    """Build that query once: naming its columns takes as long as running it."""
    rows = ModelService.objects.with_shown_health(now=Now()).with_running_rollout()
    shown: QuerySet[ModelService, dict[str, Any]] = rows.values(
        *service_columns().values(),
        *("requests", "limits"),
        *(f"running__{name}" for name in ShownRolloutSerializer.Meta.fields),
    )
    return shown


def shown_rollouts() -> QuerySet[Rollout]:
    """Return rollouts with everything that one look at a list of them needs."""
    return Rollout.objects.select_related(
        "service__environment__project",
        "from_revision__version",
        "to_revision__version",
    ).defer("last_lines")


class ServiceFilter(filters.FilterSet):
    """Services by environment, health, model or a part of the name."""

    environment = filters.CharFilter(field_name="environment__name")
    health = filters.ChoiceFilter(field_name="shown_health", choices=Health.choices)
    model = filters.CharFilter(field_name="model__name")
    search = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = ModelService
        fields: list[str] = []


class ServiceScopedViewSet(ProjectScopedViewSet):
    """Everything below one service."""

    def get_serializer_context(self) -> dict[str, Any]:
        context = {**super().get_serializer_context()}
        # The schema is made without a caller.
        if self.request is not None:
            context["reads_values"] = reads_values(self.user, self.get_project())
        return context

    def get_service(self) -> ModelService:
        """Return the service of the URL."""
        services = ModelService.objects.select_related(
            "environment__project",
            "environment__cluster",
            "environment__quota",
            "model",
            "current_revision__version",
        )
        return get_object_or_404(
            services, environment=self.get_environment(), name=self.kwargs["service"]
        )

    def steer(self, permission: str) -> ModelService:
        """Return the service if the caller may do this to it."""
        service = self.get_service()
        self.require(permission, service.environment)
        return service

    def parsed(self, serializer: Any) -> Any:
        """Validate a body."""
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def accepted(self, rollout: Rollout) -> Response:
        """Answer 202 with the rollout and where to follow it."""
        shown = detailed(rollout.pk, self.user)
        location = self.request.build_absolute_uri(f"/api/v1/rollouts/{rollout.pk}")
        response = Response(
            RolloutDetailSerializer(shown).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": location},
        )
        return with_etag(response, shown)


class ProjectServicesViewSet(mixins.ListModelMixin, ServiceScopedViewSet):
    """All services of a project."""

    queryset = ModelService.objects.none()
    serializer_class = ServiceSerializer
    filterset_class = ServiceFilter
    ordering = ["name", "id"]
    ordering_fields = ["name", "created_at"]

    def get_queryset(self) -> QuerySet[ModelService, dict[str, Any]]:
        return shown_services().filter(environment__project=self.get_project())


class ServiceViewSet(mixins.ListModelMixin, ServiceScopedViewSet):
    """The services of an environment, and what may be done to one."""

    queryset = ModelService.objects.none()
    serializer_class = ServiceSerializer
    filterset_class = ServiceFilter
    ordering = ["name", "id"]
    ordering_fields = ["name", "created_at"]

    def get_queryset(self) -> QuerySet[ModelService, dict[str, Any]]:
        return shown_services().filter(environment=self.get_environment())

    @extend_schema(request=ServiceCreateSerializer, responses={201: ServiceDetailSerializer})
    def create(self, request: Request, project: str, environment: str) -> Response:
        found = self.get_environment()
        self.require("service.write", found)
        context = {"project": found.project, "bounds": found.quota.bounds}
        settings = dict(self.parsed(ServiceCreateSerializer(data=request.data, context=context)))
        if "requests" not in settings:
            fields = SettingsSerializer(context=context).fields
            settings |= fields["resources"].run_validation({})
        name, model = settings.pop("name"), settings.pop("model")
        service = actions.create_service(
            environment=found, name=name, model=model, settings=settings, by=self.actor
        )
        return self.shown(service, status.HTTP_201_CREATED)

    @extend_schema(responses=ServiceDetailSerializer)
    def retrieve(self, request: Request, project: str, environment: str, service: str) -> Response:
        return self.shown(self.get_service())

    @extend_schema(request=SettingsSerializer, responses=ServiceDetailSerializer)
    def partial_update(
        self, request: Request, project: str, environment: str, service: str
    ) -> Response:
        with changing(request, self.steer("service.write")) as found:
            stated = {**found.settings, **drafts.read(found.draft)}
            context = {
                "resources": drafts.amounts_of(stated),
                "bounds": found.environment.quota.bounds,
            }
            parsed = SettingsSerializer(data=request.data, partial=True, context=context)
            actions.update_service(service=found, changes=self.parsed(parsed), by=self.actor)
        return self.shown(found)

    @extend_schema(request=RollbackSerializer, responses={202: RolloutDetailSerializer})
    def rollback(self, request: Request, project: str, environment: str, service: str) -> Response:
        found = self.steer("rollout.start")
        asked = self.parsed(RollbackSerializer(data=request.data))
        return self.accepted(
            actions.start_rollback(
                service=found, number=asked["revision"], note=asked["reason"], by=self.actor
            )
        )

    @extend_schema(request=ScaleSerializer, responses={202: RolloutDetailSerializer})
    def scale(self, request: Request, project: str, environment: str, service: str) -> Response:
        found = self.steer("rollout.start")
        asked = self.parsed(ScaleSerializer(data=request.data))
        return self.accepted(
            actions.start_scale(
                service=found,
                replicas=asked["replicas"],
                expires_in=asked["expires_in"],
                note=asked["reason"],
                by=self.actor,
            )
        )

    @extend_schema(request=NoteSerializer, responses={202: RolloutDetailSerializer})
    def restart(self, request: Request, project: str, environment: str, service: str) -> Response:
        found = self.steer("rollout.start")
        note = self.parsed(NoteSerializer(data=request.data))["reason"]
        return self.accepted(actions.start_restart(service=found, note=note, by=self.actor))

    @extend_schema(request=NoteSerializer, responses={202: RolloutDetailSerializer})
    def decommission(
        self, request: Request, project: str, environment: str, service: str
    ) -> Response:
        found = self.steer("rollout.start")
        note = self.parsed(NoteSerializer(data=request.data))["reason"]
        return self.accepted(actions.start_decommission(service=found, note=note, by=self.actor))

    @extend_schema(
        request=ResolveSerializer,
        responses={200: PlanSerializer, 202: RolloutDetailSerializer},
    )
    def restore(self, request: Request, project: str, environment: str, service: str) -> Response:
        return self.resolved(resolve.start_restore)

    @extend_schema(
        request=ResolveSerializer,
        responses={200: PlanSerializer, 202: RolloutDetailSerializer},
    )
    def take_over(self, request: Request, project: str, environment: str, service: str) -> Response:
        return self.resolved(resolve.start_take_over)

    def resolved(self, begin: Callable[..., Rollout]) -> Response:
        """Begin what ends a drift, or say what that would do."""
        found = self.steer("rollout.start")
        asked = self.parsed(ResolveSerializer(data=self.request.data))
        how = {"plan": asked["plan"], "note": asked["reason"]}
        if asked["dry_run"]:
            plan = resolve.planned(found, begin, by=self.actor, **how)
            return Response(PlanSerializer(plan).data)
        return self.accepted(begin(service=found, by=self.actor, **how))

    @extend_schema(responses={204: None})
    def discard_draft(
        self, request: Request, project: str, environment: str, service: str
    ) -> Response:
        found = self.steer("service.write")
        actions.discard_draft(service=found, by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def shown(self, service: ModelService, code: int = status.HTTP_200_OK) -> Response:
        """Render one service as it is now, with what the caller may do to it."""
        row = shown_services().get(pk=service.pk)
        diagnosis = diagnose(service)
        row |= {
            "causes": diagnosis.causes,
            "log_hint": diagnosis.log_hint,
            "actions": service_offers(service, self.user),
            "reserved": held_by(service.pk).resources,
        }
        version = ModelService(pk=row["id"], updated_at=row["updated_at"])
        body = ServiceDetailSerializer(row, context=self.get_serializer_context()).data
        return with_etag(Response(body, status=code), version)


class ServiceRolloutsViewSet(mixins.ListModelMixin, ServiceScopedViewSet):
    """The rollouts of one service."""

    queryset = Rollout.objects.none()
    serializer_class = RolloutSerializer
    ordering = ["-created_at", "-id"]
    ordering_fields = ["created_at"]

    def get_queryset(self) -> QuerySet[Rollout]:
        return shown_rollouts().filter(service=self.get_service())

    @extend_schema(request=RolloutStartSerializer, responses={202: RolloutDetailSerializer})
    def create(self, request: Request, project: str, environment: str, service: str) -> Response:
        found = self.steer("rollout.start")
        context = {"bounds": found.environment.quota.bounds}
        changes = dict(self.parsed(RolloutStartSerializer(data=request.data, context=context)))
        name, note = changes.pop("version"), changes.pop("reason")
        version = found.model.versions.filter(version=name).first()
        if version is None:
            message = told(
                "%(model)s has no version %(version)s. Register it first.",
                model=found.model.name,
                version=name,
            )
            raise Invalid(message, pointer="/version")
        rollout = actions.start_deploy(
            service=found, version=version, changes=changes, note=note, by=self.actor
        )
        return self.accepted(rollout)


class RevisionViewSet(mixins.ListModelMixin, ServiceScopedViewSet):
    """What a service was told to be, over time."""

    queryset = Revision.objects.none()
    serializer_class = RevisionSerializer
    ordering = ["-number"]

    def get_queryset(self) -> QuerySet[Revision]:
        service = self.get_service()
        rollouts = Rollout.objects.filter(to_revision=OuterRef("pk")).order_by("-created_at", "-id")
        return (
            Revision.objects.filter(service=service)
            .select_related("version", "service__environment")
            .annotate(
                replicas=Subquery(rollouts.values("to_replicas")[:1]),
                is_current=Case(
                    When(pk=service.current_revision_id, then=True),
                    default=False,
                    output_field=BooleanField(),
                ),
            )
        )


class PodViewSet(mixins.ListModelMixin, ServiceScopedViewSet):
    """A service's pods in the mirror."""

    queryset = Pod.objects.none()
    serializer_class = PodSerializer
    ordering = ["-created_at", "-id"]

    def get_queryset(self) -> QuerySet[Pod]:
        service = self.get_service()
        told = service.revisions.filter(number=OuterRef("revision"))
        pods = service_pods(service).with_what_others_say()
        return pods.annotate(version=Subquery(told.values("version__version")[:1]))


def service_pods(service: ModelService) -> PodQuerySet:
    """Return the pods that a service's Deployment owns."""
    environment = service.environment
    if belongings(service).deployment is None:
        return Pod.objects.none()
    return Pod.objects.of_deployment(environment.cluster, environment.namespace, service.name)


class EventViewSet(mixins.ListModelMixin, ServiceScopedViewSet):
    """Events about a service's objects; kept after the cluster forgot them and the objects went."""

    queryset = ClusterEvent.objects.none()
    serializer_class = EventSerializer
    ordering = ["-last_seen_at", "-id"]

    def get_queryset(self) -> QuerySet[ClusterEvent]:
        service = self.get_service()
        own = ServiceObject.objects.filter(service=service).values("uid")
        return ClusterEvent.objects.filter(
            cluster=service.environment.cluster, involved_uid__in=own
        )


class LogViewSet(ServiceScopedViewSet):
    """A pod's log, live from its cluster."""

    query_parameters = LOG_PARAMETERS

    @extend_schema(
        parameters=[
            OpenApiParameter("pod", str, required=True),
            OpenApiParameter("container", str),
            OpenApiParameter("tail", int),
            OpenApiParameter("previous", bool),
            OpenApiParameter("follow", bool),
        ],
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def retrieve(
        self, request: Request, project: str, environment: str, service: str
    ) -> HttpResponseBase:
        found, asked = self.get_service(), request.query_params
        pod = service_pods(found).filter(name=asked.get("pod", "")).first()
        if pod is None:
            raise NotFound(
                told(
                    "%(service)s has no pod '%(pod)s'.",
                    service=found.name,
                    pod=asked.get("pod", ""),
                )
            )
        query = {
            "container": asked.get("container") or container_to_read(facts_of(pod), usual="model"),
            "tailLines": tail_of(asked.get("tail", "200")),
            "previous": asked.get("previous", "false"),
        }
        if asked.get("follow") == "true":
            return self.follow(found, pod, query)
        let_go()
        with live_read():
            log = client_for(found.cluster).logs(
                pod.namespace, pod.name, limitBytes=LARGEST_LOG, **query
            )
            return HttpResponse(b"".join(log), content_type=PLAIN_TEXT)

    def follow(self, service: ModelService, pod: Pod, query: dict[str, Any]) -> HttpResponseBase:
        """Answer with what is written from now on."""
        place, cluster = LOGS.take(self.user.pk), service.cluster
        let_go()
        # Asked before anything is answered, so that a cluster that is away is a 503.
        with live_read():
            log = async_to_sync(follow_log)(
                cluster, pod.namespace, pod.name, limitBytes=LARGEST_FOLLOWED_LOG, **query
            )
        content = followed(
            log, place, credential_of(self.request), service.environment.project.name
        )
        return Endless(content, content_type=PLAIN_TEXT)


async def followed(
    log: FollowedLog, place: Place, credential: Credential, project: str
) -> AsyncIterator[bytes]:
    """Yield what is written to a log as it is written, for as long as its reader may read it."""
    is_over = asyncio.get_running_loop().create_future()

    def heed(rights: Rights | None) -> None:
        if (rights is None or not rights.reach(project)) and not is_over.done():
            is_over.set_result(None)

    async with aclosing(log), aclosing(log.chunks()) as chunks:
        with place, watch_of_this_loop().over(credential, heed):
            async for chunk in before(is_over, chunks):
                yield chunk


def tail_of(text: str) -> int:
    """Read how many lines are wanted."""
    lines = whole_number(text, most=MOST_LOG_LINES)
    if lines is None:
        raise Invalid(
            told("tail is a number from 1 to %(most)s.", most=MOST_LOG_LINES), pointer="/tail"
        )
    return lines


@contextmanager
def live_read() -> Iterator[None]:
    """Answer for a cluster that is asked within the request and does not answer as asked."""
    try:
        yield
    except ClusterInvalid as error:
        raise Invalid(retold(error.message)) from error
    except ClusterError as error:
        raise Unavailable(retold(error.message), reason=error.reason) from error


class RolloutFilter(filters.FilterSet):
    """Rollouts by project, environment, service, kind, phase, or whether they are finished."""

    project = filters.CharFilter(field_name="service__environment__project__name")
    environment = filters.CharFilter(field_name="service__environment__name")
    service = filters.CharFilter(field_name="service__name")
    kind = filters.ChoiceFilter(choices=Kind.choices)
    phase = filters.MultipleChoiceFilter(choices=Phase.choices)
    finished = filters.BooleanFilter(field_name="finished_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Rollout
        fields: list[str] = []


class RolloutViewSet(mixins.ListModelMixin, ProjectScopedViewSet):
    """Every change the caller may see."""

    serializer_class = RolloutSerializer
    filterset_class = RolloutFilter
    ordering = ["-created_at", "-id"]
    ordering_fields = ["created_at"]
    query_parameters = frozenset({"wait"})

    def get_queryset(self) -> QuerySet[Rollout]:
        return shown_rollouts().filter(
            pk__in=Rollout.objects.visible_to(self.request.user).values("pk")
        )

    @extend_schema(
        parameters=[OpenApiParameter("wait", str, description="Such as 30s, at most 60s.")],
        responses=RolloutDetailSerializer,
    )
    def retrieve(self, request: Request, rollout: UUID) -> Response:
        found = get_object_or_404(self.get_queryset(), pk=rollout)
        wait = parse_wait(request.query_params.get("wait"))
        shown = self.shown(found.pk)
        if not wait or found.is_finished:
            return shown
        project = found.service.environment.project.name
        return self.held(shown, Subject("rollout", found.pk, project, finished_among), wait)

    def verb(self, request: Request, rollout: UUID, verb: str) -> Response:
        found = get_object_or_404(self.get_queryset(), pk=rollout)
        self.require("rollout.steer", found.service.environment)
        actions.ask(Verb[verb.upper()], rollout=found, by=self.actor)
        return self.shown(found.pk)

    @extend_schema(request=None, responses=RolloutDetailSerializer)
    def pause(self, request: Request, rollout: UUID) -> Response:
        return self.verb(request, rollout, "pause")

    @extend_schema(request=None, responses=RolloutDetailSerializer)
    def resume(self, request: Request, rollout: UUID) -> Response:
        return self.verb(request, rollout, "resume")

    @extend_schema(request=None, responses=RolloutDetailSerializer)
    def promote(self, request: Request, rollout: UUID) -> Response:
        return self.verb(request, rollout, "promote")

    @extend_schema(request=None, responses=RolloutDetailSerializer)
    def abort(self, request: Request, rollout: UUID) -> Response:
        return self.verb(request, rollout, "abort")

    def shown(self, rollout_id: UUID) -> Response:
        """Render one rollout as it is now."""
        rollout = detailed(rollout_id, self.user)
        return with_etag(Response(RolloutDetailSerializer(rollout).data), rollout)


def detailed(rollout_id: UUID, user: User) -> Rollout:
    """Return a rollout with its timeline, its pods, and what a caller may ask of it."""
    rollouts = shown_rollouts().defer(None).prefetch_related("transitions")
    rollout: Any = rollouts.get(pk=rollout_id)
    rollout.pods = pods_of(rollout)
    rollout.explanation = explanation(progress_of(rollout))
    rollout.actions = rollout_offers(rollout, user)
    return cast(Rollout, rollout)


def finished_among(rollouts: Collection[UUID]) -> set[UUID]:
    """Return which of some rollouts are finished."""
    finished = Rollout.objects.filter(pk__in=rollouts, finished_at__isnull=False)
    return set(finished.values_list("pk", flat=True))
