"""Changing a service as people and workers do, without a cluster."""

from accounts.actor import Actor
from core.reasons import Reason
from projects.models import Quota
from serving import actions
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Counts, Phase
from serving.worker.claim import claim
from serving.worker.commit import commit
from serving.worker.outcome import Finding

GPU = "nvidia.com/gpu"


def deploy(service: ModelService, version: str, by: Actor, **changes: object) -> Rollout:
    chosen = service.model.versions.get(version=version)
    return actions.start_deploy(service=service, version=chosen, changes=changes, by=by)


def finish(rollout: Rollout, phase: Phase = Phase.SUCCEEDED) -> None:
    """End a rollout as a worker would, without a cluster."""
    claimed = claim(str(rollout.pk))
    assert claimed is not None
    steps = [Phase.PROGRESSING, phase] if phase is Phase.SUCCEEDED else [phase]
    for step in steps:
        finding = Finding(step, Reason.COMPLETED, "", Counts(), is_begun=True)
        commit(claimed, finding)
        claimed = claim(str(rollout.pk)) or claimed


def reserved(service: ModelService) -> int:
    return Quota.objects.get(environment=service.environment).reserved.get(GPU, 0)


def fail(rollout: Rollout, phase: Phase = Phase.FAILED) -> None:
    """End a rollout that went back to where it came from."""
    claimed = claim(str(rollout.pk))
    assert claimed is not None
    failed = Finding(phase, Reason.ROLLED_BACK, "", rolled_back=True)
    commit(claimed, failed)
