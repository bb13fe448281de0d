"""A receiver on the loopback that keeps what it is sent: take PORT FOLDER STATUS TEXT. A file a request: its head as JSON, then its body."""
import http.server, json, pathlib, sys

port, folder, status, text = int(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4].encode()
folder.mkdir(parents=True, exist_ok=True)


class Take(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0

    def do_GET(self):
        self.answer(204, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        name = folder / f"{Take.count:05}"
        Take.count += 1
        head = {"path": self.path, "headers": {key.lower(): value for key, value in self.headers.items()}}
        name.with_suffix(".head.json").write_text(json.dumps(head))
        name.with_suffix(".body").write_bytes(body)
        self.answer(status, text)

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", port), Take).serve_forever()
