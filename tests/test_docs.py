"""The generated pages are fresh, and the documents name things that exist."""

import importlib.util
import re
from types import ModuleType

import pytest

from components.content.places import ROOT


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "page",
    [
        *("README.md", "kql/README.md", "docs/kql-library.md", "docs/lab-fidelity.md"),
        *(
            "docs/alerts.md",
            "docs/components.md",
            "docs/cost.md",
            "docs/events.md",
            "docs/settings.md",
            "Pulumi.yaml",
        ),
    ],
)
def test_a_generated_page_is_fresh(generate: ModuleType, page: str) -> None:
    written = (ROOT / page).read_text(encoding="utf-8")
    assert written == generate.PAGES[page](), f"{page} is stale; run `make docs`"


def test_what_two_apps_ship_is_the_same(generate: ModuleType) -> None:
    copies = generate.shared_modules.copies()
    assert len(copies) == 5
    for path, build in copies.items():
        text = build()
        assert (ROOT / path).read_text(encoding="utf-8") == text, f"{path}; run `make docs`"
        assert "login_app." not in text.partition("\n")[2], "it is shipped alone"
    events = next(build() for path, build in copies.items() if path.endswith("/events.py"))
    assert 'PRODUCT = "login-monitor", "django"' in events


@pytest.mark.parametrize(
    "page",
    sorted(
        p.relative_to(ROOT).as_posix() for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    ),
)
def test_every_link_of_a_document_leads_to_a_file(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)
    missing = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert not missing
    assert text.startswith("#"), "a page begins with its title"


def test_every_make_target_that_the_documents_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        name
        for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
        for name in re.findall(r"(?:^|`)make ([a-z]+)(?:`|$)", page.read_text(), re.MULTILINE)
    }
    assert named <= targets
