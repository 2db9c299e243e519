"""Settings: what is accepted, and each refusal with its words."""

import dataclasses
import json
import re
from typing import Any

import pulumi
import pytest
import yaml

import settings
from components.content import detection
from components.content.places import ROOT
from components.limits.letter_case import camel
from components.limits.refusal import Place, Refusal, RefusedError
from components.monitored_login import MonitoredLoginArgs
from settings import SettingsError, declaration
from settings.rows import ROWS
from settings.setting import Setting
from tests.conftest import PROJECT, Engine, StackConfig

SLUG = "brute_force_from_one_address"
SOUND: dict[str, object] = {
    "alertEmails": ["soc@example.com"],
    "initialUsers": {"alice": "correct-horse-battery"},
}


def read(engine: Engine) -> settings.Settings:
    """The settings of the configuration that is set, read as a program would."""
    found: list[settings.Settings] = []
    engine.deploy(lambda: found.append(settings.read()))
    return found[0]


def refusals(engine: Engine) -> list[str]:
    """The lines of the refusal, one a problem."""
    with pytest.raises(SettingsError) as refused:
        read(engine)
    heading, *lines = str(refused.value).splitlines()
    assert heading == f"stack {engine.stack} has settings that cannot work:"
    return [line.removeprefix("  - ") for line in lines]


def declared() -> dict[str, Any]:
    """The `config:` block of Pulumi.yaml."""
    block: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    return block


def test_defaults_and_the_two_needed_settings_are_enough(
    engine: Engine, stack_config: StackConfig
) -> None:
    stack_config("dev", **SOUND)
    found = read(engine)
    assert found.alert_emails == ("soc@example.com",)
    assert found.initial_users == SOUND["initialUsers"]
    assert (found.location, found.app_service_sku, found.instances) == ("westeurope", "B1", 1)
    assert (found.retention_days, found.daily_cap_gb) == (30, 0)
    assert found.detections == ("essential",)
    assert found.webhook_url is None
    assert found.mute_duration is None
    assert found.protect_log_store is False
    assert found.tags == {"project": PROJECT, "stack": "dev"}


def test_every_setting_can_be_changed(engine: Engine, stack_config: StackConfig) -> None:
    stack_config(
        "dev",
        **SOUND,
        location="swedencentral",
        webhookUrl="https://hooks.example.com/key",
        retentionDays=730,
        dailyCapGb=5,
        protectLogStore=True,
        appServiceSku="P1v3",
        pythonVersion="3.13",
        rateLimit="5 per minute; 50 per hour",
        captcha="always",
        initialPasswords="keep",
        sessionHours=8,
        sessionIdleMinutes=15,
        secondFactorFor=["alice", "o'neill"],
        passwordHash="m=19456,t=2",
        trustedProxies=["10.1.0.0/24"],
        detections=[SLUG],
        detectionOverrides={SLUG: {"threshold": 7.5, "severity": 0}},
        muteDuration="PT30M",
        tags={"team": "soc", "stack": "mine"},
    )
    found = read(engine)
    assert found.webhook_url == "https://hooks.example.com/key"
    assert (found.retention_days, found.daily_cap_gb) == (730, 5)
    assert found.detections == (SLUG,)
    assert found.detection_overrides == {SLUG: {"threshold": 7.5, "severity": 0}}
    assert (found.captcha, found.initial_passwords) == ("always", "keep")
    assert (found.session_hours, found.session_idle_minutes) == (8, 15)
    assert found.second_factor_for == ("alice", "o'neill")
    assert (found.password_hash, found.trusted_proxies) == ("m=19456,t=2", ("10.1.0.0/24",))
    assert found.mute_duration == "PT30M"
    assert found.protect_log_store is True
    assert found.tags == {"project": PROJECT, "stack": "mine", "team": "soc"}


