"""A message bus and an avahi daemon that belong to one host of the town, and their misfortunes.

Knows how the two are configured so that they need no user, no file and no right of the machine
they run on. Does not know what is published through them.
"""

import subprocess

from . import kernel
from .reactor import now

_SOCKET = "/run/dbus/town"

_MESSAGE_BUS = f"""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={_SOCKET}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/> <allow send_destination="*"/> <allow receive_sender="*"/> <allow user="*"/>
  </policy>
</busconfig>
"""

_DAEMON = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=no
ratelimit-interval-usec=1000000
ratelimit-burst=1000
[wide-area]
enable-wide-area=no
[publish]
publish-hinfo=no
publish-workstation=no
[reflector]
[rlimits]
"""


_PASSWD = "root:x:0:0::/:/bin/sh\navahi:x:0:0::/:/bin/sh\nmessagebus:x:0:0::/:/bin/sh\n"
_GROUP = "root:x:0:\navahi:x:0:\nnetdev:x:0:\nmessagebus:x:0:\n"


def _rename_users(host):
    """In a rootless town there is but one user: both daemons find themselves to be it."""
    for name, text in (("passwd", _PASSWD), ("group", _GROUP)):
        path = f"/run/town/{name}"
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        with host.inside():
            kernel.mount(path, f"/etc/{name}", "none", kernel.MS_BIND)


class Avahi:
    """The daemon of one host, with the message bus it needs. The host's programs find both."""

    def __init__(self, host, name=None):
        self._host = host
        self._dbus = host.town.needs("dbus-daemon")
        self._program = host.town.needs("avahi-daemon")
        self._config = f"/run/town/avahi-{host.name}.conf"
        self.name = name or host.name
        self.daemon = None
        host.environment["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={_SOCKET}"
        with open(self._config, "w", encoding="ascii") as file:
            file.write(_DAEMON.format(name=self.name))
        _rename_users(host)
        self._start_message_bus()

    def _start_message_bus(self):
        config = f"/run/town/dbus-{self._host.name}.conf"
        with open(config, "w", encoding="ascii") as file:
            file.write(_MESSAGE_BUS)
        bus = self._host.start(self._dbus, f"--config-file={config}", "--nofork", "--nopidfile",
                               "--print-address=1", label="dbus")
        bus.wait_for_line(b"unix:", within=10)

    def start(self):
        """Start the daemon and wait until it runs."""
        self.daemon = self._host.start(self._program, "-f", self._config, "--no-drop-root",
                                       "--no-chroot", "--no-rlimits", label="avahi")
        self._host.town.eventually(self._is_up, 15, "the avahi daemon is up")
        return self

    def _is_up(self):
        assert self.daemon.is_running(), f"avahi-daemon ended: {self.daemon.log[-2000:]}"
        return "startup complete" in self.daemon.log

    def stop(self):
        """An orderly end of the daemon; the time at which it was asked for."""
        at = now()
        self.daemon.terminate()
        self.daemon.wait(within=10)
        return at

    def kill(self):
        """kill -9, and the pid file it leaves behind is removed as an init system would."""
        at = self.daemon.kill()
        self.daemon.wait(within=10)
        with self._host.inside():
            subprocess.run(["rm", "-f", "/run/avahi-daemon/pid", "/run/avahi-daemon/socket"],
                           check=True)
        return at
