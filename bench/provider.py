"""The provider's figures: size of the stripped binary, time to its schema, memory in an apply. Fails at twice the bound.

    cargo build --release --bin terraform-provider-poolform
    python3 bench/provider.py

Needs terraform on PATH, and Linux (memory is read from /proc).
"""

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
RUNS = 10

MAIN = """
terraform {
  required_providers {
    poolform = { source = "poolform/poolform" }
  }
}
provider "poolform" {
  region = "us-east-1"
  local  = true
}
module "pool" {
  source = "%s"
  name   = "orders"
  clients = [for n in range(40) : { name = "client-${n}" }]
}
"""


def schema_milliseconds():
    """From the start of the process to its schema, as the protocol test measures it."""
    test = ["cargo", "test", "-p", "poolform", "--test", "it", "protocol::a_resource_lives", "--", "--nocapture"]
    environment = {**os.environ, "POOLFORM_PROVIDER": str(BINARY)}
    times = []
    for _ in range(RUNS):
        said = subprocess.run(test, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
        times.append(int(said.split("schema after ")[1].split(" ms")[0]))
    return statistics.median(times)


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
        (folder / "main.tf").write_text(MAIN % (ROOT / "terraform"))
        (folder / "cli.rc").write_text(
            f'provider_installation {{\n  dev_overrides {{\n    "poolform/poolform" = "{BINARY.parent}"\n  }}\n}}\n')
        environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(folder / "cli.rc"), "CHECKPOINT_DISABLE": "1"}
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
