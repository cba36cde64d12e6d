from django.db import migrations, models
from django.db.models import F


def go_with_themselves(apps, schema_editor):
    """Of the Deployments mirrored so far, none is a candidate."""
    deployments = apps.get_model("clusters", "Workload").objects.filter(kind="Deployment")
    deployments.update(goes_with=F("name"))


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0013_indexes_of_names"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="workload",
            name="workloads_by_name",
        ),
        migrations.AddField(
            model_name="workload",
            name="goes_with",
            field=models.CharField(blank=True, max_length=253),
        ),
        migrations.RunPython(go_with_themselves, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="workload",
            index=models.Index(
                condition=models.Q(("goes_with", ""), _negated=True),
                fields=["cluster", "namespace", "goes_with"],
                name="deployments_by_name",
            ),
        ),
    ]
