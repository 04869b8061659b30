"""Secrets that External Secrets fetches from a secret manager and composes in the cluster.

Each is made once and never changes, like every Secret of the platform (`infra.configuration`).
"""

import json
from collections.abc import Iterator, Mapping

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.awaiting import awaited
from infra.confidential import Confidential, Entry, Form, Phrase, Remote, SecretStore

API_VERSION = "external-secrets.io/v1"
READY_WITHIN_S = 120


def is_remote(entries: Mapping[str, Confidential] | Entry) -> bool:
    """Whether this program does not know all of it."""
    return isinstance(entries, Entry) or any(isinstance(text, Phrase) for text in entries.values())


def declare(
    name: str, metadata: ObjectMetaArgs, specification: pulumi.Input[Mapping[str, object]], opts: pulumi.ResourceOptions
) -> CustomResource:
    """`specification` is that of `specify`."""
    metadata.annotations = {**awaited(READY_WITHIN_S), "pulumi.com/waitFor": "condition=Ready"}
    return CustomResource(
        name, api_version=API_VERSION, kind="ExternalSecret", metadata=metadata, spec=specification, opts=opts
    )


def specify(
    entries: Mapping[str, Confidential] | Entry, *, kind: str, labels: Mapping[str, str]
) -> pulumi.Output[dict[str, object]]:
    """What a Secret of this `kind` is made of; no part of it is secret."""
    if isinstance(entries, Entry):
        whole = _once(entries.store, _template(kind, labels))
        return pulumi.Output.from_input({**whole, "dataFrom": [{"extract": entries.to_reference()}]})
    named = {part: f"part{number}" for number, part in enumerate(_remotes(entries))}
    store = next(iter(named)).entry.store
    texts = {key: _text(value, named) for key, value in entries.items()}
    fetched = [_fetched(part, known) for part, known in named.items()]
    return pulumi.Output.all(**texts).apply(
        lambda known: {**_once(store, {**_template(kind, labels), "data": dict(known)}), "data": fetched}
    )


def canonical(specification: pulumi.Output[dict[str, object]]) -> pulumi.Output[str]:
    """To be hashed."""
    return specification.apply(lambda known: json.dumps(known, sort_keys=True))


def _once(store: SecretStore, template: Mapping[str, object]) -> dict[str, object]:
    return {
        "refreshPolicy": "CreatedOnce",
        "secretStoreRef": {"name": store.name, "kind": store.kind},
        "target": {"creationPolicy": "Owner", "deletionPolicy": "Retain", "immutable": True, "template": template},
    }


def _template(kind: str, labels: Mapping[str, str]) -> dict[str, object]:
    return {"engineVersion": "v2", "type": kind, "metadata": {"labels": dict(labels)}}


def _remotes(entries: Mapping[str, Confidential]) -> list[Remote]:
    """Each property once, however often and in whatever form it is used."""
    parts = [part for text in entries.values() if isinstance(text, Phrase) for part in text.parts]
    return list(dict.fromkeys(_plain(part) for part in parts if isinstance(part, Remote)))


def _plain(part: Remote) -> Remote:
    return Remote(entry=part.entry, property=part.property)


def _fetched(part: Remote, known_as: str) -> dict[str, object]:
    return {"secretKey": known_as, "remoteRef": {**part.entry.to_reference(), "property": part.property}}


def _text(text: Confidential, named: Mapping[Remote, str]) -> pulumi.Output[str]:
    if not isinstance(text, Phrase):
        return pulumi.Output.from_input(text).apply(_literal)
    return pulumi.Output.concat(*_spelt(text, named))


def _spelt(text: Phrase, named: Mapping[Remote, str]) -> Iterator[pulumi.Input[str]]:
    for part in text.parts:
        if isinstance(part, Remote):
            yield f"{{{{ .{named[_plain(part)]}{_WAYS[part.form]} }}}}"
        else:
            yield pulumi.Output.from_input(part).apply(_literal)


_WAYS: Mapping[Form, str] = {
    "text": "",
    # `urlquery` writes a space as it stands in a query; elsewhere in a URL that is a plus sign.
    "url": ' | urlquery | replace "+" "%20"',
    "json": " | toJson",
}


def _literal(text: str) -> str:
    """So that a template leaves it as it is."""
    return text.replace("{{", '{{"{{"}}')
