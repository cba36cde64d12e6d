"""Versions are compared as the distributions write them."""

import pytest
from django.utils import timezone

from clusters.models import Cluster
from clusters.standing import probe_problem
from clusters.versions import LOWEST_VERSION_TEXT, is_supported
from embedded.home import CHECKOUT


@pytest.mark.parametrize(
    ("version", "is_new_enough"),
    [
        ("v1.30.0", True),
        ("v1.36.3", True),
        ("v1.31.2+k3s1", True),
        ("v1.30.4-gke.1348000", True),
        ("v1.32.1-eks-1a2b3c4", True),
        ("1.33.0", True),
        ("v2.0.0", True),
        ("v1.29.9", False),
        ("v1.3.0", False),
        ("v1.29.11+4fab27b", False),
        ("v0.99.0", False),
        ("", False),
        ("latest", False),
        ("v1", False),
    ],
)
def test_a_version_is_supported_when_it_is_known_to_be_new_enough(version, is_new_enough):
    assert is_supported(version) is is_new_enough
    cluster = Cluster(name="c", is_reachable=True, version=version)
    reason, message = probe_problem(cluster, now=timezone.now())
    assert reason == ("" if is_new_enough else "VersionUnsupported")
    assert is_new_enough or "the lowest supported version is 1.30" in str(message)


def test_the_readme_states_the_lowest_version():
    readme = (CHECKOUT / "README.md").read_text()
    assert f"Kubernetes {LOWEST_VERSION_TEXT} or newer" in readme
