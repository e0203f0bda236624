"""A client for mintmark/1 in one file: Python 3.10 or newer, standard library only.

Written from the specification alone: "section 9" is one of ../mintmark-v1.md, "rule 3" one of ../sessions.md.
Three layers: the codec (frames and fields), Connection (one stream, many requests), Client and Session
(reconnect, retry). Not safe for threads: give each thread its own Client.

    client = Client(("127.0.0.1", 7420))            # or Client("/run/mintmark.sock")
    client = Client(("localhost", 7422), tls=tls_context("ca.pem", "client.pem", "client.key"))
    # Where the server wants AUTH: Client(address, identity=("web", openssl_signer("web.pem")))
    session = Session(client, "user-1", ["api"])
    answer = client.verify(session.access_token, expected_audience="api")
    session.refresh()
"""
from __future__ import annotations
import hashlib, ipaddress, json, logging, os, pathlib, random, re, selectors, socket, ssl, struct, subprocess, tempfile
import time

# --------------------------------------------------------------------------------- section 16: the registry

REGISTRY = json.loads((pathlib.Path(__file__).resolve().parent.parent / "registry.json").read_text("utf-8"))
KINDS = {kind["name"]: int(kind["request"], 16) for kind in REGISTRY["kinds"] if "request" in kind}
ERROR_KIND = 0xFF
FIELDS = {field["name"]: dict(field, tag=int(field["tag"], 16)) for field in REGISTRY["fields"]}
STATUSES = {status["number"]: status for status in REGISTRY["statuses"]}
LIMITS = {limit["name"]: limit for limit in REGISTRY["limits"]}

# {(message, is it the answer?): {tag: field}} in tag order; what a message says of a field overrides the field's own
MESSAGES = {(message["kind"], part == "response"):
            dict(sorted((FIELDS[entry["field"]]["tag"], FIELDS[entry["field"]] | entry) for entry in message[part]))
            for message in REGISTRY["messages"] for part in ("request", "response") if part in message}
EXACTLY_ONE = {message["kind"]: message.get("exactly_one", ()) for message in REGISTRY["messages"]}
WIDTHS = {"bool": 1, "u8": 1, "u16": 2, "u32": 4, "u64": 8}
KEY_ITEM = ">5QB32s"    # section 5, list of key: behind these the key id
KEY_MEMBERS = ("prepared_at", "usable_at", "activated_at", "retired_at", "ended_at", "state", "public_key")

# ------------------------------------------------------------------------------------------------ errors

class MintmarkError(Exception):
    """Everything this module raises on purpose, but ValueError and OSError."""

class Fault(MintmarkError):
    """A frame or body that breaks sections 3 to 5: .name is the status, .field the tag at fault."""
    def __init__(self, name: str, field: int | None = None):
        super().__init__(name if field is None else f"{name} in field 0x{field:02x}")
        self.name, self.field = name, field

class ServerError(MintmarkError):
    """An error frame (section 12)."""
    def __init__(self, fields: dict, request_id: int):
        self.status, self.request_id = fields["status"], request_id
        known = STATUSES.get(self.status, {})       # section 12 says how to take an unknown one
        self.name = known.get("name", f"STATUS_{self.status}")
        self.retryable = known["kind"] == "retryable" if known else 400 <= self.status <= 599
        self.closes = 100 <= self.status <= 199
        self.message, self.server_time = fields["message"], fields["server_time"]
        self.field, self.reuse_class = fields.get("field"), fields.get("reuse_class")
        self.rule, self.retry_after = fields.get("rule"), fields.get("retry_after")
        self.lowest_version, self.highest_version = fields.get("lowest_version"), fields.get("highest_version")
        super().__init__(f"{self.status} {self.name}: {self.message}")

class ConnectionLost(MintmarkError):
    """The stream ended: a request without an answer has an unknown outcome (sections 9 and 12)."""

class DeadlineExceeded(MintmarkError):
    """No answer in time: the request has an unknown outcome, and its id stays in use (sections 9 and 12)."""

class ProtocolViolation(MintmarkError):
    """The server does not speak this protocol; the connection is closed (section 9)."""

class AuthenticationRequired(MintmarkError):
    """The server wants AUTH (section 8), and this client has no identity."""

