"""Twenty thousand cameras on PostgreSQL, grabbing replaced by recorded answers.

That is the only stand-in: scheduling, Redis, two worker processes and one for the dead, looking,
judging, recording, tickets, and a picture per probe on the disk are the real ones. Measured are the
lag of a round of five minutes; the processor time per probe (database server included) of 20,000
cameras against that of 200, all due at once; and the bytes by which the database grows per camera
and day when one camera in a hundred changes its state each hour.
"""

import psutil

from tests.bench.postgres import cluster
from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import prepare

_FEW = 200
_HOURS = 24


def run(options: Options) -> list[Result]:
    many = 2000 if options.quick else 20_000
    with cluster() as (address, server):
        prepare(DATABASE_URL=address, CONFIRM_AFTER_PROBES="3")
        from tests.bench import crowd, growth

        servers = [psutil.Process(server)]
        crowd.add_cameras(_FEW)
        few_ms = crowd.cost_ms(_FEW, 2 if options.quick else 10, servers)
        crowd.add_cameras(many - _FEW)
        many_ms = crowd.cost_ms(many, 1, servers)
        results = [
            stated("city", f"per probe with {_FEW} cameras", few_ms, "ms"),
            stated("city", f"per probe with {many:,} cameras", many_ms, "ms"),
            at_most("city", f"{many:,} : {_FEW}", many_ms / few_ms, 1.2),
        ]
        results += crowd.one_round("city", many, 300, 40 if options.quick else 330, servers)
        results += growth.run(_HOURS)
    return results
