"""What a service known costs in memory beside its info, and how long a filter takes over many."""

from .bench import bench
from .programs import go, run_to_end, start_residents

BYTES = 1024   # a service, beside its info
FILTER = 2.0   # milliseconds
MANY = 10000


def populate(town, buses, services):
    """A host, with residents in another one that offer so much each."""
    network = town.network()
    offering, knowing = town.host("offering", network), town.host("knowing", network)
    residents = start_residents([offering], buses, services, 0)
    go(residents, after=0.1)
    town.reactor.idle(3.0)
    return knowing


def bytes_beside_info(town, buses, services, report=None):
    """(bytes of heap for each service beside its info, everything that bench-memory told)"""
    told, = run_to_end(populate(town, buses, services), "bench-memory", "--expect", buses * services, report=report,
                       sentence="getting to know them")
    return (told["heap"] - told["info"]) / told["services"], told


@bench("memory", seconds=120)
def memory(report):
    """Ten thousand and fifty thousand services of others, in a bus with a listener."""
    for buses, services in ((100, MANY // 100), (10, MANY // 10), (50, MANY // 10)):
        cost, told = bytes_beside_info(report.town, buses, services, report)
        report.figure(f"{buses * services:,} services of {buses} buses, heap beside info, a service", cost, "B", BYTES,
                      info=told["info"] / told["services"], learnt_in_ms=told["took"] / 1000,
                      resident=told["resident"] / told["services"])


@bench("filter", seconds=60)
def filters(report):
    """Several filters, from one that nothing passes to one that everything passes."""
    knowing = populate(report.town, 10, MANY // 10)
    for told in run_to_end(knowing, "bench-filter", "--expect", MANY, "--runs", 200, report=report,
                           sentence="filtering"):
        for way in ("enumerate", "listener"):
            goal = FILTER if told["found"] < MANY else None
            report.figure(f"{MANY:,} services, {way}, passing: {told['filter']}, median", told[way] / 1000, "ms", goal,
                          found=told["found"], runs=told["runs"])