# ------------------------------------------------------------------------------ the codec: sections 3 to 5

def scan_frame(buffer, limit: int):
    """Section 3: None while incomplete, else (kind, flags, request_id, body, bytes used); Fault FRAME_LENGTH."""
    if len(buffer) < 4:
        return None
    length = int.from_bytes(buffer[:4], "big")
    if not LIMITS["frame_length_min"]["default"] <= length <= limit:
        raise Fault("FRAME_LENGTH")
    if len(buffer) < length + 4:
        return None
    kind, flags, request_id = struct.unpack_from(">BBI", buffer, 4)
    return kind, flags, request_id, bytes(buffer[10:length + 4]), length + 4

def encode_frame(kind: int, request_id: int, body: bytes) -> bytes:
    """Section 3."""
    return struct.pack(">IBBI", len(body) + 6, kind, 0, request_id) + body

def encode_body(name: str, fields: dict, answer: bool = False) -> bytes:
    """Section 4. A field that is None is absent. Judges nothing but names: decode_body does the rest."""
    known, body = MESSAGES[name, answer], b""
    if strange := fields.keys() - {field["name"] for field in known.values()}:
        raise ValueError(f"{name} has no field {', '.join(strange)}")
    for tag, field in known.items():
        if fields.get(field["name"]) is not None:
            value = encode_value(field["type"], fields[field["name"]])
            body += bytes([tag]) + encode_length(len(value)) + value
    return body

def encode_length(number: int) -> bytes:
    """LEB128, shortest form, at most 3 bytes (section 4)."""
    if number >= 1 << 21:
        raise Fault("FIELD_LENGTH_FORM")
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + encode_length(number >> 7)

def encode_value(kind: str, value) -> bytes:
    """Section 5. Text and bytes may both be given as str or bytes."""
    def raw(item):
        return item.encode() if isinstance(item, str) else bytes(item)
    if kind in WIDTHS:
        return int(value).to_bytes(WIDTHS[kind], "big")
    if kind in ("text", "bytes"):
        return raw(value)
    def item_bytes(item):
        if kind == "list of key":
            return struct.pack(KEY_ITEM, *(item[name] for name in KEY_MEMBERS)) + raw(item["key_id"])
        return raw(item) if kind == "list of text" else struct.pack(">Q", item[1]) + raw(item[0])
    items = [item_bytes(item) for item in value]
    return b"".join(struct.pack(">H", len(item)) + item for item in items)

def decode_body(name: str, body: bytes, answer: bool = True) -> tuple[dict, list[int]]:
    """Section 4, "Walking the fields": ({name: value}, tags skipped), or Fault for the first thing that is wrong."""
    known, found, skipped, last, at = MESSAGES[name, answer], {}, [], -1, 0
    while at < len(body):
        tag, at = body[at], at + 1
        if tag <= last:                                                                     # step 1
            raise Fault("FIELD_DUPLICATE" if tag == last else "FIELD_ORDER", tag)
        if tag < 0x80 and tag not in known:                                                 # step 2
            raise Fault("FIELD_UNKNOWN", tag)
        length = 0
        for place in range(3):                                                              # step 3
            if at == len(body):
                raise Fault("FIELD_TRUNCATED", tag)
            byte, at = body[at], at + 1
            length |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                break
        if byte >= 0x80 or place and not byte:
            raise Fault("FIELD_LENGTH_FORM", tag)
        if len(body) - at < length:                                                         # step 4
            raise Fault("FIELD_TRUNCATED", tag)
        value, at, last = body[at:at + length], at + length, tag
        if tag in known:                                                                    # step 5
            found[known[tag]["name"]] = decode_value(known[tag], value)
        else:
            skipped.append(tag)
    for tag, field in known.items():                                                        # step 6
        if field["required"] and field["name"] not in found:
            raise Fault("FIELD_MISSING", tag)
    if not answer:                                                                          # step 7
        rivals = EXACTLY_ONE[name]          # a bool that is false counts as absent
        if rivals and sum(found.get(rival, False) is not False for rival in rivals) != 1:
            raise Fault("FIELD_CONFLICT", min(FIELDS[rival]["tag"] for rival in rivals))
        if name == "HELLO" and found["lowest_version"] > found["highest_version"]:
            raise Fault("FIELD_CONFLICT", FIELDS["lowest_version"]["tag"])
    return found, skipped

