"""What the apps below show, together with the services that run of it."""
