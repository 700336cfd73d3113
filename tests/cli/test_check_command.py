from __future__ import annotations

import numpy as np
import pytest
import pyvips
from PIL import Image

from drawn_subjects import disc_mask


def packshot(behind=255, height=1000, width=1000):
    samples = np.full((height, width, 3), behind, np.uint8)
    y, x = np.mgrid[:height, :width]
    samples[np.hypot(y - height / 2, x - width / 2) < 0.45 * height] = (200, 80, 20)
    return samples


@pytest.fixture
def good(tmp_path):
    """What Amazon wants."""
    file = tmp_path / "B00ABCDE12.MAIN.png"
    Image.fromarray(packshot()).save(file, dpi=(300, 300))
    return file


@pytest.fixture
def bad(tmp_path):
    """A PNG called .jpg, of another name, on 252, without a density."""
    file = tmp_path / "can.jpg"
    Image.fromarray(packshot(252)).save(file, "PNG")
    return file


def test_a_file_that_keeps_every_rule(deepetch, good):
    answer = deepetch("check", good, "--profile", "amazon-main")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        f"{good}  amazon-main  passed",
        "  passed   format        PNG  (JPEG, TIFF, PNG, GIF)",
        "  passed   ending        .png  (.png for PNG)",
        "  passed   name          B00ABCDE12.MAIN  ({asin}.MAIN)",
        "  passed   long side     1,000  (1,000 to 10,000)",
        "  passed   colour space  RGB  (RGB)",
        "  passed   density       300 pixels per inch  (72 or more)",
        "  passed   background    exactly white  (white, all of it exactly)",
        "  passed   fill          89.9%  (85% or more)",
        "  passed   border        none  (no line)",
        "  passed   parts apart   none  (no text or badge)",
    ]


def test_a_file_that_does_not_and_one_that_does(deepetch, good, bad):
    answer = deepetch("check", bad, good, "--profile", "amazon-main")
    assert (answer.status, answer.err) == (1, "")
    lines = answer.out.splitlines()
    assert lines[0] == f"{bad}  amazon-main  4 of 10 failed"
    assert "  failed   ending        .jpg  (.png for PNG)" in lines
    assert "  failed   background    100% not white, the worst 252 of 255  (white, all of it exactly)" in lines
    assert f"{good}  amazon-main  passed" in lines


def test_json_has_every_rule_and_its_value(deepetch, good, bad):
    answer = deepetch("check", bad, good, "--profile", "amazon-main", "--json")
    assert answer.status == 1
    first, second = answer.objects
    assert list(first) == ["input", "profile", "passed", "findings", "notes"]
    assert (first["input"], first["profile"], first["passed"]) == (str(bad), "amazon-main", False)
    assert second["passed"]
    rules = {finding.pop("rule"): finding for finding in first["findings"]}
    assert rules["width"] == {"verdict": "not stated", "value": 1000, "measured": "1,000", "limit": ""}
    assert rules["density"] == {"verdict": "failed", "value": None, "measured": "none", "limit": "72 or more"}
    assert (rules["background"]["verdict"], rules["background"]["value"]) == ("failed", 1.0)


def test_fix_writes_a_new_file_and_says_what_was_done_and_what_not(deepetch, bad, tmp_path):
    before = bad.read_bytes()
    around = np.count_nonzero((packshot(0) == 0).all(axis=2))
    answer = deepetch("check", bad, "--profile", "amazon-main", "--fix")
    assert (answer.status, answer.err) == (1, "")  # the name stays wrong
    assert answer.out.splitlines()[11:] == [
        "  fixed    It is called .png, as its content is.",
        "  fixed    It states 72 pixels per inch.",
        f"  fixed    {around:,} pixels of 250 or more around the subject were made white.",
        "  not fixed: name: it is for you to choose",
        f"  -> {tmp_path / 'can-fixed.png'}  still failed",
    ]
    assert bad.read_bytes() == before
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "can-fixed.png")), packshot())
    again = deepetch("check", bad, "--profile", "amazon-main", "--fix")
    assert (again.status, again.err.count("\n")) == (1, 1)
    assert "the file exists" in again.err
    assert again.out.startswith(f"{bad}  amazon-main  4 of 10 failed\n")


def test_fix_that_puts_all_right_ends_well(deepetch, bad, good, tmp_path):
    named = tmp_path / "B00ABCDE13.MAIN.jpg"
    bad.rename(named)
    (tmp_path / "out").mkdir()
    call = ("check", named, good, "--profile", "amazon-main", "--fix", "-o", tmp_path / "out", "--json")
    answer = deepetch(*call)
    assert answer.status == 0
    first, second = answer.objects
    assert not first["passed"]
    assert first["fix"]["after"]["passed"]
    assert first["fix"]["left"] == []
    assert first["fix"]["output"] == str(tmp_path / "out" / "B00ABCDE13.MAIN.png")
    assert "fix" not in second  # nothing failed
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["B00ABCDE13.MAIN.png"]


