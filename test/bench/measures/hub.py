"""What it costs to use many services of one bus, all at once."""

from .bench import bench
from .programs import run_to_end

TURNS = 9


def of(town, services, report=None):
    """What bench-hub told."""
    network = town.network()
    told, = run_to_end(town.host(f"house{network.number}", network), "bench-hub", "--services", services, report=report,
                       sentence="binding them")
    return told


@bench("hub", seconds=20)
def hub(report):
    """A hundred and a thousand services, several times each."""
    for services in (100, 1000):
        turns = [of(report.town, services, report) for _ in range(TURNS)]
        name = f"{services:,} services of one bus"
        middle = sorted(turns, key=lambda told: told["took"])[TURNS // 2]
        report.figure(f"{name}, until all are bound, median", middle["took"] / 1000, "ms",
                      least=min(told["took"] for told in turns) / 1000, most=max(told["took"] for told in turns) / 1000)
        report.figure(f"{name}, connections", max(told["connections"] for told in turns), "", 1)
        report.figure(f"{name}, heap of the client, each", middle["heap"], "B")
        report.figure(f"{name}, heap of the other bus, each", middle["hub_heap"], "B")
