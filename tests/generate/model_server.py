"""A real HTTP server on loopback that speaks the OpenAI protocol, well and badly; each model is a behaviour."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CODE = "def train(cfg, dataset, seed, model_dir=None):\n    return 0.5\n"
REPLY = f"Here it is:\n\n```python\n{CODE}```\n"
KEY = "sk-loopback-5e1f7a90c3d2"
LISTED = ("good", "good-large", "stalls")
SILENCE_S = 120.0
"""So long a silent model holds the line, unless the server is closed."""


class _Quiet(ThreadingHTTPServer):
    """A server whose clients may hang up: that is what some tests do."""

    def handle_error(self, request, client_address):
        pass


class ModelServer:
    """Serves until closed; `requests` holds the bodies, `headers` the headers of each."""

    def __init__(self):
        self.requests, self.headers = [], []
        self.release = threading.Event()
        self.lists = True
        self.script = [CODE]
        outer = self

        class Handler(_Handler):
            server_of = outer

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.release.set()
        self._http.shutdown()
        self._http.server_close()

    def count(self, model):
        """How often the model was asked."""
        return sum(r["model"] == model for r in self.requests)


def event(content=None, *, finish=None, **delta):
    """One event of a stream."""
    if content is not None:
        delta["content"] = content
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def usage(tokens_in=11, tokens_out=7, cached=4):
    """The last event of a stream, with the tokens."""
    counted = {
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    return {**event(), "choices": [], "usage": counted}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: ModelServer

    def log_message(self, *arguments):
        pass

    def answer(self, status, body, headers=(), content_type="application/json"):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def error(self, status, message, headers=(), **more):
        self.answer(status, {"error": {"message": message, **more}}, headers)

    def open(self, content_type="text/event-stream"):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data):
        data = data.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def event(self, value):
        self.chunk(f"data: {json.dumps(value)}\n\n")

    def close_stream(self, *values):
        for value in values:
            self.event(value)
        self.chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def reply(self, text, size=9):
        self.open()
        self.event(event(role="assistant"))
        for start in range(0, len(text), size):
            self.event(event(text[start : start + size]))
        self.close_stream(event(finish="stop"), usage())

    def do_GET(self):
        if not self.server_of.lists:
            self.answer(404, "nothing here", content_type="text/plain")
        else:
            models = [{"id": name, "object": "model", "created": 1, "owned_by": "t"} for name in LISTED]
            self.answer(200, {"object": "list", "data": models})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        outer = self.server_of
        outer.requests.append(body)
        outer.headers.append({name.lower(): value for name, value in self.headers.items()})
        model = body["model"]
        behaviour = getattr(self, "on_" + model.replace("-", "_"), None)
        try:
            if behaviour is None:
                self.error(404, f"The model `{model}` does not exist", code="model_not_found")
            else:
                behaviour(body, outer.count(model))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def on_good(self, body, nth):
        self.reply(REPLY)

    def on_scripted(self, body, nth):
        script = self.server_of.script
        self.reply(f"```python\n{script[min(nth, len(script)) - 1]}```\n", size=200)

    def on_large(self, body, nth):
        self.reply(f"```python\n{CODE}{'# padding of the reply' * 9200}\n```\n", size=100)

    def on_endless(self, body, nth):
        self.open()
        while not self.server_of.release.is_set():
            self.event(event("x" * 50_000))

    def on_slow(self, body, nth):
        self.open()
        for n in range(3000):
            self.event(event(f"{n} "))
            if self.server_of.release.wait(0.02):
                return

    def on_never(self, body, nth):
        self.server_of.release.wait(SILENCE_S)

    def on_silent_once(self, body, nth):
        if nth == 1:
            self.server_of.release.wait(SILENCE_S)
        else:
            self.reply(REPLY)

    def on_stalls(self, body, nth):
        self.open()
        self.event(event("def train"))
        self.server_of.release.wait(SILENCE_S)

    def on_trickles(self, body, nth):
        self.open()
        while not self.server_of.release.wait(0.05):
            self.chunk(": thinking\n\n")

    def on_half(self, body, nth):
        self.open()
        self.event(event("```python\ndef train(cfg, dataset, seed, model_dir=None):\n    loss = 0.5\n"))
        self.server_of.release.wait(SILENCE_S)

    def on_cut_off(self, body, nth):
        self.open()
        self.event(event("def train(cfg"))
        self.wfile.write(b'ff\r\ndata: {"id": "c", "cho')
        self.wfile.flush()
        self.close_connection = True

    def on_ends_early(self, body, nth):
        self.open()
        self.event(event("def train(cfg"))
        self.wfile.write(b"0\r\n\r\n")

    def on_malformed(self, body, nth):
        self.open()
        self.event(event("def train"))
        self.chunk('data: {"id": "c", "choices": [\n\n')
        self.close_stream()

    def on_odd_events(self, body, nth):
        self.open()
        self.event({**event(), "choices": [7]})
        self.close_stream()

    def on_no_utf8(self, body, nth):
        self.open()
        self.wfile.write(b"c\r\ndata: \xff\xfe\xfa\r\n\r\n\r\n")
        self.close_stream()

    def on_refuses(self, body, nth):
        self.open()
        self.event(event(refusal="I cannot "))
        self.close_stream(event(refusal="help with that."), event(finish="stop"), usage())

    def on_filtered(self, body, nth):
        self.open()
        self.close_stream(event("def"), event(finish="content_filter"))

    def on_empty(self, body, nth):
        self.open()
        self.close_stream(event(role="assistant"), event(finish="stop"), usage(11, 0))

    def on_long(self, body, nth):
        self.open()
        self.close_stream(event("def train(cfg"), event(finish="length"), usage())

    def on_unlocked(self, body, nth):
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self.error(401, f"Incorrect API key provided: {self.headers['Authorization']}", code="invalid_api_key")
        else:
            self.reply(REPLY)

    def on_echoes(self, body, nth):
        self.reply(f"you sent {self.headers['Authorization']}, {self.headers['Authorization']}!\n{REPLY}", size=5)

    def on_echoes_in_error(self, body, nth):
        self.error(400, f"bad header {self.headers['Authorization']}")

    def on_forbidden(self, body, nth):
        self.error(403, "not in your region")

    def on_busy_twice(self, body, nth):
        if nth <= 2:
            self.error(429, "slow down", [("Retry-After", "0.03")])
        else:
            self.reply(REPLY)

    def on_busy(self, body, nth):
        self.error(429, "slow down", [("Retry-After", "0.01")])

    def on_busy_for_an_hour(self, body, nth):
        self.error(429, "slow down", [("Retry-After", "3600")])

    def on_no_credit(self, body, nth):
        self.error(429, "You exceeded your current quota", code="insufficient_quota", type="insufficient_quota")

    def on_fails(self, body, nth):
        self.error(500, "The server had an error")

    def on_fails_once(self, body, nth):
        if nth == 1:
            self.answer(503, "<html>Bad gateway</html>", content_type="text/html")
        else:
            self.reply(REPLY)

    def on_hangs_up_once(self, body, nth):
        if nth == 1:
            self.close_connection = True
        else:
            self.reply(REPLY)

    def on_overloaded_once(self, body, nth):
        if nth > 1:
            return self.reply(REPLY)
        self.open()
        self.event({"error": {"message": "overloaded", "code": 503}})
        return self.close_stream()

    def on_breaks_off(self, body, nth):
        self.open()
        self.event(event("def train"))
        self.event({"error": {"message": "out of memory", "code": 500}})
        self.close_stream()

    def on_picky(self, body, nth):
        for name in ("temperature", "max_tokens", "stream_options"):
            if name in body:
                message = f"Unsupported parameter: '{name}' is not supported with this model."
                return self.error(400, message, param=name, code="unsupported_parameter")
        return self.reply(REPLY)

    def on_bounded(self, body, nth):
        self.error(400, "max_tokens is too large: 9. This model takes at most 4.", param="max_tokens")

    def on_plain(self, body, nth):
        message = {"role": "assistant", "content": REPLY}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        self.answer(200, {"id": "c", "choices": choices, "usage": usage()["usage"]})

    def on_page(self, body, nth):
        self.answer(200, "<html>Welcome</html>", content_type="text/html")

    def on_page_404(self, body, nth):
        self.answer(404, "<html>Not found</html>", content_type="text/html")

    def on_other_events(self, body, nth):
        self.open()
        self.close_stream({"hello": 1})

    def on_thinks(self, body, nth):
        self.reply(f"<think>\n```python\ndef train(x):\n    pass\n```\n</think>\n{REPLY}")

    def structured(self, body, known):
        """What a server does with response_format that knows these types."""
        wanted = body.get("response_format", {}).get("type")
        if wanted is not None and wanted not in known:
            return self.error(400, f"response_format.type {wanted} is not supported", param="response_format")
        if wanted is not None:
            return self.reply('{"answer": 4}')
        return self.reply('So:\n```json\n{"answer": 4}\n```\n')

    def on_schema(self, body, nth):
        self.structured(body, ("json_schema", "json_object"))

    def on_json(self, body, nth):
        self.structured(body, ("json_object",))

    def on_block(self, body, nth):
        self.structured(body, ())

    def on_ignores(self, body, nth):
        self.reply('So:\n```json\n{"answer": 4}\n```\n')

    def on_prose(self, body, nth):
        self.reply("four")

    def on_numbered(self, body, nth):
        time.sleep(0)
        self.reply(f"```python\n{CODE}# sample {nth}\n```\n")
