"""Which image a service is taken over with."""

from typing import Any

import pytest

from clusters.models import Pod
from clusters.ownership import Belongings
from serving.resolve import LiveState, running_digests

IMAGE = "registry.example.com/scorer:stable"
NOW, BEFORE = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def pod(digest: str, **fields: Any) -> Pod:
    container = {"image": IMAGE, "image_id": f"registry.example.com/scorer@{digest}"}
    return Pod(**{"phase": "Running", "containers": [container], **fields})


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param([], {NOW}, id="alone"),
        pytest.param([pod(NOW)], {NOW}, id="of one image"),
        pytest.param([pod(BEFORE)], {NOW, BEFORE}, id="of two, as the tag moved"),
        pytest.param([pod(BEFORE, is_terminating=True)], {NOW}, id="one that is being deleted"),
        pytest.param([pod(BEFORE, phase="Failed")], {NOW}, id="one that was evicted"),
    ],
)
def test_an_image_is_what_active_pods_run(others: list[Pod], expected: set[str]) -> None:
    seen = LiveState(Belongings(pods=[pod(NOW), *others]), {}, [])
    assert running_digests(seen, IMAGE) == expected
