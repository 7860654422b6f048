"""The page's own certificate."""

import ssl

from stream.errors import ConfigError
from web.settings import Web


def tls_of(config: Web) -> ssl.SSLContext | None:
    """The certificate to show; None: no TLS. Raises ConfigError for files that are none."""
    if not config.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(config.tls_cert, config.tls_key)
    except OSError as error:  # ssl's own are OSErrors too
        raise ConfigError(
            f"web.tls_cert: {config.tls_cert} with {config.tls_key}: {error.strerror or error}"
        ) from None
    return context
