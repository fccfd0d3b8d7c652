"""The provider's figures: size of the stripped binary, time to its schema, memory in an apply. Fails at twice the bound.

    cargo build --release --bin terraform-provider-poolform
    python3 bench/provider.py

Needs terraform on PATH, and Linux (memory is read from /proc).
"""

import datetime
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = TARGET / "release" / "terraform-provider-poolform"
SIZE = 30  # MB, stripped
SCHEMA = 50  # ms from the start to the schema
MEMORY = 60  # MB at most in an apply
RUNS = 20
# Terraform logs the first when it starts the process, and the second once it has the schema.
EVENTS = ["provider: starting plugin", "GRPCProvider.v6: Close"]

PROVIDER = """
terraform {
  required_providers {
    poolform = { source = "poolform/poolform" }
  }
}
provider "poolform" {
  region = "us-east-1"
  local  = true
}
"""
MODULE = """
module "pool" {
  source = "%s"
  name   = "orders"
  clients = [for n in range(40) : { name = "client-${n}" }]
}
"""


def prepare(folder, module=""):
    """A root in a folder, and the environment in which Terraform takes the built provider."""
    (folder / "main.tf").write_text(PROVIDER + module)
    (folder / "cli.rc").write_text(
        f'provider_installation {{\n  dev_overrides {{\n    "poolform/poolform" = "{BINARY.parent}"\n  }}\n}}\n')
    return {**os.environ, "TF_CLI_CONFIG_FILE": str(folder / "cli.rc"), "CHECKPOINT_DISABLE": "1"}


def schema_milliseconds():
    """From the start of the process to its schema, by Terraform's own log: median of RUNS, the first left out."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        environment = {**prepare(folder), "TF_LOG": "trace"}
        times = []
        for _ in range(RUNS + 1):
            log = subprocess.run(["terraform", "providers", "schema", "-json"],
                                 cwd=folder, env=environment, check=True, capture_output=True, text=True).stderr
            at = {}
            for line in log.splitlines():
                time_of, _, said = line.partition(" ")
                for event in EVENTS:
                    if event in said:
                        at.setdefault(event, datetime.datetime.fromisoformat(time_of))
            begun, answered = (at[event] for event in EVENTS)
            times.append((answered - begun).total_seconds() * 1000)
        return statistics.median(times[1:])


def watch(peak, stop):
    while not stop.is_set():
        for process in pathlib.Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    if os.readlink(process / "exe") == str(BINARY):
                        for line in (process / "status").read_text().splitlines():
                            if line.startswith("VmHWM:"):
                                peak[0] = max(peak[0], int(line.split()[1]) / 1024)
                except OSError:
                    pass
        time.sleep(0.005)


def apply():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        environment = prepare(folder, MODULE % (ROOT / "terraform"))
        run = lambda *arguments: subprocess.run(
            ["terraform", *arguments], cwd=folder, env=environment, check=True, capture_output=True)
        run("get")
        peak, stop = [0], threading.Event()
        watcher = threading.Thread(target=watch, args=(peak, stop))
        watcher.start()
        begun = time.monotonic()
        run("apply", "-auto-approve")
        took = time.monotonic() - begun
        stop.set()
        watcher.join()
        return peak[0], took


def main():
    if shutil.which("terraform") is None or not BINARY.exists():
        sys.exit(__doc__)
    size = BINARY.stat().st_size / 1e6
    schema = schema_milliseconds()
    memory, took = apply()
    print(f"stripped binary      {size:6.1f} MB, bound {SIZE} MB")
    print(f"start to schema      {schema:6.0f} ms, bound {SCHEMA} ms")
    print(f"peak memory          {memory:6.1f} MB, bound {MEMORY} MB, in an apply of 40 clients that took {took:.1f} s")
    slow = [name for name, value, bound in
            [("size", size, SIZE), ("schema", schema, SCHEMA), ("memory", memory, MEMORY)] if value > 2 * bound]
    if slow:
        sys.exit(f"more than twice the bound: {', '.join(slow)}")


main()
