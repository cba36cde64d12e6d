"""What is photographed: every page, and the dialogs that are reached by pressing a button."""

from dataclasses import dataclass

PROJECT = "/projects/fraud"
SERVICES = f"{PROJECT}/environments/production/services"
SECRETS = f"{PROJECT}/environments/production/secrets"
CRASHED = "/projects/speech/environments/production/services/asr"
DRIFTED = f"{SERVICES}/velocity"
UNSCHEDULABLE = "/projects/search/environments/production/services/reranker-xl"


@dataclass(frozen=True)
class Shot:
    """A page by its address, and the button that opens a dialog on it."""

    name: str
    path: str
    presses: str = ""


SHOTS = (
    Shot("home", "/"),
    Shot("projects", "/projects"),
    Shot("projects-create", "/projects", "projects.create"),
    Shot("project", PROJECT),
    Shot("project-edit", PROJECT, "ui.edit"),
    Shot("project-by-gpu-idle", f"{PROJECT}?window=24h&resource=nvidia.com%2Fgpu&rank=idle"),
    Shot("services", f"{PROJECT}/services"),
    Shot("services-none", f"{PROJECT}/services?health=Unknown"),
    Shot("project-rollouts", f"{PROJECT}/rollouts"),
    Shot("models", f"{PROJECT}/models"),
    Shot("models-register", f"{PROJECT}/models", "registry.registerModel"),
    Shot("model", f"{PROJECT}/models/scorer"),
    Shot("model-register-version", f"{PROJECT}/models/scorer", "registry.registerVersion"),
    Shot("environments", f"{PROJECT}/environments"),
    Shot("environments-create", f"{PROJECT}/environments", "projects.createEnvironment"),
    Shot("environments-quota", f"{PROJECT}/environments", "projects.editQuota"),
    Shot("secrets", SECRETS),
    Shot("secrets-create", SECRETS, "projects.secrets.create"),
    Shot("access", f"{PROJECT}/access"),
    Shot("access-add-member", f"{PROJECT}/access", "accounts.addMember"),
    Shot("access-create-token", f"{PROJECT}/access", "accounts.createToken"),
    Shot("delivery", f"{PROJECT}/delivery"),
    Shot("audit", f"{PROJECT}/audit"),
    Shot("roll-out-empty", f"{PROJECT}/roll-out"),
    Shot("roll-out", f"{PROJECT}/roll-out?environment=production&service=scorer&version=2"),
    Shot("service-new", f"{PROJECT}/roll-out?environment=production&model=scorer&create=yes"),
    Shot("service", f"{SERVICES}/scorer"),
    Shot("service-pods", f"{SERVICES}/scorer?tab=pods"),
    Shot("service-events", f"{SERVICES}/scorer?tab=events"),
    Shot("service-revisions", f"{SERVICES}/scorer?tab=revisions"),
    Shot("service-diff", f"{SERVICES}/scorer?tab=revisions&from=1&to=3"),
    Shot("service-logs", f"{SERVICES}/scorer?tab=logs"),
    Shot("service-rollouts", f"{SERVICES}/scorer?tab=rollouts"),
    Shot("service-scale", f"{SERVICES}/scorer", "serving.verbs.scale"),
    Shot("service-roll-back", f"{SERVICES}/scorer", "serving.verbs.roll_back"),
    Shot("service-restart", f"{SERVICES}/scorer", "serving.verbs.restart"),
    Shot("service-decommission", f"{SERVICES}/scorer", "serving.verbs.decommission"),
    Shot("service-unschedulable", UNSCHEDULABLE),
    Shot("service-returned", CRASHED),
    Shot("service-drifted", DRIFTED),
    Shot("service-pods-waiting", f"{UNSCHEDULABLE}?tab=pods"),
    Shot("rollouts", "/rollouts"),
    Shot("rollouts-none", "/rollouts?service=nothing-like-it"),
    Shot("rollout-succeeded", "/rollouts/{succeeded}"),
    Shot("rollout-failed", "/rollouts/{failed}"),
    Shot("rollout-paused", "/rollouts/{paused}"),
    Shot("fleet", "/fleet"),
    Shot("fleet-none", "/fleet?search=nothing-like-it"),
    Shot("fleet-node", "/fleet?search=a10-1"),
    Shot("platform", "/platform"),
    Shot("not-found", "/projects/nothing-here"),
)
