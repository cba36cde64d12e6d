from typing import Any

from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "serving"

    def ready(self) -> None:
        from clusters.signals import services_observed

        services_observed.connect(on_services_observed, dispatch_uid="serving")


def on_services_observed(cluster_id: int, service_ids: set[Any] | None, **_: Any) -> None:
    """After what the informer saw: judge services anew, and ring for their rollouts."""
    from core.doorbell import ring
    from serving.doorbells import reconcile_rollout
    from serving.models import ModelService, Rollout
    from serving.observe import refresh_services

    if service_ids is None:
        services = ModelService.objects.filter(environment__cluster=cluster_id)
        service_ids = set(services.values_list("pk", flat=True))
    refresh_services(service_ids)
    rollouts = Rollout.objects.unfinished().filter(service__in=service_ids)
    for rollout_id in rollouts.values_list("pk", flat=True):
        ring(reconcile_rollout, str(rollout_id))
