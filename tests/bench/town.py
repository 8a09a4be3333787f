"""Three thousand cameras on SQLite, grabbing replaced by recorded answers: `city` in small."""

from tests.bench.results import Options, Result
from tests.bench.setup import prepare


def run(options: Options) -> list[Result]:
    cameras = 300 if options.quick else 3000
    prepare()
    from tests.bench import crowd

    crowd.add_cameras(cameras)
    return crowd.one_round("town", cameras, 300, 40 if options.quick else 330, servers=[])
