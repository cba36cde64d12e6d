"""Cards were counted by a prefix that amounts of a card's memory share; they are counted anew."""

from collections import Counter
from typing import Any

from django.db import migrations


def recount(apps: Any, schema_editor: Any) -> None:
    """Set what is reserved of every GPU product to the cards of the reservations there are."""
    for quota in apps.get_model("projects", "Quota").objects.exclude(reserved_gpu_products={}):
        cards: Counter[str] = Counter()
        for reservation in quota.reservations.exclude(gpu_product=""):
            cards[reservation.gpu_product] += reservation.resources.gpu_devices
        quota.reserved_gpu_products = dict(+cards)
        quota.save(update_fields=["reserved_gpu_products"])


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_membership_is_restricted"),
    ]

    operations = [
        migrations.RunPython(recount, migrations.RunPython.noop, elidable=True),
    ]
