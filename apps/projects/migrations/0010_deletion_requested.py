"""A project that is being deleted waits for its environments."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0009_wakeups")]

    operations = [
        migrations.AddField("project", "deletion_requested_at", models.DateTimeField(null=True)),
    ]
