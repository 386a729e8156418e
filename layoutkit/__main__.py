"""The `layoutkit` command, and `python -m layoutkit`, which is the same."""

import gc
import sys


def main() -> int:
    """Run the command that the process was given and give its exit code."""
    # Modules are no garbage: looking for some while they are loaded takes a twelfth of a short command.
    gc.disable()
    from layoutkit.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
