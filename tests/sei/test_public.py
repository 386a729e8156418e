"""The public names of `layoutkit.sei`: there, typed, documented, and of use without av and without a file."""

import inspect
import subprocess
import sys

import layoutkit.sei

BYTES_ALONE = """
import builtins, importlib.abc, io, os, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"av", "numpy", "PIL", "shapely", "pydantic"}:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
from layoutkit.sei import Message, SeiMessage, VolumeLayout, read_sei
from layoutkit.sei import escape, join, parse, serialize, split, unescape

names = [parse, serialize, escape, unescape, split, join, read_sei, SeiMessage, VolumeLayout]
payload = b'{"canvas":{"w":8,"h":8},"regions":[{"uid":"a","x":0,"y":0,"w":8,"h":8}]}'
list(split(join([serialize([Message(100, payload)])])))  # the codecs of text are loaded by now
parse(serialize([Message(100, payload)]))
VolumeLayout.parse(payload)

def no_file(*arguments, **options):
    raise OSError("a file was opened")

builtins.open = io.open = os.open = no_file
nal = serialize([Message(100, payload), Message(5, bytes(20))])
assert list(split(join([nal, nal]))) == [nal, nal]
assert parse(nal).messages == (Message(100, payload), Message(5, bytes(20)))
assert unescape(escape(bytes(9))) == bytes(9)
layout = VolumeLayout.parse(payload)
assert VolumeLayout.parse(layout.serialize()) == layout
assert SeiMessage(100, payload).layout == layout
print(len(names), "av" in sys.modules)
"""


def test_bytes_are_read_and_written_without_files_and_heavy_libraries() -> None:
    answer = subprocess.run([sys.executable, "-c", BYTES_ALONE], capture_output=True, text=True)
    assert (answer.stdout, answer.stderr) == ("9 False\n", "")


def test_every_public_name_is_typed_and_documented() -> None:
    for name in layoutkit.sei.__all__:
        value = getattr(layoutkit.sei, name)
        assert inspect.getdoc(value), name
        if inspect.isfunction(value):
            parameters = inspect.signature(value).parameters.values()
            assert all(each.annotation is not inspect.Parameter.empty for each in parameters), name
            assert inspect.signature(value).return_annotation is not inspect.Signature.empty, name