WRONG: list[tuple[str, object, str]] = [
    ("location", "global", "location global is no Azure region; expected a region such as"),
    ("location", "West Europe", "location West Europe is no Azure region; did you mean 'westeuro"),
    ("location", "westeurop", "location westeurop is no Azure region; did you mean 'westeurope'?"),
    ("location", "atlantis", "location atlantis is no Azure region; expected a region such as"),
    ("alertEmails", [], "alertEmails [] is empty; expected a mail address or more"),
    ("alertEmails", ["soc"], "alertEmails[0] 'soc' is no e-mail address; expected the form"),
    ("alertEmails", ["soc@b"], "alertEmails[0] 'soc@b' is no e-mail address; expected the form"),
    ("alertEmails", ["a@b.c, d@e.f"], "alertEmails[0] 'a@b.c, d@e.f' is no e-mail address"),
    ("alertEmails", ["a" * 60 + "@example.com"], "alertEmails[0] has 72 characters; expected at"),
    (
        "alertEmails",
        ["soc@example.com", "SOC@example.com"],
        "alertEmails[1] 'SOC@example.com' is named a second time; expected each address once",
    ),
    ("alertEmails", ["a@b.cc", 5], "alertEmails[1] 5 is no text; expected each address in quotes"),
    ("alertEmails", "soc@example.com", "alertEmails soc@example.com is no list; expected a mail"),
    ("urgentEmails", ["duty"], "urgentEmails[0] 'duty' is no e-mail address"),
    ("smsNumbers", ["15112345678"], "smsNumbers[0] '15112345678' is no telephone number; expected"),
    ("smsNumbers", ["+49 12"], "smsNumbers[0] '12' is no telephone number; expected 4 to 14 digit"),
    (
        "smsNumbers",
        [f"+49 151{n:08}" for n in range(11)],
        "smsNumbers has 11 receivers; expected at most 10",
    ),
    ("suppressionWindows", "nights", "suppressionWindows nights is no list; expected a list of"),
    (
        "suppressionWindows",
        [{"name": "move", "start": "2027-01-02T00:00:00", "end": "2027-01-01T00:00:00"}],
        "suppressionWindows[0].end 2027-01-01T00:00:00 is before the start; expected later",
    ),
    (
        "suppressionWindows",
        [{"name": "n", "start": "2027-01-01T00:00:00Z", "end": "2027-01-02T00:00:00"}],
        "suppressionWindows[0].start 2027-01-01T00:00:00Z ",
    ),
    (
        "suppressionWindows",
        [{"name": "n", "repeats": "daily", "start": "2027-01-01T00:00:00"}],
        "suppressionWindows[0].start 2027-01-01T00:00:00 is not for this; expected only without",
    ),
    ("playbook", "blok", "playbook blok is not offered; did you mean 'block'?"),
    ("playbook", "simulate", "playbookUrl is missing; expected the incoming webhook"),
    ("playbookUrl", "http://example.com", "playbookUrl (hidden) is no https URL; expected an http"),
    ("playbookFormat", "irc", "playbookFormat irc is not offered; expected teams or slack"),
    ("neverBlock", ["office"], "neverBlock[0] 'office' is no network"),
    ("webhookUrl", "http://hooks.example.com", "webhookUrl (hidden) is no https URL; expected"),
    ("webhookUrl", "hooks.example.com", "webhookUrl (hidden) is no https URL"),
    ("webhookUrl", "https://127.0.0.1/x", "leads to the machine it is called from"),
    ("webhookUrl", "https://localhost/x", "leads to the machine it is called from"),
    ("retentionDays", 29, "retentionDays 29 is out of range; expected 30 to 730"),
    ("retentionDays", 731, "retentionDays 731 is out of range"),
    ("retentionDays", "a year", "retentionDays a year is no whole number; expected 30 to 730"),
    ("retentionDays", 30.5, "retentionDays 30.5 is no whole number"),
    ("dailyCapGb", -1, "dailyCapGb -1 is out of range; expected 0 to 4000 whole gigabytes, 0 for"),
    ("dailyCapGb", 4001, "dailyCapGb 4001 is out of range"),
    ("protectLogStore", "yes", "protectLogStore yes is no truth value; expected true or false"),
    ("appServiceSku", "P1V3", "appServiceSku P1V3 is not offered; did you mean 'P1v3'?"),
    ("appServiceSku", "huge", "appServiceSku huge is not offered; expected a size such as F1, B1"),
    ("instances", 0, "instances 0 is out of range; expected 1 to 30"),
    ("instances", 31, "instances 31 is out of range; expected 1 to 30"),
    ("zoneRedundant", "maybe", "zoneRedundant maybe is no truth value; expected true or false"),
    ("database", "mysql", "database mysql is not offered; expected none or postgres"),
    ("databaseSku", "huge", "databaseSku huge is no size of a flexible server; expected one such"),
    ("databaseSku", "", 'databaseSku "" is no size of a flexible server; expected one such'),
    ("databaseAuthentication", "kerberos", "databaseAuthentication kerberos is not offered; "),
    ("databasePublicAccess", ["8.0.0.0-9.0.0.0"], "databasePublicAccess[0] '8.0.0.0-9.0.0.0' open"),
    ("sharedLimits", 1, "sharedLimits 1 is no truth value"),
    ("keyVault", "yes", "keyVault yes is no truth value"),
    ("purgeProtection", "ja", "purgeProtection ja is no truth value"),
    ("databaseGeoBackup", 2, "databaseGeoBackup 2 is no truth value"),
    ("platformAlerts", "no", "platformAlerts no is no truth value"),
    ("metricOverrides", {"unhealty": {}}, "metricOverrides.unhealty is not an alert; did you mean"),
    ("metricOverrides", {"unhealthy": 3}, "metricOverrides.unhealthy 3 is no object; expected its"),
    ("availabilityTest", "on", "availabilityTest on is no truth value"),
    ("serviceHealth", "on", "serviceHealth on is no truth value"),
    ("dashboard", "on", "dashboard on is no truth value"),
    ("activityLog", "on", "activityLog on is no truth value"),
    ("sentinel", "on", "sentinel on is no truth value"),
    ("pythonVersion", "3.9", "pythonVersion 3.9 is not offered; expected one of 3.11, 3.12"),
    (
        "pythonVersion",
        3.10,
        "pythonVersion 3.1 is not offered; expected one of 3.11, 3.12, 3.13, 3.14, in quotes: "
        "without them 3.10 is read as the number 3.1",
    ),
    ("captcha", "maybe", "captcha maybe is not offered; expected"),
    ("initialPasswords", "stay", "initialPasswords stay is not offered; expected"),
    ("sessionHours", 0, "sessionHours 0 is out of range; expected 1 to 720"),
    ("sessionIdleMinutes", 1441, "sessionIdleMinutes 1441 is out of range; expected 1 to 1440"),
    ("secondFactorFor", ["a,b"], "'a,b' is no user name; expected one without a comma"),
    ("secondFactorFor", [" "], "' ' is no user name; expected one without a comma"),
    ("passwordHash", "cheap", "passwordHash cheap is no cost of a hash; expected KiB and passes"),
    ("passwordHash", "m=8192,t=1", "passwordHash m=8192,t=1 makes guesses too cheap; expected"),
    ("trustedProxies", ["10.0.0.1/8"], "'10.0.0.1/8' is no network (10.0.0.1/8 has host bits"),
    ("rateLimit", "often", "rateLimit often is no rate limit; expected a limit such as 30 per"),
    ("rateLimit", "0 per minute", "rateLimit 0 per minute is no rate limit"),
    (
        "initialUsers",
        {"alice": "hunter2"},
        "initialUsers (hidden) has a password for 'alice' that is too short; expected at least 12",
    ),
    (
        "initialUsers",
        {"an\nna": "correct-horse-battery"},
        "initialUsers (hidden) has the user name 'an\\nna', with which nobody can sign in; exp",
    ),
    ("initialUsers", {"": "correct-horse-battery"}, "expected 1 to 150 printable characters"),
    ("initialUsers", {"al": 123456789012}, "initialUsers (hidden) has no text for 'al'; expected"),
    ("initialUsers", "alice", "initialUsers (hidden) is no object; expected a password for each"),
    ("detections", [], "detections [] is empty; expected the one word essential or all, or slugs"),
    ("detections", [1], "detections[0] 1 is no text"),
    ("detections", [SLUG, SLUG], f"detections[1] '{SLUG}' is named a second time; expected each"),
    (
        "detections",
        ["brute_force_from_one_adress"],
        f"detection 'brute_force_from_one_adress' is unknown; did you mean '{SLUG}'?",
    ),
    ("exceptions", {}, "exceptions {} is no list; expected a list of exceptions, [] for none"),
    ("exceptions", ["me"], "exceptions[0] 'me' is no object; expected reason, expires and whom"),
    (
        "exceptions",
        [{"network": "0.0.0.0/0", "reason": "all", "expires": "2020-01-01"}],
        "exceptions[0].network '0.0.0.0/0' is not allowed; expected an IPv4 network from /16",
    ),
    (
        "exceptions",
        [{"reason": "all", "expires": "2020-01-01"}],
        "exceptions[0] excepts everybody; expected one of address, network, account, userAgent",
    ),
    (
        "exceptions",
        [
            {
                "account": "anna",
                "detections": ["password_sprai"],
                "reason": "x",
                "expires": "2020-01-01",
            }
        ],
        "exceptions[0].detections has no detection 'password_sprai'; did you mean",
    ),
    ("loginSources", [], "loginSources [] is empty; expected one or more of the sources of docs"),
    ("loginSources", ["line"], "loginSources[0] 'line' is no source; did you mean 'lines'?"),
    ("detectionOverrides", [], "detectionOverrides [] is no object; expected an object of changes"),
    ("detectionOverrides", {SLUG: 5}, f"detectionOverrides.{SLUG} 5 is no object; expected its"),
    (
        "detectionOverrides",
        {"password_sprai": {"severity": 1}},
        "detection 'password_sprai' is unknown; did you mean 'password_spray'?",
    ),
    (
        "detectionOverrides",
        {SLUG: {"treshold": 5}},
        f"detectionOverrides.{SLUG}.treshold cannot be overridden; did you mean 'threshold'?",
    ),
    (
        "detectionOverrides",
        {SLUG: {"threshold": "many"}},
        "threshold 'many' is not allowed; expected a number from 0 on, or dynamic",
    ),
    (
        "detectionOverrides",
        {SLUG: {"threshold": -1}},
        f"detectionOverrides.{SLUG}.threshold -1 is not allowed; expected a number from 0 on, or",
    ),
    (
        "detectionOverrides",
        {SLUG: {"frequency": "PT1H", "window": "PT15M"}},
        "frequency 'PT1H' is refused by Azure; expected at most",
    ),
    ("muteDuration", "PT12H", "muteDuration PT12H is not offered; "),
    ("muteDuration", "half an hour", "muteDuration half an hour is not offered; expected nothing,"),
    ("tags", {"team": 1}, "tags.team 1 is no text; expected the value in quotes"),
    ("tags", {"a/b": "x"}, "tags.a/b is no name; expected one without any of < > % & \\ ? /"),
    ("tags", {"a" * 513: "x"}, "has a name of 513 characters; expected at most 512"),
    ("tags", {"a": "x" * 257}, "tags.a has a value of 257 characters; expected at most 256"),
    ("tags", {f"t{i}": "x" for i in range(49)}, "tags has 49 entries; expected at most 48"),
]


