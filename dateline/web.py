"""The WSGI application under its public name: `dateline.web:create_app`."""

from dateline.serve.app import create_app

__all__ = ["create_app"]
