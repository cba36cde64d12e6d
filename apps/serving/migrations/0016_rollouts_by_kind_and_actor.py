"""Rollouts of a kind, and of somebody, are read and ordered through an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("serving", "0015_projects_of_services")]

    operations = [
        migrations.AddIndex(
            "rollout",
            models.Index(fields=[column, "-created_at", "-id"], name=f"rollouts_by_{column}"),
        )
        for column in ("kind", "started_by")
    ]