@pytest.mark.parametrize(("key", "value", "message"), WRONG)
def test_what_cannot_work_is_refused(
    engine: Engine, stack_config: StackConfig, key: str, value: object, message: str
) -> None:
    stack_config("dev", **SOUND | {key: value})
    found = refusals(engine)
    assert len(found) == 1, found
    assert message in found[0]


def test_every_setting_has_a_refusal_above() -> None:
    assert {key for key, _, _ in WRONG} == set(declared())


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("alertEmails", "pulumi config set --path 'alertEmails[0]' <value>"),
    ],
)
def test_a_missing_setting_is_told_with_the_command_that_sets_it(
    engine: Engine, stack_config: StackConfig, key: str, command: str
) -> None:
    stack_config("dev", **SOUND | {key: None})
    (found,) = refusals(engine)
    assert found.startswith(f"{key} is missing; expected ")
    assert found.endswith(f": {command}")


def test_a_misspelt_setting_names_the_nearest(engine: Engine, stack_config: StackConfig) -> None:
    stack_config("dev", **SOUND, retentionDay=90)
    assert refusals(engine) == ["retentionDay is no setting; did you mean 'retentionDays'?"]


def test_settings_of_other_packages_are_not_ours(engine: Engine, stack_config: StackConfig) -> None:
    given = dict(stack_config("dev", **SOUND))
    pulumi.runtime.set_all_config(given | {"azure-native:location": "eastus"}, [])
    assert read(engine).location == "westeurope"


