"""The page of a benchmark: one file, both languages, and nothing that stands in an item can become markup or run."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess

import pytest

from primum.errors import InputError
from primum.report.bench_page import PACKED_ABOVE, REQUIRED, render

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP*~NOTFOUND",
    "--virtual-time-budget=5000",
]
HOSTILE = (
    "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> @@SCRIPT@@ \u202e"
)


def item(name, number, **changes):
    plain = {
        "item": name,
        "id": f"scenario-{number:020}",
        "made": "rule bench.items.single_choice v1",
        "dimension": ("care", "safety")[number % 2],
        "scene": "ward",
        "kind": "single_choice",
        "style": "direct",
        "difficulty": "easy",
        "split": "test",
        "state": "drafted",
        "language": "zh",
        "harm": 0,
        "borderline": False,
        "turns": [{"role": "user", "content": f"第 {number} 问：下列哪一项是正确的？"}],
        "options": [
            {"letter": "A", "text": "应当告知", "reason": "与规定一致：医师应当告知。"},
            {"letter": "B", "text": "不必告知", "reason": "规定没有让人自行取舍：医师应当告知。"},
        ],
        "key": ["A"],
        "points": ["医师应当告知。"],
        "reference": "",
        "counterpart": "",
        "review": None,
        "grounds": [{"at": 0, "citation": "测试法 第一条", "quote": "医师应当告知"}],
    }
    return plain | changes


def content(items):
    return {
        "name": "示例",
        "version": 1,
        "id": "benchmark-0123456789abcdef0123",
        "canary": "PRIMUM BENCHMARK canary 0000",
        "made": {"en": ["Drafted by rules."], "zh": ["由规则草拟。"]},
        "editions": [{"title": "测试法", "from": "2020-01-01", "to": None, "jurisdiction": "T"}],
        "taxonomy": {
            "dimensions": {"care": {"en": "Care", "zh": "照护"}, "safety": {"en": "Safety", "zh": "安全"}},
            "scenes": {"ward": {"en": "Ward", "zh": "病房"}},
            "styles": {"direct": {"en": "Direct", "zh": "直接"}},
            "harms": {"0": {"en": "Harmless", "zh": "无害"}},
        },
        "order": {"dimension": ["care", "safety"]},
        "checks": {"key": "the key is what the norm says"},
        "findings": 0,
        "review": {"drafted": len(items), "verified": 0, "rejected": 0},
        "articles": [{"path": ["测试法", "第一条"], "text": "第一条 医师应当告知。", "from": "2020-01-01", "to": None}],
        "items": items,
    }


MANY = [item(f"zh-{number:012x}", number) for number in range(1, 121)]


def block(page):
    kind, text = re.search(r'<script type="application/json" id="data" data-kind="(\w+)">(.*?)</script>', page).groups()
    return kind, json.loads(text if kind == "json" else gzip.decompress(base64.b64decode(text)))


@pytest.mark.parametrize("key", REQUIRED)
def test_a_benchmark_that_lacks_a_part_is_refused(key):
    whole = content(MANY)
    del whole[key]
    with pytest.raises(InputError, match=key):
        render(whole)


def test_the_page_holds_every_item_and_only_its_own_script_may_run():
    page = render(content(MANY))
    kind, held = block(page)
    assert kind == "json" and held["items"] == MANY
    script = re.search(r"<script>(.*?)</script>", page, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page and "default-src 'none'" in page
    assert "innerHTML" not in script and "insertAdjacent" not in script and "document.write" not in script
    assert not re.search(r"(?:src|href)=[\"']?https?:", page)
    assert render(content(MANY)) == page


def test_many_items_are_packed_and_come_out_whole():
    long = [item(f"zh-{number:012x}", number, reference="好" * 20_000) for number in range(60)]
    page = render(content(long))
    kind, held = block(page)
    assert kind == "gzip" and held["items"] == long and len(page) < PACKED_ABOVE / 4


def test_hostile_text_stays_text_in_the_file():
    page = render(content([item("zh-1", 1, points=[HOSTILE])]) | {"name": HOSTILE, "canary": "--><script>x</script>"})
    assert page.count("<script") == 2 and page.count("</script>") == 2 and "<img" not in page
    assert "\u202e" not in page
    assert "⟨U+202E⟩" in block(page)[1]["items"][0]["points"][0]


def opened(page, tmp_path, where, *options):
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path}/profile", *options, f"{file.as_uri()}{where}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout


@in_a_browser
@pytest.mark.parametrize(("where", "language", "word"), [("", "en", "Dimension"), ("?lang=zh", "zh", "维度")])
def test_the_page_lists_the_items_in_both_languages(tmp_path, where, language, word):
    held = opened(render(content(MANY)), tmp_path, where, "--dump-dom")
    assert re.search(rf'<html[^>]*lang="{language}', held) and word in held
    assert held.count('<a href="#zh-') == 50 and "120" in re.search(r'id="count"[^>]*>([^<]*)', held).group(1)


@in_a_browser
def test_a_link_opens_its_item_with_the_quote_marked_on_its_own_page_of_the_list(tmp_path):
    held = opened(render(content(MANY)), tmp_path, f"#{MANY[77]['item']}", "--dump-dom")
    assert "<mark>医师应当告知</mark>" in held and "第 78 问" in held
    assert 'aria-current="true"' in held and "2 / 3" in held
    assert "No item is called zh-nowhere" in opened(render(content(MANY)), tmp_path, "#zh-nowhere", "--dump-dom")


@in_a_browser
def test_a_packed_page_opens(tmp_path):
    long = [item(f"zh-{number:012x}", number, reference=f"{number}" + "好" * 20_000) for number in range(60)]
    held = opened(render(content(long)), tmp_path, f"#{long[3]['item']}", "--dump-dom")
    assert "<mark>医师应当告知</mark>" in held and "3好好" in held


@in_a_browser
def test_hostile_text_does_not_run(tmp_path):
    hostile = item(
        "zh-1",
        1,
        turns=[{"role": "user", "content": HOSTILE}],
        options=[{"letter": "A", "text": HOSTILE, "reason": HOSTILE}],
        points=[HOSTILE],
        reference=HOSTILE,
        scene=HOSTILE,
        counterpart=HOSTILE,
        review={"person": HOSTILE, "role": HOSTILE, "at": HOSTILE, "note": HOSTILE},
        grounds=[{"at": 0, "citation": HOSTILE, "quote": HOSTILE}],
    )
    whole = content([hostile, item("zh-2", 2)])
    whole["articles"][0]["text"] = f"{HOSTILE} 第一条"
    whole["taxonomy"]["dimensions"]["safety"] = {"en": HOSTILE, "zh": HOSTILE}
    held = opened(render(whole), tmp_path, "#zh-1", "--dump-dom")
    assert "<title>taken" not in held and "<img" not in held
    assert held.count("&lt;img src=x") >= 8 and held.count("<script") == 2
