"""Runs ../vectors/*.json against the codec of mintmark_client.py. Exit code 0 only if every case passes.

Message files and frames.json are run in full; of auth-transcript.json the transcripts (Python's library has no
Ed25519 for the signatures). The other files are for servers and are left out.
"""
import collections, json, pathlib, sys
import mintmark_client as mm

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
passed, failed = collections.Counter(), []


def raw(value) -> bytes:
    """Bytes as vectors/README.md writes them: hex, or a list of hex and [byte, count]."""
    parts = [value] if isinstance(value, str) else value
    return b"".join(bytes.fromhex(p) if isinstance(p, str) else bytes.fromhex(p[0]) * p[1] for p in parts)


def from_json(name: str, value):
    """A field's JSON value as the codec has it."""
    kind = mm.FIELDS[name]["type"]
    if kind == "list of counter":
        return [(counter["name"], int(counter["value"])) for counter in value]
    if kind == "list of key":
        return [key_from_json(key) for key in value]
    return int(value) if kind == "u64" else raw(value) if kind == "bytes" else value


def key_from_json(key: dict) -> dict:
    numbers = {name: int(key[name]) for name in mm.KEY_MEMBERS if name.endswith("_at")}
    return dict(key, public_key=bytes.fromhex(key["public_key"]), **numbers)


