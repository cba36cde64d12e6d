"""Clusters come and go, and what is refused of them is said in the visitor's language."""

from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import expect

from tests.e2e.api import Api
from tests.e2e.browser.conftest import Arrive, fresh

SAYS = {
    "en": ("It would run a program on our server.", "The API server cannot be reached."),
    "zh": ("这会在我们的服务器上运行程序。", "无法连接 API server。"),
}


@pytest.fixture
def name(api: Api) -> Iterator[str]:
    """A name for a cluster, which is free again afterwards."""
    name = fresh("away")
    yield name
    if any(cluster["name"] == name for cluster in api.get("clusters")["results"]):
        api.delete(f"clusters/{name}")


def kubeconfig(user: dict[str, object]) -> str:
    """Return a kubeconfig of a cluster where nobody listens."""
    return yaml.safe_dump(
        {
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:9"}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        }
    )


def test_a_cluster_is_registered_seen_to_be_away_and_forgotten(
    arrive: Arrive, language: str, name: str
) -> None:
    why_not, away = SAYS[language]
    visit = arrive("admin")
    visit.go("/platform")
    visit.button("platform.register").click()
    visit.fill(ui__name=name)
    visit.field("kubeconfig").fill(kubeconfig({"exec": {"command": "sh"}}))
    visit.expect_complaint("/api/v1/clusters")
    visit.button("platform.register", within=visit.dialog).click()
    expect(visit.dialog.get_by_text(why_not).first).to_be_visible()

    visit.field("kubeconfig").fill(kubeconfig({"token": "t"}))
    visit.button("platform.register", within=visit.dialog).click()
    row = visit.page.get_by_role("row").filter(has_text=name)
    # The cluster says so, and as soon as it is tried, each kind that is read of it.
    expect(row.get_by_text(away).first).to_be_visible()

    visit.button("ui.delete", within=row).click()
    visit.confirm_delete(name)
    expect(row).to_have_count(0)
