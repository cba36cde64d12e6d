"""What live pods ask for, added up by the database."""

from collections import defaultdict
from collections.abc import Collection

from django.db import connection

from core.resources import Resources

# A cluster's id and one of its namespaces.
Place = tuple[int, str]


def requested_by_namespace(places: Collection[Place]) -> dict[Place, Resources]:
    """Return what the live pods of each namespace ask for, in one query; none ask for nothing."""
    statement = """
        SELECT pod.cluster_id, pod.namespace, request.key, sum(request.value::numeric)
        FROM clusters_pod pod
        JOIN unnest(%s::bigint[], %s::text[]) AS place (cluster_id, namespace)
          ON pod.cluster_id = place.cluster_id AND pod.namespace = place.namespace
        CROSS JOIN LATERAL jsonb_each_text(pod.requests) request
        WHERE pod.phase NOT IN ('Succeeded', 'Failed')
        GROUP BY pod.cluster_id, pod.namespace, request.key
    """
    clusters, namespaces = [c for c, _ in places], [n for _, n in places]
    requested: dict[Place, Resources] = defaultdict(Resources)
    with connection.cursor() as cursor:
        cursor.execute(statement, [clusters, namespaces])
        for cluster_id, namespace, name, amount in cursor.fetchall():
            requested[cluster_id, namespace] += Resources({name: int(amount)})
    return requested