def test_profiles_of_ones_own(deepetch, good, tmp_path):
    (tmp_path / "own.toml").write_text('[shop]\nlike = "amazon-main"\nmin_long_side = 2000\n')
    answer = deepetch("check", good, "--profile", "shop", "--profiles", tmp_path / "own.toml")
    assert answer.status == 1
    assert "  failed   long side     1,000  (2,000 to 10,000)" in answer.out.splitlines()


def test_files_that_cannot_be_read_are_a_line_each_and_the_others_are_judged(deepetch, good, tmp_path):
    (tmp_path / "note.png").write_text("no picture")
    missing = tmp_path / "missing.png"
    answer = deepetch("check", tmp_path, missing, tmp_path / "note.png", good, "--profile", "ebay")
    assert answer.status == 1
    assert [line.split(": ")[2] for line in answer.err.splitlines()] == [
        "this is a folder. Give the path of a picture.",
        "there is no such file. Check the path.",
        "not a picture. Give a JPEG, PNG, WebP, TIFF, AVIF, HEIC or PSD file.",
    ]
    assert answer.out.startswith(f"{good}  ebay  passed")
    answer = deepetch("check", missing, "--profile", "ebay", "--json")
    assert list(answer.objects[0]) == ["input", "profile", "error"]


def test_wrong_calls_are_one_line(deepetch, good, tmp_path):
    for arguments, said in (
        (("--profile", "amazon"), "did you mean amazon-main?"),
        (("--profile", "ebay,walmart"), "one channel"),
        (("--profile", "ebay", "--profiles", tmp_path / "none.toml"), "no profiles to read"),
        (("--profile", "ebay", "-o", tmp_path), "nothing is written without --fix"),
        ((good.with_name("b.png"), "--profile", "ebay", "--fix", "-o", tmp_path / "c.png"), "cannot become one"),
        ((tmp_path / "a" / good.name, "--profile", "ebay", "--fix", "-o", tmp_path), "have the same name"),
    ):
        answer = deepetch("check", good, *arguments)
        assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1), answer
        assert said in answer.err
    assert deepetch("check", good).status == 2


def test_a_cut_out_that_cut_wrote_is_white(deepetch, photo, key, tmp_path):
    assert deepetch("cut", photo, "--model", key, "--background", "white", "-o", tmp_path / "a.png").status == 0
    (tmp_path / "own.toml").write_text('[shop]\nformats = [".png"]\nbackground = "white"\nfill_min = 0.6\n')
    answer = deepetch("check", tmp_path / "a.png", "--profile", "shop", "--profiles", tmp_path / "own.toml", "--json")
    assert answer.status == 0, answer.out
    rows = np.flatnonzero(disc_mask().any(axis=1))
    fill = next(rule["value"] for rule in answer.objects[0]["findings"] if rule["rule"] == "fill")
    assert fill == pytest.approx((rows[-1] + 1 - rows[0]) / 96, abs=3 / 96)  # the border is drawn again


def test_a_proof_of_cmyk_and_one_line_for_what_is_not(deepetch, good, tmp_path):
    press = bytes(pyvips.Operation.call("profile_load", "cmyk"))
    file, proofs = tmp_path / "can.tif", tmp_path / "proofs"
    Image.fromarray(packshot()).convert("CMYK").save(file, dpi=(300, 300), icc_profile=press)
    answer = deepetch("check", file, "--profile", "print-cmyk-coated", "--proof", proofs)
    assert (answer.status, answer.out) == (2, "")
    assert "expected a folder that exists" in answer.err
    proofs.mkdir()
    answer = deepetch("check", file, "--profile", "print-cmyk-coated", "--proof", proofs)
    assert (answer.status, answer.err) == (0, "")
    with Image.open(proofs / "can-proof.png") as proof:
        assert (proof.mode, proof.size) == ("RGB", (1000, 1000))
        assert proof.getpixel((0, 0)) == (255, 255, 255)
    answer = deepetch("check", file, good, "--profile", "print-cmyk-coated", "--proof", proofs, "--paper")
    assert answer.status == 1
    assert len(answer.err.splitlines()) == 2
    assert "exists" in answer.err
    assert "the picture is not CMYK" in answer.err
    assert deepetch("check", file, "--profile", "print-cmyk-coated", "--paper").status == 2
