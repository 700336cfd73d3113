from __future__ import annotations

import json

import pytest

from deepetch.deliver.profiles import shipped_profiles

SHIPPED = shipped_profiles()


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[mine]\nlike = "ebay"\nmax_bytes = 300\n\n[bare]\nformats = [".png"]\n')
    return path


def test_list_has_a_line_for_each_with_date_and_source(deepetch, own):
    answer = deepetch("profiles", "list", "--profiles", own)
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines] == [*SHIPPED, "mine", "bare"]
    for line, profile in zip(lines, SHIPPED.values(), strict=False):
        assert profile.date.isoformat() in line
        assert profile.title in line
        assert line.endswith(profile.source[0])
    assert lines[-1].split(maxsplit=2)[1:] == ["-", ".png on any background"]


def test_show_says_what_is_asked_and_all_sources(deepetch, own):
    answer = deepetch("profiles", "show", "google-merchant")
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert "fill_min       0.75" in lines
    assert "max_bytes      16000000" in lines
    assert "date           2026-05-07" in lines
    assert [line.split()[1] for line in lines if line.startswith("source")] == list(SHIPPED["google-merchant"].source)
    assert not any("None" in line for line in lines)
    assert "max_bytes      300" in deepetch("profiles", "show", "mine", "--profiles", own).out.splitlines()


def test_json(deepetch):
    listed = json.loads(deepetch("profiles", "list", "--json").out)
    assert [profile["name"] for profile in listed] == list(SHIPPED)
    (zalando,) = [profile for profile in listed if profile["name"] == "zalando"]
    assert (zalando["width"], zalando["date"], zalando["fill_min"]) == (1801, "2025-03-03", None)
    assert json.loads(deepetch("profiles", "show", "zalando", "--json").out) == zalando


def test_wrong_calls_are_one_line(deepetch, tmp_path):
    for arguments, said in (
        (("show", "amazon"), "there is no profile 'amazon'; did you mean amazon-main?"),
        (("show", "ebay,zalando"), "there is no profile 'ebay zalando'"),
        (("list", "--profiles", tmp_path / "none.toml"), "no profiles to read"),
    ):
        answer = deepetch("profiles", *arguments)
        assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert said in answer.err


def test_show_states_the_rendering_intent_where_colours_are_converted(deepetch, own):
    line = "conversion     relative colorimetric, black point compensation"
    assert line in deepetch("profiles", "show", "print-cmyk-coated").out.splitlines()
    assert line in deepetch("profiles", "show", "web-transparent").out.splitlines()
    assert line not in deepetch("profiles", "show", "bare", "--profiles", own).out.splitlines()
