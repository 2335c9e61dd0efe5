"""The file of a taxonomy: what is read, and what each fault says."""

from pathlib import Path

import pytest

from primum.errors import InputError
from primum.taxonomy import read_taxonomy

HEAD = 'key = "small"\nzh = "小"\nen = "Small"\nsource = "us"\n'
BLOOD = '[[dimensions]]\nkey = "blood"\nzh = "血"\nen = "Blood"\ncues_zh = ["献血"]\ncues_en = ["blood donor"]\n'


def written(folder: Path, text: str, name: str = "taxonomy.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_what_the_file_says_is_what_the_taxonomy_holds(tmp_path):
    found = read_taxonomy(written(tmp_path, HEAD + BLOOD + '[[harms]]\nkey = "harm_0"\nzh = "无"\nen = "None"\n'))
    assert (found.key, found.zh, found.en, found.source) == ("small", "小", "Small", "us")
    assert found.dimensions[0].cues_zh == ("献血",) and found.dimensions[0].cues_en == ("blood donor",)
    assert found.named("harm_0", "en") == "None" and found.scenes == ()


def test_the_id_tells_what_is_said_and_not_where_it_lies(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    here = read_taxonomy(written(tmp_path, HEAD + BLOOD))
    there = read_taxonomy(written(tmp_path / "elsewhere", HEAD + "# a remark\n" + BLOOD))
    other = read_taxonomy(written(tmp_path, HEAD + BLOOD.replace("献血", "输血"), "other.toml"))
    assert here.id == there.id != other.id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            HEAD + BLOOD + "colour = 1\n",
            "key 'dimensions[0].colour' of the taxonomy is unknown: what may stand there",
        ),
        (HEAD + BLOOD + 'cues_enn = ["x"]\n', "did you mean 'cues_en'?"),
        (HEAD + 'dimension = "x"\n' + BLOOD, "key 'dimension' of the taxonomy is unknown: did you mean 'dimensions'?"),
        (HEAD + BLOOD + "[[stiles]]\n", "key 'stiles' of the taxonomy is unknown: did you mean 'styles'?"),
        (HEAD.replace('key = "small"\n', "") + BLOOD, "key 'key' of the taxonomy is missing"),
        (HEAD + BLOOD.replace('zh = "血"\n', ""), "key 'dimensions[0].zh' of the taxonomy is missing"),
        (HEAD + BLOOD.replace('["献血"]', "3"), "key 'dimensions[0].cues_zh' of the taxonomy is refused"),
        (HEAD + BLOOD + BLOOD, "dimensions ['blood'] stand twice in the taxonomy"),
        (HEAD + "dimensions = []\n", "has no dimensions"),
        (HEAD + BLOOD.replace("blood donor", "Blood donor"), "cue 'Blood donor' of 'blood' is not in lower case"),
        (HEAD + BLOOD.replace('"献血"', '"献血", "献血"'), "cue '献血' of 'blood' stands twice"),
        (HEAD + BLOOD.replace("献血", " "), "is empty or has white space"),
        (HEAD + BLOOD.replace('key = "blood"', 'key = ""'), "has no key or lacks a name"),
        ("key = \n", "is not TOML"),
    ],
)
def test_a_fault_is_named_with_its_file_and_a_way_out(tmp_path, text, said):
    path = written(tmp_path, text)
    with pytest.raises(InputError) as refused:
        read_taxonomy(path)
    assert said in str(refused.value) and str(path) in refused.value.place


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_taxonomy(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_taxonomy(tmp_path / "bytes.toml")
    with pytest.raises(InputError, match="cannot be read"):
        read_taxonomy(tmp_path)
