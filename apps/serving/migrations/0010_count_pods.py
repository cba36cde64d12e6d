"""Pods are counted; what services hold already is counted anew."""

from collections import Counter
from typing import Any

from django.db import migrations

from core.resources import PODS, Resources


def count_pods(apps: Any, schema_editor: Any) -> None:
    """Add to every reservation the pods that its service may have, surge of a change included."""
    services = apps.get_model("serving", "ModelService").objects.in_bulk()
    rollouts = apps.get_model("serving", "Rollout").objects.filter(finished_at=None)
    changing = {rollout.service_id: rollout for rollout in rollouts}
    pods: Counter[int] = Counter()
    for reservation in apps.get_model("projects", "Reservation").objects.all():
        service = services.get(reservation.service_id)
        count = most_pods(service, changing.get(reservation.service_id)) if service else 0
        reservation.resources = Resources({**reservation.resources, PODS: count})
        reservation.save(update_fields=["resources"])
        pods[reservation.quota_id] += count
    for quota in apps.get_model("projects", "Quota").objects.filter(pk__in=pods):
        quota.reserved = Resources({**quota.reserved, PODS: pods[quota.pk]})
        quota.save(update_fields=["reserved"])


def most_pods(service: Any, rollout: Any) -> int:
    """Return how many pods a service may have now."""
    if rollout is None:
        return int(service.desired_replicas)
    most = max(rollout.from_replicas, rollout.to_replicas, service.desired_replicas)
    return int(most + rollout.strategy.get("max_surge", 0))


class Migration(migrations.Migration):
    dependencies = [
        ("serving", "0009_who_did_it"),
        ("projects", "0007_bounds_and_traffic"),
    ]

    operations = [
        migrations.RunPython(count_pods, migrations.RunPython.noop, elidable=True),
    ]
