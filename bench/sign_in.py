#!/usr/bin/env python3
"""Measures sign-ups and sign-ins beside other local Cognito servers, and fails where starting takes twice the aim.

    cargo build --release --bin poolform
    cargo build --release -p poolform-emulator --example load
    pip install 'moto[server]==5.2.5'; npm install cognito-local@5.3.0
    POOLFORM_MOTO=…/bin/moto_server POOLFORM_COGNITO_LOCAL=…/node_modules/.bin/cognito-local python3 bench/sign_in.py

Prints Markdown: time to the first answer and memory then; sign-ups and USER_PASSWORD_AUTH sign-ins a second at 1 and 32
connections, p50 and p99 of what was answered, in a pool of 200 users and in one of 100,000 more. SRP is reported for poolform alone: its
clients do arithmetic too, here on the same machine. poolform keeps its users on disk, moto in memory, cognito-local in a
file. The 100,000 are made by whatever is fastest: signed up over HTTP for poolform, put into moto's memory by a script in
moto's own process, written into cognito-local's file. Servers that are not there are left out. Only loopback is used,
and only the standard library.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = TARGET / "release/poolform"
LOAD = TARGET / "release/examples/load"
MOTO = os.environ.get("POOLFORM_MOTO") or shutil.which("moto_server")
COGNITO_LOCAL = os.environ.get("POOLFORM_COGNITO_LOCAL") or shutil.which("cognito-local")
# Users who sign in.
USERS = 200
# (seconds, MB): start and idle memory.
AIM = (0.050, 20)
AIM_RATIO = 10
# Seconds that making users may take.
PATIENCE = 600

MOTO_WITH_USERS = """
import sys
from moto.cognitoidp.models import CognitoIdpUser, cognitoidp_backends
from moto.server import main
port, count = sys.argv[1:]
pool = cognitoidp_backends["123456789012"]["us-east-1"].create_user_pool("bench", {"UsernameAttributes": ["email"]})
for number in range(int(count)):
    attributes = [{"Name": "email", "Value": f"other{number}@orders.example"}]
    user = CognitoIdpUser(pool.id, None, "Secret-pass-1", "CONFIRMED", attributes)
    pool.users[user.username] = user
main(["-p", port])
"""


def call(port, operation, body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/",
        data=json.dumps(body).encode(),
        headers={
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"AWSCognitoIdentityProviderService.{operation}",
            "authorization": "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/cognito-idp/aws4_request, "
            "SignedHeaders=host, Signature=0",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"{}")


class Server:
    """A local Cognito in a folder of its own, started anew."""

    def __init__(self, name, command, folder, environment=None):
        self.name, self.command, self.folder, self.environment = name, command, folder, environment or {}

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        fill = lambda text: text.format(port=self.port)
        self.log = open(pathlib.Path(self.folder) / "log", "w")
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [fill(part) for part in self.command],
            cwd=self.folder, env={**os.environ, **{name: fill(value) for name, value in self.environment.items()}},
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
        )
        while True:
            try:
                call(self.port, "ListUserPools", {"MaxResults": 1})
                break
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - started > PATIENCE:
                    sys.exit(f"{self.name} did not start: {pathlib.Path(self.log.name).read_text()[-2000:]}")
                time.sleep(0.001)
        self.start = time.perf_counter() - started
        time.sleep(1)
        self.idle = self.memory()
        return self

    def memory(self):
        """Resident MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()

    def furnish(self):
        """A pool whose users sign in by e-mail address, and a client."""
        pools = call(self.port, "ListUserPools", {"MaxResults": 1})["UserPools"]
        settings = {"PoolName": "bench", "UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"]}
        self.pool = pools[0]["Id"] if pools else call(self.port, "CreateUserPool", settings)["UserPool"]["Id"]
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        body = {"UserPoolId": self.pool, "ClientName": "bench", "ExplicitAuthFlows": flows}
        self.client = call(self.port, "CreateUserPoolClient", body)["UserPoolClient"]["ClientId"]
        self.next = 1_000_000
        # One at a time: not every server takes more.
        self.load("seed", 1, PATIENCE, 0, USERS)

    def load(self, kind, connections, seconds, first, users):
        arguments = [self.port, kind, connections, seconds, self.pool, self.client, first, users]
        # A request that was sent is waited for: a minute at most.
        done = subprocess.run([LOAD, *map(str, arguments)], capture_output=True, text=True, timeout=seconds + 300)
        if done.returncode != 0:
            sys.exit(f"{self.name}: {done.stderr}")
        found = json.loads(done.stdout)
        if found["refused"]:
            print(f"{self.name}, {kind} at {connections}: {found['failed']} failed: {found['refused']}", file=sys.stderr)
        return found


def measured(server, kind, connections, seconds):
    first = server.next if kind == "sign-up" else 0
    found = server.load(kind, connections, seconds, first, USERS)
    server.next = max(server.next, found["next"])
    return found