def expect(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {str(got)[:200]}, expected {str(wanted)[:200]}")


def check_message(message: str, case: dict, answer: bool):
    """One case of a message file: decode it; if it is good, encode it too."""
    data, limit = raw(case["frame"]), mm.LIMITS["frame_length_max"]["ceiling"]
    kind, flags, request_id, body, used = mm.scan_frame(data, limit)
    number = mm.ERROR_KIND if message == "ERROR" else mm.KINDS[message] | answer * 0x80
    expect((kind, flags, request_id, used), (number, 0, case["request_id"], len(data)))
    if "error" in case:
        error = case["error"]
        try:
            mm.decode_body(message, body, answer)
        except mm.Fault as fault:
            # HELLO and AUTH hide the walk's fault behind a status of their own
            return expect((fault.name, fault.field), (error.get("fault", error["status"]), error["field"]))
        raise AssertionError(f"no fault found, expected {error}")
    fields = {name: from_json(name, value) for name, value in case["fields"].items()}
    expect(mm.decode_body(message, body, answer), (fields, case.get("skipped", [])))
    if not case.get("decode_only"):
        expect(mm.encode_frame(kind, request_id, mm.encode_body(message, fields, answer)), data)


def check_scan(case: dict):
    try:
        frame = mm.scan_frame(raw(case["bytes"]), case["frame_length_max"])
    except mm.Fault as fault:
        return expect((case["outcome"], fault.name), ("invalid", case.get("status")))
    if frame is None:
        return expect(case["outcome"], "incomplete")
    expect(("frame", *frame), (case["outcome"], case["kind"], case["flags"], case["request_id"],
                               raw(case["body"]), case["used"]))


def judge(state: str, data: bytes) -> tuple:
    """What a server of this specification says to the first frame in `data`: (status, field, request id)."""
    length, kind = int.from_bytes(data[:4], "big"), data[4] if len(data) > 4 else None
    if state == "awaiting_hello" and 6 <= length <= 65536 and kind is not None:     # section 3: from five bytes
        if kind != mm.KINDS["HELLO"] or length > mm.LIMITS["hello_length_max"]["ceiling"]:
            return "HELLO_EXPECTED", None, 0
    try:
        kind, flags, request_id, body, _ = mm.scan_frame(data, 65536)
    except mm.Fault as fault:
        return fault.name, None, 0
    if request_id == 0:
        return "REQUEST_ID_ZERO", None, 0
    name = {number: name for name, number in mm.KINDS.items()}.get(kind)
    if name == "HELLO" and state != "awaiting_hello":
        return "HELLO_REPEATED", None, request_id
    if name != "AUTH" and state == "awaiting_auth":
        return "AUTH_REQUIRED", None, request_id
    if name == "AUTH" and state == "serving":
        return "AUTH_NOT_OWED", None, request_id
    own = {"HELLO": "HELLO_INVALID", "AUTH": "AUTH_FAILED"}.get(name)
    if flags:
        return own or "FLAGS_UNSUPPORTED", None, request_id
    if name is None:
        return "KIND_UNKNOWN", None, request_id
    try:
        fields, _ = mm.decode_body(name, body, answer=False)
    except mm.Fault as fault:
        return own or fault.name, fault.field, request_id
    if name == "HELLO" and not fields["lowest_version"] <= 1 <= fields["highest_version"]:
        return "VERSION_UNSUPPORTED", None, request_id
    return ("AUTH_FAILED" if name == "AUTH" else None), None, request_id    # no signature here is a good one


def check_judged(case: dict):
    error = case["error"]
    expect(judge(case["state"], raw(case["frame"])), (error["status"], error.get("field"), error["request_id"]))
    expect(mm.STATUSES[next(n for n, s in mm.STATUSES.items() if s["name"] == error["status"])]["closes"],
           error["closes"])


def judge_stream(data: bytes, owes_authentication: bool) -> tuple:
    """What a server answers to the first bytes of a connection, read at once: ([(request id, status)], closes)."""
    answers, state, number, limit = [], "awaiting_hello", -1, 65536
    while data:
        try:
            if (frame := mm.scan_frame(data, limit)) is None:
                break
        except mm.Fault as fault:
            return answers + [(0, fault.name)], True
        _, _, request_id, body, used = frame
        status, _, answer_id = judge(state, data)
        number += 1
        if number == 0 and status in (None, "VERSION_UNSUPPORTED"):     # section 7: one version, or nothing behind HELLO
            hello, _ = mm.decode_body("HELLO", body, answer=False)
            if len(data) > used and hello["lowest_version"] != hello["highest_version"]:
                status, answer_id = "PIPELINE_TOO_EARLY", 0
        is_beyond = number > mm.LIMITS["hello_pipeline_requests_max"]["default"]
        is_long = number > 0 and used - 4 > mm.LIMITS["hello_pipeline_length_max"]["default"]
        if (is_beyond or is_long) and state == "serving" and status not in ("REQUEST_ID_ZERO", "HELLO_REPEATED"):
            status, answer_id = "PIPELINE_TOO_EARLY", 0
        answers.append((answer_id if status else request_id, status))
        if status and next(s for s in mm.STATUSES.values() if s["name"] == status)["closes"]:
            return answers, True
        state, data = "awaiting_auth" if owes_authentication else "serving", data[used:]
        if owes_authentication:
            limit = 16384 - used - 4    # section 8: HELLO and the length fields included
    return answers, False


def check_stream(case: dict):
    wanted = [(answer["request_id"], answer.get("status")) for answer in case["answers"]]
    expect(judge_stream(raw(case["bytes"]), case["owes_authentication"]), (wanted, case["closes"]))


def check_transcript(case: dict):
    """Section 8."""
    parts = (bytes.fromhex(case[name]) for name in ("binding", "hello", "hello_answer"))
    expect(mm.transcript(case["binding_kind"], *parts, case["client_id"]).hex(), case["transcript"])


def run(group: str, cases: list, check, *arguments):
    for case in cases:
        try:
            check(*arguments[:1], case, *arguments[1:])
            passed[group] += 1
        except Exception as error:
            failed.append(f"{group}: {case['name']}: {type(error).__name__}: {error}")


for path in sorted(VECTORS.glob("*.json")):
    content = json.loads(path.read_text("utf-8"))
    if "message" in content:
        run(f"{path.name} requests", content.get("requests", []), check_message, content["message"], False)
        run(f"{path.name} answers", content["answers"], check_message, content["message"], True)
    elif path.name == "frames.json":
        run("frames.json scans", content["scans"], check_scan)
        run("frames.json requests", content["requests"], check_judged)
        run("frames.json streams", content["streams"], check_stream)
    elif path.name == "auth-transcript.json":
        run("auth-transcript.json", content["cases"], check_transcript)
    else:
        print(f"{path.name}: left out, for servers")

for group, count in sorted(passed.items()):
    print(f"{group}: {count} passed")
for line in failed:
    print("FAILED", line)
print(f"{sum(passed.values())} passed, {len(failed)} failed")
sys.exit(1 if failed or not passed else 0)
