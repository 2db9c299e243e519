"""The zip that App Service gets."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from components.content.places import APP_SOURCE
from components.limits.refusal import FailedError
from components.publish import bundle


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A small app with things beside it that nobody wants to deploy."""
    for name, text in {
        "requirements.txt": "Flask\n",
        "wsgi.py": "app = None\n",
        "login_app/__init__.py": "",
        "login_app/__pycache__/__init__.cpython-311.pyc": "x",
        ".env": "SECRET",
        ".git/config": "x",
        "login.db": "x",
        "VERSION": "of yesterday\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def names(zipped: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(zipped)).namelist()


def test_only_the_app_is_deployed_in_sorted_order(app: Path) -> None:
    expected = ["VERSION", "login_app/__init__.py", "requirements.txt", "wsgi.py"]
    assert names(bundle.build(app)) == expected


def test_the_same_files_give_the_same_bytes_whatever_their_times_and_modes(app: Path) -> None:
    before = bundle.build(app)
    for path in app.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    assert bundle.build(app) == before


def test_the_version_tells_the_content_and_stands_in_the_zip(app: Path) -> None:
    version = bundle.version(app)
    assert version == bundle.content_hash(app)[:12]
    archive = zipfile.ZipFile(io.BytesIO(bundle.build(app)))
    assert archive.read("VERSION").decode() == f"{version}\n"


@pytest.mark.parametrize("change", ["content", "name", "another file"])
def test_every_change_of_the_app_is_another_version(app: Path, change: str) -> None:
    before = bundle.version(app)
    if change == "content":
        (app / "wsgi.py").write_text("app = 1\n")
    elif change == "name":
        (app / "wsgi.py").rename(app / "asgi.py")
    else:
        (app / "extra.py").touch()
    assert bundle.version(app) != before


def test_the_same_files_for_another_runtime_are_another_version(app: Path) -> None:
    """Packages of one Python cannot be found by another."""
    old, new = (bundle.version(app, f"PYTHON|3.{minor}") for minor in (12, 13))
    assert len({old, new, bundle.version(app)}) == 3
    archive = zipfile.ZipFile(io.BytesIO(bundle.build(app, "PYTHON|3.13")))
    assert archive.read("VERSION").decode() == f"{new}\n"


def test_what_is_not_deployed_does_not_change_the_version(app: Path) -> None:
    before = bundle.version(app)
    (app / "login.db").write_text("another user")
    (app / "VERSION").write_text("of today\n")
    assert bundle.version(app) == before


def test_an_app_whose_requirements_the_build_would_not_find_is_refused(app: Path) -> None:
    (app / "requirements.txt").unlink()
    with pytest.raises(FailedError, match=r"has no requirements\.txt; expected it at the"):
        bundle.build(app)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="is not there"):
        bundle.version(tmp_path / "nowhere")


def test_our_app_is_deployable() -> None:
    deployed = names(bundle.build(APP_SOURCE))
    assert {"wsgi.py", "requirements.txt", "serve.py"} <= set(deployed)
