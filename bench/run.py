#!/usr/bin/env python3
"""Measures plan and apply, and fails at twice the aims.

    cargo build --release
    python3 bench/run.py

Prints Markdown: wall time (median), peak memory and number of requests of `plan` with nothing to do and of `apply` for
1, 40 and 1,000 clients, against the embedded Cognito in process and over HTTP, and against moto over HTTP where
moto_server is on PATH or POOLFORM_MOTO names it; then what the aims are about. Only the standard library is used.
"""

import os
import pathlib
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = TARGET / "release/poolform"
MOTO = os.environ.get("POOLFORM_MOTO") or shutil.which("moto_server")
COUNTS = [1, 40, 1000]
# moto looks through all clients on every request; a thousand of them are measured once, and no longer than this.
PATIENCE = 600
# (seconds, MB)
AIM_EXAMPLE = (0.050, 40)
AIM_THOUSAND = (2.0, 150)

DECLARATION = """
provider "aws" {
  region = "us-east-1"
}

module "pool" {
  source  = "mineiros-io/cognito-user-pool/aws"
  version = "~> 0.9.0"

  name                = "bench"
  deletion_protection = false
  clients             = [for number in range(%d) : { name = format("client-%%04d", number) }]
}
"""


class TooLong(Exception):
    pass


class Measured:
    """A command's runs, (seconds, MB) each: the median of the times, the most memory; and the requests of one run."""

    def __init__(self, runs, requests):
        self.seconds = statistics.median(seconds for seconds, _ in runs)
        self.memory = max(memory for _, memory in runs)
        self.requests = requests

    def __str__(self):
        wall = f"{self.seconds:.2f} s" if self.seconds >= 1 else f"{self.seconds * 1000:.0f} ms"
        return f"{wall}, {self.memory:.0f} MB, {self.requests} requests"


def run(folder, arguments, environment, patience=None):
    """Wall time in seconds and peak memory in MB of one command."""
    wanted = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_", "POOLFORM_"))}
    started = time.perf_counter()
    command = [PROGRAM, f"-chdir={folder}", *arguments]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, env={**wanted, **environment}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        while True:
            # No polling where nothing bounds the run: it would blur the time.
            pid, status, usage = os.wait4(process.pid, os.WNOHANG if patience else 0)
            if pid:
                break
            if time.perf_counter() - started > patience:
                process.kill()
                process.wait()
                raise TooLong
            time.sleep(0.01)
        elapsed = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{command} ended with {process.returncode}:\n{output.read().decode()}")
    return elapsed, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def counted(folder, arguments, environment, patience=None):
    """As `run`, with the number of requests."""
    log = pathlib.Path(folder) / "requests.jsonl"
    log.unlink(missing_ok=True)
    elapsed, memory = run(folder, arguments, {**environment, "POOLFORM_LOG": str(log)}, patience)
    return elapsed, memory, len(log.read_text().splitlines())


class Embedded:
    """The embedded Cognito, in process."""

    environment, options, runs, patience = {}, ["-local"], 5, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Served:
    """A Cognito behind a port, new for every use."""

    options = []

    def __init__(self, command, runs, patience=None):
        self.command, self.runs, self.patience = command, runs, patience

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.environment = {
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": f"http://127.0.0.1:{port}",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        self.server = subprocess.Popen(
            [part.format(port=port) for part in self.command],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{self.command} did not start")

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()


def measure(count, place):
    """(plan with nothing to do, apply) for so many clients; each apply begins with an empty Cognito."""
    plan, apply = ["plan", *place.options, "-detailed-exitcode"], ["apply", *place.options, "-auto-approve"]
    with tempfile.TemporaryDirectory() as folder, place:
        # The log takes time, so this run only counts, unless it is the only one.
        (pathlib.Path(folder) / "main.tf").write_text(DECLARATION % count)
        *applied, apply_requests = counted(folder, apply, place.environment, place.patience)
        *planned, plan_requests = counted(folder, plan, place.environment, place.patience)
    applies, plans = [applied], [planned]
    if place.runs:
        applies, plans = [], []
    for _ in range(place.runs):
        with tempfile.TemporaryDirectory() as folder, place:
            (pathlib.Path(folder) / "main.tf").write_text(DECLARATION % count)
            applies.append(run(folder, apply, place.environment))
            plans += [run(folder, plan, place.environment) for _ in range(3)]
    return Measured(plans, plan_requests), Measured(applies, apply_requests)


def example():
    """`plan -local` of examples/complete, before and after it is applied."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for file in (ROOT / "examples/complete").iterdir():
            if file.is_file() and not file.name.startswith("poolform.state"):
                shutil.copy(file, folder)
        for _ in range(2):
            *_, requests = counted(folder, ["plan", "-local"], {})
            found.append(Measured([run(folder, ["plan", "-local"], {}) for _ in range(15)], requests))
            run(folder, ["apply", "-local", "-auto-approve"], {})
    return found


def main():
    if not PROGRAM.exists():
        sys.exit("There is no release build: cargo build --release")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB; ", end="")
    print(f"load before: {os.getloadavg()[0]:.1f}\n")
    print("| Clients | Command | Embedded, in process | Embedded, over HTTP | moto, over HTTP | HTTP : moto |")
    print("| ---: | --- | --- | --- | --- | ---: |", flush=True)
    checked = []
    for count in COUNTS:
        served = Served([str(PROGRAM), "serve", "-in-memory", "-port", "{port}"], 3)
        embedded, over_http = measure(count, Embedded()), measure(count, served)
        moto = None
        reason = "moto_server is not there"
        if MOTO:
            try:
                moto = measure(count, Served([MOTO, "-p", "{port}"], *((2, None) if count < 1000 else (0, PATIENCE))))
            except TooLong:
                reason = f"more than {PATIENCE} s"
        for row, command in enumerate(("plan, nothing to do", "apply")):
            other = str(moto[row]) if moto else reason
            ratio = f"1 : {moto[row].seconds / over_http[row].seconds:.1f}" if moto else ""
            print(f"| {count} | {command} | {embedded[row]} | {over_http[row]} | {other} | {ratio} |", flush=True)
        if count == 1000:
            checked += [
                ("plan -local, 1,000 clients", embedded[0], AIM_THOUSAND),
                ("apply -local, 1,000 clients", embedded[1], AIM_THOUSAND),
            ]
    before, after = example()
    checked += [
        ("plan -local, examples/complete, all to create", before, AIM_EXAMPLE),
        ("plan -local, examples/complete, nothing to do", after, AIM_EXAMPLE),
    ]
    print("\n| Aim | Measured | At most | |\n| --- | --- | --- | --- |")
    failed = False
    for name, measured, (seconds, size) in checked:
        factor = max(measured.seconds / seconds, measured.memory / size)
        failed = failed or factor > 2
        verdict = "met" if factor <= 1 else f"missed: {factor:.1f} times the aim"
        print(f"| {name} | {measured} | {seconds * 1000:.0f} ms, {size} MB | {verdict} |")
    print("\nTimes are medians and include the start of the process; memory is the most of all runs, of poolform alone.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
