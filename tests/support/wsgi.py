"""A WSGI application as a requests adapter: the real client and the real server without a socket."""

from __future__ import annotations

from migrator.sandbox.in_process import WsgiAdapter

__all__ = ["WsgiAdapter"]
