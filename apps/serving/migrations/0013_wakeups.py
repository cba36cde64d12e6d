"""That somebody rang while a rollout was looked at is a column of its own."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("serving", "0012_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="rollout",
            name="wakeups",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="rollout",
            name="next_run_at",
            field=models.DateTimeField(default=django.utils.timezone.now, null=True),
        ),
    ]
