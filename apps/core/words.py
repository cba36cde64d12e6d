"""Sentences in the language of whoever asks; English where nobody does, as in a worker.

The catalogues are in `locale`. `make words` gathers and compiles them.
"""

import re

from django.utils.translation import gettext

# Numbers, and names that Kubernetes makes: whatever is quoted, or has a slash, a digit or a hyphen.
FACT = re.compile(r"'[^'\s]+'|[\w.-]*\w/[\w./-]*\w|[\w-]*[\d-][\w-]*")
END_OF_SENTENCE = re.compile(r"(?<=\.) ")


def kept(sentence: str) -> str:
    """Mark one sentence that is kept, to be retold when it is shown; `%s` stands for each fact."""
    return sentence


def named(name: str) -> str:
    """Return a name as a fact of a kept sentence: quoted where it could be one of its words."""
    return name if FACT.fullmatch(name) else f"'{name}'"


def told(sentence: str, **facts: object) -> str:
    """Return a sentence with its facts."""
    return gettext(sentence) % facts


def retold(message: str) -> str:
    """Return kept sentences in the reader's language; what is not known of them stays as it is."""
    lines = (map(retold_sentence, END_OF_SENTENCE.split(line)) for line in message.split("\n"))
    return on_lines(*(joined(*sentences) for sentences in lines))


def on_lines(ours: str, *others: str) -> str:
    """Return what we say, and below it what others said."""
    return "\n".join(filter(None, (ours, *others)))


def ours_of(message: str) -> str:
    """Return what of a message is ours."""
    return message.partition("\n")[0]


def joined(*sentences: str) -> str:
    """Return sentences one after the other, as their language writes them."""
    return " ".join(filter(None, sentences)).replace("。 ", "。")


def retold_sentence(sentence: str) -> str:
    """Return one sentence in the reader's language, if only its facts are of its own."""
    template = FACT.sub("%s", sentence.replace("%", "%%"))
    translated = gettext(template) if template else ""
    return translated % tuple(FACT.findall(sentence)) if translated != template else sentence