def decode_value(field: dict, value: bytes):
    """Section 5: size first, then value."""
    name, kind, low, high = field["name"], field["type"], field.get("min", 0), field.get("max", float("inf"))

    def check(good, status):
        if not good:
            raise Fault(status, field["tag"])

    def text(raw):
        try:
            decoded = raw.decode()      # strict: no over-long forms, no surrogates
        except UnicodeDecodeError:
            raise Fault("FIELD_VALUE", field["tag"]) from None
        check(field.get("control_characters", True) or not re.search(r"[\x00-\x1f\x7f]", decoded), "FIELD_VALUE")
        return decoded

    if kind in WIDTHS:
        check(len(value) == WIDTHS[kind], "FIELD_SIZE")
        number = int.from_bytes(value, "big")
        if kind != "bool":
            check(low <= number <= high, "FIELD_VALUE")
            return number
        check(number == 1 or number == 0 and name != "all", "FIELD_VALUE")
        return number == 1
    if kind in ("text", "bytes"):
        check(low <= len(value) <= high, "FIELD_SIZE")
        check(name != "magic" or value == REGISTRY["magic"].encode(), "FIELD_VALUE")
        check(name != "scope" or re.fullmatch(rb"[!#-\[\]-~]+( [!#-\[\]-~]+)*", value), "FIELD_VALUE")
        return text(value) if kind == "text" else value
    def item_value(item):
        if kind == "list of text":
            return text(item)
        if kind == "list of counter":
            check(len(item) >= 9 and item[8:].isascii(), "FIELD_VALUE")
            return item[8:].decode(), int.from_bytes(item[:8], "big")
        fixed = struct.calcsize(KEY_ITEM)
        check(fixed < len(item) <= fixed + 64, "FIELD_VALUE")
        key = dict(zip(KEY_MEMBERS, struct.unpack(KEY_ITEM, item[:fixed])))
        check(1 <= key["state"] <= 4 and not re.search(rb"[\x00-\x1f\x7f]", item[fixed:]), "FIELD_VALUE")
        return dict(key, key_id=text(item[fixed:]))

    items, at = [], 0
    while at < len(value):
        length, at = int.from_bytes(value[at:at + 2], "big"), at + 2        # behind the end there is nothing left
        check(len(value) - at >= length, "FIELD_VALUE")
        item, at = value[at:at + length], at + length
        check(field.get("item_min", 0) <= length <= field.get("item_max", 0xFFFF), "FIELD_SIZE")
        items.append(item_value(item))
        check(len(items) <= high, "FIELD_SIZE")
    check(len(items) >= low, "FIELD_SIZE")
    return items

# ----------------------------------------------------------------------------------------- AUTH: section 8

def transcript(binding_kind: int, binding: bytes, hello: bytes, hello_answer: bytes, client_id: str) -> bytes:
    """What AUTH signs."""
    parts = (binding, hello, hello_answer, client_id.encode())
    return b"mintmark/1 AUTH\0" + bytes([binding_kind]) + b"".join(struct.pack(">I", len(p)) + p for p in parts)

def loopback_binding(peer) -> bytes:
    """Binding 2: the address and port that getpeername gives, as text."""
    host = ipaddress.ip_address(peer[0].partition("%")[0])
    host = getattr(host, "ipv4_mapped", None) or host
    return (f"[{host}]:{peer[1]}" if host.version == 6 else f"{host}:{peer[1]}").encode()

def openssl_signer(key_file):
    """Signs with an Ed25519 key in PEM, by openssl(1): Python's library has no Ed25519."""
    def sign(message: bytes) -> bytes:
        with tempfile.NamedTemporaryFile() as file:         # pkeyutl wants to know the length beforehand
            file.write(message)
            file.flush()
            return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(key_file), "-in", file.name],
                                  check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout
    return sign

# ------------------------------------------------------------------------- one connection: sections 6 to 11

def tls_context(ca: str | None = None, cert: str | None = None, key: str | None = None) -> ssl.SSLContext:
    """Section 2, "TLS": trusts the authorities in the PEM file `ca` (None: the system's), and shows `cert` if given."""
    context = ssl.create_default_context(cafile=ca)         # checks certificate and name of the server
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols([REGISTRY["alpn"]])
    if cert:
        context.load_cert_chain(cert, key)
    return context

