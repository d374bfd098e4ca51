"""Which way connections go, as AUTOBUS_TEST_TRANSPORT says. "tcp": none over unix sockets. "unix": all hosts of a story
are one, and all connections go over unix sockets. Else programs take the way they find.
"""

import os

_FOLDER = "/run/autobus/sockets"


def _asked():
    return os.environ.get("AUTOBUS_TEST_TRANSPORT")


def is_unix():
    return _asked() == "unix"


def surroundings():
    """What the programs of a host have in their environment for it."""
    return {"AUTOBUS_RUNTIME_DIR": "none" if _asked() == "tcp" else _FOLDER}


def check(actors):
    """That every connection of theirs went the way that was asked for."""
    for each in actors if is_unix() else ():
        bound, over_unix = each.ways()
        assert over_unix == bound, f"{each.label} bound {bound} times, {over_unix} of them over unix sockets"
