"""What of pods is drift, and which epochs are believed."""

import pytest

from serving.diagnosis.drift import MADE_UP, is_later, of_pods

IMAGE = "models.example.com/scorer@sha256:" + "1" * 64


@pytest.mark.parametrize(
    ("found", "is_other"),
    [
        (IMAGE, False),
        ("mirror.example.com/scorer@sha256:" + "1" * 64, False),
        ("models.example.com/scorer:1@sha256:" + "1" * 64, False),
        ("models.example.com/scorer@sha256:" + "2" * 64, True),
        ("models.example.com/scorer:1", True),
        ("", False),
    ],
    ids=["the same", "from a mirror", "with its tag", "another", "by a tag", "not known"],
)
def test_an_image_is_what_its_digest_says(found, is_other):
    differing = of_pods([("p", found)], image=IMAGE)
    assert [(d.object, d.wanted, d.found) for d in differing] == (
        [("Pod/p", IMAGE, found)] if is_other else []
    )


@pytest.mark.parametrize(
    ("seen", "known", "is_so"),
    [(2, 1, True), (1, 1, False), (0, 1, False), (MADE_UP, 1, True), (MADE_UP + 1, 1, False)],
)
def test_an_epoch_that_no_service_reaches_is_not_believed(seen, known, is_so):
    assert is_later(seen, known) is is_so
