"""A service's settings as values: what runs, what was drafted, what a rollout brings. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from core.resources import Resources
from serving.manifests.spec import ServiceSpec

# What a revision freezes of the version and the secrets, and what of a service's settings.
VERSIONED = ("model", "version", "image", "secret_versions", "pull_credentials")
FROZEN = tuple(name for name in ServiceSpec.__struct_fields__ if name not in VERSIONED)
# What is kept besides those: how many pods, and how they are replaced.
NUMBERS = ("replicas", "temporary_replicas", "temporary_expires_at")
SETTINGS = (*FROZEN, *NUMBERS, "strategy")
AMOUNTS = ("requests", "limits")

Settings = dict[str, Any]


def plain_settings(settings: Mapping[str, Any]) -> Settings:
    """Return settings in their JSON form."""
    return {name: to_json_value(value) for name, value in settings.items()}


def to_json_value(value: Any) -> Any:
    """Return one value in its JSON form."""
    if isinstance(value, Resources):
        return value.canonical()
    return value.isoformat() if isinstance(value, datetime) else value


def settings_from(stored: Mapping[str, Any]) -> Settings:
    """Return settings from their JSON form."""
    settings = dict(stored)
    for name in AMOUNTS:
        if name in settings:
            settings[name] = Resources.parse(settings[name])
    expires_at = settings.get("temporary_expires_at")
    if expires_at is not None:
        settings["temporary_expires_at"] = datetime.fromisoformat(expires_at)
    return settings


def differing(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> Settings:
    """Return the changes that change something."""
    return {name: value for name, value in changes.items() if settings[name] != value}


def left_of(draft: Settings, settings: Mapping[str, Any]) -> Settings:
    """Return the part of a draft that still differs from the settings."""
    return plain_settings(differing(settings, settings_from(draft)))


def amounts_in(settings: Mapping[str, Any]) -> Settings:
    """Return only the requests and limits."""
    return {name: settings[name] for name in AMOUNTS}


def of_spec(spec: Mapping[str, Any]) -> Settings:
    """Return the settings that a revision froze; one from before secrets existed has none."""
    return settings_from({"secrets": [], **{name: spec[name] for name in FROZEN if name in spec}})


def frozen(settings: Mapping[str, Any], **versions: Any) -> ServiceSpec:
    """Return settings as the value that manifests are built from.

    `versions` are the `model`, `version` and `image`, and those of secrets and pull credentials.
    """
    content = {name: to_json_value(settings[name]) for name in FROZEN}
    return msgspec.convert({**content, **versions}, ServiceSpec)


def audited(settings: Mapping[str, Any]) -> Settings:
    """Return settings as audit rows show them; values of environment variables stay private."""
    shown = plain_settings(settings)
    return shown | ({"env": sorted(settings["env"])} if "env" in settings else {})
