"""Tags are resolved once, by the registry that an operator listed, or refused with a reason."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditEvent
from core.errors import Invalid, Refusal, Unavailable
from core.reasons import Reason
from projects.models import Role
from registry.images import pinned_image
from registry.models import ModelVersion, RegisteredModel
from tests import factories
from tests.contract.tcp_proxy import TcpProxy
from tests.listening import listening
from tests.registry.docker_registry import MANIFEST, DockerRegistry, docker_registry

DIGEST = f"sha256:{'a' * 64}"
FOUND = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    with docker_registry(tmp_path_factory.mktemp("registry") / "open") as registry:
        yield registry


@pytest.fixture(scope="module")
def private_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    folder = tmp_path_factory.mktemp("registry") / "private"
    with docker_registry(folder, is_private=True) as registry:
        yield registry


@pytest.fixture
def permit(settings: Any) -> Any:
    """List registries as an operator does who has them on loopback without TLS."""

    def listed(*hosts: str) -> None:
        settings.IMAGE_REGISTRIES = settings.INSECURE_REGISTRIES = list(hosts)

    return listed


@pytest.fixture
def model(db: None) -> RegisteredModel:
    return factories.make_model(name="scorer")


@pytest.fixture
def deployer(model: RegisteredModel) -> User:
    return factories.make_member(model.project, Role.DEPLOYER)


def register(model: RegisteredModel, user: User, image: str, version: str = "1") -> Any:
    path = f"/api/v1/projects/{model.project.name}/models/{model.name}/versions"
    return factories.signed_in(user).post(path, {"version": version, "image": image}, format="json")


def test_a_tag_becomes_a_digest_once(registry, permit, model, deployer):
    permit(registry.host)
    tag = f"{registry.host}/team/scorer:stable"
    first = registry.push_image("team/scorer", "stable")
    answer = register(model, deployer, tag)
    assert answer.status_code == 201, answer.content
    pinned = f"{registry.host}/team/scorer@{first}"
    assert (answer.json()["image"], answer.json()["requested_image"]) == (pinned, tag)
    assert register(model, deployer, tag).status_code == 200, "the same tag, the same image"

    second = registry.push_image("team/scorer", "stable", architecture="arm64")
    assert second != first
    moved = register(model, deployer, tag)
    assert (moved.status_code, moved.json()["reason"]) == (409, "VersionExists")
    assert ModelVersion.objects.get(model=model).image == pinned
    assert register(model, deployer, tag, version="2").json()["image"].endswith(second)


def test_an_image_for_several_architectures_is_pinned_as_a_whole(registry, permit):
    permit(registry.host)
    digest = registry.push_index("multi", "1", ("amd64", "arm64"))
    assert pinned_image(f"{registry.host}/multi:1") == f"{registry.host}/multi@{digest}"


def test_an_image_without_a_tag_is_the_latest(registry, permit):
    permit(registry.host)
    digest = registry.push_image("plain", "latest")
    assert pinned_image(f"{registry.host}/plain") == f"{registry.host}/plain@{digest}"


def refusal_of(model: RegisteredModel, user: User, image: str) -> dict[str, Any]:
    """Return the refusal of a version of which nothing was written."""
    answer = register(model, user, image)
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["reason"] == "ImageNotResolved"
    assert "digest: name@sha256:" in body["detail"], "says what would work"
    assert not ModelVersion.objects.exists()
    assert not AuditEvent.objects.exists()
    return body


@pytest.mark.parametrize("name", ["team/scorer:nope", "nobody/knows:1"])
def test_an_unknown_tag_is_refused(registry, permit, model, deployer, name):
    permit(registry.host)
    registry.push_image("team/scorer", "stable")
    refusal = refusal_of(model, deployer, f"{registry.host}/{name}")
    assert refusal["status"] == 400
    assert f"has no {name}." in refusal["detail"]


def test_a_registry_that_demands_credentials_is_refused(private_registry, permit, model, deployer):
    private_registry.http.auth = ("ci", "secret")
    private_registry.push_image("scorer", "1")
    permit(private_registry.host)
    refusal = refusal_of(model, deployer, f"{private_registry.host}/scorer:1")
    assert refusal["status"] == 400
    assert "demands credentials" in refusal["detail"]


def test_an_unlisted_registry_is_not_even_asked(permit, model, deployer):
    with listening(FOUND + b"\r\n") as listener:
        refusal = refusal_of(model, deployer, f"127.0.0.1:{listener.port}/scorer:1")
    assert "SLIPWAY_IMAGE_REGISTRIES" in refusal["detail"]
    assert listener.heard == []


def test_a_registry_without_tls_has_to_be_listed_as_such(registry, settings, model, deployer):
    registry.push_image("scorer", "1")
    settings.IMAGE_REGISTRIES = [registry.host]
    refusal = refusal_of(model, deployer, f"{registry.host}/scorer:1")
    assert refusal["status"] == 503
    assert "cannot be reached over https" in refusal["detail"]


def test_a_registry_that_is_away_may_be_asked_again(registry, permit, model, deployer):
    digest = registry.push_image("scorer", "1")
    proxy = TcpProxy(registry.port)
    host = f"127.0.0.1:{proxy.port}"
    permit(host)
    proxy.refuse()
    refusal = refusal_of(model, deployer, f"{host}/scorer:1")
    assert refusal["status"] == 503
    assert "cannot be reached" in refusal["detail"]
    proxy.listen()
    assert pinned_image(f"{host}/scorer:1") == f"{host}/scorer@{digest}"
    proxy.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.images.TIMEOUT_SECONDS", 0.5)


def test_a_silent_registry_is_given_up(registry, permit, model, deployer, hurried):
    proxy = TcpProxy(registry.port)
    host = f"127.0.0.1:{proxy.port}"
    permit(host)
    proxy.hold()
    refusal = refusal_of(model, deployer, f"{host}/scorer:1")
    proxy.close()
    assert refusal["status"] == 503
    assert "did not answer within 0.5 s" in refusal["detail"]


def trickle() -> Iterable[bytes]:
    """Yield a head that never ends."""
    yield FOUND
    while True:
        yield b"X-More: 1\r\n"


def test_a_registry_that_trickles_is_given_up(permit, hurried):
    with listening(trickle()) as listener:
        host = f"127.0.0.1:{listener.port}"
        permit(host)
        with pytest.raises(Unavailable, match=r"did not answer within 0.5 s"):
            pinned_image(f"{host}/scorer:1")


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        pytest.param(b"", Unavailable, "cannot be reached", id="hangs up"),
        pytest.param(b"SSH-2.0-x\r\n", Unavailable, "cannot be reached", id="is no registry"),
        pytest.param(b"HTTP/1.1 500 Oops\r\n\r\n", Unavailable, "answered 500", id="fails"),
        pytest.param(b"HTTP/1.1 429 Slow\r\n\r\n", Unavailable, "answered 429", id="is busy"),
        pytest.param(b"HTTP/1.1 408 Late\r\n\r\n", Unavailable, "answered 408", id="gave us up"),
        pytest.param(b"HTTP/1.1 425 Early\r\n\r\n", Unavailable, "answered 425", id="is early"),
        pytest.param(b"HTTP/1.1 501 No\r\n\r\n", Invalid, "501 with content type", id="cannot"),
        pytest.param(b"HTTP/1.1 403 No\r\n\r\n", Invalid, "demands credentials", id="forbids"),
        pytest.param(b"HTTP/1.1 418 Tea\r\n\r\n", Invalid, "418 with content type ''", id="odd"),
        pytest.param(
            FOUND + f"Content-Type: text/html\r\nDocker-Content-Digest: {DIGEST}\r\n\r\n".encode(),
            Invalid,
            "'text/html', which is no image manifest",
            id="answers with a page",
        ),
        pytest.param(
            FOUND + f"Content-Type: {MANIFEST}\r\n\r\n".encode(),
            Invalid,
            "does not state the manifest's SHA-256 digest",
            id="states no digest",
        ),
        pytest.param(
            FOUND + f"Content-Type: {MANIFEST}\r\nDocker-Content-Digest: md5:1\r\n\r\n".encode(),
            Invalid,
            "does not state the manifest's SHA-256 digest",
            id="states what is no digest",
        ),
        pytest.param(
            b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n"
            b'WWW-Authenticate: Basic realm="r", charset="UTF-8"\r\n\r\n',
            Invalid,
            "demands credentials",
            id="wants a password",
        ),
        pytest.param(
            b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n"
            b'WWW-Authenticate: Basic realm="Bearer realm=x"\r\n\r\n',
            Invalid,
            "demands credentials",
            id="wants a password and says another word",
        ),
        pytest.param(
            b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n"
            b'WWW-Authenticate: Bearer realm="http://169.254.169.254/token"\r\n\r\n',
            Invalid,
            "a token from http://169.254.169.254, which is not listed",
            id="sends us elsewhere for a token",
        ),
        pytest.param(
            b"HTTP/1.1 401 No\r\nContent-Length: 0\r\nWWW-Authenticate: Bearer realm=what\r\n\r\n",
            Invalid,
            "which is not listed",
            id="challenges with nonsense",
        ),
    ],
)
def test_what_is_no_answer_is_refused(permit, answer, error, sentence):
    with listening(answer) as listener:
        host = f"127.0.0.1:{listener.port}"
        permit(host)
        with pytest.raises(Refusal, match=sentence) as refusal:
            pinned_image(f"{host}/scorer:1")
    assert type(refusal.value) is error
    assert refusal.value.reason is Reason.IMAGE_NOT_RESOLVED


def test_a_redirect_is_not_followed(permit):
    with listening(FOUND + b"\r\n") as elsewhere:
        location = f"http://127.0.0.1:{elsewhere.port}/v2/scorer/manifests/1"
        head = f"HTTP/1.1 307 Moved\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n"
        with listening(head.encode()) as listener:
            permit(f"127.0.0.1:{listener.port}", f"127.0.0.1:{elsewhere.port}")
            with pytest.raises(Invalid, match="redirects elsewhere, which is not followed"):
                pinned_image(f"127.0.0.1:{listener.port}/scorer:1")
    assert elsewhere.heard == []


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"token": 5}', b'{"token": ""}'])
def test_a_token_service_that_gives_no_token_is_refused(permit, body):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with listening(answer) as service:
        realm = f"http://127.0.0.1:{service.port}/token"
        challenge = f'WWW-Authenticate: Bearer realm="{realm}",service="r"\r\n\r\n'
        with listening(f"HTTP/1.1 401 No\r\n{challenge}".encode()) as listener:
            permit(f"127.0.0.1:{listener.port}", f"127.0.0.1:{service.port}")
            with pytest.raises(Invalid, match="answered 200 and no token"):
                pinned_image(f"127.0.0.1:{listener.port}/team/scorer:1")
    assert b"scope=repository%3Ateam%2Fscorer%3Apull" in service.heard[0]


BASIC = 'Basic realm="a registry, with a comma"'


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(['Bearer realm="REALM",service="r"'], id="Bearer alone"),
        pytest.param([f'{BASIC}, Bearer realm="REALM",service="r"'], id="Basic first"),
        pytest.param([f'Bearer realm="REALM",service="r", {BASIC}'], id="Basic last"),
        pytest.param([BASIC, 'Bearer realm="REALM",service="r"'], id="two headers"),
        pytest.param(['Bearer realm="REALM",service="r"', BASIC], id="two headers, Basic last"),
        pytest.param(["Bearer realm=REALM,service=r"], id="unquoted"),
        pytest.param(['bearer REALM="x"', 'BEARER Realm = "REALM" ,  Service="r"'], id="case"),
        pytest.param(['Negotiate abc==, Bearer service="r",realm="REALM"'], id="a token68 first"),
        pytest.param(['Basic, Bearer realm="REALM",service="r"'], id="a bare scheme first"),
        pytest.param(
            ['Bearer realm="https://elsewhere.example/t"', 'Bearer realm="REALM",service="r"'],
            id="the listed of two",
        ),
    ],
)
def test_every_challenge_is_looked_at_and_a_token_is_preferred(permit, headers):
    token = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"token":"t"}'
    with listening(token) as service:
        realm = f"http://127.0.0.1:{service.port}/token?account=a"
        head = "".join(f"WWW-Authenticate: {h}\r\n" for h in headers).replace("REALM", realm)
        with listening(f"HTTP/1.1 401 No\r\nContent-Length: 0\r\n{head}\r\n".encode()) as asked:
            permit(f"127.0.0.1:{asked.port}", f"127.0.0.1:{service.port}")
            with pytest.raises(Invalid, match="demands credentials"):
                pinned_image(f"127.0.0.1:{asked.port}/team/scorer:1")
    assert len(service.heard) == 1, "a token was asked for"
    assert b"account=a" in service.heard[0], "what the realm says stays"
    assert b"service=r" in service.heard[0]
    assert any(b"authorization: bearer t" in request.lower() for request in asked.heard)


def test_a_registry_that_hangs_up_just_as_it_is_asked_again_is_no_outage(permit):
    token = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"token":"t"}'
    with listening(token, is_late=True) as service:
        realm = f'Bearer realm="http://127.0.0.1:{service.port}/token",service="r"'
        head = f"HTTP/1.1 401 No\r\nContent-Length: 0\r\nWWW-Authenticate: {realm}\r\n\r\n"
        with listening(head.encode(), is_late=True) as asked:
            permit(f"127.0.0.1:{asked.port}", f"127.0.0.1:{service.port}")
            with pytest.raises(Invalid, match="demands credentials"):
                pinned_image(f"127.0.0.1:{asked.port}/team/scorer:1")


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_a_token_service_that_is_in_trouble_may_be_asked_again(permit, status):
    with listening(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()) as service:
        challenge = f'WWW-Authenticate: Bearer realm="http://127.0.0.1:{service.port}/token"'
        with listening(f"HTTP/1.1 401 No\r\n{challenge}\r\n\r\n".encode()) as asked:
            permit(f"127.0.0.1:{asked.port}", f"127.0.0.1:{service.port}")
            with pytest.raises(Unavailable, match=f"answered {status}"):
                pinned_image(f"127.0.0.1:{asked.port}/team/scorer:1")
