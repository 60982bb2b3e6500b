"""An independent hub and subscriber: Flask-WebSub's.

Usage: websub.py (hub|subscriber) FOLDER; it writes its port into FOLDER. The hub adds a line
to the file `told` there for each notification that it has passed on; the subscriber writes a
file, named by the number of each delivery, with its content, topic and time as JSON;
`/discover?url=…` returns the links of a feed, and `/subscribe?url=…` subscribes to it and returns
an id, for `/renew?id=…` and `/unsubscribe?id=…`.
"""

from __future__ import annotations

import json
import sys
from itertools import count
from pathlib import Path
from time import time

from celery import Celery
from flask import Flask, Response, jsonify, request
from flask_websub.hub import Hub, SQLite3HubStorage
from flask_websub.subscriber import (
    SQLite3SubscriberStorage,
    SQLite3TempSubscriberStorage,
    Subscriber,
    discover,
)
from werkzeug.serving import make_server


def hub(folder: Path) -> Flask:
    """Make a hub, which completes each task before it answers."""
    app = Flask(__name__)
    app.config["PUBLISH_SUPPORTED"] = True
    celery = Celery()
    celery.conf.task_always_eager = True
    found = Hub(SQLite3HubStorage(str(folder / "hub.sqlite")), celery)
    app.register_blueprint(found.build_blueprint(url_prefix="/hub"))

    @app.after_request
    def note(response: Response) -> Response:
        if request.form.get("hub.mode") == "publish":
            with (folder / "told").open("a", encoding="utf-8") as file:
                file.write(f"{request.form['hub.topic']}\n")
        return response

    return app


def subscriber(folder: Path) -> Flask:
    """Make a subscriber, which keeps its deliveries."""
    app = Flask(__name__)
    storage = SQLite3SubscriberStorage(str(folder / "subscriptions.sqlite"))
    found = Subscriber(storage, SQLite3TempSubscriberStorage(str(folder / "asked.sqlite")))
    app.register_blueprint(found.build_blueprint(url_prefix="/callbacks"))
    numbers = count()

    def keep(topic: str, _: str, body: bytes) -> None:
        delivery = {"topic": topic, "moment": time(), "text": body.decode()}
        number = next(numbers)  # deliveries are concurrent
        new = folder / f"{number}.new"
        new.write_text(json.dumps(delivery), encoding="utf-8")
        new.replace(new.with_suffix(".json"))

    found.add_listener(keep)

    @app.get("/discover")
    def look() -> Response:
        return jsonify(discover(request.args["url"]))

    @app.post("/subscribe")
    def subscribe() -> str:
        return str(found.subscribe(**discover(request.args["url"])))

    @app.post("/renew")
    def renew() -> str:
        return str(found.renew(request.args["id"]))

    @app.post("/unsubscribe")
    def unsubscribe() -> str:
        return str(found.unsubscribe(request.args["id"]))

    return app


if __name__ == "__main__":
    made = {"hub": hub, "subscriber": subscriber}[sys.argv[1]]
    place = Path(sys.argv[2])
    server = make_server("127.0.0.1", 0, made(place), threaded=True)
    (place / "port.new").write_text(str(server.port), encoding="ascii")
    (place / "port.new").replace(place / "port")
    server.serve_forever()
