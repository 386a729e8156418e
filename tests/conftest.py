"""What the tests share: real data that lies beside the checkout, where it is there."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("layoutkit", deadline=None)
settings.load_profile("layoutkit")

DATA = Path(__file__).parent.parent.parent / "shared" / "data"


@pytest.fixture
def service_samples() -> Path:
    """Folder of the API documentation's own request bodies and SEI sample."""
    folder = DATA / "requests"
    if not folder.is_dir():
        pytest.skip("the API's samples are not beside this checkout")
    return folder


@pytest.fixture
def recordings() -> Path:
    """Folder of real recordings."""
    folder = DATA / "streams"
    if not folder.is_dir():
        pytest.skip("the recordings are not beside this checkout")
    return folder
