"""Commands in documents exist, with every flag that they name."""

import pathlib
import re
import shlex
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
SCRIPTS = ("prepare", "train", "generate", "evaluate", "reproduce", "search")
COMMAND = re.compile(r"^ {4}(?:python (\w+)\.py|calciumgan-tf (\w+)) ?(.*)$", re.MULTILINE)
BENCHMARK = re.compile(r"python (benchmarks/\w+\.py)")


def commands(page):
    """(script, flags) of each command of a page."""
    for first, second, rest in COMMAND.findall(page.read_text(encoding="utf-8")):
        yield first or second, shlex.split(rest, comments=True)


@pytest.fixture(scope="module")
def known():
    """{script: names of its flags}."""
    found = {}
    for script in SCRIPTS:
        shown = subprocess.run([sys.executable, f"{script}.py", "--helpfull"], cwd=ROOT, capture_output=True, text=True)
        found[script] = set(re.findall(r"^  --(\w+)", shown.stdout, re.MULTILINE))
        assert "flagfile" in found[script], shown.stderr
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_a_page_have_their_flags(page, known):
    for script, arguments in commands(page):
        assert script in known, (page, script)
        for argument in arguments:
            if argument == "...":
                continue
            name = argument.split("=")[0]
            assert name.startswith("--"), (page, argument)
            assert name[2:] in known[script] | {"help", "helpfull"} or name[4:] in known[script], (page, argument)


def test_pages_have_commands():
    assert sum(1 for page in PAGES for _ in commands(page)) > 60


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_benchmarks_of_a_page_exist(page):
    for name in BENCHMARK.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), (page, name)
