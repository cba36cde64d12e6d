"""What somebody did is read through an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_chained")]

    operations = [
        migrations.AddIndex(
            "auditevent", models.Index(fields=["actor", "-id"], name="audit_by_actor")
        ),
    ]
