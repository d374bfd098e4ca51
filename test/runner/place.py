"""Where a test program runs: in a network of its own with only loopback, and for sanitizers at fixed addresses.

Tests of buses then never speak on this machine's real networks, and several may use the same ports at once.
"""

import functools
import os
import subprocess

_LOOPBACK_ONLY = ("sh", "-c", 'ip link set lo up && exec "$@"', "sh")


def _works(argv):
    return subprocess.run([*argv, "true"], capture_output=True, check=False).returncode == 0


@functools.cache
def own_network():
    """A prefix for a command line; empty where this machine has no namespaces."""
    for unshare in (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net")):
        if (os.geteuid() == 0 or "--user" in unshare) and _works((*unshare, *_LOOPBACK_ONLY)):
            return (*unshare, *_LOOPBACK_ONLY)
    return ()


@functools.cache
def fixed_addresses():
    """A prefix that turns off address randomisation, which sanitizers of this age sometimes cannot bear."""
    return ("setarch", "-R") if _works(("setarch", "-R")) else ()
