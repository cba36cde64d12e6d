"""An environment's secrets: kept encrypted, frozen in revisions by version, written to clusters."""
