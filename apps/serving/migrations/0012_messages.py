"""Messages are templates with facts, put into the reader's language when they are shown."""

from django.db import migrations, models

from clusters.migrations._messages import rewritten, to_json, to_text
from core.fields import MessageField

COLUMNS = (
    ("modelservice", "message"),
    ("rollout", "message"),
    ("rollout", "note"),
    ("rollout", "failure_message"),
    ("rollouttransition", "message"),
)


class Migration(migrations.Migration):
    dependencies = [("serving", "0011_secrets")]

    operations = [
        # A message is longer than its text.
        migrations.AlterField("rollout", "note", models.TextField(blank=True)),
        *(
            migrations.RunPython(
                rewritten("serving", model, field, to_json),
                rewritten("serving", model, field, to_text),
            )
            for model, field in COLUMNS
        ),
        *(migrations.AlterField(model, field, MessageField()) for model, field in COLUMNS),
    ]
