"""Messages are templates with facts, put into the reader's language when they are shown."""

from django.db import migrations

from clusters.migrations._messages import rewritten, to_json, to_text
from core.fields import MessageField

COLUMNS = (("cluster", "message"), ("mirrorcursor", "message"))


class Migration(migrations.Migration):
    dependencies = [("clusters", "0008_loops_and_their_faults")]

    operations = [
        *(
            migrations.RunPython(
                rewritten("clusters", model, field, to_json),
                rewritten("clusters", model, field, to_text),
            )
            for model, field in COLUMNS
        ),
        *(migrations.AlterField(model, field, MessageField()) for model, field in COLUMNS),
    ]
