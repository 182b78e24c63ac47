"""The `edgedet` command: one module per subcommand."""
