"""A service knows its project, and a project's list of services has its index."""

from django.db import migrations, models

from serving.migrations._project import with_project

ENVIRONMENT = """
FROM projects_environment AS environment
WHERE environment.id = serving_modelservice.environment_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0009_wakeups"),
        ("serving", "0014_projects_of_rollouts"),
    ]

    operations = [
        *with_project("modelservice", ENVIRONMENT),
        migrations.AddIndex(
            "modelservice",
            models.Index(fields=["project", "name", "id"], name="services_by_project"),
        ),
    ]
