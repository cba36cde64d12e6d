"""Secrets of an environment: kept sealed, frozen into revisions by version, written to clusters."""
