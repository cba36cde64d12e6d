from typing import Any

from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "serving"

    def ready(self) -> None:
        from clusters.signals import services_observed

        services_observed.connect(on_services_observed, dispatch_uid="serving")


def on_services_observed(service_ids: set[Any], **_: Any) -> None:
    """After each batch of the informer: judge services anew, and ring for their rollouts."""
    from core.doorbell import ring
    from serving.doorbells import reconcile_rollout
    from serving.models import Rollout
    from serving.observe import refresh_services

    refresh_services(service_ids)
    rollouts = Rollout.objects.unfinished().filter(service__in=service_ids)
    for rollout_id in rollouts.values_list("pk", flat=True):
        ring(reconcile_rollout, str(rollout_id))
