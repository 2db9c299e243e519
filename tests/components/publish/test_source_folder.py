"""What of a source folder and a start command can be judged before anything is created."""

import re
from pathlib import Path

import pytest

from components.content.places import APP_SOURCE
from components.login_app import START_COMMAND
from components.publish import source_folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A Django project called shop."""
    (tmp_path / "shop").mkdir()
    for name in ("__init__.py", "wsgi.py", "asgi.py"):
        (tmp_path / "shop" / name).touch()
    (tmp_path / "manage.py").touch()
    (tmp_path / "requirements.txt").write_text("Django\n")
    return tmp_path


def test_the_login_app_of_this_package_is_fine() -> None:
    assert source_folder.refusals(APP_SOURCE, START_COMMAND) == []
    assert source_folder.refusals(APP_SOURCE / "login_app", START_COMMAND), "its folder matters"


@pytest.mark.parametrize(
    "command",
    [
        "gunicorn shop.wsgi",
        "gunicorn --workers 2 'shop.wsgi:application'",
        "python manage.py migrate --noinput && gunicorn shop.wsgi:application --timeout 60",
        "python -m gunicorn shop.wsgi",
        "DEBUG=0 exec python3.12 -u manage.py runserver 0.0.0.0:$PORT",
        "uvicorn shop.asgi:application --host 0.0.0.0",
        "gunicorn --chdir elsewhere site.wsgi:app",
        "cd elsewhere && gunicorn site.wsgi:app",
        "python -m flask --app site run",
        "./start.sh",
        "echo 'never ends",
        "",
    ],
)
def test_what_may_work_is_left_to_the_app(shop: Path, command: str) -> None:
    assert source_folder.refusals(shop, command) == []
    assert source_folder.refusals(shop, "gunicorn mysite.wsgi"), "what cannot work is refused"


@pytest.mark.parametrize(
    ("command", "module", "expected"),
    [
        (
            "gunicorn mysite.wsgi",
            "mysite.wsgi",
            "expected mysite/wsgi.py in .*mean 'shop",
        ),
        ("gunicorn -w 4 app:app", "app", "expected app.py in "),
        ("python serve.py --bind 0.0.0.0", "serve", "expected serve.py in "),
        ("python manage.py migrate; gunicorn shop.wsgy:app", "shop.wsgy", "expected shop/wsgy.py"),
        ("python -m shop.serve", "shop.serve", "expected shop/serve.py in "),
        ("waitress-serve --call shop.web:create", "shop.web", "expected shop/web.py in "),
    ],
)
def test_a_module_that_is_not_there_is_told_with_where_it_was_looked_for(
    shop: Path, command: str, module: str, expected: str
) -> None:
    (refused,) = source_folder.refusals(shop, command)
    assert refused.where.property == "start_command"
    assert refused.value == module
    assert re.search(expected, refused.expected)


def test_requirements_that_are_missing_or_unreadable_are_told(shop: Path) -> None:
    file = shop / "requirements.txt"
    file.write_bytes(b"\xff\xfeD\x00j\x00")
    (refused,) = source_folder.refusals(shop, "gunicorn shop.wsgi")
    assert "cannot be read: it is not UTF-8; expected a text file" in str(refused)
    assert str(file) in str(refused)
    file.unlink()
    (refused,) = source_folder.refusals(shop, "gunicorn shop.wsgi")
    assert "has no requirements.txt; expected a text file with one requirement a line" in str(
        refused
    )
    file.mkdir()
    (refused,) = source_folder.refusals(shop, "gunicorn shop.wsgi")
    assert "cannot be read: Is a directory" in str(refused)


def test_a_file_is_no_folder(shop: Path) -> None:
    (refused,) = source_folder.refusals(shop / "manage.py", "gunicorn shop.wsgi")
    assert "is no folder; expected the folder of the app's code" in str(refused)
