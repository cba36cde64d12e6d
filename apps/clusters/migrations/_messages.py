"""Kept sentences become templates with facts; what is not known of them stays as a quotation.

Written for the migrations that change columns of text into columns of messages, and frozen.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.apps.registry import Apps

ROWS_AT_ONCE = 1_000
HOLE = re.compile(r"%\((\w+)\)s")
# Every sentence that was kept, as it is kept now: with its form for one, where it has one.
SENTENCES = (
    (
        "The namespace %(namespace)s exists in the cluster and is not this environment's. Delete it there, or create the environment with another namespace.",
    ),
    (
        "The cluster was last written in epoch %(seen)s and this database knows %(known)s: it was restored from a backup, or somebody changed the annotation.",
    ),
    (
        "The cluster is back in epoch %(seen)s and was last written in %(known)s: it was restored from a backup, or somebody changed the annotation.",
    ),
    ("The cluster has a %(kind)s of this name, and it is somebody else's. Nothing was changed.",),
    ("The cluster has not been heard of lately; what was last seen may be out of date.",),
    ("Slipway met what it does not expect, and tries again; its log says what it was.",),
    ("Fields of it were written by others, and the environment leaves them to them.",),
    ("Nothing has been seen of the cluster yet; its informer has not reached it.",),
    ("Its Deployment is gone from the cluster; roll out again to bring it back.",),
    ("See what differs on the service's page, then restore it or take it over.",),
    ("The namespace is not in the cluster any more. It is being made anew.",),
    ("This is an address of machines' own metadata, which we do not ask.",),
    ("Somebody deleted the namespace. It is made anew when it is gone.",),
    ("Somebody undoes that again and again, so it is done less often.",),
    ("%(pod)s is not scheduled before its scheduling gates are taken away.",),
    ("It was decommissioned; roll out a version to bring it back.",),
    ("Somebody, or the cluster itself, changes what was applied.",),
    ("Its last rollout did not succeed, and nothing of it runs.",),
    ("The API server answered something else than it should.",),
    ("The cluster has no Prometheus; set its prometheus_url.",),
    ("It waits for the environment's namespace to be made.",),
    ("It waits for everything that it deleted to be gone.",),
    ("The certificate of the API server was not accepted.",),
    ("The stored credentials of this cluster do not open.",),
    ("%(name)s was killed for using more memory than its limit.",),
    (
        "It differs from what was rolled out in %(count)s place.",
        "It differs from what was rolled out in %(count)s places.",
    ),
    ("It waits for the cluster to look at the change.",),
    ("The API server ended the watch without a word.",),
    ("Pod %(name)s cannot end while its node %(node)s is not ready.",),
    ("The cluster has not yet looked at the change.",),
    (
        "It differs from what was applied in %(count)s place.",
        "It differs from what was applied in %(count)s places.",
    ),
    (
        "The temporary scale to %(count)s replica has ended.",
        "The temporary scale to %(count)s replicas has ended.",
    ),
    ("%(pod)s waits for its network, volumes or devices.",),
    ("The stored values of a secret do not open.",),
    ("It waits for the cluster to answer again.",),
    ("What others had written was written over.",),
    ("The API server answered more than fits.",),
    ("The API server did not answer in time.",),
    ("The client certificate cannot be used.",),
    ("The history of the cluster went back.",),
    ("It waits for a worker to take it up.",),
    ("No version has been rolled out yet.",),
    ("Prometheus answered more than fits.",),
    ("Prometheus answered something else.",),
    ("The service is back at what it was.",),
    (
        "%(count)s pod is ready, where %(wanted)s are wanted.",
        "%(count)s pods are ready, where %(wanted)s are wanted.",
    ),
    ("%(pod)s has ended, and nothing of it runs.",),
    ("Prometheus did not answer in time.",),
    ("The Deployment does not exist yet.",),
    ("It waits for the old pods to end.",),
    ("The API server cannot be reached.",),
    ("%(pod)s is on node %(node)s, which is not ready.",),
    ("The Deployment is being deleted.",),
    ("Held until somebody resumes it.",),
    ("Prometheus demands credentials.",),
    ("The namespace is being deleted.",),
    (
        "%(count)s pod too many is still there.",
        "%(count)s pods too many are still there.",
    ),
    ("%(pods)s pods were evicted from %(nodes)s nodes.",),
    ("%(pods)s pods were evicted from node %(node)s.",),
    ("Prometheus cannot be reached.",),
    ("Prometheus does not work now.",),
    ("Prometheus refused the query.",),
    ("%(pods)s pods were refused by %(nodes)s nodes.",),
    ("The namespace is being made.",),
    ("%(pods)s pods were refused by node %(node)s.",),
    (
        "%(name)s keeps crashing: %(count)s restart.",
        "%(name)s keeps crashing: %(count)s restarts.",
    ),
    ("%(name)s runs and is not ready yet.",),
    ("%(pod)s waits for init container %(container)s.",),
    ("%(pod)s waits for readiness gate %(gate)s.",),
    ("A promotion was asked for.",),
    ("The mirror is out of date.",),
    ("The quota has room for it.",),
    (
        "%(count)s old pod is still there.",
        "%(count)s old pods are still there.",
    ),
    ("The API server answered %(status)s.",),
    ("It was ended by signal %(signal)s.",),
    (
        "It was restarted %(count)s time.",
        "It was restarted %(count)s times.",
    ),
    ("Its last exit code was %(code)s.",),
    ("%(pod)s was evicted from node %(node)s.",),
    ("%(ready)s of %(wanted)s new pods are ready.",),
    ("An abort was asked for.",),
    ("%(pods)s pods failed on %(nodes)s nodes.",),
    ("A pause was asked for.",),
    ("It was asked to go on.",),
    ("Nothing of it is left.",),
    (
        "%(count)s pod is still there.",
        "%(count)s pods are still there.",
    ),
    ("%(kind)s %(name)s waits for finalizer %(finalizer)s.",),
    ("%(pod)s was refused by node %(node)s.",),
    ("%(pods)s pods failed on node %(node)s.",),
    ("It is being put back.",),
    ("Nothing was changed.",),
    ("%(made)s of %(wanted)s new pods exist.",),
    ("%(pod)s waits for sidecar %(container)s.",),
    ("%(ready)s of %(wanted)s pods are ready.",),
    ("No progress for %(seconds)s s.",),
    (
        "%(count)s %(kind)s is still there.",
        "%(count)s %(kind)ss are still there.",
    ),
    ("%(pod)s is being evicted.",),
    ("Scaled to 0 pods.",),
    ("%(pod)s failed on node %(node)s.",),
    ("It was aborted.",),
    ("%(pod)s is starting.",),
    ("And %(more)s more.",),
    ("%(name)s exited.",),
)

# What is said in other words by now.
REWORDED = {
    "The cluster has a %(kind)s of this name, and it is somebody else's. Nothing was changed.": "The cluster has a %(kind)s of this name that belongs to somebody else. Nothing was changed.",
    "The cluster has not been heard of lately; what was last seen may be out of date.": "The cluster has not been observed lately; what was last seen may be out of date.",
    "Slipway met what it does not expect, and tries again; its log says what it was.": "Slipway hit an unexpected error and retries; the details are in its log.",
    "Fields of it were written by others, and the environment leaves them to them.": "Others wrote some of its fields, and the environment's policy leaves those to them.",
    "Nothing has been seen of the cluster yet; its informer has not reached it.": "The cluster has not been observed yet; no informer has reached it.",
    "The namespace is not in the cluster any more. It is being made anew.": "The namespace is no longer in the cluster. It is being recreated.",
    "This is an address of machines' own metadata, which we do not ask.": "This is a machine metadata address, which Slipway does not connect to.",
    "Somebody deleted the namespace. It is made anew when it is gone.": "Somebody deleted the namespace. It is recreated once it is gone.",
    "Somebody undoes that again and again, so it is done less often.": "Somebody keeps undoing that, so it is done less often.",
    "%(pod)s is not scheduled before its scheduling gates are taken away.": "%(pod)s is not scheduled until its scheduling gates are removed.",
    "Somebody, or the cluster itself, changes what was applied.": "Somebody, or the cluster itself, changed what was applied.",
    "Its last rollout did not succeed, and nothing of it runs.": "Its last rollout did not succeed, and none of its pods run.",
    "The API server answered something else than it should.": "The API server sent an unexpected response.",
    "It waits for the environment's namespace to be made.": "It waits for the environment's namespace to be created.",
    "It waits for everything that it deleted to be gone.": "It waits for everything it deleted to be gone.",
    "The certificate of the API server was not accepted.": "The API server's certificate is not trusted.",
    "The stored credentials of this cluster do not open.": "The stored credentials of this cluster cannot be decrypted.",
    "It waits for the cluster to look at the change.": "It waits for the cluster to observe the change.",
    "The API server ended the watch without a word.": "The API server closed the watch without sending anything.",
    "The cluster has not yet looked at the change.": "The cluster has not observed the change yet.",
    "The stored values of a secret do not open.": "The stored values of a secret cannot be decrypted.",
    "What others had written was written over.": "Fields that others had written were overwritten.",
    "The API server answered more than fits.": "The API server sent a larger response than is accepted.",
    "Prometheus answered more than fits.": "Prometheus sent a larger response than is accepted.",
    "Prometheus answered something else.": "Prometheus sent an unexpected response.",
    "The service is back at what it was.": "The service is back to what it was.",
    "%(pod)s has ended, and nothing of it runs.": "%(pod)s has ended and no longer runs.",
    "Held until somebody resumes it.": "Paused until somebody resumes it.",
    "%(count)s pod too many is still there.": "%(count)s surplus pod remains.",
    "%(count)s pods too many are still there.": "%(count)s surplus pods remain.",
    "Prometheus does not work now.": "Prometheus is not working now.",
    "The namespace is being made.": "The namespace is being created.",
    "A promotion was asked for.": "Promotion requested.",
    "%(count)s old pod is still there.": "%(count)s old pod remains.",
    "%(count)s old pods are still there.": "%(count)s old pods remain.",
    "It was ended by signal %(signal)s.": "It was terminated by signal %(signal)s.",
    "An abort was asked for.": "Abort requested.",
    "A pause was asked for.": "Pause requested.",
    "It was asked to go on.": "Resume requested.",
    "Nothing of it is left.": "All of its objects are deleted.",
    "%(count)s pod is still there.": "%(count)s pod remains.",
    "%(count)s pods are still there.": "%(count)s pods remain.",
    "It is being put back.": "It is being restored.",
    "%(count)s %(kind)s is still there.": "%(count)s %(kind)s remains.",
    "%(count)s %(kind)ss are still there.": "%(count)s %(kind)ss remain.",
}


def pattern_of(text: str) -> re.Pattern[str]:
    """Return what a sentence looks like with its facts: numbers, and names that may be quoted."""
    pieces = HOLE.split(text)
    ends, names = pieces[::2], pieces[1::2]
    pattern = re.escape(ends[0])
    for name, end in zip(names, ends[1:], strict=True):
        pattern += rf"'?(?P<{name}>[^\s']+?)'?{re.escape(end)}"
    return re.compile(rf"{pattern}(?: |$)")


PATTERNS = [(forms, pattern_of(form)) for forms in SENTENCES for form in forms]


def message_of(text: str) -> list[Any]:
    """Return a kept text as a message: what we said, and below it the words of others."""
    line, _, rest = text.replace("\0", "").partition("\n")
    return [*parts_of(line), *([f"\n{rest.strip()}"] if rest.strip() else [])]


def parts_of(line: str) -> Iterator[Any]:
    """Yield the sentences of a line, and what stands between them."""
    words: list[str] = []
    while line := line.strip():
        known = next(((f, m) for f, pattern in PATTERNS if (m := pattern.match(line))), None)
        if known is None:
            word, _, line = line.partition(". ")
            words.append(f"{word}." if line else word)
            continue
        if words:
            yield " ".join(words)
            words = []
        forms, match = known
        facts = {name: fact_of(found) for name, found in match.groupdict().items()}
        if len(forms) > 1 and not isinstance(facts["count"], int):
            # "in one place"
            facts["count"] = 1
        yield [*(REWORDED.get(form, form) for form in forms), facts]
        line = line[match.end() :]
    if words:
        yield " ".join(words)


def fact_of(text: str) -> str | int:
    """Return a fact: what is all digits is a number."""
    return int(text) if text.isdecimal() and len(text) < 16 else text


def text_of(parts: list[Any]) -> str:
    """Return a message as the text it was."""
    said = [
        part if isinstance(part, str) else part[0 if part[-1].get("count") == 1 else -2] % part[-1]
        for part in parts
    ]
    return " ".join(said).replace(" \n", "\n")


def rewritten(
    app: str, model: str, field: str, change: Callable[[str], str]
) -> Callable[[Apps, Any], None]:
    """Return what rewrites one column of text."""

    def rewrite(apps: Apps, schema_editor: Any) -> None:
        rows = apps.get_model(app, model).objects.only("pk", field).order_by("pk")
        known: dict[str, str] = {}
        batch = []
        for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
            text = getattr(row, field)
            known[text] = known.get(text) or change(text)
            setattr(row, field, known[text])
            batch.append(row)
            if len(batch) == ROWS_AT_ONCE:
                rows.model.objects.bulk_update(batch, [field])
                batch, known = [], {}
        rows.model.objects.bulk_update(batch, [field])
        # A table with checks that are still to come cannot be altered.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")

    return rewrite


def to_json(text: str) -> str:
    return json.dumps(message_of(text))


def to_text(text: str) -> str:
    return text_of(json.loads(text))