def test_everything_wrong_is_told_at_once(engine: Engine, stack_config: StackConfig) -> None:
    stack_config(
        "dev",
        alertEmails=None,
        retentionDays=1,
        dailyCapGb=-4,
        detections=["nothing"],
        detectionOverrides={SLUG: {"threshold": "many"}},
    )
    found = refusals(engine)
    assert len(found) == 5, found
    for key in ("alertEmails", "retentionDays", "dailyCapGb", "nothing", "many"):
        assert any(key in line for line in found), f"{key} is not told: {found}"


def test_every_refusal_says_what_is_expected(engine: Engine, stack_config: StackConfig) -> None:
    stack_config("dev", **{key: value for key, value, _ in WRONG})
    for line in refusals(engine):
        assert re.search(r"; (expected |did you mean )", line), line
    assert refusals(engine)


SECRETS = sorted(key for key, row in ROWS.items() if row.secret)
WORD = "-".join(["tell", "none"])


def test_what_is_set_with_secret_is_read_as_one() -> None:
    told = [key for key, each in declared().items() if "--secret" in each["description"]]
    assert sorted(told) == SECRETS


@pytest.mark.parametrize("key", SECRETS)
@pytest.mark.parametrize(
    "value",
    [
        WORD,
        f"http://{WORD}",
        f"https://127.0.0.1/{WORD}",
        [WORD],
        {"alice": WORD},
        {"alice": [f"{WORD}-{WORD}"]},
        {"alice": {"password": f"{WORD}-{WORD}"}},
        {"alice": None},
        f"{{{WORD}",
    ],
)
def test_no_refusal_of_a_secret_shows_it(
    engine: Engine, stack_config: StackConfig, key: str, value: object
) -> None:
    stack_config("dev", **SOUND | {key: value})
    (found,) = refusals(engine)
    assert found.startswith(f"{key} (hidden) ")
    assert WORD not in found


