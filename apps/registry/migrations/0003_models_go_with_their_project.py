"""Models go with their project, and versions with their model; the database's tables stay."""

import django.db.models.deletion
from django.db import migrations, models

CASCADE = django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0010_deletion_requested"),
        ("registry", "0002_who_did_it"),
    ]

    operations = [
        migrations.AlterField(
            "modelversion",
            "model",
            models.ForeignKey("registry.registeredmodel", CASCADE, related_name="versions"),
        ),
        migrations.AlterField(
            "registeredmodel",
            "project",
            models.ForeignKey("projects.project", CASCADE, related_name="models"),
        ),
    ]
