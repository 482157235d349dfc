"""Processes of a cluster of Flink, and where they listen."""

import os
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final

_LISTENS: Final = "0A"

Address = IPv4Address | IPv6Address


def processes(folder: Path) -> set[int]:
    """All processes with the configuration of the cluster in a folder: those it started, theirs, and clients."""
    wanted = f"FLINK_CONF_DIR={folder / 'conf'}".encode()
    found = set()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in environment.read_bytes().split(b"\0"):
                found.add(int(environment.parent.name))
        except OSError:
            # It has ended, or is another user's.
            continue
    return found


def listening(pid: int) -> list[tuple[Address, int]]:
    """Addresses and ports on which a process listens."""
    links = {_target(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            if columns[3] == _LISTENS and f"socket:[{columns[9]}]" in links:
                address, _, port = columns[1].partition(":")
                found.append((_parsed(address), int(port, 16)))
    return found


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        # It was closed.
        return ""


def _parsed(address: str) -> Address:
    """An address as the kernel prints it: words of four bytes, each of them reversed."""
    raw = bytes.fromhex(address)
    found = ip_address(b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4)))
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
