"""Who takes part. Each is a function that starts its servers in a world and returns how to ask it once: a function of
how many calls (or megabytes) that returns a number.

Knows every peer's options. Does not know when it is asked, or what becomes of the numbers.
"""

import csv
import io

from .world import Absent

FLOOR = "raw TCP, blocking"
EVENT_UNIX = "raw unix socket, libevent server"
BARE_MESSAGES = "raw TCP, one way, 64 messages a write"
BARE_STREAM = "raw TCP, direct"

calls, floods, events, streams, idlers = {}, {}, {}, {}, {}


def contestant(contest, name):
    def declare(function):
        contest[name] = function
        return function
    return declare


def _median(world, *argv, env=None):
    """How to ask a small program for the median of so many calls."""
    return lambda count: world.ask_json([*argv, str(count)], env)["median_us"]


# One call after the other: microseconds.


@contestant(calls, FLOOR)
def floor_tcp(world):
    port = world.port()
    world.serve(world.small("floor"), "serve", port)
    return _median(world, world.small("floor"), "call", port)


@contestant(calls, "raw unix socket, blocking")
def floor_unix(world):
    path = world.path("floor")
    world.serve(world.small("floor"), "serve", path)
    return _median(world, world.small("floor"), "call", path)


@contestant(calls, "raw TCP, libevent server")
def event_tcp(world):
    port = world.port()
    world.serve(world.small("event_server"), "serve", port)
    return _median(world, world.small("floor"), "call", port)


@contestant(calls, EVENT_UNIX)
def event_unix(world):
    path = world.path("event")
    world.serve(world.small("event_server"), "serve", path)
    return _median(world, world.small("floor"), "call", path)


def _spinning(kind):
    def start(world):
        path = world.path(kind)
        world.serve(world.small("spinning"), kind, "serve", path)
        return _median(world, world.small("spinning"), kind, "call", path)
    return start


contestant(calls, "raw unix socket, both sides spin")(_spinning("socket"))
contestant(calls, "shared memory, both sides spin")(_spinning("ring"))


def _ours(face, transport, wire, spin=()):
    way = ["--transport", transport, "--wire", wire, *spin]

    def start(world):
        bench = world.ours()
        # What the library does not have is bad use.
        if "yet" in _complaint(world, bench, *way):
            raise Absent(f"this library has no {transport} with {wire} yet")
        hearing = _hearing(world, transport)
        place = world.serve(bench, "serve", "bench", "--attached", "-q", *hearing, *spin)
        return lambda count: world.ask_json(
            [bench, "rtt", place, "-j", "-q", "--face", face, *way, *hearing, "-n", str(count)])["median_us"]
    return start


def _hearing(world, transport):
    """Unix sockets are found by what is heard, on loopback and at this port."""
    return ["--discovery", "none"] if transport == "tcp" else ["--transport", "unix", "--port", world.port()]


def _complaint(world, bench, *way):
    """What it says of a run that cannot succeed."""
    return world.ask(["sh", "-c", '"$0" "$@" 2>&1 || true', bench, "rtt", "127.0.0.1:1/nobody", *way])


for _transport in ("tcp", "unix"):
    for _wire in ("lines", "frames"):
        for _face in ("c", "raw"):
            contestant(calls, f"autobus {_transport}, {_wire}, {_face}")(_ours(_face, _transport, _wire))
    contestant(calls, f"autobus {_transport}, frames, c, both sides spin")(
        _ours("c", _transport, "frames", ["--spin", "200"]))


def _redis(world):
    port, path = world.port(), world.path("redis")
    world.daemon(world.tool("redis-server"), "--port", port, "--bind", "127.0.0.1", "--unixsocket", path, "--save", "",
                 "--appendonly", "no", "--client-output-buffer-limit", "pubsub 0 0 0", "--dir", world.folder, port=port)
    return port, path


@contestant(calls, "redis PING, tcp")
def redis_tcp(world):
    client = world.small("redis")
    return _median(world, client, "call", _redis(world)[0])


@contestant(calls, "redis PING, unix")
def redis_unix(world):
    client = world.small("redis")
    return _median(world, client, "call", _redis(world)[1])


@contestant(calls, "sd-bus, peer to peer")
def sdbus_peer(world):
    path = world.path("sdbus")
    world.serve(world.small("sdbus"), "serve", "peer", path)
    return _median(world, world.small("sdbus"), "call", "peer", path)


_DBUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>
"""


@contestant(calls, "sd-bus, dbus-daemon")
def sdbus_daemon(world):
    path, client = world.path("dbus"), world.small("sdbus")
    config = world.write("dbus.conf", _DBUS.format(path=path))
    world.daemon(world.tool("dbus-daemon"), f"--config-file={config}", "--nofork", "--nopidfile", path=path)
    world.serve(client, "serve", "daemon", path)
    return _median(world, client, "call", "daemon", path)


_DDS = """<CycloneDDS><Domain id="any"><General><Interfaces><NetworkInterface name="lo" multicast="false"/></Interfaces>
<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>
<Ports><Base>{base}</Base></Ports><Peers><Peer address="127.0.0.1"/></Peers></Discovery></Domain></CycloneDDS>"""


@contestant(calls, "Cyclone DDS")
def dds(world):
    base = 20000 + int(world.port()) % 10000
    env = {"CYCLONEDDS_URI": _DDS.format(base=base)}
    world.serve(world.small("dds"), "serve", "1", env=env)
    return _median(world, world.small("dds"), "call", "1", env=env)


@contestant(calls, "MQTT, mosquitto")
def mqtt(world):
    port, client = world.port(), world.small("mqtt")
    config = world.write("mosquitto.conf", f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"
                                           "persistence false\nuser root\n")
    world.daemon(world.tool("mosquitto"), "-c", config, port=port)
    world.serve(client, "serve", port)
    return _median(world, client, "call", port)


def _by_address(program, address):
    def start(world):
        place = address(world)
        world.serve(world.small(program), "serve", place)
        return _median(world, world.small(program), "call", place)
    return start


def _tcp(world):
    return f"tcp://127.0.0.1:{world.port()}"


contestant(calls, "ZeroMQ, tcp")(_by_address("zeromq", _tcp))
contestant(calls, "ZeroMQ, ipc")(_by_address("zeromq", lambda world: f"ipc://{world.path('zeromq')}"))
contestant(calls, "nng, tcp")(_by_address("nng", _tcp))
contestant(calls, "nng, ipc")(_by_address("nng", lambda world: f"ipc://{world.path('nng')}"))


@contestant(calls, "NATS request")
def nats(world):
    port, client = world.port(), world.small("nats")
    world.daemon(world.tool("nats-server"), "-a", "127.0.0.1", "-p", port, port=port)
    world.serve(client, "serve", f"nats://127.0.0.1:{port}")
    return _median(world, client, "call", f"nats://127.0.0.1:{port}")


# Many calls at once: calls a second.


@contestant(floods, BARE_MESSAGES)
def bare_messages(world):
    """As many messages as we write at a time, and nobody looks into them."""
    port, client = _sink(world), world.small("stream")
    return lambda count: world.ask_json(
        [client, "pour", port, _megabytes(4 * count), "4096"])["gigabytes_per_s"] / 64e-9


contestant(events, BARE_MESSAGES)(bare_messages)


def _redis_flood(window):
    def start(world):
        port, bench = _redis(world)[0], world.tool("redis-benchmark")

        def ask(count):
            # It counts milliseconds: few calls would take none.
            said = world.ask([bench, "-p", port, "-c", "1", "-P", str(window), "-n", str(max(100000, count * 50)), "-d",
                              "64", "-t", "ping_mbulk", "--csv"])
            return float(next(row for row in csv.reader(io.StringIO(said)) if row[0].startswith("PING"))[1])
        return ask
    return start


def _our_flood(window, face, wire):
    way = ["--wire", wire]

    def start(world):
        bench = world.ours()
        if "yet" in _complaint(world, bench, *way):
            raise Absent(f"this library has no {wire} yet")
        place = world.serve(bench, "serve", "bench", "--attached", "-q", "--discovery", "none")
        return lambda count: world.ask_json(
            [bench, "calls", place, "-j", "-q", "--face", face, *way, "-w", str(window), "-n",
             str(count * 10)])["calls_per_s"]
    return start


for _window in (64, 256):
    contestant(floods, f"redis-benchmark, {_window} at once")(_redis_flood(_window))
    for _wire in ("lines", "frames"):
        for _face in ("c", "raw"):
            contestant(floods, f"autobus {_wire}, {_face}, {_window} at once")(_our_flood(_window, _face, _wire))


# Events to one or several processes, nothing lost: how many arrive a second, at all of them together.


def _fired(world, program, place, listeners):
    client = world.small(program)
    return lambda count: world.ask_json([client, "fire", place, str(count * 10), str(listeners)])["delivered_per_s"]


def _zeromq_events(listeners):
    return lambda world: _fired(world, "zeromq_events", f"ipc://{world.path('events')}", listeners)


def _nats_events(listeners):
    def start(world):
        port = world.port()
        world.daemon(world.tool("nats-server"), "-a", "127.0.0.1", "-p", port, port=port)
        return _fired(world, "nats_events", f"nats://127.0.0.1:{port}", listeners)
    return start


def _redis_events(listeners):
    return lambda world: _fired(world, "redis_events", _redis(world)[0], listeners)


def _our_events(listeners, transport, wire):
    def start(world):
        bench = world.ours()
        hearing = _hearing(world, transport)
        place = world.serve(bench, "serve", "bench", "--attached", "-q", *hearing)
        return lambda count: world.ask_json([bench, "events", place, "-j", "-q", *hearing, "--wire", wire, "-l",
                                             str(listeners), "-n", str(count * 10)])["delivered_per_s"]
    return start


for _listeners in (1, 8):
    contestant(events, f"ZeroMQ, ipc, 1 to {_listeners}")(_zeromq_events(_listeners))
    contestant(events, f"NATS, 1 to {_listeners}")(_nats_events(_listeners))
    contestant(events, f"redis, 1 to {_listeners}")(_redis_events(_listeners))
    for _transport in ("tcp", "unix"):
        for _wire in ("lines", "frames"):
            contestant(events, f"autobus {_transport}, {_wire}, 1 to {_listeners}")(
                _our_events(_listeners, _transport, _wire))


# Bytes through a stream: gigabytes a second.


def _pour(world, port):
    client = world.small("stream")
    return lambda count: world.ask_json([client, "pour", port, _megabytes(count)])["gigabytes_per_s"]


def _megabytes(count):
    return str(max(1, count // 20))


def _sink(world):
    port = world.port()
    world.serve(world.small("stream"), "serve", port)
    return port


@contestant(streams, BARE_STREAM)
def stream_direct(world):
    return _pour(world, _sink(world))


@contestant(streams, "socat as a relay")
def stream_socat(world):
    port, sink = world.port(), _sink(world)
    world.daemon(world.tool("socat"), "-b", "262144", f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr,nodelay",
                 f"TCP:127.0.0.1:{sink},nodelay", port=port)
    return _pour(world, port)


_HAPROXY = """global
    maxconn 100
