"""The HTTP API of a project's delivery: how quickly and how safely versions come online."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import link_after, piece_of
from core.api.serializers import Serializer
from core.api.windows import parse_until, parse_window
from projects.scope import ProjectScopedViewSet
from serving.delivery import (
    STRETCHES,
    Delivery,
    DeliveryQuery,
    Took,
    read_course_of_deliveries,
    read_delivery,
    step_of,
)

MOST_SERVICES = 50


class TookSerializer(Serializer):
    """How long something took, in seconds, and how often it was measured; null if never."""

    count = serializers.IntegerField()
    median_seconds = serializers.FloatField(allow_null=True)
    p90_seconds = serializers.FloatField(allow_null=True)


class StretchSerializer(TookSerializer):
    """A stretch of deployments that succeeded, by the moment of the clock at which it ends.

    `total` is all of it from the request; `from_registration` begins when the version was
    registered, and counts once for each version of a service.
    """

    until = serializers.ChoiceField(choices=list(STRETCHES))


class OutcomesSerializer(Serializer):
    """How deployments ended; `failed_ratio` leaves out the aborted ones, null if none is left."""

    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    aborted = serializers.IntegerField()
    failed_ratio = serializers.FloatField(allow_null=True)


class RecoverySerializer(TookSerializer):
    """From the beginning of a rollout that failed until its service was good again.

    It returned by itself, or a later one succeeded; `unrecovered` have seen neither.
    """

    unrecovered = serializers.IntegerField()


class ServiceDeliverySerializer(Serializer):
    """The deployments of one service."""

    environment = serializers.CharField()
    service = serializers.CharField()
    deployments = OutcomesSerializer()
    total = TookSerializer()
    recovery = RecoverySerializer()


class DeliveryStepSerializer(Serializer):
    """How the deployments that began in one step of the window ended."""

    at = serializers.DateTimeField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    aborted = serializers.IntegerField()


class DeliverySerializer(Serializer):
    """How quickly and how safely a project's versions come online."""

    project = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    deployments = OutcomesSerializer()
    per_day = serializers.FloatField(help_text="Deployments that succeeded, a day.")
    stretches = StretchSerializer(many=True)
    recovery = RecoverySerializer()
    step_seconds = serializers.IntegerField()
    course = DeliveryStepSerializer(many=True)
    services = ServiceDeliverySerializer(many=True)
    services_total = serializers.IntegerField()
    next = serializers.URLField(allow_null=True, help_text="Where the services go on.")


class DeliveryViewSet(ProjectScopedViewSet):
    """How quickly and how safely a project's versions come online."""

    query_parameters = frozenset({"window", "until", "environment", "limit", "cursor"})

    @extend_schema(
        parameters=[
            OpenApiParameter("window", str, description="Such as 7d or 30d; 30d if omitted."),
            OpenApiParameter("until", OpenApiTypes.DATETIME, description="Its end; else now."),
            OpenApiParameter("environment", str, description="Only its rollouts."),
            OpenApiParameter("limit", int, description="How many services, at most 500."),
            OpenApiParameter("cursor", str, description="Where the services go on."),
        ],
        responses=DeliverySerializer,
    )
    def retrieve(self, request: Request, project: str) -> Response:
        """Measure a project's delivery.

        Of rollouts that began in the window and have finished: deployments a day, the share that
        failed, the time from request and from registration to online by stretch, and the time to
        recover; of the project and of each service, those with the most deployments first.
        """
        asked, now, found = request.query_params, timezone.now(), self.get_project()
        window = parse_window(asked.get("window", "30d"))
        until = min(parse_until(asked.get("until")) or now, now)
        query = DeliveryQuery(found.pk, until - window, until, asked.get("environment", ""))
        whole, services = read_delivery(query)
        piece = piece_of(request, default=MOST_SERVICES)
        answer = {
            "project": found.name,
            "since": query.since,
            "until": query.until,
            "deployments": outcomes_of(whole),
            "per_day": whole.succeeded / (window.total_seconds() / 86_400),
            "stretches": [
                {"until": name, **shown_time(took)} for name, took in whole.stretches.items()
            ],
            "recovery": recovery_of(whole),
            "step_seconds": int(step_of(window).total_seconds()),
            "course": read_course_of_deliveries(query),
            "services": [shown_delivery(one) for one in services[piece]],
            "services_total": len(services),
            "next": link_after(request, piece, total=len(services)),
        }
        return Response(DeliverySerializer(answer).data)


def shown_time(took: Took) -> dict[str, Any]:
    """Return what is shown of how long something took."""
    return {"count": took.count, "median_seconds": took.median, "p90_seconds": took.p90}


def outcomes_of(delivery: Delivery) -> dict[str, Any]:
    """Return how many deployments ended how."""
    return {
        "succeeded": delivery.succeeded,
        "failed": delivery.failed,
        "aborted": delivery.aborted,
        "failed_ratio": delivery.failed_ratio,
    }


def recovery_of(delivery: Delivery) -> dict[str, Any]:
    """Return how long it took until services were good again."""
    return {**shown_time(delivery.recovery), "unrecovered": delivery.unrecovered}


def shown_delivery(delivery: Delivery) -> dict[str, Any]:
    """Return what is shown of one service."""
    return {
        "environment": delivery.environment,
        "service": delivery.service,
        "deployments": outcomes_of(delivery),
        "total": shown_time(delivery.stretches["total"]),
        "recovery": recovery_of(delivery),
    }
