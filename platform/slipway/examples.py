"""Examples of every operation in the API's documentation, recorded by `make examples`."""

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("examples.json")
Content = dict[str, dict[str, Any]]


def add_examples(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Show in every operation what is sent and what is answered, as far as that was recorded."""
    recorded = json.loads(FILE.read_text())
    for operations in result["paths"].values():
        for operation in operations.values():
            example = recorded.get(operation["operationId"], {})
            show(operation.get("requestBody", {}).get("content", {}), example.get("request"))
            for status, response in operation["responses"].items():
                if status.startswith("2"):
                    show(response.get("content", {}), example.get(status))
    return result


def show(content: Content, example: Any) -> None:
    """Add an example to the first form of a body, which is JSON where there are several."""
    for body in [*content.values()][:1]:
        if example is not None:
            body["example"] = example
