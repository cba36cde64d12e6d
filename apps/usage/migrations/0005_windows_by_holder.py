"""What one holder used is found without reading what all others did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0004_messages")]

    operations = [
        migrations.AddIndex(
            "usagewindow",
            models.Index(
                fields=["environment", "service_id", "window_seconds", "starts_at"],
                name="windows_by_holder",
            ),
        ),
    ]
