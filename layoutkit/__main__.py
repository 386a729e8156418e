"""`python -m layoutkit` is the `layoutkit` command."""

import sys

from layoutkit.cli import main

sys.exit(main())