def shown(found):
    rate = found["count"] / found["seconds"]
    number = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
    failed = f", {found['failed']} failed" if found["failed"] else ""
    return f"{number}/s, {found['p50']:.1f} and {found['p99']:.1f} ms{failed}"


def servers(folder):
    yield Server("poolform", [str(PROGRAM), "serve", "-port", "{port}"], folder / "poolform")
    if MOTO:
        yield Server("moto", [MOTO, "-p", "{port}"], folder / "moto")
    if COGNITO_LOCAL:
        yield Server("cognito-local", [COGNITO_LOCAL], folder / "cognito-local", {"PORT": "{port}"})


def crowd(server, count):
    """The same server with so many users more, and how they got there."""
    folder = pathlib.Path(server.folder)
    if server.name == "moto":
        script = folder / "users.py"
        script.write_text(MOTO_WITH_USERS)
        python = pathlib.Path(MOTO).with_name("python")
        return Server("moto", [str(python), str(script), "{port}", str(count)], folder)
    if server.name == "cognito-local":
        file = next((folder / ".cognito/db").glob("local_*.json"))
        kept = json.loads(file.read_text())
        name, model = next(iter(kept["Users"].items()))
        for number in range(count):
            address = f"other{number}@orders.example"
            attributes = [
                {"Name": "sub", "Value": f"other{number}"}, {"Name": "email", "Value": address}
            ]
            kept["Users"][f"other{number}"] = {**model, "Attributes": attributes, "Username": f"other{number}"}
        file.write_text(json.dumps(kept, indent=2))
    return server


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-users", type=int, default=100_000, help="of the crowded pool")
    parser.add_argument("-seconds", type=float, default=5, help="for which each load lasts")
    given = parser.parse_args()
    for program in (PROGRAM, LOAD):
        if not program.exists():
            sys.exit(f"{program} is not there: see the first lines of {__file__}")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB; ", end="")
    print(f"load before: {os.getloadavg()[0]:.1f}\n")
    found, starts = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for server in servers(pathlib.Path(folder)):
            pathlib.Path(server.folder).mkdir()
            runs = []
            for _ in range(5):
                with server:
                    runs.append((server.start, server.idle))
            starts[server.name] = (sorted(start for start, _ in runs)[2], max(idle for _, idle in runs))
            for crowded in (0, given.users):
                if crowded:
                    before = time.perf_counter()
                    server = crowd(server, crowded)
                with server:
                    if not crowded:
                        server.furnish()
                        identity = server.pool, server.client
                    elif server.name == "moto":
                        server.furnish()
                    else:
                        server.pool, server.client = identity
                        server.next = 2_000_000
                    if crowded and server.name == "poolform":
                        server.load("seed", 8, PATIENCE, 3_000_000, 3_000_000 + crowded)
                    if crowded:
                        print(f"{server.name}: {crowded} users in {time.perf_counter() - before:.0f} s", file=sys.stderr)
                    kinds = ["sign-up", "sign-in"] + (["srp"] if server.name == "poolform" else [])
                    for kind in kinds:
                        for connections in (1, 32):
                            key = (crowded, kind, connections)
                            found.setdefault(key, {})[server.name] = measured(server, kind, connections, given.seconds)
                            print(server.name, *key, shown(found[key][server.name]), file=sys.stderr, flush=True)
    names = list(starts)
    print("| | " + " | ".join(names) + " | of the better |\n| --- | " + "--- | " * len(names) + "---: |")
    print("| first answer | " + " | ".join(f"{start * 1000:.0f} ms" for start, _ in starts.values()) + " | |")
    print("| memory then | " + " | ".join(f"{idle:.0f} MB" for _, idle in starts.values()) + " | |")
    rate = lambda one: one["count"] / one["seconds"]
    ratios = []
    for (crowded, kind, connections), row in found.items():
        others = [rate(row[name]) for name in names[1:] if name in row]
        ratio = rate(row["poolform"]) / max(others) if others and max(others) else None
        if ratio:
            ratios.append(ratio)
        title = f"{kind}, {USERS + crowded:,} users, {connections} connection{'s' if connections > 1 else ''}"
        cells = [shown(row[name]) if name in row else "" for name in names]
        print(f"| {title} | " + " | ".join(cells) + f" | {f'{ratio:.1f} times' if ratio else ''} |")
    start, idle = starts["poolform"]
    factor = max(start / AIM[0], idle / AIM[1])
    print(f"\nAims: start in {AIM[0] * 1000:.0f} ms and {AIM[1]} MB: ", end="")
    print("met." if factor <= 1 else f"missed, {factor:.1f} times the aim.", end=" ")
    if ratios:
        print(f"{AIM_RATIO} times the better of the others: {sum(one >= AIM_RATIO for one in ratios)} of {len(ratios)} rows.")
    print("Times are medians of 5 starts, memory the most of them; rates with p50 and p99.")
    sys.exit(1 if factor > 2 else 0)


if __name__ == "__main__":
    main()