def test_a_secret_is_in_no_message_and_in_no_repr(
    engine: Engine, stack_config: StackConfig
) -> None:
    word = "-".join(["not", "for", "logs"])
    stack_config("dev", alertEmails=["x"], webhookUrl=f"http://{word}", initialUsers={"a": word})
    assert word not in "\n".join(refusals(engine))
    users = {"alice": f"{word}-{word}"}
    stack_config("dev", **SOUND | {"webhookUrl": f"https://{word}.com", "initialUsers": users})
    assert word not in repr(read(engine))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/hook", "http://[::1]:1/", "http://localhost"]
)
def test_the_rehearsal_may_be_told_on_this_machine(stack_config: StackConfig, url: str) -> None:
    stack_config("local", **SOUND, webhookUrl=url)
    assert read(Engine("local")).webhook_url == url


def test_the_rehearsal_may_not_be_told_in_clear_text_elsewhere(stack_config: StackConfig) -> None:
    stack_config("local", **SOUND, webhookUrl="http://hooks.example.com")
    assert len(refusals(Engine("local"))) == 1


def test_a_selection_may_be_one_word(engine: Engine, stack_config: StackConfig) -> None:
    stack_config("dev", **SOUND, detections="all")
    assert read(engine).detections == ("all",)
    stack_config("dev", **SOUND, detections=f"{SLUG}, password_spray")
    assert read(engine).detections == (SLUG, "password_spray")


