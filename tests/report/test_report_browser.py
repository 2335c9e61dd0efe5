"""The page in a real browser: it is drawn without a network, and its language can be changed."""

import re
import shutil
import subprocess

import pytest

from primum.report import write
from report.report_sample import sample

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
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
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return write(sample(), tmp_path_factory.mktemp("page"))


def opened(page, query, tmp_path):
    """The page as the browser holds it once its script has run."""
    address = f"{page.as_uri()}{query}"
    done = subprocess.run(
        [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path}", "--dump-dom", address],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout


def widths(page, width, tmp_path):
    """How wide the page's content and its window are. A page tells its own width where a browser can be asked: in the title."""
    asked = page.with_name(f"asked-{width}.html")
    measure = (
        "<script>addEventListener('load',function(){document.title='wide '+document.documentElement.scrollWidth+"
        "' of '+document.documentElement.clientWidth})</script></body>"
    )
    text = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page.read_text("utf-8"))
    asked.write_text(text.replace("</body>", measure), "utf-8")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path}", f"--window-size={width},900", "--dump-dom"]
    done = subprocess.run([*command, asked.as_uri()], capture_output=True, text=True, check=True, timeout=120)
    found = re.search(r"<title>wide (\d+) of (\d+)</title>", done.stdout)
    assert found is not None
    return int(found[1]), int(found[2])


@pytest.mark.parametrize(("query", "language"), [("", "en"), ("?lang=zh", "zh")])
def test_the_page_opens_offline_in_both_languages(page, tmp_path, query, language):
    held = opened(page, query, tmp_path)
    assert re.search(rf'<html[^>]*lang="{language}', held)
    assert held.count("<svg") >= 4
    assert sample()["title"] in held


@pytest.mark.parametrize(("query", "shown"), [("", "en"), ("?lang=zh", "zh")])
def test_the_certificate_of_the_judge_is_there_in_both_languages(page, tmp_path, query, shown):
    held = opened(page, query, tmp_path)
    section = held[held.index('id="certificate"') : held.index('id="examples"')]
    assert f'data-words="{shown}"' in held and 'href="#certificate"' in held
    for word in ("Certified until 2027-05-20", "证书有效期至 2027-05-20", "Planted instructions", "植入指令"):
        assert word in section
    assert section.count("<svg") == 2 and section.count("<table") == 10


def test_the_page_is_drawn(page, tmp_path):
    picture = tmp_path / "page.png"
    command = [
        CHROMIUM,
        *QUIET,
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--screenshot={picture}",
        "--window-size=1280,2000",
        page.as_uri(),
    ]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    assert picture.stat().st_size > 50_000  # a blank page takes a tenth of it
