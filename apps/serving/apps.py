from typing import Any

from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "serving"

    def ready(self) -> None:
        from clusters.signals import history_went_back, objects_observed

        objects_observed.connect(on_objects_observed, dispatch_uid="serving")
        history_went_back.connect(on_history_went_back, dispatch_uid="serving")


def on_objects_observed(cluster_id: int, places: set[tuple[str, str]] | None, **_: Any) -> None:
    """Judge the services that the informer saw change, and wake their unfinished rollouts."""
    from core.wakeup import wake_worker
    from serving.diagnosis.judging import judge_each
    from serving.models import ModelService, Rollout

    services = ModelService.objects.filter(environment__cluster=cluster_id)
    if places is not None:
        services = services.at(places)
    service_ids = set(services.values_list("pk", flat=True))
    if not service_ids:
        return
    judge_each(service_ids)
    rollouts = Rollout.objects.unfinished().filter(service_id__among=service_ids)
    for rollout_id in rollouts.values_list("pk", flat=True):
        wake_worker("serving.reconcile_rollout", str(rollout_id))


def on_history_went_back(cluster_id: int, **_: Any) -> None:
    """Forget the versions seen: they do not compare with those after a restored backup."""
    from core.database import lock
    from serving.models import ModelService

    rows = ModelService.objects.filter(environment__cluster=cluster_id)
    lock(rows)
    rows.update(seen_version=0)