def test_a_broken_detection_is_told_as_a_refusal_too(
    engine: Engine, stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_chosen: object) -> None:
        raise RefusedError(Refusal(Place("kql/detections/x.kql", 3), "the head is not YAML"))

    monkeypatch.setattr(detection, "choose", broken)
    stack_config("dev", **SOUND)
    (found,) = refusals(engine)
    assert "kql/detections/x.kql:3" in found


def test_a_refusal_reaches_the_user_without_a_traceback() -> None:
    assert issubclass(SettingsError, pulumi.RunError), "the engine prints only its message"


def test_a_row_is_all_that_a_setting_needs() -> None:
    """The key in Pulumi.yaml, the field, and the input of the stack's component."""
    assert list(declared()) == list(ROWS)
    assert [row.name for row in ROWS.values()] == [
        field.name for field in dataclasses.fields(settings.Settings)
    ]
    arguments = {row.argument for row in ROWS.values()}
    assert arguments == MonitoredLoginArgs.__annotations__.keys()


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_is_declared_with_type_default_and_sentence(row: Setting) -> None:
    entry = declared()[row.key]
    assert entry["type"] == row.rule.type
    assert entry["type"] in {"string", "boolean", "integer", "array", "object"}
    assert ("items" in entry) == (entry["type"] == "array")
    assert entry["description"].endswith(".")
    assert "{" not in entry["description"], "what the row says elsewhere stands in its place"
    assert ("default" in entry) == (row.key != "alertEmails"), "needed, or with a default"
    assert entry.get("default", row.default) == row.default
    assert row.only_with == "" or camel(row.only_with) in ROWS


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_command_of_a_setting_is_one_that_the_cli_takes(row: Setting) -> None:
    """A list or an object that is given whole would become a text."""
    has_path = row.rule.type in ("array", "object")
    assert ("--path" in row.command) == has_path
    assert ("--secret" in row.command) == row.secret
    assert ("<value>" in row.command) == (not row.secret), "a secret is asked for"


def test_the_config_block_is_written_and_the_rest_of_the_file_is_left_alone() -> None:
    before = "name: x\nconfig:\n  old:\n    type: string\n"
    after = "policies: none\n"
    written = declaration.project_file(before + after)
    assert written == f"name: x\n{declaration.config_block()}{after}"
    assert declaration.project_file(written) == written


def test_a_secret_with_a_default_is_not_declared_secret() -> None:
    """The CLI wants every value of such a key encrypted, also the default, and refuses it."""
    with_default = {key for key in SECRETS if "default" in declared()[key]}
    assert with_default, "those of which this speaks"
    assert not [key for key in with_default if declared()[key].get("secret")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"instances": 2}, "instances 2 cannot work with rate limits in memory"),
        ({"instances": 2, "sharedLimits": True}, "instances 2 cannot work with users in a file"),
        ({"instances": 4}, "instances 4 is more than B1 takes; expected at most 3"),
        ({"zoneRedundant": True}, "zoneRedundant true is not offered by B1; expected false"),
        (
            {"zoneRedundant": True, "appServiceSku": "P1v3"},
            "instances 1 leaves no zone to fail over to; expected 2 or more",
        ),
        ({"appServiceSku": "F1", "sharedLimits": True}, "appServiceSku F1 cannot join a private"),
        ({"appServiceSku": "F1", "database": "postgres"}, "appServiceSku F1 cannot join a private"),
        (
            {"detections": ["log_store_full"]},
            "detections cannot work: detection log_store_full reads _LogOperation, which gets no",
        ),
        (
            {"detections": ["password_spray"], "loginSources": ["easy_auth"]},
            "detections cannot work: detection password_spray needs account and address,",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    engine: Engine, stack_config: StackConfig, given: dict[str, object], message: str
) -> None:
    stack_config("dev", **SOUND | given)
    assert any(line.startswith(message) for line in refusals(engine)), refusals(engine)


