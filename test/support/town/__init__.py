"""The town: several hosts on one machine, in network namespaces that the story makes itself.

    kernel        the system calls that Python lacks
    sandbox       runs one function in namespaces of its own; nothing outlives it
    reactor       waits for lines of many processes, in one thread
    process       a program: its lines, its log, its death
    witness       a program that tells what services it hears of
    remote        a connection or a proxy in a witness
    actor         autobus-actor, and the stand-in for a legacy peer
    host          a machine: namespaces, addresses, programs
    firewall      netfilter told to let nothing pass
    network       bridges, links, loss, partition, churn, forwarders
    air           what is said over UDP in a host's hearing
    avahi         a message bus and an avahi daemon of a host's own
    conversation  a TCP connection held by hand
    wallclock     a wall clock that one program believes in
    expectation   exact sequences of events, and their bounds
    town          all of it, once in a story
    story         declares stories and runs them
"""

from . import firewall
from .actor import Actor, LegacyPeer
from .expectation import eventually, expect, expect_all, quiet
from .network import Forwarder
from .sandbox import Unavailable
from .story import main, story

__all__ = ["Actor", "Forwarder", "LegacyPeer", "Unavailable", "eventually", "expect", "expect_all", "firewall", "main",
           "quiet", "story"]
