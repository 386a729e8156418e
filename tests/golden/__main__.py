"""`python -m tests.golden [NAME]...`: make the layouts and pictures of scenarios anew."""

import sys

from tests.golden.scenario import FOLDER, as_json, made, names

for name in sys.argv[1:] or names():
    layout, picture = made(name)
    (FOLDER / name / "layout.json").write_text(as_json(layout))
    picture.save(FOLDER / name / "picture.png", optimize=True)
    print(FOLDER / name / "picture.png")
