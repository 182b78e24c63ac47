"""`edgedet data verify`: whether shards are as they were written."""

from edgedet.cli.arguments import path

HELP = "Read all shards of a folder and compare their checksums."


def add_arguments(parser):
    parser.add_argument("data", type=path, metavar="DIR", help="a folder of shards")


def run(args):
    from edgedet.data.shards import layout as shards
    from edgedet.errors import DataError

    splits = shards.splits(args.data)
    if not splits:
        raise DataError(
            f"{args.data}: expected a folder of shards, found none.\n"
            "Name one that `edgedet data shard` wrote."
        )
    for split in splits:
        print(f"{split}: {shards.verify(args.data, split)} shards as they were written")
    return 0
