"""`python -m edgedet`."""

import sys

from edgedet.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
