"""The state of a task after its updates."""

import copy

from layoutkit.wire.task import merge
from tests.wire.test_rules import create, start


def test_an_update_changes_what_it_carries() -> None:
    before = start()
    kept = copy.deepcopy(before)
    after = merge(
        before, {"VideoParams": {"LayoutParams": {"MixLayoutMode": 3}, "BackGroundColor": "0x000000"}}
    )
    assert before == kept
    video = after["VideoParams"]
    assert video["LayoutParams"] == before["VideoParams"]["LayoutParams"] | {"MixLayoutMode": 3}
    assert video["BackGroundColor"] == "0x000000"
    assert video["VideoEncode"] == before["VideoParams"]["VideoEncode"]
    assert after["PublishCdnParams"] == before["PublishCdnParams"]


def test_an_array_is_replaced_as_a_whole_and_an_empty_one_clears() -> None:
    heard = merge(start(), {"AudioParams": {"SubscribeAudioList": [{"UserInfo": {"UserId": "alice"}}]}})
    assert merge(heard, {"AudioParams": {"SubscribeAudioList": []}})["AudioParams"] == {
        "AudioEncode": start()["AudioParams"]["AudioEncode"],
        "SubscribeAudioList": [],
    }


def test_an_update_without_a_layout_keeps_the_one_there_is() -> None:
    after = merge(start(), {"VideoParams": {"BackGroundColor": "0x000000"}})
    assert after["VideoParams"]["LayoutParams"] == start()["VideoParams"]["LayoutParams"]


def test_a_modification_replaces_everything() -> None:
    after = merge(create(), {"MixLayoutParams": {"MixLayoutMode": 3}})
    assert after["MixLayoutParams"] == {"MixLayoutMode": 3}
    assert "SubscribeStreamUserIds" not in after["RecordParams"]
    assert "MixLayoutParams" not in merge(create(), {})


def test_an_encoding_stays_as_the_start_has_it() -> None:
    after = merge(start(), {"VideoParams": {"VideoEncode": {"Width": 2}}, "AudioParams": {"AudioEncode": {}}})
    assert after["VideoParams"] == start()["VideoParams"]
    assert after["AudioParams"] == start()["AudioParams"]
