"""Sends a digest to a channel of alerts.toml."""

import time

from alerts.channels.definitions import Apprise, Channel, Webhook
from alerts.channels.post import open_post
from alerts.channels.webhook import signature
from results.digest import Digest
from stream.display import to_json
from stream.errors import ConfigError, RetryLater
from wirewatch.commands.settings import Settings
from wirewatch.composition.lists import open_alert_list
from wirewatch.composition.resources import user_agent


def channel_of(settings: Settings, name: str) -> Apprise | Webhook:
    """A channel that digests can be sent to; raises ConfigError if there is none of this name."""
    with open_alert_list(settings.config, settings.paths, begins=False) as listed:
        definitions = listed.load()
    if name in definitions.broken:
        raise ConfigError(definitions.broken[name])
    channel: Channel | None = definitions.channels.get(name)
    if channel is None:
        raise ConfigError(f"{listed.place}: there is no channel {name!r}")
    if not isinstance(channel, Apprise | Webhook):
        raise ConfigError(
            f"channel {name!r}: digests go to mail, chat (kind apprise) and webhooks; for a file: --html"
        )
    return channel


async def send(settings: Settings, name: str, channel: Apprise | Webhook, made: Digest) -> None:
    """Send a digest; raises RetryLater, with the channel's name in the reason, if it is not taken."""
    try:
        if isinstance(channel, Apprise):
            from alerts.channels.apprise import send_digest  # noqa: PLC0415 - Apprise takes its time to be imported

            await send_digest(channel.url, made, settings.config.web.url)
            return
        async with open_post(user_agent(settings.config)) as post:
            body, headers = to_json(made).encode(), {"Content-Type": "application/json"}
            if channel.secret:
                headers["X-Wirewatch-Signature"] = signature(channel.secret, body, int(time.time()))
            status = await post(channel.url, body, headers)
    except RetryLater as error:
        raise RetryLater(error.kind, f"channel {name}: {error.reason}") from None
    if not 200 <= status < 300:
        raise RetryLater(f"http-{status}", f"channel {name}: the webhook answered {status}")
