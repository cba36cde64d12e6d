"""Live pods are counted by owner and by what they request, as they are written."""

import django.db.models.deletion
from django.db import migrations, models

import core.fields
import core.resources

COLUMNS = "cluster_id, namespace, owner_uid, requests"
SAME = " AND ".join(f"{{0}}.{c} = {{1}}.{c}" for c in COLUMNS.split(", "))


def live(table: str, sign: str = "") -> str:
    """Return the pods of a table that hold what they request, each as one more or less."""
    return f"""SELECT {COLUMNS}, {sign}1 AS pods FROM {table}
      WHERE phase NOT IN ('Succeeded', 'Failed')"""


def count_upon(event: str, pods: str, transition: str) -> str:
    """Return a trigger that adds what a statement changed; whatever it left alike adds nothing."""
    name = f"count_pods_upon_{event.lower()}"
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH change AS (
    SELECT {COLUMNS}, sum(pods)::integer AS pods FROM ({pods}) pod
    GROUP BY {COLUMNS} HAVING sum(pods) != 0
  ), gone AS (
    DELETE FROM clusters_podcount kept USING change
    WHERE {SAME.format("kept", "change")} AND kept.pods + change.pods = 0
  ), changed AS (
    UPDATE clusters_podcount kept SET pods = kept.pods + change.pods FROM change
    WHERE {SAME.format("kept", "change")} AND kept.pods + change.pods != 0
    RETURNING kept.cluster_id, kept.namespace, kept.owner_uid, kept.requests
  )
  INSERT INTO clusters_podcount ({COLUMNS}, pods)
  SELECT {COLUMNS}, pods FROM change
  WHERE pods > 0 AND NOT EXISTS (SELECT FROM changed WHERE {SAME.format("changed", "change")});
  RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON clusters_pod REFERENCING {transition}
  FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


ADDED, REMOVED = live("later"), live("earlier", "-")
COUNT = (
    count_upon("INSERT", ADDED, "NEW TABLE AS later")
    + count_upon("DELETE", REMOVED, "OLD TABLE AS earlier")
    + count_upon(
        "UPDATE",
        f"{ADDED} UNION ALL {REMOVED}",
        "OLD TABLE AS earlier NEW TABLE AS later",
    )
    + f"""
INSERT INTO clusters_podcount ({COLUMNS}, pods)
SELECT {COLUMNS}, sum(pods) FROM ({live("clusters_pod")}) pod GROUP BY {COLUMNS};
"""
)
STOP = "".join(
    f"""
DROP TRIGGER count_pods_upon_{event} ON clusters_pod;
DROP FUNCTION count_pods_upon_{event}();
"""
    for event in ("insert", "delete", "update")
)


class Migration(migrations.Migration):
    dependencies = [("clusters", "0010_requested_of_nodes")]

    operations = [
        migrations.CreateModel(
            name="PodCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("namespace", models.CharField(max_length=63)),
                ("owner_uid", models.CharField(blank=True, max_length=63)),
                ("requests", core.fields.ResourcesField(default=core.resources.Resources)),
                ("pods", models.PositiveIntegerField()),
                (
                    "cluster",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="clusters.cluster",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["cluster", "namespace", "owner_uid"], name="pods_counted_by_owner"
                    )
                ],
            },
        ),
        migrations.RunSQL(COUNT, STOP),
    ]
