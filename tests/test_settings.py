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
from settings import SettingsError
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
    ("alertEmails", [], "alertEmails [] is empty; expected an address or more"),
    ("alertEmails", ["soc"], "alertEmails [\"soc\"] has 'soc', which is no e-mail address"),
    ("alertEmails", ["a@b.c, d@e.f"], "has 'a@b.c, d@e.f', which is no e-mail address"),
    ("alertEmails", ["a" * 60 + "@example.com"], "of 72 characters; expected at most 64"),
    (
        "alertEmails",
        ["soc@example.com", "SOC@example.com"],
        "names an address twice; expected each address once",
    ),
    ("alertEmails", "soc@example.com", "alertEmails soc@example.com is no list of texts; expected"),
    ("urgentEmails", ["duty"], "urgentEmails [\"duty\"] has 'duty', which is no e-mail address"),
    ("smsNumbers", ["15112345678"], "has '15112345678', which is no telephone number; expected"),
    ("smsNumbers", ["+49 12"], "has '12', which is no telephone number; expected 4 to 14 digits"),
    ("suppressionWindows", "nights", "suppressionWindows is no list; expected a list of windows"),
    (
        "suppressionWindows",
        [{"name": "move", "start": "2027-01-02T00:00:00", "end": "2027-01-01T00:00:00"}],
        "suppressionWindows[0].end 2027-01-01T00:00:00 ",
    ),
    (
        "suppressionWindows",
        [{"name": "n", "start": "2027-01-01T00:00:00Z", "end": "2027-01-02T00:00:00"}],
        "suppressionWindows[0].start 2027-01-01T00:00:00Z ",
    ),
    ("playbook", "blok", "playbook blok is not offered; did you mean 'block'?"),
    ("playbook", "simulate", "playbookUrl is missing; expected the incoming webhook"),
    ("playbookUrl", "http://example.com", "playbookUrl (hidden) is no https URL; expected https"),
    ("playbookFormat", "irc", "playbookFormat irc is not offered; expected one of slack, teams"),
    ("neverBlock", ["office"], "neverBlock[0] 'office' is no network"),
    ("webhookUrl", "http://hooks.example.com", "webhookUrl (hidden) is no https URL; expected"),
    ("webhookUrl", "hooks.example.com", "webhookUrl (hidden) is no https URL"),
    ("webhookUrl", "https://127.0.0.1/x", "leads to the machine it is called from"),
    ("webhookUrl", "https://localhost/x", "leads to the machine it is called from"),
    ("retentionDays", 29, "retentionDays 29 is out of range; expected 30 to 730"),
    ("retentionDays", 731, "retentionDays 731 is out of range"),
    ("retentionDays", "a year", "retentionDays a year is no whole number; expected 30 to 730"),
    ("retentionDays", 30.5, "retentionDays 30.5 is no whole number"),
    ("dailyCapGb", -1, "dailyCapGb -1 is out of range; expected whole gigabytes a day, 0 for no"),
    ("protectLogStore", "yes", "protectLogStore yes is no truth value; expected true or false"),
    ("appServiceSku", "P1V3", "appServiceSku P1V3 is not offered; did you mean 'P1v3'?"),
    ("appServiceSku", "huge", "appServiceSku huge is not offered; expected one of B1, B2"),
    ("instances", 0, "instances 0 is out of range; expected 1 to 30"),
    ("instances", 31, "instances 31 is out of range; expected 1 to 30"),
    ("zoneRedundant", "maybe", "zoneRedundant maybe is no truth value; expected true or false"),
    ("database", "mysql", "database mysql is not offered; expected one of none, postgres"),
    ("databaseSku", "huge", "databaseSku huge is no size of a flexible server; expected one such"),
    ("databaseAuthentication", "kerberos", "databaseAuthentication kerberos is not offered; "),
    ("databasePublicAccess", ["8.0.0.0-9.0.0.0"], "opens the server to strangers; expected at"),
    ("sharedLimits", 1, "sharedLimits 1 is no truth value"),
    ("keyVault", "yes", "keyVault yes is no truth value"),
    ("platformAlerts", "no", "platformAlerts no is no truth value"),
    ("metricOverrides", {"unhealty": {}}, "alert 'unhealty' is unknown; did you mean"),
    ("availabilityTest", "on", "availabilityTest on is no truth value"),
    ("serviceHealth", "on", "serviceHealth on is no truth value"),
    ("dashboard", "on", "dashboard on is no truth value"),
    ("activityLog", "on", "activityLog on is no truth value"),
    ("sentinel", "on", "sentinel on is no truth value"),
    ("pythonVersion", "3.9", "pythonVersion 3.9 is not offered; "),
    ("captcha", "maybe", "captcha maybe is not offered; expected one of adaptive, always, off"),
    ("initialPasswords", "stay", "initialPasswords stay is not offered; expected one of change, keep"),
    ("sessionHours", 0, "sessionHours 0 is out of range; expected 1 to 720"),
    ("sessionIdleMinutes", 1441, "sessionIdleMinutes 1441 is out of range; expected 1 to 1440"),
    ("secondFactorFor", ["a,b"], "has 'a,b', which is no user name; expected user names"),
    ("secondFactorFor", [" "], "has ' ', which is no user name; expected user names"),
    ("passwordHash", "cheap", "passwordHash cheap is no cost of a hash; expected at least what"),
    ("passwordHash", "m=8192,t=1", "passwordHash m=8192,t=1 makes guesses too cheap; expected"),
    ("trustedProxies", ["10.0.0.1/8"], "has '10.0.0.1/8': 10.0.0.1/8 has host bits set; expected"),
    ("trustedProxies", ["gateway"], "has 'gateway': 'gateway' does not appear to be an IPv4 or"),
    ("rateLimit", "often", "rateLimit often is no rate limit; expected a limit such as 30 per"),
    ("rateLimit", "0 per minute", "rateLimit 0 per minute is no rate limit"),
    (
        "initialUsers",
        {"alice": "hunter2"},
        "initialUsers (hidden) has a password for 'alice' that is too short; expected at least 12",
    ),
    ("initialUsers", {"al": 123456789012}, "initialUsers (hidden) has no text for 'al'; expected"),
    ("initialUsers", "alice", "initialUsers (hidden) is no object; expected a password for each"),
    ("detections", [], "detections [] is empty; expected essential, all, or a list of slugs"),
    ("detections", [1], "detections [1] is no list of texts"),
    (
        "detections",
        ["brute_force_from_one_adress"],
        f"detection 'brute_force_from_one_adress' is unknown; did you mean '{SLUG}'?",
    ),
    ("detectionOverrides", [], "detectionOverrides [] is no object; expected an object of changes"),
    ("detectionOverrides", {SLUG: 5}, f"has no object for {SLUG}; expected an object of changes"),
    (
        "detectionOverrides",
        {"password_sprai": {"severity": 1}},
        "detection 'password_sprai' is unknown; did you mean 'password_spray'?",
    ),
    (
        "detectionOverrides",
        {SLUG: {"treshold": 5}},
        "key 'treshold' cannot be overridden; did you mean 'threshold'?",
    ),
    (
        "detectionOverrides",
        {SLUG: {"threshold": "many"}},
        f"threshold 'many' is not allowed; expected a number, or dynamic (override of {SLUG})",
    ),
    (
        "detectionOverrides",
        {SLUG: {"frequency": "PT1H", "window": "PT15M"}},
        "frequency PT1H is refused by Azure; expected at most",
    ),
    ("muteDuration", "PT12H", "muteDuration PT12H is not offered; "),
    ("muteDuration", "half an hour", "muteDuration half an hour is not offered; expected one of"),
    ("tags", {"team": 1}, "has no text for team; expected an object of names and texts"),
    ("tags", {"a/b": "x"}, "has the name 'a/b'; expected names without any of < > % & \\ ? /"),
    ("tags", {"a" * 513: "x"}, "has a name of 513 characters; expected at most 512"),
    ("tags", {"a": "x" * 257}, "has a value of 257 characters; expected at most 256"),
    ("tags", {f"t{i}": "x" for i in range(49)}, "has 49 entries; expected at most 48"),
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
        ("alertEmails", "pulumi config set --path 'alertEmails[0]' <address>"),
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


