"""What a story asserts: the exact sequence of events that a listener hears, and by when.

Every event of every listener must be expected by somebody: the end of a story looks at all of them.
"""

from .reactor import now
from .witness import Service

GRACE = 3.0  # how long an event may take from the witness to us; it carries the time at which it happened


def _name(service):
    return service.id if isinstance(service, Service) else service


def _matches(event, wanted):
    what, service, *details = wanted
    return (event.what == what and (service is any or event.service == _name(service))
            and all(event.details.get(key) == value for key, value in (details[0] if details else {}).items()))


def _said(wanted):
    return ", ".join(f"{what} {_name(service)}{' ' + str(details[0]) if details else ''}"
                     for what, service, *details in wanted)


def _fail(listener, sentence):
    raise AssertionError(f"{listener}: {sentence}\n{listener.diary()}")


def expect(listener, wanted, within, since=None):
    """The next events of this listener are exactly these, in this order, none of them later than `within` seconds
    after `since` (now). wanted: [("appeared", service), ("left", service, {"host": "10.1.0.2"}), …]. Returns them."""
    start = now() if since is None else since
    reactor = listener.witness.town.reactor

    def decided():
        new = listener.unseen[:len(wanted)]
        return len(new) == len(wanted) or not all(map(_matches, new, wanted))

    reactor.until(decided, start + within + GRACE - now())
    new = listener.unseen[:len(wanted)]
    for event, one in zip(new, wanted):
        if not _matches(event, one):
            _fail(listener, f"heard {event} instead of {_said([one])}")
    if len(new) < len(wanted):
        _fail(listener, f"within {within} s never heard {_said(wanted[len(new):])}")
    _check_time(listener, new[-1], start, within)
    listener.seen += len(wanted)
    return new


def expect_all(listener, wanted, within, since=None):
    """As expect(), for events whose order among each other is open: each exactly once, and nothing else."""
    start = now() if since is None else since
    reactor = listener.witness.town.reactor
    reactor.until(lambda: len(listener.unseen) >= len(wanted), start + within + GRACE - now())
    new = listener.unseen[:len(wanted)]
    left = {(what, _name(service)) for what, service, *_ in wanted}
    assert len(left) == len(wanted), "expect_all() wants different events"
    for event in new:
        if (event.what, event.service) not in left:
            _fail(listener, f"heard {event}, twice or never expected")
        left.discard((event.what, event.service))
    if left:
        some = sorted(left)[:5]
        _fail(listener, f"within {within} s heard {len(new)} of {len(wanted)}, missing such as {some}")
    if new:
        _check_time(listener, max(new, key=lambda event: event.at), start, within)
    listener.seen += len(wanted)
    return new


def _check_time(listener, event, start, within):
    took = event.at - start
    if took > within:
        _fail(listener, f"{event.what} {event.service} came after {took:.3f} s, allowed are {within} s")


def quiet(town, seconds):
    """For this long no listener in the whole town hears anything."""
    town.reactor.idle(seconds)
    nothing_unseen(town)


def nothing_unseen(town):
    """Everything that was heard so far has been expected."""
    town.reactor.pump(0)
    loud = [listener for listener in town.listeners() if listener.unseen]
    if loud:
        raise AssertionError("heard what nobody expected:\n" + "\n".join(one.diary() for one in loud))


def eventually(town, condition, within, what):
    """condition() becomes true in time; for what is not an event."""
    assert town.reactor.until(condition, within), f"not within {within} s: {what}"
