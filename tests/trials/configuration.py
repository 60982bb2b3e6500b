"""The configuration of a trial's publication: small windows, so that there are archives soon."""

from __future__ import annotations

CONFIG = """\
[publication]
title = "Trial news"
description = "What happens in a trial"
url = "http://127.0.0.1:{port}/"
language = "en"
tag = "example.org,2008"
author = "Trial"
time_zone = "Europe/Vienna"
hubs = ["http://127.0.0.1:{receivers}/hub"]

[schedule]
interval = 1

[serve]
port = {port}

[newsroom]
token = "{token}"
port = {newsroom}

[alarm]
after = 30
webhook = "http://127.0.0.1:{receivers}/webhook"
mail_to = ["desk@example.org"]
mail_from = "news@example.org"
smtp = "127.0.0.1:{mail}"

[[feed]]
name = "news"
title = "All news"
description = "Everything"
entries = 4
days = 0

[[feed]]
name = "lebanon"
title = "Lebanon"
description = "News of Lebanon"
categories = ["Lebanon"]
formats = ["atom", "json"]
entries = 3
days = 0
"""
SINCE = """
[search]
enabled = true
"""  # what the earlier release did not know
