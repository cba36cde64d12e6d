"""Every page by its address, and a project with something of everything to show on them."""

from tests.e2e.api import Api, image

PAGES = (
    "/",
    "/projects",
    *("{project}" + tab for tab in ("", "/services", "/rollouts", "/models", "/environments")),
    *("{project}" + tab for tab in ("/access", "/audit", "/models/scorer")),
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


def furnish(api: Api, project: str) -> dict[str, str]:
    """Make a project whose service runs; return what `PAGES` leaves open."""
    environment = f"projects/{project}/environments/production"
    api.post("projects", {"name": project})
    wish = {"name": "production", "cluster": "embedded", "quota": {"limits": {"cpu": "8"}}}
    api.post(f"projects/{project}/environments", wish)
    api.post(f"projects/{project}/models", {"name": "scorer"})
    version = {"version": "1", "image": image("scorer")}
    api.post(f"projects/{project}/models/scorer/versions", version)
    resources = {"requests": {"cpu": "100m", "memory": "64Mi"}}
    wish = {"name": "scorer", "model": "scorer", "resources": resources}
    api.post(f"{environment}/services", wish)
    started = api.post(f"{environment}/services/scorer/rollouts", {"version": "1"}, expect=202)
    return {
        "project": f"/projects/{project}",
        "environment": f"/{environment}",
        "rollout": str(api.wait(started)["id"]),
    }
