"""A rollout knows its project, and lists of rollouts have their indexes."""

import django.db.models.deletion
from django.db import migrations, models

from serving.migrations._project import with_project

ENVIRONMENT = """
FROM serving_modelservice AS service
JOIN projects_environment AS environment ON environment.id = service.environment_id
WHERE service.id = serving_rollout.service_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0009_wakeups"),
        ("registry", "0001_initial"),
        ("serving", "0013_wakeups"),
    ]

    operations = [
        *with_project("rollout", ENVIRONMENT),
        *(
            migrations.AddIndex(
                "rollout",
                models.Index(fields=[column, "-created_at", "-id"], name=f"rollouts_by_{column}"),
            )
            for column in ("project", "service", "phase")
        ),
        migrations.AlterField(
            "rollout",
            "service",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rollouts",
                to="serving.modelservice",
            ),
        ),
    ]
