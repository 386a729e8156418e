"""The fuzzer's laws hold for its corpus, for mutations of it, and in a short run where atheris is there."""

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.target import check

CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_the_laws_hold_for_the_corpus_and_mutations_of_it(path: Path) -> None:
    data = path.read_bytes()
    check(data)
    chance = random.Random(path.name)
    for _ in range(200):
        mutated = bytearray(data)
        for _ in range(chance.randint(1, 5)):
            mutated[chance.randrange(len(mutated))] = chance.choice([0, 1, 3, 6, 0x7F, 0x80, 0xFF, 0x64])
        check(bytes(mutated[: chance.randint(1, len(mutated))]))


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_a_short_run_of_the_fuzzer_finds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.fuzz_sei", str(tmp_path), str(CORPUS), "-runs=3000"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=CORPUS.parents[2], timeout=120)
    assert answer.returncode == 0, answer.stderr[-2000:]
