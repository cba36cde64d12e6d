"""Sentences in the language of whoever asks; English where nobody does, as in a worker.

The catalogues are in `locale`. `make words` gathers and compiles them.
"""

import re

from django.utils.translation import gettext, gettext_noop

NUMBER = re.compile(r"\d+")
# Marks a sentence that is kept, to be retold when it is shown; `%s` stands for each number.
kept = gettext_noop


def told(sentence: str, **facts: object) -> str:
    """Return a sentence with its facts."""
    return gettext(sentence) % facts


def retold(message: str) -> str:
    """Return a kept sentence in the reader's language, if only its numbers are of its own."""
    if not message:
        return message
    template = NUMBER.sub("%s", message)
    translated = gettext(template)
    if translated == template:
        return message
    return translated % tuple(NUMBER.findall(message))
