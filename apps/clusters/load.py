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
    # Owners whose pods are alike are added up first: few shapes are in a namespace.
    statement = """
        SELECT shape.cluster_id, shape.namespace, request.key, sum(request.value * shape.pods)
        FROM (
            SELECT counted.cluster_id, counted.namespace, counted.requests, sum(pods) AS pods
            FROM clusters_podcount counted
            JOIN unnest(%s::bigint[], %s::text[]) AS place (cluster_id, namespace)
              ON counted.cluster_id = place.cluster_id AND counted.namespace = place.namespace
            GROUP BY counted.cluster_id, counted.namespace, counted.requests
        ) shape
        CROSS JOIN LATERAL (
            SELECT key, value::numeric FROM jsonb_each_text(shape.requests)
            UNION ALL SELECT 'pods', 1
        ) request (key, value)
        GROUP BY shape.cluster_id, shape.namespace, request.key
    """
    clusters, namespaces = [c for c, _ in places], [n for _, n in places]
    with connection.cursor() as cursor:
        cursor.execute(statement, [clusters, namespaces])
        return added_up(cursor.fetchall())


def pods_below(minimum: Mapping[NamespacePlace, Resources]) -> dict[NamespacePlace, list[str]]:
    """Return some live pods of each namespace that request less than its minimum, in one query."""
    # The pods of owners whose pods are alike are looked at as one.
    statement = """
        SELECT pod.cluster_id, pod.namespace, (array_agg(pod.name ORDER BY pod.name))[:%s]
        FROM clusters_podcount counted
        JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS place (cluster_id, namespace, minimum)
          ON counted.cluster_id = place.cluster_id AND counted.namespace = place.namespace
        JOIN clusters_pod pod
          ON pod.cluster_id = counted.cluster_id AND pod.namespace = counted.namespace
         AND pod.owner_uid = counted.owner_uid AND pod.requests = counted.requests
        WHERE pod.phase != ALL(%s) AND EXISTS (
            SELECT FROM jsonb_each_text(place.minimum::jsonb) least
            WHERE coalesce((counted.requests ->> least.key)::numeric, 0) < least.value::numeric
        )
        GROUP BY pod.cluster_id, pod.namespace
    """
    clusters, namespaces = [c for c, _ in minimum], [n for _, n in minimum]
    amounts = [orjson.dumps(dict(least)).decode() for least in minimum.values()]
    with connection.cursor() as cursor:
        cursor.execute(statement, [MOST_NAMED, clusters, namespaces, amounts, [*OVER]])
        return {(cluster, namespace): names for cluster, namespace, names in cursor.fetchall()}


def keep_requested(cluster_id: int, nodes: Collection[str]) -> bool:
    """Add up what the live pods on some nodes request, and keep it with the nodes.

    Returns whether it is something else than before.

    Whoever changes pods calls this in the same transaction: summing all pods of a large fleet takes
    longer than everything else that a page about it shows.
    """
    # Pods are read once for all nodes: PostgreSQL, which may know nothing of the cluster yet, would
    # read all of them for each.
    statement = """
        UPDATE clusters_node node SET requested = now.requested
        FROM (
            SELECT asked.name, coalesce(sum.requested, '{}') AS requested
            FROM unnest(%s::text[]) AS asked (name)
            LEFT JOIN (
                SELECT node_name, jsonb_object_agg(key, amount) AS requested
                FROM (
                    SELECT pod.node_name, request.key, sum(request.value::numeric) AS amount
                    FROM clusters_pod pod CROSS JOIN LATERAL jsonb_each_text(pod.requests) request
                    WHERE pod.cluster_id = %s AND pod.node_name = ANY(%s) AND pod.phase != ALL(%s)
                    GROUP BY pod.node_name, request.key
                ) amounts
                GROUP BY node_name
            ) sum ON sum.node_name = asked.name
        ) now
        WHERE node.cluster_id = %s AND node.name = now.name AND node.requested != now.requested
    """
    if not nodes:
        return False
    names = sorted(nodes)
    with connection.cursor() as cursor:
        cursor.execute(statement, [names, cluster_id, names, [*OVER], cluster_id])
        return bool(cursor.rowcount)


def added_up(rows: Iterable[tuple[int, str, str, Decimal]]) -> dict[NamespacePlace, Resources]:
    """Group rows of place, resource and amount by place; one without rows requests nothing."""
    amounts: dict[NamespacePlace, dict[str, int]] = defaultdict(dict)
    for cluster_id, name, resource, amount in rows:
        amounts[cluster_id, name][resource] = int(amount)
    return defaultdict(Resources, {place: Resources(own) for place, own in amounts.items()})
