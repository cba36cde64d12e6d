"""A model's versions are read by time, and found by how their names begin, through an index."""

from django.db import migrations, models
from django.db.models.functions import Collate, Lower


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_models_go_with_their_project")]

    operations = [
        migrations.AddIndex(
            "modelversion",
            models.Index(fields=["model", "-created_at", "-id"], name="versions_by_time"),
        ),
        migrations.AddIndex(
            "modelversion",
            models.Index(
                models.F("model"), Collate(Lower("version"), "C"), name="versions_by_name"
            ),
        ),
    ]
