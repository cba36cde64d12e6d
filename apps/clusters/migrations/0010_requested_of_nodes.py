"""What is requested of a node is kept with it."""

from django.db import migrations

import core.fields
import core.resources

FILL = """
UPDATE clusters_node node SET requested = sum.requested
FROM (
    SELECT cluster_id, node_name, jsonb_object_agg(key, amount) AS requested
    FROM (
        SELECT pod.cluster_id, pod.node_name, request.key, sum(request.value::numeric) AS amount
        FROM clusters_pod pod CROSS JOIN LATERAL jsonb_each_text(pod.requests) request
        WHERE pod.phase NOT IN ('Succeeded', 'Failed')
        GROUP BY pod.cluster_id, pod.node_name, request.key
    ) amounts
    GROUP BY cluster_id, node_name
) sum
WHERE node.cluster_id = sum.cluster_id AND node.name = sum.node_name
"""


class Migration(migrations.Migration):
    dependencies = [("clusters", "0009_messages")]

    operations = [
        migrations.AddField(
            "node", "requested", core.fields.ResourcesField(default=core.resources.Resources)
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
