"""Publishing: upload, build, wait, and what is said when one of them fails."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from components.limits.refusal import FailedError, RefusedError
from components.publish import bundle, publish
from components.publish.publish import Order
from components.publish.retry import Retry
from tests.support.kudu_stand_in import Answer, KuduStandIn, serving

LATEST, UPLOAD, HEALTH = (
    "GET /api/deployments/latest",
    "POST /api/publish?type=zip&async=true",
    "GET /health",
)
NEVER_BEFORE: Answer = (404, "no deployment")
BUILDING: Answer = (202, {"id": "d1", "status": 1, "status_text": "Building"})
BUILT: Answer = (200, {"id": "d1", "status": 4, "status_text": ""})
FAILED: Answer = (200, {"id": "d1", "status": 3, "status_text": ""})
TOKEN = "a-token-of-nobody"


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def retry(self, seconds: float) -> Retry:
        return Retry(seconds, now=lambda: self.seconds, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small app."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "requirements.txt").write_text("Flask\n")
    return folder


@pytest.fixture
def azure() -> Iterator[KuduStandIn]:
    """A site whose script still has to be written."""
    with serving(KuduStandIn()) as stand_in:
        yield stand_in


def answering(version: str) -> Answer:
    return 200, {"status": "ok", "app": "login-monitor", "version": version}


def ordered(source: Path, url: str, seconds: float = 600) -> Order:
    """What the stack of the login app asks for."""
    return Order(
        source,
        url,
        f"{url}/health",
        bundle.version(source),
        seconds,
        health_text="login-monitor",
        tells_version=True,
    )


def run(azure: KuduStandIn, source: Path, clock: Clock | None = None, seconds: float = 600) -> str:
    order = ordered(source, azure.url, seconds)
    return publish.publish(order, lambda: TOKEN, (clock or Clock()).retry)


def test_the_package_is_uploaded_built_and_waited_for(azure: KuduStandIn, source: Path) -> None:
    version = bundle.version(source)
    azure.script = {
        HEALTH: [(503, "starting"), answering("of yesterday"), answering(version)],
        LATEST: [NEVER_BEFORE, BUILDING, BUILT],
        UPLOAD: [(202, "")],
    }
    assert run(azure, source) == f"version {version} answers at {azure.url}/health"
    assert azure.uploads == [bundle.build(source)]
    asked_kudu = [
        token for asked, token in zip(azure.asked, azure.tokens, strict=True) if "/api/" in asked
    ]
    assert set(asked_kudu) == {f"Bearer {TOKEN}"}
    assert len(asked_kudu) < len(azure.tokens), "health is asked without a token"
    assert {t for a, t in zip(azure.asked, azure.tokens, strict=True) if a == HEALTH} == {None}


def test_a_version_that_already_answers_is_not_uploaded_again(
    azure: KuduStandIn, source: Path
) -> None:
    azure.script = {HEALTH: [answering(bundle.version(source))], LATEST: [BUILT]}
    assert "already answers" in run(azure, source)
    assert azure.asked == [HEALTH, LATEST]
    assert azure.uploads == []


def test_the_answer_of_the_old_site_does_not_keep_the_new_one_empty(
    azure: KuduStandIn, source: Path
) -> None:
    """They have one host name, and the old one may still answer for a moment."""
    azure.script = {
        HEALTH: [answering(bundle.version(source))],
        LATEST: [NEVER_BEFORE, NEVER_BEFORE, BUILDING, BUILT],
        UPLOAD: [(202, "")],
    }
    run(azure, source)
    assert azure.uploads == [bundle.build(source)]


def test_the_deployment_before_is_not_mistaken_for_ours(azure: KuduStandIn, source: Path) -> None:
    before: Answer = (200, {"id": "d0", "status": 4})
    azure.script = {
        HEALTH: [(503, ""), answering(bundle.version(source))],
        LATEST: [before, before, before, BUILDING, BUILT],
        UPLOAD: [(202, "")],
    }
    run(azure, source)
    assert azure.asked.count(LATEST) == 5


def test_a_failed_build_is_told_with_pips_own_words(azure: KuduStandIn, source: Path) -> None:
    azure.script = {
        HEALTH: [(503, "")],
        LATEST: [NEVER_BEFORE, FAILED],
        UPLOAD: [(202, "")],
        "GET /api/deployments/d1/log": [
            (
                200,
                [
                    {"id": "e1", "message": "Preparing deployment", "details_url": None},
                    {"id": "e2", "message": "Running oryx build...", "details_url": "https://x"},
                ],
            )
        ],
        "GET /api/deployments/d1/log/e2": [
            (200, [{"message": "Collecting Flaskk\nERROR: No matching distribution for Flaskk"}])
        ],
    }
    with pytest.raises(FailedError) as failed:
        run(azure, source)
    assert str(failed.value).splitlines() == [
        f"the build of {source} failed on App Service:",
        "ERROR: No matching distribution for Flaskk",
    ]


def test_a_deployment_that_kudus_restart_cut_short_is_tried_again(
    azure: KuduStandIn, source: Path
) -> None:
    text = "Deployment has been stopped due to SCM container restart. The restart can happen…"
    cut: Answer = (200, {"id": "d1", "status": 3, "status_text": text})
    again: Answer = (200, {"id": "d2", "status": 4})
    azure.script = {
        HEALTH: [(503, ""), answering(bundle.version(source))],
        LATEST: [NEVER_BEFORE, cut, cut, again],
        UPLOAD: [(202, "")],
    }
    run(azure, source)
    assert len(azure.uploads) == 2


@pytest.mark.parametrize("status", [404, 409, 429, 502, 503])
def test_a_site_that_is_still_being_made_is_waited_for(
    azure: KuduStandIn, source: Path, status: int
) -> None:
    azure.script = {
        HEALTH: [(503, ""), answering(bundle.version(source))],
        LATEST: [NEVER_BEFORE, BUILT],
        UPLOAD: [(status, "not yet"), (status, "not yet"), (202, "")],
    }
    run(azure, source)
    assert azure.asked.count(UPLOAD) == 3


def test_rights_that_come_a_moment_later_are_waited_for(azure: KuduStandIn, source: Path) -> None:
    azure.script = {
        HEALTH: [(503, ""), answering(bundle.version(source))],
        LATEST: [(401, ""), (403, ""), NEVER_BEFORE, BUILT],
        UPLOAD: [(202, "")],
    }
    run(azure, source)


def test_missing_rights_are_told_within_a_minute_and_without_the_token(
    azure: KuduStandIn, source: Path
) -> None:
    azure.script = {HEALTH: [(503, "")], LATEST: [(403, "no")]}
    clock = Clock()
    with pytest.raises(FailedError, match="403 Forbidden.*Website Contributor") as refused:
        run(azure, source, clock)
    assert clock.seconds < 70
    assert TOKEN not in str(refused.value)


def test_a_token_that_kudu_refuses_leads_to_the_other_audience(
    azure: KuduStandIn, source: Path
) -> None:
    azure.script = {
        HEALTH: [(503, ""), answering(bundle.version(source))],
        LATEST: [(401, "wrong audience"), NEVER_BEFORE, BUILT],
        UPLOAD: [(202, "")],
    }
    tokens, others = ["first"], ["second"]

    def other() -> bool:
        if not others:
            return False
        tokens[:] = [others.pop()]
        return True

    order = ordered(source, azure.url)
    publish.publish(order, lambda: tokens[0], Clock().retry, other)
    asked = [token for token in azure.tokens if token]
    assert asked[0] == "Bearer first"
    assert set(asked[1:]) == {"Bearer second"}


@pytest.mark.parametrize("words", ["Ip Forbidden", "Site Disabled"])
def test_a_refusal_quotes_azures_own_reason(azure: KuduStandIn, source: Path, words: str) -> None:
    page = f"<html><style>p {{color: red}}</style><h1>Error 403</h1><p>{words}</p></html>"
    azure.script = {HEALTH: [(503, "")], LATEST: [(403, page)]}
    with pytest.raises(FailedError, match=rf"403 Forbidden: Error 403 {words}\)") as refused:
        run(azure, source)
    assert "access restrictions" in str(refused.value)


def test_a_refused_package_is_told_with_kudus_words(azure: KuduStandIn, source: Path) -> None:
    azure.script = {
        HEALTH: [(503, "")],
        LATEST: [NEVER_BEFORE],
        UPLOAD: [(400, "type='zip' not\nrecognized")],
    }
    with pytest.raises(FailedError, match=r"\(400 Bad Request\): type='zip' not recognized"):
        run(azure, source)


def test_the_token_follows_no_redirection(azure: KuduStandIn, source: Path) -> None:
    azure.script = {HEALTH: [(503, "")], LATEST: [(302, "")]}
    with pytest.raises(FailedError, match="302 Found"):
        run(azure, source)


def test_a_password_of_another_program_does_not_replace_the_token(
    azure: KuduStandIn, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    azure.script = {
        HEALTH: [(503, ""), answering(bundle.version(source))],
        LATEST: [NEVER_BEFORE, BUILT],
        UPLOAD: [(202, "")],
    }
    run(azure, source)
    kudu = [t for a, t in zip(azure.asked, azure.tokens, strict=True) if "/api/" in a]
    assert set(kudu) == {f"Bearer {TOKEN}"}


def test_a_host_that_does_not_exist_yet_is_waited_for_and_then_named(source: Path) -> None:
    url = "http://127.0.0.1:9"
    order = ordered(source, url)
    with pytest.raises(FailedError) as late:
        publish.publish(order, lambda: TOKEN, Clock().retry)
    assert "127.0.0.1 cannot be reached within 600 s; last answer:" in str(late.value)
    assert "refused" in str(late.value)


def test_a_build_without_end_is_given_up(azure: KuduStandIn, source: Path) -> None:
    azure.script = {
        HEALTH: [(503, "")],
        LATEST: [NEVER_BEFORE, BUILDING],
        UPLOAD: [(202, "")],
    }
    with pytest.raises(FailedError, match="did not end within 600 s; last answer: Building"):
        run(azure, source)


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ((200, "<html>Your web app is running</html>"), "200 OK <html>Your web app is running"),
        ((503, "Application Error"), "503 Service Unavailable Application Error"),
        ((200, {"app": "login-monitor", "version": "old"}), "200 OK version old"),
        ((200, {"app": "another"}), "200 OK {"),
    ],
)
def test_an_app_that_does_not_come_up_is_told_with_its_last_answer(
    azure: KuduStandIn, source: Path, answer: Answer, shown: str
) -> None:
    azure.script = {HEALTH: [answer], LATEST: [NEVER_BEFORE, BUILT], UPLOAD: [(202, "")]}
    with pytest.raises(FailedError) as late:
        run(azure, source)
    assert f"did not tell version {bundle.version(source)} within 600 s" in str(late.value)
    assert f"last answer: {shown}" in str(late.value)


def test_another_programs_page_with_our_version_is_not_our_app(
    azure: KuduStandIn, source: Path
) -> None:
    version = bundle.version(source)
    azure.script = {
        HEALTH: [(200, {"app": "another", "version": version}), answering(version)],
        LATEST: [NEVER_BEFORE, BUILT],
        UPLOAD: [(202, "")],
    }
    run(azure, source)
    assert azure.uploads, "its answer did not count as live"


def test_any_app_is_live_when_it_answers_healthy_after_its_deployment(
    azure: KuduStandIn, source: Path
) -> None:
    order = replace(ordered(source, azure.url), health_text="All good", tells_version=False)
    azure.script = {
        HEALTH: [(503, "starting"), (200, "<html>Welcome</html>"), (200, "<p>All good</p>")],
        LATEST: [NEVER_BEFORE, BUILDING, BUILT],
        UPLOAD: [(202, "")],
    }
    told = publish.publish(order, lambda: TOKEN, Clock().retry)
    assert told == f"the app answers at {azure.url}/health"
    assert azure.uploads == [bundle.build(source)]


def test_without_a_version_to_compare_the_code_is_always_brought(
    azure: KuduStandIn, source: Path
) -> None:
    order = replace(ordered(source, azure.url), health_text="", tells_version=False)
    azure.script = {
        HEALTH: [(200, "good")],
        LATEST: [(200, {"id": "old", "status": 4}), BUILDING, BUILT],
        UPLOAD: [(202, "")],
    }
    publish.publish(order, lambda: TOKEN, Clock().retry)
    assert azure.uploads, "what answered may have been the app before"


def test_an_unhealthy_app_of_any_kind_is_told_with_what_was_expected(
    azure: KuduStandIn, source: Path
) -> None:
    order = replace(ordered(source, azure.url), health_text="All good", tells_version=False)
    azure.script = {HEALTH: [(500, "Oops")], LATEST: [NEVER_BEFORE, BUILT], UPLOAD: [(202, "")]}
    with pytest.raises(FailedError, match="did not tell 'All good' within 600 s; last answer: 500"):
        publish.publish(order, lambda: TOKEN, Clock().retry)


def test_files_that_changed_since_the_stack_was_read_are_told(
    azure: KuduStandIn, source: Path
) -> None:
    order = Order(source, azure.url, f"{azure.url}/health", "0123456789ab", 600)
    with pytest.raises(FailedError, match="the stack expects 0123456789ab; a file changed"):
        publish.publish(order, lambda: TOKEN, Clock().retry)
    assert not azure.asked


def test_a_missing_order_names_everything_that_is_missing() -> None:
    with pytest.raises(RefusedError, match="PUBLISH_SCM_URL, PUBLISH_HEALTH_URL not set"):
        Order.read({"PUBLISH_SOURCE": "app", "PUBLISH_VERSION": "1"})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PUBLISH_SCM_URL", "http://shop.scm.azurewebsites.net", "is not safe; expected https://"),
        ("PUBLISH_WAIT_SECONDS", "long", "is no number; expected seconds such as 600"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    name: str, value: str, message: str
) -> None:
    sound = {
        "PUBLISH_SOURCE": "app",
        "PUBLISH_SCM_URL": "https://shop.scm.azurewebsites.net",
        "PUBLISH_HEALTH_URL": "https://shop.azurewebsites.net/health",
        "PUBLISH_VERSION": "0123456789ab",
    }
    assert Order.read(sound).wait_seconds == 600
    with pytest.raises(RefusedError, match=message):
        Order.read(sound | {name: value})
