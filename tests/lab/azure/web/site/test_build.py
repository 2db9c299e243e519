"""Virtual environments of apps: complete or not used."""

import os
import threading
from pathlib import Path

import pytest

from lab.azure.web.site.build import Builder, BuildError

NO_NETWORK = "--no-index\n"


def requirements(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "requirements.txt").write_text(NO_NETWORK + text, encoding="utf-8")
    return folder


@pytest.fixture
def code(tmp_path: Path) -> Path:
    return tmp_path / "code"


def test_a_missing_dependency_is_told_in_pips_words(tmp_path: Path, code: Path) -> None:
    with pytest.raises(BuildError) as refusal:
        Builder(tmp_path / "lab").build(requirements(code, "no-such-thing==1.0\n"))
    lines = str(refusal.value).splitlines()
    assert lines[-1] == "ERROR: No matching distribution found for no-such-thing==1.0"
    assert all(line.startswith("ERROR:") for line in lines)


def test_a_build_is_made_once_and_again_after_an_interruption(tmp_path: Path, code: Path) -> None:
    builder = Builder(tmp_path / "lab")
    first = builder.build(requirements(code, ""))
    python = (first / "bin" / "python").lstat()
    assert builder.build(code) == first
    assert (first / "bin" / "python").lstat() == python, "a finished build was made again"

    (first / "complete").unlink()  # as if the machine had gone off before the end
    (first / "half").touch()
    assert Builder(tmp_path / "lab").build(code) == first
    assert not (first / "half").exists(), "what an interrupted build left was used"


def test_other_requirements_are_another_build(tmp_path: Path, code: Path) -> None:
    builder = Builder(tmp_path / "lab")
    (tmp_path / "code").mkdir()
    (code / "more.txt").write_text("# one\n")
    first = _place(builder, requirements(code, "-r more.txt\n"))
    (code / "more.txt").write_text("# two\n")
    assert _place(builder, code) != first, "an included file changed, the old build was used"
    assert _place(Builder(tmp_path / "elsewhere"), code) != _place(builder, code), (
        "scripts of a virtual environment hold its path: a moved one is of no use"
    )


def test_closing_ends_a_running_build(tmp_path: Path) -> None:
    builder = Builder(tmp_path / "lab")
    marker, ended = tmp_path / "started", list[str]()

    def build() -> None:
        try:
            builder._run(["/bin/sh", "-c", f"touch {marker}; sleep 100"], tmp_path)
        except BuildError as error:
            ended.append(str(error))

    thread = threading.Thread(target=build)
    thread.start()
    while not marker.exists():
        thread.join(0.01)
    builder.stop()
    thread.join(20)
    assert ended == ["the build ended with exit code -15"]
    with pytest.raises(BuildError, match="the lab is closing"):
        builder._run(["true"], tmp_path)


def test_a_build_sees_pips_settings_but_not_the_labs_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_EXAMPLE", "kept")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "hidden")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "hidden")
    out = tmp_path / "environment"
    Builder(tmp_path / "lab")._run(["/bin/sh", "-c", f"env > {out}"], tmp_path)
    told = out.read_text()
    assert "PIP_EXAMPLE=kept" in told
    assert "hidden" not in told
    assert os.environ["AZURE_CLIENT_SECRET"] == "hidden"


def _place(builder: Builder, code: Path) -> str:
    """Where the build would be, without making it."""
    from lab.azure.web.site.build import _digest

    return _digest(code / "requirements.txt", builder._folder)
