"""What things are called on the page, in its language: the dashboard's own files of words."""

import json
import re
from typing import Any

from embedded.home import CHECKOUT

LOCALES = CHECKOUT / "frontend" / "src" / "locales"
HAN = re.compile(r"^[\u4e00-\u9fff]{2}$")


class Words:
    """The words of one language: `words("serving.verbs.scale")`."""

    def __init__(self, language: str) -> None:
        self.language = language
        files = (LOCALES / language).glob("*.json")
        self.texts = {file.stem: json.loads(file.read_text()) for file in files}

    def __call__(self, key: str, *, count: int | None = None, **values: object) -> str:
        """Return a text with its values, in the number that a count needs."""
        if count is not None:
            values["count"] = count
            key = f"{key}_one" if count == 1 and self.language == "en" else f"{key}_other"
        text: Any = self.texts
        for part in key.split("."):
            text = text[part]
        return re.sub(r"{{(\w+)}}", lambda found: str(values[found[1]]), text)

    def name(self, key: str, **values: object) -> "str | re.Pattern[str]":
        """Return a text as the name of a button: the library spaces two Han characters out."""
        text = self(key, **values)
        return re.compile(f"^{text[0]} ?{text[1]}$") if HAN.match(text) else text
