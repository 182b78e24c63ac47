"""`edgedet data shard`: pack a data set into a few large files."""

from edgedet.cli.arguments import count, path

HELP = "Pack the images and annotations of a data folder into TFRecord shards."


def add_arguments(parser):
    parser.add_argument("--data", type=path, metavar="DIR", required=True, help="data folder")
    parser.add_argument(
        "--out", type=path, metavar="DIR", required=True, help="the folder of shards to write"
    )
    parser.add_argument(
        "--shards",
        type=count,
        metavar="N",
        default=0,
        help="how many of each split (default: as many as make them about 256 MB large)",
    )


def run(args):
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.data.layouts import open_dataset, splits_of
    from edgedet.data.shards.writer import write_shards

    # All first: a damaged part should not leave the shards of another alone.
    datasets = {split: open_dataset(args.data, split) for split in splits_of(args.data)}
    for split, dataset in datasets.items():
        for file in write_shards(dataset, args.out, split, args.shards):
            print(file)
    return 0
