"""A real HTTP server on this machine that serves one file, well or badly."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Serving:
    """What the server has and how it behaves; `asked` are the Range headers of the requests so far."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.ranges = True  # whether it honours Range
        self.cut_after: int | None = None  # bytes after which it hangs up
        self.hang_after: int | None = None  # bytes after which it says no more
        self.status: int | None = None  # an error to answer with
        self.shift = 0  # by how much a part begins too late
        self.length = True  # whether it says how much comes
        self.asked: list[str | None] = []
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.url = ""


@contextmanager
def serving(content: bytes) -> Iterator[Serving]:
    state = Serving(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.asked.append(asked)
            if state.status is not None:
                self.send_error(state.status)
                return
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and state.ranges else 0
            if start and start >= len(state.content):
                self.send_error(416)
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            if start:
                size = len(state.content)
                self.send_header("Content-Range", f"bytes {start + state.shift}-{size - 1}/{size}")
            if state.length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for limit in (state.cut_after, state.hang_after):
                body = body if limit is None else body[:limit]
            with contextlib.suppress(ConnectionError):  # the other side may hang up as well
                self.wfile.write(body)
                self.wfile.flush()
            state.begun.set()
            if state.hang_after is not None:
                state.go_on.wait(10)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/net.onnx"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
