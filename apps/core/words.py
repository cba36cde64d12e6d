"""Sentences in the language of whoever asks; English where nobody does, as in a worker.

The catalogues are in `locale`. `make words` gathers and compiles them.
"""

import re

from django.utils.translation import gettext, gettext_noop

# Numbers, and names that Kubernetes makes: whatever is quoted, or has a slash, a digit or a hyphen.
FACT = re.compile(r"'[^'\s]+'|[\w.-]*\w/[\w./-]*\w|[\w-]*[\d-][\w-]*")
END_OF_SENTENCE = re.compile(r"(?<=\.) ")
# Marks one sentence that is kept, to be retold when it is shown; `%s` stands for each fact.
kept = gettext_noop


def named(name: str) -> str:
    """Return a name as a fact of a kept sentence: quoted where it could be one of its words."""
    return name if FACT.fullmatch(name) else f"'{name}'"


def told(sentence: str, **facts: object) -> str:
    """Return a sentence with its facts."""
    return gettext(sentence) % facts


def retold(message: str) -> str:
    """Return kept sentences in the reader's language; what is not known of them stays as it is."""
    return joined(*map(retold_sentence, END_OF_SENTENCE.split(message)))


def joined(*sentences: str) -> str:
    """Return sentences one after the other, as their language writes them."""
    return " ".join(filter(None, sentences)).replace("。 ", "。")


def retold_sentence(sentence: str) -> str:
    """Return one sentence in the reader's language, if only its facts are of its own."""
    template = FACT.sub("%s", sentence.replace("%", "%%"))
    translated = gettext(template) if template else ""
    return translated % tuple(FACT.findall(sentence)) if translated != template else sentence
