"""A row's own project, which never changes: what else it refers to has the same."""

from django.db import migrations, models

# A table with checks that are still to come cannot be altered.
FILL = """
UPDATE {table} SET project_id = environment.project_id {source};
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


def with_project(model, source):
    """Return what gives a model's rows the project of the `environment` that `source` joins."""

    def project(**options):
        return models.ForeignKey(
            "projects.project", models.CASCADE, db_index=False, related_name="+", **options
        )

    fill = FILL.format(table=f"serving_{model}", source=source)
    return [
        migrations.AddField(model, "project", project(null=True)),
        migrations.RunSQL(fill, migrations.RunSQL.noop),
        migrations.AlterField(model, "project", project()),
    ]
