"""One calendar per person over CalDAV (RFC 4918, 3744, 4791, 6578): a thin WSGI application of its own.

A request goes `app` (who asks, for what) -> `methods` -> `reports` or `properties` -> `gateway.store.objects` -> `xml`.
"""

from gateway.web.dav.app import Dav

__all__ = ["Dav"]
