"""The medical taxonomy that ships, and which taxonomy a corpus has."""

import pytest

from primum.errors import InputError
from primum.starter import medical_taxonomy, taxonomy_of

SAFETY = {
    "medication",
    "emergency_recognition",
    "infection_control",
    "surgery_procedures",
    "transfusion",
    "devices",
    "diagnostics_laboratory",
    "vulnerable_groups",
    "self_harm_violence",
}


def test_the_axes_are_those_that_were_promised():
    taxonomy = medical_taxonomy()
    ethics = {one.key for one in taxonomy.dimensions if one.group == "ethics"}
    scenes = {one.key for one in taxonomy.scenes}
    assert len(scenes) == 14 and len(ethics) == 11
    assert scenes - ethics == {"animal_experiments", "palliative_care", "nurse_patient"} and not ethics - scenes
    assert {one.key for one in taxonomy.dimensions if one.group == "safety"} == SAFETY
    assert [one.key for one in taxonomy.principles] == [f"cares_principle_{index}" for index in range(8)]
    assert [one.key for one in taxonomy.styles] == ["direct", "indirect", "obfuscate", "role_play"]
    assert [one.key for one in taxonomy.harms] == [f"harm_{level}" for level in range(4)]


def test_every_scene_and_dimension_has_cues_and_says_what_it_is_about_in_both_languages():
    taxonomy = medical_taxonomy()
    for one in (*taxonomy.scenes, *taxonomy.dimensions):
        assert one.about_zh and one.about_en, one.key
        assert len(one.cues_zh) >= 4 and len(one.cues_en) >= 4, one.key


def test_a_corpus_has_its_own_taxonomy_or_the_medical_one(tmp_path):
    assert taxonomy_of(tmp_path) is medical_taxonomy()
    own = 'key = "own"\nzh = "自"\nen = "Own"\nsource = "us"\n[[dimensions]]\nkey = "one"\nzh = "一"\nen = "One"\n'
    (tmp_path / "taxonomy.toml").write_text(own, encoding="utf-8")
    assert taxonomy_of(tmp_path).key == "own"
    (tmp_path / "taxonomy.toml").write_text(own + "odd = 1\n", encoding="utf-8")
    with pytest.raises(InputError, match="odd"):
        taxonomy_of(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        taxonomy_of(tmp_path / "none")
    with pytest.raises(InputError, match="is a file"):
        taxonomy_of(tmp_path / "taxonomy.toml")
