"""Coverage-guided fuzzing of the SEI codec: `python -m tests.fuzz.fuzz_sei tests/fuzz/corpus -runs=20000`.

Any bytes give messages or faults, and what was read is written and read back the same. Needs atheris, which
has wheels for Linux on some versions of Python only; so it is no dependency.
"""

import sys

import atheris

with atheris.instrument_imports(include=["layoutkit.sei"]):
    from tests.fuzz.target import check


def main() -> None:
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
