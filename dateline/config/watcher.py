"""Watches the files of a configuration, and reads it again when one of them changes."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from dateline.config import Config, load
from dateline.config.theme import Stamp, stamps
from dateline.errors import DatelineError

_log = logging.getLogger(__name__)


class ConfigWatcher:
    """The newest valid configuration.

    It is read again when a file of it has changed since it was read, also before it was watched,
    and when it or the entries folder is a symbolic link that leads elsewhere.
    Without `with_theme` it is read as by `load`. `trial` raises `DatelineError` for a configuration
    that cannot be used. An invalid newer configuration is logged once, unless another process logs
    it, and the last valid one stays in force.
    """

    def __init__(
        self,
        config: Config,
        trial: Callable[[Config], None] = lambda _: None,
        *,
        is_logged: bool = True,
        with_theme: bool = True,
    ) -> None:
        self._config = config
        self._trial = trial
        self._is_logged = is_logged
        self._with_theme = with_theme
        self._seen = config.stamps, str(config.entries)
        self._error = ""

    def read(self) -> Config:
        """Return the newest valid configuration."""
        now = _seen(self._config)
        # The cause of an error may be in a file that the last valid configuration does not name.
        if now != self._seen or self._error:
            self._seen = now
            self._reload()
        return self._config

    def _reload(self) -> None:
        try:
            config = load(self._config.named, with_theme=self._with_theme)
            self._trial(config)
        except DatelineError as error:
            if self._is_logged and self._error != str(error):
                _log.warning("%s\nThe configuration from before goes on.", error)
            self._error = str(error)
        else:
            self._config, self._error = config, ""


def _seen(config: Config) -> tuple[tuple[Stamp, ...], str]:
    """Return what shows that a configuration is another: its files, and where entries are."""
    return stamps(config.files), os.path.realpath(config.named_entries)
