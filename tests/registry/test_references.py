"""Images and artefacts are named unambiguously or refused."""

import pytest

from core.errors import Invalid
from core.reasons import Reason
from registry.artifacts import check_artifact
from registry.images import parse_image, pinned_image

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        (f"r.example.com/team/scorer@{DIGEST}", "r.example.com", "team/scorer", "", DIGEST),
        ("r.example.com:5000/scorer:1.2", "r.example.com:5000", "scorer", "1.2", ""),
        ("localhost:5000/a/b:latest", "localhost:5000", "a/b", "latest", ""),
        (f"r.example.com/x:1@{DIGEST}", "r.example.com", "x", "1", DIGEST),
        ("team/scorer:1", "", "team/scorer", "1", ""),
    ],
)
def test_an_image_reference_is_read(text, registry, repository, tag, digest):
    image = parse_image(text)
    assert (image.registry, image.repository, image.tag, image.digest) == (
        registry,
        repository,
        tag,
        digest,
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UPPER/case",
        "r.example.com/x@sha256:short",
        "r.example.com/x@md5:abc",
        "r.example.com/x y",
        "r.example.com/../x",
        "https://r.example.com/x",
        f"r.example.com/x@{DIGEST}\n",
        "r.example.com/" + "x" * 600,
    ],
)
def test_what_is_no_image_reference_is_refused(text):
    with pytest.raises(Invalid):
        parse_image(text)


def test_a_digest_needs_no_registry_to_be_asked():
    assert pinned_image(f"r.example.com/x:1@{DIGEST}") == f"r.example.com/x@{DIGEST}"


@pytest.mark.parametrize("text", ["r.example.com/x:1", "x:1", "x"])
def test_a_tag_of_an_unlisted_registry_is_refused_with_what_to_do(text):
    with pytest.raises(Invalid) as refusal:
        pinned_image(text)
    assert refusal.value.reason is Reason.IMAGE_NOT_RESOLVED
    assert "Give the image with its digest" in str(refusal.value.message)


@pytest.mark.parametrize("uri", ["s3://bucket/models/1", "oci://r.example.com/m", "pvc://claim/x"])
def test_an_artefact_with_a_digest_is_accepted(uri):
    check_artifact(uri, DIGEST)


@pytest.mark.parametrize(
    ("uri", "digest"),
    [
        ("file:///etc/passwd", DIGEST),
        ("s3://bucket/../secret", DIGEST),
        ("s3://bucket/a#b", DIGEST),
        ("s3://bucket/%2e%2e/a", DIGEST),
        ("https://user:secret@host/x", DIGEST),
        ("https://user@host/x", DIGEST),
        ("s3:///no-bucket", DIGEST),
        ("s3://bucket\\x", DIGEST),
        ("s3://bucket/a\n", DIGEST),
        ("s3://bucket/a", ""),
        ("s3://bucket/a", "sha256:abc"),
    ],
)
def test_an_artefact_that_could_mean_something_else_is_refused(uri, digest):
    with pytest.raises(Invalid):
        check_artifact(uri, digest)