SECRETS = sorted(key for key, rule in settings._KEYS.items() if rule.is_secret)
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
    def broken(selection: object) -> None:
        raise detection.DetectionError("the head is not YAML (kql/detections/x.kql:3)")

    monkeypatch.setattr(detection, "choose", broken)
    stack_config("dev", **SOUND)
    (found,) = refusals(engine)
    assert "kql/detections/x.kql:3" in found


def test_a_refusal_reaches_the_user_without_a_traceback() -> None:
    assert issubclass(SettingsError, pulumi.RunError), "the engine prints only its message"


def test_pulumi_yaml_declares_every_setting_with_type_default_and_description() -> None:
    fields = {field.name for field in dataclasses.fields(settings.Settings)}
    snake = {re.sub(r"([A-Z])", lambda found: f"_{found[0].lower()}", key) for key in declared()}
    assert snake == fields
    for key, entry in declared().items():
        assert entry["type"] in {"string", "boolean", "integer", "array", "object"}, key
        assert entry["description"].strip().endswith("."), key
        assert ("default" in entry) != (key == "alertEmails"), f"{key}: needed, or with a default"


def test_a_secret_with_a_default_is_not_declared_secret() -> None:
    """The CLI wants every value of such a key encrypted, also the default, and refuses it."""
    assert not [key for key, each in declared().items() if each.get("secret") and "default" in each]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"instances": 2}, "instances 2 cannot work with rate limits in memory"),
        ({"instances": 2, "sharedLimits": True}, "instances 2 cannot work with users in a file"),
        ({"instances": 4}, "instances 4 is more than B1 takes; expected at most 3"),
        ({"zoneRedundant": True}, "zoneRedundant True is not offered by B1; expected false"),
        (
            {"zoneRedundant": True, "appServiceSku": "P1v3"},
            "instances 1 leaves no zone to fail over to; expected 2 or more",
        ),
        ({"appServiceSku": "F1", "sharedLimits": True}, "appServiceSku F1 cannot join a private"),
        ({"appServiceSku": "F1", "database": "postgres"}, "appServiceSku F1 cannot join a private"),
        (
            {"detections": ["log_store_full"]},
            "detection log_store_full reads _LogOperation, which gets no rows; expected a daily",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    engine: Engine, stack_config: StackConfig, given: dict[str, object], message: str
) -> None:
    stack_config("dev", **SOUND | given)
    assert any(line.startswith(message) for line in refusals(engine)), refusals(engine)


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
