"""The provider plugins: what the CLI downloads is what it would find on PATH."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from lab.provider.plugin import PACKAGES, archive, script


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("version", ["4.21.4-linux-amd64", "3.29.0-darwin-arm64", "1.0.0-beta-x-y"])
def test_any_version_for_any_machine_is_the_same_plugin(package: str, version: str) -> None:
    packed = archive(f"pulumi-resource-{package}-v{version}.tar.gz")
    assert packed is not None
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        (entry,) = tar.getmembers()
        content = tar.extractfile(entry)
        assert content is not None
        assert content.read().decode() == script(package)
        assert (entry.name, entry.mode) == (f"pulumi-resource-{package}", 0o700)


@pytest.mark.parametrize(
    "file",
    ["pulumi-resource-aws-v7.0.0-linux-amd64.tar.gz", "pulumi-language-go-v1.tar.gz", "../x"],
)
def test_there_is_no_plugin_of_other_clouds(file: str) -> None:
    assert archive(file) is None


def test_a_plugin_without_a_lab_says_so(tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(script("random"))
    plugin.chmod(0o700)
    done = subprocess.run(
        [str(plugin), "127.0.0.1:1"],
        cwd=tmp_path,
        env=os.environ | {"LOGIN_MONITOR_LAB_CONTROL": str(tmp_path / "none.json")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "LOGIN_MONITOR_LAB_CONTROL names no file of a running lab" in done.stderr