EFFECTLESS: list[tuple[dict[str, object], str]] = [
    (
        {"exceptions": [{"account": "anna", "reason": "a test", "expires": "2020-01-01"}]},
        "exceptions[0] has ended (account anna until 2020-01-02 00:00 UTC (a test)) and no longer",
    ),
    ({"databaseSku": "Standard_D2ds_v5"}, "databaseSku has no effect without database; expected"),
    ({"neverBlock": ["192.0.2.0/24"]}, "neverBlock has no effect without playbook; expected"),
    ({"playbookUrl": "https://a.example.com/"}, "playbookUrl has no effect without playbook"),
    (
        {"platformAlerts": False, "metricOverrides": {"unauthorized": {"enabled": False}}},
        "metricOverrides has no effect without platformAlerts; expected it with platformAlerts",
    ),
    (
        {"detections": [SLUG], "detectionOverrides": {"password_spray": {"threshold": 9}}},
        "detectionOverrides.password_spray has no effect, because the stack does not have this",
    ),
    (
        {"detections": ["all"], "detectionOverrides": {"log_store_full": {"severity": 2}}},
        "detectionOverrides.log_store_full has no effect, because the stack does not have this",
    ),
]


@pytest.mark.parametrize(("given", "message"), EFFECTLESS)
def test_a_setting_without_effect_is_taken_and_told(
    engine: Engine,
    stack_config: StackConfig,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, object],
    message: str,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", told.append)
    stack_config("dev", **SOUND | {"availabilityTest": True} | given)
    read(engine)
    (line,) = told
    assert line.startswith(message)


@pytest.mark.parametrize("stack", ["dev", "prod", "local", "max"])
def test_the_stacks_of_the_project_set_nothing_in_vain(
    stack: str, stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", told.append)
    stack_config(stack)
    assert read(Engine(stack)).alert_emails
    assert told == []


@pytest.mark.parametrize(
    "namespace", ["loginmonitor", "login_monitor", "Login-Monitor", "logn-monitor"]
)
def test_a_misspelt_namespace_is_told(
    engine: Engine, stack_config: StackConfig, namespace: str
) -> None:
    given = dict(stack_config("dev", **SOUND))
    pulumi.runtime.set_all_config(given | {f"{namespace}:location": "eastus"}, [])
    assert refusals(engine) == [
        f"{namespace}:location is read by nobody; did you mean 'login-monitor:location'?"
    ]


def test_a_long_value_is_cut_and_many_faults_of_one_value_are_counted(
    engine: Engine, stack_config: StackConfig
) -> None:
    stack_config("dev", **SOUND | {"alertEmails": [f"nobody{n}" for n in range(900)]})
    *shown, rest = refusals(engine)
    assert len(shown) == 5
    assert rest == "alertEmails has 895 more entries like these; expected a mail address or more"
    stack_config("dev", **SOUND | {"rateLimit": "often " * 1000})
    (found,) = refusals(engine)
    assert len(found) < 200
    assert "(6000 characters)" in found


def test_what_goes_together_is_taken(engine: Engine, stack_config: StackConfig) -> None:
    stack_config("dev", **SOUND, instances=3, sharedLimits=True, database="postgres")
    assert read(engine).instances == 3
    stack_config(
        "dev",
        **SOUND,
        appServiceSku="F1",
        database="postgres",
        databasePublicAccess=["203.0.113.7"],
    )
    assert read(engine).database_public_access == ("203.0.113.7",)


def test_a_telephone_number_is_read_in_its_parts(engine: Engine, stack_config: StackConfig) -> None:
    stack_config("dev", **SOUND, smsNumbers=["+49 151 123-45678"])
    assert read(engine).sms_numbers == ({"country_code": "49", "number": "15112345678"},)


@pytest.mark.parametrize("stack", ["dev", "prod", "local", "max"])
def test_a_stack_file_repeats_no_default_and_holds_no_secret(stack: str) -> None:
    given = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    for full, value in given.items():
        entry = declared()[full.removeprefix(f"{PROJECT}:")]
        assert entry.get("default") != value, f"{full} repeats Pulumi.yaml"
        assert not entry.get("secret"), f"{full} belongs in `pulumi config set --secret`"
    assert "password" not in json.dumps(given)
    assert given
