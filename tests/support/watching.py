"""A watch as a test reads it: event by event."""
import http.client
import json
import queue
import ssl
import threading
import time
import urllib.parse

QUERY = ("watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
         "&timeoutSeconds=60")
WAIT = 5


class Watch:
    """A WatchList of `path` by `client`; each wait is bounded by 5 s (queue.Empty)."""

    def __init__(self, client, path: str):
        self._connection = http.client.HTTPSConnection(urllib.parse.urlsplit(client.server).netloc,
                                                       context=self.tls(client))
        self._connection.request("GET", f"{path}?{QUERY}", headers={"Authorization": "Bearer " + client.token})
        self._stream = self._connection.getresponse()
        self._events: queue.Queue[dict | None] = queue.Queue()  # None: the watch has ended
        self.last: dict = {}
        threading.Thread(target=self._read, daemon=True).start()

    @staticmethod
    def tls(client) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=client.ca_file)

    def _read(self) -> None:
        try:
            while line := self._stream.readline():
                self._events.put(json.loads(line))
        except (http.client.HTTPException, OSError, ValueError):
            pass  # broken off: as ended
        self._events.put(None)

    def next(self) -> tuple[str, str]:
        """Type and name of the next event that is no bookmark; its object is in `last`."""
        while (event := self._events.get(timeout=WAIT)) is not None:
            self.last = event["object"]
            if event["type"] != "BOOKMARK":
                return event["type"], self.last.get("metadata", {}).get("name", "")
        raise EOFError("the watch has ended")

    def until(self, kind: str, name: str) -> None:
        while self.next() != (kind, name):
            pass

    def until_listed(self) -> list[str]:
        """The names of the initial list."""
        names = []
        while (event := self._events.get(timeout=WAIT)) is not None:
            if event["type"] == "BOOKMARK":
                return names
            names.append(event["object"]["metadata"]["name"])
        raise EOFError("the watch has ended")

    def ends(self) -> bool:
        return self._events.get(timeout=WAIT) is None

    def nothing_for(self, seconds: float) -> bool:
        """No event but bookmarks, which the API server sends as it likes."""
        until = time.monotonic() + seconds
        try:
            while event := self._events.get(timeout=max(until - time.monotonic(), 0.001)):
                if event["type"] != "BOOKMARK":
                    self.last = event["object"]
                    return False
        except queue.Empty:
            return True
        return False

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_) -> None:
        if self._connection.sock:
            self._connection.sock.close()
