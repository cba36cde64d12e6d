"""Containers have a minimum, devices have to be listed, and traffic is let in by name.

What runs goes on: an environment that is there lists the devices that it holds, asks for no more
than its pods have, and lets in everybody until somebody says otherwise.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

import core.fields
import projects.models
from core.resources import PODS, Resources, total

GPU = "nvidia.com/gpu"
OVER, TERMINATING = ("Succeeded", "Failed"), "Terminating"


def keep_what_runs(apps: Any, schema_editor: Any) -> None:
    """Give every quota there is what its environment's pods, as the mirror shows them, need."""
    pods = apps.get_model("clusters", "Pod").objects.exclude(phase__in=OVER)
    for quota in apps.get_model("projects", "Quota").objects.select_related("environment"):
        environment = quota.environment
        own = pods.filter(cluster=environment.cluster_id, namespace=environment.namespace)
        requests = list(own.values_list("requests", flat=True))
        quota.limits = Resources({**listed(quota, requests), **quota.limits})
        quota.minimum = met_by_all(quota.minimum, requests)
        quota.save(update_fields=["limits", "minimum"])
    environments = apps.get_model("projects", "Environment").objects
    environments.update(ingress=None)
    environments.exclude(phase=TERMINATING).update(
        generation=F("generation") + 1, next_run_at=timezone.now()
    )


def listed(quota: Any, requests: list[Resources]) -> dict[str, int]:
    """Return the limits that a quota needs for what is held beside those that it states."""
    limits = {n: held for n, held in quota.reserved.most(total(requests)).extended.items() if held}
    cards = sum(quota.gpu_products.values())
    if cards:
        limits[GPU] = max(limits.get(GPU, 0), cards)
    # Room for every pod to be replaced.
    most = 2 * len(requests)
    return limits | ({PODS: most} if most > projects.models.DEFAULT_PODS else {})


def met_by_all(minimum: Resources, requests: list[Resources]) -> Resources:
    """Return a minimum that no pod is below."""
    least = {name: min([at, *(r.get(name, 0) for r in requests)]) for name, at in minimum.items()}
    return Resources({name: at for name, at in least.items() if at})


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0006_contested"),
        ("clusters", "0007_pods_of_services"),
    ]

    operations = [
        migrations.AddField(
            model_name="environment",
            name="egress",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="environment",
            name="image_registries",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="environment",
            name="ingress",
            field=models.JSONField(default=projects.models.nobody_else, null=True),
        ),
        migrations.AddField(
            model_name="quota",
            name="default_limits",
            field=core.fields.ResourcesField(default=Resources),
        ),
        migrations.AddField(
            model_name="quota",
            name="default_requests",
            field=core.fields.ResourcesField(default=projects.models.given),
        ),
        migrations.AddField(
            model_name="quota",
            name="minimum",
            field=core.fields.ResourcesField(default=projects.models.least),
        ),
        migrations.RunPython(keep_what_runs, migrations.RunPython.noop, elidable=True),
    ]
