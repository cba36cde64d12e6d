"""A small model that is really trained: fraud scores by logistic regression."""

import json
import math
import random
from dataclasses import dataclass

Features = tuple[float, float]
Example = tuple[Features, bool]


@dataclass(frozen=True)
class Model:
    """Trained weights."""

    version: str
    weights: Features
    bias: float

    def probability(self, features: Features) -> float:
        """Return the probability that a transaction is fraud."""
        first, second = self.weights
        return 1 / (1 + math.exp(-(self.bias + first * features[0] + second * features[1])))

    def to_json(self) -> bytes:
        document = {"version": self.version, "weights": self.weights, "bias": self.bias}
        return json.dumps(document).encode()


def transactions(count: int, *, seed: int) -> list[Example]:
    """Generate (amount, distance from home), and whether it was fraud: large and far away."""
    dice = random.Random(seed)
    points = [(dice.uniform(-1, 1), dice.uniform(-1, 1)) for _ in range(count)]
    return [(point, 2 * point[0] + point[1] > 0.3) for point in points]


def train(version: str, examples: list[Example], *, epochs: int, rate: float = 2.0) -> Model:
    """Fit the weights by gradient descent on the log loss."""
    model = Model(version, weights=(0.0, 0.0), bias=0.0)
    for _ in range(epochs):
        slopes = gradient(model, examples)
        first, second, bias = (rate * slope / len(examples) for slope in slopes)
        weights = (model.weights[0] - first, model.weights[1] - second)
        model = Model(version, weights, model.bias - bias)
    return model


def gradient(model: Model, examples: list[Example]) -> tuple[float, float, float]:
    """Return the slopes of the summed log loss over both weights and the bias."""
    errors = [(model.probability(features) - is_fraud, features) for features, is_fraud in examples]
    return (
        sum(error * features[0] for error, features in errors),
        sum(error * features[1] for error, features in errors),
        sum(error for error, _ in errors),
    )


def accuracy(probabilities: list[float], examples: list[Example]) -> float:
    """Return the share of examples that a threshold of one half gets right."""
    pairs = zip(probabilities, examples, strict=True)
    return sum((p > 0.5) == is_fraud for p, (_, is_fraud) in pairs) / len(examples)
