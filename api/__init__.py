"""The service: the published build, read-only, over HTTP."""
