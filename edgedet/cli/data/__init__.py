"""`edgedet data`: look at what a network learns from, pack it, and check the package."""

from edgedet.cli.data import shard, show, verify

HELP = "Draw what a network learns from; pack it as shards and check them."

COMMANDS = {"show": show, "shard": shard, "verify": verify}


def add_arguments(parser):
    commands = parser.add_subparsers(metavar="|".join(COMMANDS), required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(action=module.run)


def run(args):
    return args.action(args)
