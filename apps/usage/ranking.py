"""Which services request, or leave idle, the most of a resource: one query for any number."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import orjson
from django.db import connection

from core.resources import Resources, total
from serving.models import ROLLED_OUT
from usage.collect import FINE_SECONDS, Holder
from usage.models import PRESENT_FOR


class RankBy(StrEnum):
    """What services are ranked by."""

    REQUESTED = "requested"
    IDLE = "idle"


# The pods of a service's Deployment, which are counted already: see `clusters.models.PodCount`.
PODS_OF_SERVICE = f"""
    JOIN projects_environment environment ON environment.id = service.environment_id
    LEFT JOIN clusters_workload deployment
      ON deployment.cluster_id = environment.cluster_id
     AND deployment.namespace = environment.namespace
     AND deployment.goes_with = service.name
     AND deployment.kind = 'Deployment'
     AND {ROLLED_OUT}
    LEFT JOIN clusters_workload replica_set
      ON replica_set.cluster_id = deployment.cluster_id
     AND replica_set.namespace = deployment.namespace
     AND replica_set.owner_uid = deployment.uid
    LEFT JOIN clusters_podcount counted
      ON counted.cluster_id = replica_set.cluster_id
     AND counted.namespace = replica_set.namespace
     AND counted.owner_uid = replica_set.uid
"""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A service, and what its live pods request."""

    environment_id: int
    service_id: UUID
    requested: Resources

    @property
    def holder(self) -> Holder:
        return self.environment_id, self.service_id


def present_since(now: datetime) -> datetime:
    """Return after when a fine window has begun that still tells of the present."""
    return now - PRESENT_FOR - timedelta(seconds=FINE_SECONDS)


def rank_services(
    environments: Collection[int],
    *,
    known: Collection[int],
    by: tuple[RankBy, str],
    piece: slice,
    now: datetime,
) -> list[Ranked]:
    """Return a piece of the services of some environments, those first that have the most.

    Of environments that are not `known` it is unknown what is requested; unknown ranks before
    nothing.
    """
    rank, resource = by
    statement = """
        WITH used AS (
            SELECT DISTINCT ON (service_id) service_id, used_total / nullif(used_count, 0) AS amount
            FROM usage_usagewindow
            WHERE %(idle)s AND environment_id = ANY(%(known)s) AND service_id IS NOT NULL
              AND resource = %(resource)s AND window_seconds = %(seconds)s
              AND starts_at > %(since)s AND (used_count > 0 OR pods_expected > 0)
            ORDER BY service_id, starts_at DESC
        ), requested AS (
            SELECT service.id, service.environment_id, service.name, coalesce(
                sum(counted.pods * (counted.requests ->> %(resource)s)::double precision), 0
            ) AS amount
            FROM serving_modelservice service {pods}
            WHERE service.environment_id = ANY(%(environments)s)
            GROUP BY service.id
        ), ranked AS (
            SELECT requested.id, requested.environment_id, requested.name, coalesce(
                CASE
                    WHEN requested.environment_id != ALL(%(known)s) THEN NULL
                    WHEN NOT %(idle)s THEN requested.amount
                    WHEN used.amount IS NULL THEN NULL
                    ELSE greatest(requested.amount - used.amount, 0)
                END, %(unknown)s
            ) AS amount
            FROM requested LEFT JOIN used ON used.service_id = requested.id
            ORDER BY amount DESC, requested.name, requested.id
            LIMIT %(limit)s OFFSET %(offset)s
        )
        SELECT ranked.environment_id, ranked.id,
               jsonb_agg(jsonb_build_array(counted.requests, counted.pods))
                   FILTER (WHERE counted.requests IS NOT NULL)
        FROM ranked JOIN serving_modelservice service ON service.id = ranked.id {pods}
        GROUP BY ranked.environment_id, ranked.id, ranked.name, ranked.amount
        ORDER BY ranked.amount DESC, ranked.name, ranked.id
    """
    values = {
        "environments": list(environments),
        "known": list(known),
        "resource": resource,
        "idle": rank is RankBy.IDLE,
        "seconds": FINE_SECONDS,
        "since": present_since(now),
        "unknown": 1e-9,
        "limit": piece.stop - piece.start,
        "offset": piece.start,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement.format(pods=PODS_OF_SERVICE), values)
        return [
            Ranked(
                environment,
                service,
                total(Resources(each) * n for each, n in orjson.loads(shapes or "[]")),
            )
            for environment, service, shapes in cursor.fetchall()
        ]


def count_services(environments: Collection[int]) -> int:
    """Return how many services some environments have."""
    statement = "SELECT count(*) FROM serving_modelservice WHERE environment_id = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(environments)])
        (number,) = cursor.fetchone()
    return int(number)