defaults
    mode tcp
    option splice-auto
    timeout connect 5s
    timeout client 60s
    timeout server 60s
listen relay
    bind 127.0.0.1:{port}
    server sink 127.0.0.1:{sink}
"""


@contestant(streams, "haproxy as a relay")
def stream_haproxy(world):
    port, sink = world.port(), _sink(world)
    config = world.write("haproxy.cfg", _HAPROXY.format(port=port, sink=sink))
    world.daemon(world.tool("haproxy"), "-db", "-f", config, port=port)
    return _pour(world, port)


@contestant(streams, "autobus stream, end to end")
def stream_ours(world):
    bench = world.ours()
    place = world.serve(bench, "serve", "bench", "--attached", "-q", "--discovery", "none")
    return lambda count: world.ask_json(
        [bench, "stream", place, "-j", "-q", "-n", _megabytes(count)])["gigabytes_per_s"]


# The answering side of a call while nobody asks: KiB of resident memory.


def _idle(start):
    def begin(world):
        start(world)
        resident_kib = world.weigh_last()
        return lambda count: resident_kib()
    return begin


def _our_idle(world):
    world.serve(world.ours(), "serve", "bench", "--attached", "-q", "--discovery", "none")


for _name, _start in (("raw TCP", floor_tcp), ("raw TCP with libevent", event_tcp),
                      ("autobus", _our_idle), ("sd-bus, peer to peer", sdbus_peer), ("Cyclone DDS", dds),
                      ("MQTT client", mqtt), ("ZeroMQ", calls["ZeroMQ, tcp"]), ("nng", calls["nng, tcp"]),
                      ("NATS client", nats)):
    contestant(idlers, _name)(_idle(_start))

# Each contest, and the unit of its numbers.
CONTESTS = {"call": (calls, "µs"), "flood": (floods, "calls/s"), "event": (events, "events/s"),
            "stream": (streams, "GB/s"), "idle": (idlers, "KiB")}
