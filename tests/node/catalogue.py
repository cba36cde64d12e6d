"""The images of the tests: two trainings of one model, one broken, and what holds a pod."""

from dataclasses import dataclass
from pathlib import Path

from tests.node.images import Image, layer, python_layer
from tests.node.training import Model, train, transactions

SERVER = Path(__file__).with_name("server.py")
WAIT_FOR_EVER = ("python3", "-ISc", "import signal; signal.pause()")


@dataclass(frozen=True)
class Catalogue:
    """Trained models and their images; all share one layer with Python."""

    models: dict[str, Model]
    scorers: dict[str, Image]
    broken: Image
    pause: Image

    @property
    def images(self) -> list[Image]:
        return [self.pause, self.broken, *self.scorers.values()]


def build_catalogue() -> Catalogue:
    """Train the models and put each into an image."""
    python = python_layer()
    first = train("1", transactions(200, seed=1), epochs=100)
    second = train("2", transactions(800, seed=2), epochs=200)
    models = {model.version: model for model in (first, second)}
    return Catalogue(
        models=models,
        scorers={name: scorer(python, model.to_json()) for name, model in models.items()},
        broken=scorer(python, first.to_json()[:-10]),
        pause=Image("slipway.test/pause", (python,), WAIT_FOR_EVER),
    )


def scorer(python: bytes, weights: bytes) -> Image:
    """Put weights and the server that loads them on top of Python."""
    files = {"model/model.json": weights, "model/server.py": SERVER.read_bytes()}
    command = ("python3", "-IS", "/model/server.py")
    return Image("slipway.test/scorer", (python, layer(files)), command)
