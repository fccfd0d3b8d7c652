#!/usr/bin/env python3
"""Runs a command where every address but loopback is closed, and fails when it tried to leave:

    python3 conformance/offline.py COMMAND...

A network namespace of its own, in which every address is routed to loopback and nobody listens, so that each packet for
another machine is seen; and a name server that knows nothing and writes down what it is asked. Needs Linux, `unshare` and `ip`
(util-linux, iproute2), as root or where users may make namespaces.
"""

import ipaddress
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading

INSIDE = "POOLFORM_OFFLINE"
# EtherType of a frame: IPv4, IPv6.
IPV4, IPV6 = 0x0800, 0x86DD
# Numbers of protocols, and flags of TCP (RFC 9293, 3.1).
TCP, UDP = 6, 17
SYN, ACK = 0x02, 0x10


def enter(command):
    """Starts this file again in namespaces of its own."""
    for tool in ("unshare", "ip"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not there (Debian: util-linux, iproute2).")
    own = ["unshare", "--net", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    os.environ[INSIDE] = "yes"
    os.execvp(own[0], [*own, sys.executable, os.path.abspath(__file__), *command])


def close():
    """Loopback up, every other address on it, and a resolver of our own."""
    run = lambda *words: subprocess.run(words, check=True)
    run("ip", "link", "set", "lo", "up")
    run("ip", "route", "add", "local", "default", "dev", "lo")
    subprocess.run(["ip", "-6", "route", "add", "local", "default", "dev", "lo"], stderr=subprocess.DEVNULL, check=False)
    with tempfile.NamedTemporaryFile("w", delete=False) as resolver:
        resolver.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    run("mount", "--bind", resolver.name, "/etc/resolv.conf")


def asked(query):
    """The name in a question (RFC 1035, 4.1.2)."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
        at += 1 + query[at]
    return ".".join(labels)


def answer_names(found):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def serve():
        while True:
            query, sender = server.recvfrom(4096)
            try:
                found.add(f"the name {asked(query)}")
            except IndexError:
                found.add("a name server")
            # The same question, answered: no such name (RFC 1035, 4.1.1).
            server.sendto(query[:2] + struct.pack(">H", 0x8183) + query[4:6] + bytes(6) + query[12:], sender)

    threading.Thread(target=serve, daemon=True).start()


def watch(found):
    """Notes every packet to an address that is not loopback."""
    seen = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0003))
    seen.bind(("lo", 0))

    def read():
        while True:
            packet, (_, kind, *_) = seen.recvfrom(128)
            if kind == IPV4:
                protocol, target, rest = packet[9], packet[16:20], packet[(packet[0] & 15) * 4 :]
            elif kind == IPV6:
                protocol, target, rest = packet[6], packet[24:40], packet[40:]
            else:
                continue
            target = ipaddress.ip_address(target)
            # Of TCP what begins a connection: the refusal of a closed address travels as well.
            begins = protocol == UDP or protocol == TCP and len(rest) > 13 and rest[13] & (SYN | ACK) == SYN
            if begins and not target.is_loopback and not target.is_multicast:
                found.add(f"{target}, port {struct.unpack('>H', rest[2:4])[0]}")

    threading.Thread(target=read, daemon=True).start()


def main(command):
    if not command:
        sys.exit(__doc__)
    if os.environ.get(INSIDE) != "yes":
        enter(command)
    found = set()
    close()
    answer_names(found)
    watch(found)
    outcome = subprocess.run(command, check=False).returncode
    if found:
        print("Tried to leave this machine:", *sorted(found), sep="\n  ")
        sys.exit(outcome or 1)
    sys.exit(outcome)


main(sys.argv[1:])
