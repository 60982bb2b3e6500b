"""How is an entry stopped that is about to appear?

Its file is left alone, and held (`dateline.publish.assess.stopped`) until somebody changes it.
"""

from __future__ import annotations

from datetime import datetime

from dateline import publish
from dateline.config import Config
from dateline.entries.scan import MAX_SIZE
from dateline.errors import DatelineError
from dateline.ledger import Ledger, exclusive
from dateline.model import Report
from dateline.publish.assess.stopped import stop
from dateline.system import safe_files


def stop_cooling(config: Config, path: str, now: datetime, clock: datetime) -> Report | None:
    """Hold the file called `path`, which is cooling; None where it is not, or not any more.

    Does the run in which that is done. Raises `DatelineError`.
    """
    with exclusive(config.state), Ledger(publish.ledger_url(config)) as ledger:
        record = ledger.files.find([path]).get(path)
        if record is None or all(problem.code != "cooling" for problem in record.problems):
            return None
        try:
            data, _ = safe_files.read(str(config.entries), path, MAX_SIZE + 1)
        except OSError as error:
            raise DatelineError(f"{path}: {error.strerror}") from error
        stop(ledger, data)
        ledger.commit()
    return publish.build(config, now=now, clock=clock, told=[path])
