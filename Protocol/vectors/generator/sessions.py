"""sessions.json: what REFRESH and its neighbours answer, one after the other, on a clock that the script sets.

The answers come from `Server`, a model of sessions.md and nothing else: it makes no tokens and keeps no files.
"""

from . import rendering

DAY = 86_400
ATTEMPT_MEMORY_SECONDS = 60
ADMINISTRATOR = "admin"
TAG_ACCESS_TOKEN_TTL, TAG_ATTEMPT_ID = 0x18, 0x25
ROTATED, SAME_SUCCESSOR, UNCHANGED = 1, 2, 3
POLICY = {
    "rotation": "always",
    "grace_window_ms": 10_000,
    "grace_uses": 16,
    "grace_streak": None,
    "access_token_ttl": 300,
    "idle": 30 * DAY,
    "absolute": 365 * DAY,
    "context": "ignore",
}


class Refused(Exception):
    def __init__(self, status, **members):
        super().__init__(status)
        self.error = {"status": status} | members


class Session:
    def __init__(self, name, client, fields, policy, at_ms):
        self.name, self.client, self.policy = name, client, policy
        self.subject, self.audience = fields["subject"], fields["audience"]
        self.scope, self.context = fields.get("scope"), fields.get("context")
        self.generation = self.grace_uses = self.streak = 0
        self.rotated_ms = at_ms
        self.absolute_expiry = at_ms // 1000 + policy["absolute"]
        self.idle_expiry = at_ms // 1000 + policy["idle"]
        self.revoked = False
        self.mark = None  # a forced rotation: the first generation that began after it, once there is one

    def token(self):
        return f"${self.name}{self.generation}"

    def expiry(self):
        return min(self.idle_expiry, self.absolute_expiry)

    def force(self):
        self.mark = self.generation + 1

    def rotate(self, at_ms, context):
        if self.mark is not None and self.mark <= self.generation and self.grace_uses == 0:
            self.mark = None
        self.streak = self.streak + 1 if self.grace_uses else 0
        self.generation, self.grace_uses, self.rotated_ms = self.generation + 1, 0, at_ms
        self.idle_expiry = at_ms // 1000 + self.policy["idle"]
        if self.policy["context"] != "ignore":
            self.context = context

    def is_due(self, at_ms, context):
        if self.mark is not None or self.policy["context"] == "rotate" and context != self.context:
            return True
        rotation = self.policy["rotation"]
        if isinstance(rotation, dict):
            return at_ms - self.rotated_ms >= rotation["after"] * 1000
        return rotation == "always"


