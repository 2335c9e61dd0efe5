"""The page of a loop in a real browser: its language can be changed, and nothing is wider than the window it is read in."""

import re

import pytest

from primum.report import write
from report.loop_sample import hacked
from report.test_report_browser import CHROMIUM, opened, widths

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return write(hacked(), tmp_path_factory.mktemp("loop"))


@pytest.mark.parametrize(("query", "language"), [("", "en"), ("?lang=zh", "zh")])
def test_the_page_opens_offline_in_both_languages(page, tmp_path, query, language):
    held = opened(page, query, tmp_path)
    assert re.search(rf'<html[^>]*lang="{language}', held) and f'data-words="{language}"' in held
    assert held.count("<svg") == 5 and "JUDGE HACKED" in held and "评审被钻空子" in held
    assert (
        'id="words" class="switch" role="group" aria-label="Language / 语言">' in held
    )  # the script ran: it is not hidden


@pytest.mark.parametrize("width", [1280, 640, 500])
def test_nothing_but_what_scrolls_is_wider_than_the_window(page, tmp_path, width):
    content, window = widths(page, width, tmp_path)  # 640 is what a window of 1280 holds at 200 % zoom
    assert content <= window
