"""Every page by its address, and a project with something of everything to show on them."""

from typing import Any

from tests.e2e.api import Api, image

PAGES = (
    "/",
    "/projects",
    *("{project}" + tab for tab in ("", "/services", "/rollouts", "/delivery", "/models")),
    *("{project}" + tab for tab in ("/environments", "/access", "/audit", "/models/scorer")),
    "{project}/roll-out?environment=production&service=scorer&version=1",
    "{environment}/secrets",
    *(
        "{environment}/services/scorer?tab=" + tab
        for tab in ("overview", "pods", "events", "revisions", "logs", "rollouts")
    ),
    "/rollouts",
    "/rollouts/{rollout}",
    "/fleet",
    "/platform",
    "/login",
    "/nowhere",
)


def furnish(api: Api, project: str, *services: str, **roles: str) -> dict[str, str]:
    """Make a project whose services run (one `scorer` where none is named), with its members.

    Return what `PAGES` leaves open.
    """
    environment = f"projects/{project}/environments/production"
    api.post("projects", {"name": project})
    for username, role in roles.items():
        api.post(f"projects/{project}/members", {"username": username, "role": role})
    wish = {"name": "production", "cluster": "embedded", "quota": {"limits": {"cpu": "8"}}}
    api.post(f"projects/{project}/environments", wish)
    api.post(f"projects/{project}/models", {"name": "scorer"})
    version = {"version": "1", "image": image("scorer")}
    api.post(f"projects/{project}/models/scorer/versions", version)
    for service in services or ("scorer",):
        add_service(api, environment, service)
        path = f"{environment}/services/{service}/rollouts"
        rollout = api.wait(api.post(path, {"version": "1"}, expect=202))
    return {
        "project": f"/projects/{project}",
        "environment": f"/{environment}",
        "rollout": str(rollout["id"]),
    }


def add_service(api: Api, environment: str, name: str, **settings: Any) -> None:
    """Make a small service, of which nothing runs yet."""
    resources = {"requests": {"cpu": "100m", "memory": "64Mi"}}
    wish = {"name": name, "model": "scorer", "resources": resources, **settings}
    api.post(f"{environment}/services", wish)
