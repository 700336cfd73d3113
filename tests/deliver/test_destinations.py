from __future__ import annotations

from pathlib import Path

import pytest

from deepetch.deliver.destinations import plan_deliveries
from deepetch.deliver.profiles import Profile
from deepetch.errors import InvalidOptions

GTIN, OTHER = "4006381333931", "9501101530003"
PLAIN = Profile(name="plain", formats=(".jpg",))
RULED = Profile(name="ruled", formats=(".tif",), name_rule="{gtin14}_C{facing}")


def files(tmp_path, *names):
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return [tmp_path / name for name in names]


def written(plan, folder):
    return [[file.relative_to(folder).as_posix() for _, file in delivery.files] for delivery in plan]


def test_one_profile_writes_into_the_folder_named_and_keeps_sub_folders(tmp_path):
    files(tmp_path, "in/a.jpg", "in/sub/a.jpg")
    plan = plan_deliveries([tmp_path / "in"], tmp_path / "out", [PLAIN])
    assert written(plan, tmp_path / "out") == [["a.jpg"], ["sub/a.jpg"]]
    assert [delivery.photo.name for delivery in plan] == ["a.jpg", "a.jpg"]


def test_several_profiles_have_a_folder_each(tmp_path):
    files(tmp_path, f"in/{GTIN}.png", f"in/sub/{GTIN}.png")
    plan = plan_deliveries([tmp_path / "in"], tmp_path / "out", [PLAIN, RULED], fields={"facing": "1"})
    assert written(plan, tmp_path / "out") == [
        [f"plain/{GTIN}.jpg", "ruled/04006381333931_C1.tif"],
        [f"plain/sub/{GTIN}.jpg", "ruled/sub/04006381333931_C1.tif"],
    ]
    assert [profile.name for profile, _ in plan[0].files] == ["plain", "ruled"]


def test_without_an_output_files_lie_beside_the_photo(tmp_path):
    (photo,) = files(tmp_path, "a.png")
    fields = {"gtin": OTHER, "facing": "7"}
    assert written(plan_deliveries([photo], None, [PLAIN]), tmp_path) == [["a-cutout.jpg"]]
    assert written(plan_deliveries([photo], None, [RULED], fields=fields), tmp_path) == [["09501101530003_C7.tif"]]
    both = plan_deliveries([photo], None, [PLAIN, RULED], fields=fields)
    assert written(both, tmp_path) == [["plain/a.jpg", "ruled/09501101530003_C7.tif"]]


def test_results_inside_the_folder_of_the_photos_are_not_delivered_again(tmp_path):
    files(tmp_path, "in/a.jpg", "in/out/plain/a.jpg", "in/out/second/a.jpg")
    profiles = [PLAIN, Profile(name="second", formats=(".jpg",))]
    plan = plan_deliveries([tmp_path / "in"], tmp_path / "in" / "out", profiles)
    assert written(plan, tmp_path / "in" / "out") == [["plain/a.jpg", "second/a.jpg"]]


def test_photos_of_one_name_keep_their_suffix(tmp_path):
    files(tmp_path, "in/a.jpg", "in/a.png")
    plan = plan_deliveries([tmp_path / "in"], tmp_path / "out", [PLAIN])
    assert written(plan, tmp_path / "out") == [["a.jpg.jpg"], ["a.png.jpg"]]


@pytest.mark.parametrize(
    ("photos", "profiles", "output", "fields", "message"),
    [
        (["a.jpg"], [RULED], "out", {}, r"a: the rule needs \{gtin14\}"),
        (["4006381333932.jpg"], [RULED], "out", {"facing": "1"}, "ends in 2; its check digit would be 1"),
        (["a.jpg"], [RULED], "out", {"gtin": "4006381333932", "facing": "1"}, "its check digit would be 1"),
        (["a.jpg"], [RULED], "out", {"gtin": GTIN, "facing": "front"}, "facing: expected GS1's face"),
        (["a.jpg", "b.jpg"], [RULED], "out", {"gtin": GTIN, "facing": "1"}, "would both be called 04006381333931_C1"),
        (["a.jpg"], [PLAIN], "out", {"gtin": GTIN}, "gtin is in no file's name of plain"),
        (["a.jpg"], [PLAIN, RULED], "out", {"asin": "B000123456"}, "asin is in no file's name of plain, ruled"),
        (["a.jpg"], [RULED], "out", {"face": "1"}, "there is no field face; known are stem"),
        (["a.jpg"], [PLAIN], "out.jpg", {}, r"out\.jpg: the profile names the files\. Give a folder"),
        (["in/a.jpg", "in/a.png"], [PLAIN], "in", {}, None),
        (["a.jpg"], [PLAIN], ".", {}, "would overwrite an input"),
    ],
)
def test_what_cannot_be_named_is_one_line(tmp_path, photos, profiles, output, fields, message):
    inputs = files(tmp_path, *photos)
    if message is None:
        assert len(plan_deliveries(inputs, tmp_path / output, profiles, fields=fields)) == 2
        return
    with pytest.raises(InvalidOptions, match=message) as error:
        plan_deliveries(inputs, tmp_path / output, profiles, fields=fields)
    assert "\n" not in str(error.value)


def test_a_folder_of_photos_needs_an_output_where_names_would_not_tell_results_apart(tmp_path):
    files(tmp_path, "in/a.jpg")
    for profiles in ([RULED], [PLAIN, RULED]):
        with pytest.raises(InvalidOptions, match="Give it with -o"):
            plan_deliveries([tmp_path / "in"], None, profiles)
    assert written(plan_deliveries([tmp_path / "in"], None, [PLAIN]), tmp_path) == [["in/a-cutout.jpg"]]


def test_a_folder_that_does_not_exist_yet_may_have_a_dot(tmp_path):
    (photo,) = files(tmp_path, "a.jpg")
    plan = plan_deliveries([photo], tmp_path / "2026.11", [PLAIN])
    assert plan[0].files[0][1] == Path(tmp_path / "2026.11" / "a.jpg")
