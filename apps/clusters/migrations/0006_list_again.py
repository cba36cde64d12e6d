"""Have everything listed again: the rows lack what the columns before this one hold."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("clusters", "0005_pods_tell_their_story")]

    operations = [
        migrations.RunSQL(
            """
            DELETE FROM clusters_mirrorcursor;
            UPDATE clusters_pod SET resource_version = 0;
            UPDATE clusters_workload SET resource_version = 0;
            UPDATE clusters_cluster SET mirrored_at = NULL;
            """,
            migrations.RunSQL.noop,
        )
    ]
