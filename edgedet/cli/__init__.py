"""The `edgedet` command: one module, or one folder, per subcommand."""
