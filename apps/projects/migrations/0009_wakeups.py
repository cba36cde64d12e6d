"""Whoever works on an environment holds a lease, and a wake-up is a column of its own.

An environment that is held while this runs is due when it would have been without an answer.
"""

from typing import Any

import django.utils.timezone
from django.db import migrations, models
from django.utils import timezone


def state_when(apps: Any, schema_editor: Any) -> None:
    """Say of what was due because nothing was said that it is due now."""
    unsaid = apps.get_model("projects", "Environment").objects.filter(next_run_at=None)
    unsaid.update(next_run_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0009_messages"),
        ("projects", "0008_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="environment",
            name="attempts",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="environment",
            name="lease_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="environment",
            name="wakeups",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="environment",
            name="next_run_at",
            field=models.DateTimeField(default=django.utils.timezone.now, null=True),
        ),
        migrations.AddIndex(
            model_name="environment",
            index=models.Index(fields=["next_run_at"], name="due_environments"),
        ),
        migrations.RunPython(state_when, migrations.RunPython.noop),
    ]
