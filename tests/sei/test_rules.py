"""Each rule that this package's docstring states has a test that names it."""

import re
from pathlib import Path

import tests.sei

HERE = Path(__file__).parent


def test_each_rule_has_a_test_that_names_it() -> None:
    writing, reading = (tests.sei.__doc__ or "").split("Reading:")
    stated = [("writing", number) for number in re.findall(r"^(\d+)\. ", writing, re.MULTILINE)]
    stated += [("reading", number) for number in re.findall(r"^(\d+)\. ", reading, re.MULTILINE)]
    assert len(stated) == 18
    text = "".join(path.read_text() for path in HERE.glob("test_*.py"))
    assert set(re.findall(r"^def test_(writing|reading)_rule_(\d+)_", text, re.MULTILINE)) == set(stated)
