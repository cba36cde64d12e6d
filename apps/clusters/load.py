"""What live pods ask for, added up by the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

import orjson
from django.db import connection

from clusters.pods import OVER
from core.resources import Resources

# A cluster's id and the name of one of its namespaces or nodes.
NamespacePlace = tuple[int, str]
MOST_NAMED = 20


def requested_by_namespace(places: Collection[NamespacePlace]) -> dict[NamespacePlace, Resources]:
    """Return what the live pods of each namespace ask for, and their number, in one query."""
    statement = """
        SELECT pod.cluster_id, pod.namespace, request.key, sum(request.value)
        FROM clusters_pod pod
        JOIN unnest(%s::bigint[], %s::text[]) AS place (cluster_id, namespace)
          ON pod.cluster_id = place.cluster_id AND pod.namespace = place.namespace
        CROSS JOIN LATERAL (
            SELECT key, value::numeric FROM jsonb_each_text(pod.requests)
            UNION ALL SELECT 'pods', 1
        ) request (key, value)
        WHERE pod.phase != ALL(%s)
        GROUP BY pod.cluster_id, pod.namespace, request.key
    """
    clusters, namespaces = [c for c, _ in places], [n for _, n in places]
    with connection.cursor() as cursor:
        cursor.execute(statement, [clusters, namespaces, [*OVER]])
        return added_up(cursor.fetchall())


def pods_below(minimum: Mapping[NamespacePlace, Resources]) -> dict[NamespacePlace, list[str]]:
    """Return some live pods of each namespace that request less than its minimum, in one query."""
    statement = """
        SELECT pod.cluster_id, pod.namespace, (array_agg(pod.name ORDER BY pod.name))[:%s]
        FROM clusters_pod pod
        JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS place (cluster_id, namespace, minimum)
          ON pod.cluster_id = place.cluster_id AND pod.namespace = place.namespace
        WHERE pod.phase != ALL(%s) AND EXISTS (
            SELECT FROM jsonb_each_text(place.minimum::jsonb) least
            WHERE coalesce((pod.requests ->> least.key)::numeric, 0) < least.value::numeric
        )
        GROUP BY pod.cluster_id, pod.namespace
    """
    clusters, namespaces = [c for c, _ in minimum], [n for _, n in minimum]
    amounts = [orjson.dumps(dict(least)).decode() for least in minimum.values()]
    with connection.cursor() as cursor:
        cursor.execute(statement, [MOST_NAMED, clusters, namespaces, amounts, [*OVER]])
        return {(cluster, namespace): names for cluster, namespace, names in cursor.fetchall()}


def requested_by_node(clusters: Collection[int]) -> dict[NamespacePlace, Resources]:
    """Return what the live pods on each node of some clusters ask for, in one query."""
    statement = """
        SELECT pod.cluster_id, pod.node_name, request.key, sum(request.value::numeric)
        FROM clusters_pod pod
        CROSS JOIN LATERAL jsonb_each_text(pod.requests) request
        WHERE pod.cluster_id = ANY(%s) AND pod.node_name != ''
          AND pod.phase != ALL(%s)
        GROUP BY pod.cluster_id, pod.node_name, request.key
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(clusters), [*OVER]])
        return added_up(cursor.fetchall())


def added_up(rows: Iterable[tuple[int, str, str, Decimal]]) -> dict[NamespacePlace, Resources]:
    """Gather rows of a place, a resource and an amount; a place without rows asks for nothing."""
    amounts: dict[NamespacePlace, dict[str, int]] = defaultdict(dict)
    for cluster_id, name, resource, amount in rows:
        amounts[cluster_id, name][resource] = int(amount)
    return defaultdict(Resources, {place: Resources(own) for place, own in amounts.items()})