class Server:
    """Sessions of one policy, on a clock in milliseconds."""

    def __init__(self, policy):
        self.policy, self.sessions, self.attempts = POLICY | policy, [], {}

    def handle(self, at_ms, caller, kind, fields):
        return getattr(self, kind.lower())(at_ms, caller, fields)

    def find(self, token):
        session = next((s for s in self.sessions if s.name == token[1]), None)
        if session is None:
            raise Refused("INVALID")
        return session, int(token[2:])

    def open(self, at_ms, caller, fields):
        attempt = fields.get("attempt_id")
        known = self.attempts.get((caller, attempt))
        if attempt and known and at_ms - known[1] < ATTEMPT_MEMORY_SECONDS * 1000:
            session = known[0]
            if session.subject != fields["subject"]:
                raise Refused("FIELD_CONFLICT", field=TAG_ATTEMPT_ID)
            self.alive(session, at_ms)
        else:
            session = Session(chr(ord("a") + len(self.sessions)), caller, fields, self.policy, at_ms)
            self.sessions.append(session)
            if attempt:
                self.attempts[caller, attempt] = session, at_ms
        return {"refresh_token": session.token()} | self.expiries(session, at_ms)

    @staticmethod
    def alive(session, at_ms):
        if session.revoked:
            raise Refused("REVOKED")
        if at_ms // 1000 >= session.expiry():
            raise Refused("EXPIRED")

    @staticmethod
    def expiries(session, at_ms):
        now = at_ms // 1000
        return {
            "refresh_expires_in": session.expiry() - now,
            "session_expires_in": session.absolute_expiry - now,
        }

    def judge(self, at_ms, caller, token, context):
        """Steps 1 to 6: the session, the token's generation, what REFRESH would do."""
        session, generation = self.find(token)
        if session.revoked:
            raise Refused("REVOKED")
        if session.client != caller:
            raise Refused("CLIENT_MISMATCH")
        self.alive(session, at_ms)
        if generation == session.generation:
            return session, generation, ROTATED if session.is_due(at_ms, context) else UNCHANGED
        if generation < session.generation - 1:
            raise Refused("REUSED", reuse_class=2)
        is_open = at_ms - session.rotated_ms < self.policy["grace_window_ms"]
        streak = self.policy["grace_streak"]
        if not is_open or streak is not None and session.streak >= streak:
            raise Refused("REUSED", reuse_class=1)
        if session.grace_uses >= self.policy["grace_uses"]:
            raise Refused("GRACE_EXHAUSTED")
        if self.policy["context"] != "ignore" and context != session.context:
            raise Refused("CONTEXT_MISMATCH")
        return session, generation, SAME_SUCCESSOR

    def refresh(self, at_ms, caller, fields):
        context = fields.get("context")
        try:
            session, generation, outcome = self.judge(at_ms, caller, fields["refresh_token"], context)
        except Refused as refusal:
            if refusal.error["status"] == "REUSED":
                self.find(fields["refresh_token"])[0].revoked = True
            raise
        asked, own = set((fields.get("scope") or "").split()), set((session.scope or "").split())
        if not asked <= own or not set(fields.get("audience", [])) <= set(session.audience):
            raise Refused("SCOPE_EXCEEDED")
        if self.policy["context"] == "refuse" and context != session.context:
            raise Refused("CONTEXT_MISMATCH")
        if fields.get("access_token_ttl", 0) > self.policy["access_token_ttl"]:
            raise Refused("TTL_TOO_LONG", field=TAG_ACCESS_TOKEN_TTL)
        if outcome == ROTATED:
            session.rotate(at_ms, context)
        elif outcome == SAME_SUCCESSOR:
            session.grace_uses += 1
        else:
            extended = at_ms // 1000 + self.policy["idle"]
            if extended >= session.idle_expiry + max(1, self.policy["idle"] // 16):
                session.idle_expiry = extended
        answer = {"refresh_token": session.token(), "refresh_outcome": outcome, "generation": session.generation}
        return answer | self.expiries(session, at_ms)

    def introspect(self, at_ms, caller, fields):
        try:
            session, generation = self.find(fields["refresh_token"])
            own = session.context
            session, generation, outcome = self.judge(at_ms, caller, fields["refresh_token"], own)
        except Refused as refusal:
            return {"active": False, "reason": refusal.error["status"]}
        answer = {"active": True, "refresh_outcome": outcome, "generation": generation}
        return answer | self.expiries(session, at_ms)

    def revoke(self, at_ms, caller, fields):
        if "refresh_token" in fields:
            session, _ = self.find(fields["refresh_token"])
            if caller not in (session.client, ADMINISTRATOR):
                raise Refused("CLIENT_MISMATCH")
            session.revoked = True
        for session in self.sessions:
            session.revoked |= session.subject == fields.get("subject")
        return {}

    def force_rotation(self, at_ms, caller, fields):
        for session in self.sessions:
            if session.subject == fields["subject"]:
                session.force()
        return {}


def script(name, steps, **policy):
    """Steps are (milliseconds, request kind, fields) or, with another caller than web, have it in front of the kind."""
    server, lines = Server(policy), []
    for at_ms, *caller, kind, fields in steps:
        line = {"at": at_ms, "caller": caller[0] if caller else "web", "request": kind, "fields": fields}
        try:
            line["answer"] = server.handle(at_ms, line["caller"], kind, fields)
        except Refused as refusal:
            line["error"] = refusal.error
        lines.append(line)
    return {"name": name, "policy": server.policy, "steps": lines}


def opened(at_ms=0, **fields):
    return (at_ms, "OPEN", {"subject": "alice", "audience": ["api", "files"]} | fields)


def refresh(at_ms, token, **fields):
    return (at_ms, "REFRESH", {"refresh_token": token} | fields)


def introspect(at_ms, token):
    return (at_ms, "INTROSPECT", {"refresh_token": token})


def grace_scripts():
    return [
        script("each use rotates", [opened(), refresh(1_000, "$a0"), refresh(2_000, "$a1"), refresh(60_000, "$a2")]),
        script(
            "a retry gets the same successor, and extends nothing",
            [opened(), refresh(1_000, "$a0"), refresh(5_000, "$a0"), refresh(10_999, "$a0"), refresh(20_000, "$a1")],
        ),
        script(
            "the window ends, and a retry behind it ends the session for everybody",
            [
                opened(),
                refresh(1_000, "$a0"),
                introspect(10_999, "$a0"),
                introspect(11_000, "$a0"),
                refresh(11_000, "$a0"),
                refresh(11_000, "$a1"),
                introspect(11_000, "$a1"),
            ],
        ),
        script(
            "two generations back is reuse, also inside the window",
            [opened(), refresh(1_000, "$a0"), refresh(2_000, "$a1"), refresh(3_000, "$a0"), refresh(3_000, "$a2")],
        ),
        script(
            "so many uses, and no more",
            [opened(), refresh(0, "$a0")]
            + [refresh(1_000, "$a0") for _ in range(3)]
            + [introspect(1_000, "$a0"), refresh(1_000, "$a1")],
            grace_uses=2,
        ),
        script(
            "no window at all",
            [opened(), refresh(0, "$a0"), refresh(0, "$a0"), refresh(0, "$a1")],
            grace_window_ms=0,
        ),
        script(
            "a streak that is used up: the next generation has no window",
            [
                opened(),
                refresh(0, "$a0"),
                refresh(1_000, "$a0"),
                refresh(2_000, "$a1"),
                refresh(3_000, "$a1"),
                refresh(4_000, "$a2"),
                refresh(5_000, "$a2"),
            ],
            grace_streak=2,
        ),
        script(
            "a generation without a retry begins the streak anew",
            [
                opened(),
                refresh(0, "$a0"),
                refresh(1_000, "$a0"),
                refresh(2_000, "$a1"),
                refresh(30_000, "$a2"),
                refresh(31_000, "$a2"),
            ],
            grace_streak=1,
        ),
    ]


def rotation_scripts():
    forced = (1_000, ADMINISTRATOR, "FORCE_ROTATION", {"subject": "alice"})
    return [
        script(
            "periodic rotation, by the age of the token",
            [opened(), refresh(59_999, "$a0"), refresh(60_000, "$a0"), refresh(119_999, "$a1"), refresh(120_000, "$a1")],
            rotation={"after": 60},
        ),
        script(
            "without rotation the idle expiry moves when a sixteenth has passed",
            [opened(), refresh(99_000, "$a0"), refresh(100_000, "$a0"), refresh(101_000, "$a0")],
            rotation="never",
            idle=1_600,
        ),
        script(
            "a forced rotation rotates twice",
            [opened(), refresh(500, "$a0"), forced]
            + [refresh(at, token) for at, token in ((2_000, "$a0"), (30_000, "$a1"), (60_000, "$a2"))],
            rotation="never",
        ),
        script(
            "a forced rotation lasts while retries use the window",
            [opened(), forced, refresh(2_000, "$a0"), refresh(3_000, "$a0"), refresh(30_000, "$a1")]
            + [refresh(60_000, "$a2"), refresh(90_000, "$a3")],
            rotation="never",
        ),
        script(
            "idle expiry",
            [opened(), refresh(59_000, "$a0"), introspect(118_000, "$a1"), introspect(119_000, "$a1"), refresh(119_000, "$a1")],
            idle=60,
        ),
        script(
            "absolute expiry, which nothing extends",
            [opened(), refresh(50_000, "$a0"), refresh(99_000, "$a1"), refresh(100_000, "$a2"), refresh(100_000, "$a0")],
            absolute=100,
            idle=80,
        ),
    ]


def caller_scripts():
    attempt = "0102030405060708090a0b0c0d0e0f10"
    mismatches = [
        (1_000, "job", "REFRESH", {"refresh_token": "$a0"}),
        (1_000, "job", "INTROSPECT", {"refresh_token": "$a0"}),
        (1_000, "job", "REVOKE", {"refresh_token": "$a0"}),
    ]
    return [
        script("a token is of no use to another client", [opened(), *mismatches, refresh(2_000, "$a0")]),
        script(
            "revocation by any token of the session",
            [opened(), refresh(0, "$a0"), refresh(0, "$a1"), (1_000, "REVOKE", {"refresh_token": "$a0"})]
            + [refresh(1_000, "$a2"), refresh(1_000, "$a0"), (1_000, "REVOKE", {"refresh_token": "$a0"})],
        ),
        script(
            "an administrator ends any client's session by its refresh token, and does nothing else with it",
            [
                opened(),
                (1_000, ADMINISTRATOR, "REFRESH", {"refresh_token": "$a0"}),
                (1_000, ADMINISTRATOR, "INTROSPECT", {"refresh_token": "$a0"}),
                (1_000, ADMINISTRATOR, "REVOKE", {"refresh_token": "$a0"}),
                refresh(2_000, "$a0"),
            ],
        ),
        script(
            "revocation of a subject ends what exists, and nothing that is opened later",
            [opened(), opened(0, subject="bob"), (1_000, ADMINISTRATOR, "REVOKE", {"subject": "alice"})]
            + [opened(1_000), refresh(1_000, "$a0"), refresh(1_000, "$b0"), refresh(1_000, "$c0")],
        ),
        script(
            "a repeated OPEN opens no session",
            [
                opened(0, attempt_id=attempt),
                refresh(1_000, "$a0"),
                opened(59_999, attempt_id=attempt),
                opened(59_999, attempt_id=attempt, subject="bob"),
                opened(60_000, attempt_id=attempt),
            ],
        ),
        script(
            "narrower, never wider; and what is refused uses nothing up",
            [
                opened(scope="read write"),
                refresh(1_000, "$a0", scope="read admin"),
                refresh(1_000, "$a0", audience=["mail"]),
                refresh(1_000, "$a0", access_token_ttl=301),
                refresh(1_000, "$a0", scope="read", audience=["files"], access_token_ttl=300),
                refresh(2_000, "$a1", scope="write read"),
            ],
        ),
    ]


def context_scripts():
    steps = [
        opened(context="aa"),
        refresh(1_000, "$a0", context="bb"),
        refresh(1_000, "$a0"),
        refresh(2_000, "$a0", context="aa"),
    ]
    moved = [opened(context="aa"), refresh(1_000, "$a0", context="aa"), refresh(2_000, "$a0", context="bb")]
    return [
        script("context: refuse", steps + [refresh(3_000, "$a0", context="bb")], context="refuse"),
        script(
            "context: rotate",
            moved + [refresh(3_000, "$a0", context="aa"), refresh(3_000, "$a0", context="bb")],
            context="rotate",
            rotation="never",
        ),
        script("context: ignore", moved, rotation="never"),
    ]


def lines_of(script):
    """One line per step."""
    steps = ",\n".join("        " + rendering.compact(step) for step in script["steps"])
    head = f'"name": {rendering.compact(script["name"])}, "policy": {rendering.compact(script["policy"])}'
    return "    {" + head + ', "steps": [\n' + steps + "\n    ]}"


def document():
    scripts = grace_scripts() + rotation_scripts() + caller_scripts() + context_scripts()
    return '{\n  "scripts": [\n' + ",\n".join(lines_of(script) for script in scripts) + "\n  ]\n}\n"