def _connect(address, timeout, beyond_loopback, tls) -> socket.socket:
    """Section 2: a path is a Unix socket; plain TCP beyond loopback must be asked for."""
    timeout = max(timeout, 0.001)
    if tls:
        sock = tls.wrap_socket(socket.create_connection(address, timeout), server_hostname=address[0])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sock.selected_alpn_protocol() != REGISTRY["alpn"]:
            sock.close()
            raise ProtocolViolation("the server does not speak this protocol over TLS")
    elif isinstance(address, tuple):
        sock = socket.create_connection(address, timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = ipaddress.ip_address(sock.getpeername()[0].partition("%")[0])
        if not (getattr(peer, "ipv4_mapped", None) or peer).is_loopback and not beyond_loopback:
            sock.close()
            raise ValueError("plain TCP beyond loopback needs beyond_loopback=True")
    else:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        sock.connect(address)
    sock.setblocking(False)
    return sock

class Connection:
    """Connects and says HELLO (section 7). send() any number of requests, then wait() for each by its id.

    address: (host, port) for TCP, with `tls` from tls_context() or in clear; a path for a Unix socket.
    identity: (client id, a function from a message to its 64-byte signature), for servers that want AUTH.
    All timeouts are seconds, for the whole call.
    """

    def __init__(self, address, timeout=5.0, beyond_loopback=False, client_name="mintmark-example/1.0", tls=None,
                 identity=None):
        deadline = time.monotonic() + timeout
        self._in, self._out, self._limit = bytearray(), bytearray(), LIMITS["hello_length_max"]["ceiling"]
        self._last_id, self._in_use, self._abandoned, self._answers = 0, {}, set(), {}
        self._closing = self.dead = None    # the error with status 100 to 199 once read; why the connection is closed
        self._closes_by = float("inf")      # when reading on behind that error ends (section 9)
        self._in_flight_limit, self.heard_at = 1, 0.0       # heard_at: when bytes came last
        self._frame = b""                                   # the last frame that came
        self._socket = _connect(address, timeout, beyond_loopback, tls)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        try:
            offer = dict(magic=b"MINTMARK", lowest_version=1, highest_version=1, client_name=client_name,
                         client_nonce=os.urandom(32))
            self.hello = self.call("HELLO", deadline - time.monotonic(), **offer)
            if self.hello["version"] != 1:
                raise ProtocolViolation(f"version {self.hello['version']} was not offered")
            for limit, low, high in (("frame_length_limit", 16384, 1048576), ("in_flight_limit", 1, 65535)):
                if not low <= self.hello[limit] <= high:                                        # section 7
                    raise ProtocolViolation(f"{limit} {self.hello[limit]}")
            if self.hello["authentication_required"]:
                if identity is None:
                    raise AuthenticationRequired("the server wants to know who calls; give an identity")
                if not isinstance(address, tuple):
                    raise ProtocolViolation("AUTH is owed on a Unix socket")
                client_id, sign = identity
                hello = encode_frame(KINDS["HELLO"], 1, encode_body("HELLO", offer))
                if tls:
                    binding = 1, hashlib.sha256(self._socket.getpeercert(binary_form=True)).digest()
                else:
                    binding = 2, loopback_binding(self._socket.getpeername())
                message = transcript(*binding, hello, self._frame, client_id)
                self.call("AUTH", deadline - time.monotonic(), client_id=client_id, signature=sign(message))
        except BaseException:
            self.close()
            raise
        self._in_flight_limit = self.hello["in_flight_limit"]

    def call(self, name: str, timeout=5.0, **fields) -> dict:
        """One request, one answer: its fields by name, or ServerError."""
        deadline = time.monotonic() + timeout
        return self.wait(self.send((name, fields), timeout=timeout)[0], deadline - time.monotonic())

    def pipeline(self, *requests, timeout=5.0) -> list:
        """Requests (name, fields) in one write (section 10); their results in order: a dict or a ServerError each."""
        deadline, results = time.monotonic() + timeout, []
        for request_id in self.send(*requests, timeout=timeout):
            try:
                results.append(self.wait(request_id, deadline - time.monotonic()))
            except ServerError as error:
                results.append(error)
        return results

    def send(self, *requests, timeout=5.0) -> list[int]:
        """Writes requests (name, fields) at once; returns their ids (section 6). Faults are found before writing."""
        deadline, bodies = time.monotonic() + timeout, []
        for name, fields in requests:
            body = encode_body(name, fields)
            decode_body(name, body, answer=False)           # raises the Fault that the server would answer
            if len(body) + 6 > self._limit:
                raise Fault("FRAME_LENGTH")
            bodies.append((name, body))
        if len(requests) > self._in_flight_limit:
            raise ValueError(f"the server takes {self._in_flight_limit} requests at a time")
        while not self.stopped and len(self._in_use) + len(requests) > self._in_flight_limit:
            self._pump(deadline)                                                # section 10
        if self.stopped:
            raise self.stopped
        ids = [self._fresh_id(name) for name, _ in bodies]
        for request_id, (name, body) in zip(ids, bodies):
            self._out += encode_frame(KINDS[name], request_id, body)
        try:
            while self._out and not self.stopped:
                self._pump(deadline)
        except DeadlineExceeded:
            for request_id in ids:
                self._abandon(request_id)       # what is left in _out goes out with the next call
            raise
        return ids

    def wait(self, request_id: int, timeout=5.0) -> dict:
        """The answer to one request; others that come meanwhile are kept for their own wait (section 9)."""
        deadline = time.monotonic() + timeout
        if request_id not in self._in_use and request_id not in self._answers:
            raise ValueError(f"nobody waits for request {request_id}")
        try:
            while request_id not in self._answers:
                if self.dead:
                    raise self.dead
                self._pump(deadline)
        except DeadlineExceeded:
            self._abandon(request_id)
            raise (self._closing or DeadlineExceeded(f"no answer to request {request_id} in time")) from None
        result = self._answers.pop(request_id)
        if isinstance(result, ServerError):
            raise result
        return result

    def close(self, reason: Exception | None = None):
        """Closes at once. What is unanswered has an unknown outcome."""
        if not self.dead:
            self.dead = reason or ConnectionLost("closed by this client")
            self._selector.close()
            self._socket.close()

    @property
    def stopped(self) -> Exception | None:
        """Why nothing can be sent any more, if so."""
        return self.dead or self._closing

    def _fresh_id(self, name):
        """Section 6: count up from 1; skip 0 and what is in use, or answered and not yet fetched."""
        while True:
            self._last_id = (self._last_id + 1) & 0xFFFFFFFF
            if self._last_id and self._last_id not in self._in_use and self._last_id not in self._answers:
                self._in_use[self._last_id] = name
                return self._last_id

    def _abandon(self, request_id):
        """A caller gives up: the id stays in use until the answer comes and is thrown away (section 9)."""
        if self._answers.pop(request_id, None) is None:
            self._abandoned.add(request_id)

    def _pump(self, deadline):
        """Waits once for the socket; reads, and writes what waits: a client must read while it writes (section 10)."""
        self._selector.modify(self._socket, selectors.EVENT_READ | (selectors.EVENT_WRITE if self._out else 0))
        left = min(deadline, self._closes_by) - time.monotonic()
        if pending := getattr(self._socket, "pending", None):
            left = 0.000001 if pending() and left > 0 else left     # TLS has bytes that the selector does not see
        ready = self._selector.select(left) if left > 0 else []
        if pending and pending():
            ready = [(None, selectors.EVENT_READ | (ready[0][1] if ready else 0))]
        if not ready:
            if time.monotonic() >= self._closes_by:
                return self.close(self._closing)
            raise DeadlineExceeded("no answer in time")
        if ready[0][1] & selectors.EVENT_WRITE:
            try:
                del self._out[:self._socket.send(self._out)]
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
            except OSError:
                self._out.clear()               # the read side may still hold answers and the reason
        if ready[0][1] & selectors.EVENT_READ:
            try:
                data = self._socket.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                return self.close(self._closing or ConnectionLost(f"connection broken: {error}"))
            if not data:                        # a partial frame is thrown away (section 3)
                return self.close(self._closing or ConnectionLost("the server closed the connection"))
            self._in += data
            self.heard_at = time.monotonic()
            try:
                while not self.dead and (frame := scan_frame(self._in, self._limit)):
                    self._frame = bytes(self._in[:frame[4]])
                    del self._in[:frame[4]]
                    self._take(*frame[:4])
            except (Fault, ProtocolViolation) as error:
                self.close(ProtocolViolation(f"the server broke the protocol: {error}"))

    def _take(self, kind, flags, request_id, body):
        """One frame from the server, by the table at the end of section 9."""
        asked = self._in_use.get(request_id)
        if flags:
            raise ProtocolViolation(f"flags 0x{flags:02x}")
        if kind == ERROR_KIND:
            result = ServerError(decode_body("ERROR", body)[0], request_id)
            if result.closes:                   # whatever its id: send nothing more; what is unanswered was not begun
                self._closing, self._closes_by = result, time.monotonic() + 2
                return self._out.clear()
            if request_id == 0:
                return logging.getLogger("mintmark").warning("error for no request: %s", result)
        if asked is None or kind not in (KINDS[asked] | 0x80, ERROR_KIND):
            raise ProtocolViolation(f"an answer of kind 0x{kind:02x} to request {request_id}, which is {asked}")
        if kind != ERROR_KIND:
            result = decode_body(asked, body)[0]
            self._limit = result.get("frame_length_limit", self._limit)         # from HELLO
        del self._in_use[request_id]
        if request_id in self._abandoned:
            self._abandoned.remove(request_id)
        else:
            self._answers[request_id] = result

# ---------------------------------------------------------------- operations and retries: sections 12 and 13

class Client:
    """The operations of version 1. Each returns the fields of its answer, or raises.

    Repeats what section 12 allows, until `timeout` (seconds, for all tries together): connections that break,
    retryable statuses, tries without an answer. Every request here may be repeated: OPEN because it always has an
    attempt_id. Optional fields are keywords with the names of section 13; `claims` may be a dict.
    """
    TRY_SECONDS = 2.0       # rule 3: one try is short, so that several fit into the grace window
    WINDOW_SECONDS = 10.0   # the grace window; a server's policy may set another one
    LAST_TRY_SECONDS = 0.8 * WINDOW_SECONDS     # rule 3: what is sent later may come too late

    def __init__(self, address, timeout=10.0, **options):
        self.address, self.timeout, self.options, self._connection = address, timeout, options, None

    def connection(self, timeout=5.0) -> Connection:
        """The open connection, or a new one. Use it for pipelining; nothing is repeated there."""
        if self._connection is None or self._connection.stopped:
            self.close()
            self._connection = Connection(self.address, timeout, **self.options)
        return self._connection

    def close(self):
        if self._connection:
            self._connection.close()
        self._connection = None

    def call(self, name: str, timeout=None, longest_pause=5.0, at_once=False, try_seconds=TRY_SECONDS,
             **fields) -> dict:
        """Section 12: 50 ms, doubling, with jitter. `at_once` leaves the first pause out behind a connection that was
        lost or closed, or a try without an answer in time (rule 3)."""
        deadline, pause = time.monotonic() + (self.timeout if timeout is None else timeout), 0.05
        if isinstance(fields.get("claims"), dict):
            fields["claims"] = json.dumps(fields["claims"], separators=(",", ":"), allow_nan=False)
        while True:
            begun = time.monotonic()
            try_deadline = min(deadline, begun + try_seconds)
            try:
                connection = self.connection(try_deadline - time.monotonic())
                return connection.call(name, try_deadline - time.monotonic(), **fields)
            except ServerError as error:
                if not error.retryable:
                    raise
                failure = error
            except (ConnectionLost, DeadlineExceeded, OSError) as error:
                if self._connection is None or self._connection.heard_at < begun:
                    self.close()        # not a sign of life during the whole try (section 9)
                failure = error
            if at_once and getattr(failure, "closes", True):        # all but errors that leave the connection open
                delay, at_once = 0, False
            else:
                delay, pause = pause * random.uniform(0.5, 1), min(2 * pause, longest_pause)
            delay = max(delay, (getattr(failure, "retry_after", None) or 0) / 1000)     # section 12
            if time.monotonic() + delay >= deadline:
                raise failure
            time.sleep(delay)

    def ping(self, **options): return self.call("PING", **options)
    def keys(self, **options): return self.call("KEYS", **options)
    def stats(self, **options): return self.call("STATS", **options)
    def revoke(self, **one_of): return self.call("REVOKE", **one_of)
    def force_rotation(self, **one_of): return self.call("FORCE_ROTATION", **one_of)

    def snapshot(self, timeout=60.0):
        """Returns when the snapshot is durable. One try has all the time: writing takes as long as the disk needs."""
        return self.call("SNAPSHOT", timeout, try_seconds=timeout)

    def key_list(self, **options): return self.call("KEY_LIST", **options)
    def key_revoke(self, key_id, **options): return self.call("KEY_REVOKE", key_id=key_id, **options)
    def key_import(self, key_file, **options): return self.call("KEY_IMPORT", key_file=key_file, **options)

    def key_prepare(self, timeout=None):
        """Section 12: never repeated, since every one makes a key."""
        return self.connection().call("KEY_PREPARE", self.timeout if timeout is None else timeout)

    def key_activate(self, key_id, **options): return self.call("KEY_ACTIVATE", key_id=key_id, **options)

    def sign(self, subject, audience, **options):
        return self.call("SIGN", subject=subject, audience=audience, **options)

    def introspect(self, refresh_token, **options):
        return self.call("INTROSPECT", refresh_token=refresh_token, **options)

    def verify(self, access_token, **options):
        """A refused token is an answer: `active` False and `reason`. Give expected_audience or any_audience=True."""
        return self.call("VERIFY", access_token=access_token, **options)

    def open(self, subject, audience, attempt_id=None, timeout=None, **options):
        """Section 12: every try has the same attempt_id, and none comes later than the server remembers it."""
        timeout = min(self.timeout if timeout is None else timeout, LIMITS["attempt_memory_seconds"]["ceiling"])
        return self.call("OPEN", timeout, subject=subject, audience=audience, attempt_id=attempt_id or os.urandom(16),
                         **options)

    def refresh(self, refresh_token, timeout=None, **options):
        """Rule 3: the same token and context again, with pauses short enough for the window."""
        timeout = min(self.timeout if timeout is None else timeout, self.LAST_TRY_SECONDS)
        return self.call("REFRESH", timeout, longest_pause=1.0, at_once=True, refresh_token=refresh_token, **options)

class Session:
    """A login, kept by the rules of sessions.md. `store(session)` must put the tokens away safely before it returns.

    To log out, client.revoke(refresh_token=session.refresh_token) (rule 10).
    """

    def __init__(self, client: Client, subject, audience, store=lambda session: None, context=None, **options):
        self.client, self.store, self.context, self.generation = client, store, context, 0
        self._asked_at = None       # when the token was sent first, while no answer has told what became of it
        self._keep(client.open(subject, audience, context=context, **options))

    def _keep(self, answer):
        """Rules 1, 2 and 5: take the tokens of every answer and store them, but never go back a generation."""
        if answer.get("generation", 0) >= self.generation:
            self.generation = answer.get("generation", 0)
            self.access_token, self.refresh_token = answer.get("access_token"), answer.get("refresh_token")
            self.store(self)

    def refresh(self, **options) -> bytes:
        """A fresh access token. After a failure call it again, with the same token (rule 3), while there is one."""
        if self.refresh_token is None:
            raise MintmarkError("the session has ended: log in again")
        self._asked_at = self._asked_at or time.monotonic()
        left = self._asked_at + self.client.LAST_TRY_SECONDS - time.monotonic()
        if left <= 0:               # the window may be over: rule 3 asks first (nobody else has this session)
            found, left = self.client.introspect(self.refresh_token), self.client.TRY_SECONDS
            if STATUSES.get(found.get("reason"), {}).get("name") == "REUSED":
                raise MintmarkError("the token was replaced and its successor is lost: see rule 8")
        options["timeout"] = min(left, options.get("timeout", self.client.timeout))
        try:
            self._keep(self.client.refresh(self.refresh_token, context=self.context, **options))
            self._asked_at = None
        except ServerError as error:
            if not error.retryable:
                self._asked_at = None
            if error.name in ("INVALID", "UNKNOWN", "REVOKED", "EXPIRED", "REUSED"):        # rule 7
                self._keep({"generation": self.generation})
            raise
        return self.access_token
