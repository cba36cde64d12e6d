"""Messages are templates with facts, put into the reader's language when they are shown."""

from django.db import migrations

from clusters.migrations._messages import rewritten, to_json, to_text
from core.fields import MessageField

COLUMNS = (("metricsstatus", "message"),)


class Migration(migrations.Migration):
    dependencies = [("usage", "0003_shared_cards")]

    operations = [
        *(
            migrations.RunPython(
                rewritten("usage", model, field, to_json), rewritten("usage", model, field, to_text)
            )
            for model, field in COLUMNS
        ),
        *(migrations.AlterField(model, field, MessageField()) for model, field in COLUMNS),
    ]
