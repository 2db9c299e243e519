"""The rehearsal: deploy the program, let people and attackers come, watch the alerts, judge.

Nothing is waited for: the clock moves from one event to the next, the app's own clock with it.
The alert rules follow on a clock of their own, when the rows of the whole run are there: a row is
seen from its own moment on, so that they find at each tick what they would have found then. Where
the stack answers alerts with a playbook, both clocks run as one.
"""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from components.content.places import ROOT
from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.azure import DEFAULT_INGESTION_DELAY, Azure
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.azure.monitor.notify.inbox import Inbox
from lab.azure.web.app_service import AppService, Hosted
from lab.clock.clock import TRAFFIC, Clock, run_together
from lab.engine import in_process as engine
from lab.engine import real_cli
from lab.engine.deploy_error import DeployError
from lab.engine.in_process import Deployment
from lab.engine.stack_config import Project
from lab.host import interruption
from lab.host.closing import Closing
from lab.host.lab_folder import lab_folder
from lab.logs.log_tables import LogTables
from lab.play import day_before, faults
from lab.play.fault import Fault, Scene
from lab.play.player import Player
from lab.play.timetable import Appearance, timetable
from lab.rehearsal import deployed_detections, deployed_values, record, run_folder
from lab.rehearsal.deployed_detections import slug_of
from lab.rehearsal.record import Run
from lab.report.model import Report
from lab.verdict.verdict import Evidence, judge
from traffic import addresses, catalogue, ordinary, user_agents
from traffic.driver import Driver
from traffic.people import population
from traffic.scenario import Scenario
from traffic.visitor import Visitor

START: Final = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
"""A Monday morning: the hour in which ordinary users look most like attackers."""

QUIET: Final = timedelta(minutes=85)
"""After the last request: time for late rows, the last evaluations, and alerts to resolve."""

LOCAL_STACK: Final = "local"
WEBHOOK_ELSEWHERE: Final = "https://rehearsal.example.com/alerts"
ENGINES: Final = {"inprocess": engine.deploy, "pulumi": real_cli.deploy}
"""What runs the program; the verdict is the same with both."""

PLAYBOOK: Final = "azure-native:logic:Workflow"

Progress = Callable[[str, float], None]
"""Called with what is going on and how much of it is done, from 0 to 1."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for; `only` empty means every deployed detection."""

    stack: str = "local"
    engine: str = "inprocess"
    only: tuple[str, ...] = ()
    hours: float = 1.0
    seed: int = 0
    ingestion_delay: timedelta = DEFAULT_INGESTION_DELAY
    state: Path = field(default_factory=lab_folder)
    program: Path = ROOT
    config: dict[str, str] = field(default_factory=dict)
    progress: Progress = lambda _what, _share: None


def brought_by_the_lab(program: Path, brought: dict[str, str]) -> dict[str, str]:
    """Of what the lab brings along, the settings that the program declares.

    RefusedError without `initialUsers`: then nobody of the ordinary people could sign in.
    """
    declared = Project.read(program.resolve()).declared
    if "initialUsers" not in declared:
        expected = (
            "expected one of type object, passwords by name of the accounts that the app makes"
        )
        where = Place(shown(program / "Pulumi.yaml"), key="config.initialUsers")
        raise RefusedError(Refusal(where, "is no setting of the program", expected))
    return {key: value for key, value in brought.items() if key in declared}


class Rehearsal(Closing):
    """One run; everything it started ends with `close` or `with`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock(START)
        self.alerting = Clock(START)
        self.people = population(options.seed, ordinary.PEOPLE)
        self.attacks: list[Appearance] = []
        self._ending = ExitStack()
        try:
            folder = self._ending.enter_context(run_folder.fresh(options.state / "run"))
            self.inbox = self._ending.enter_context(Inbox(self.alerting))
            self.azure = self._ending.enter_context(
                Azure(
                    self.clock,
                    state_dir=folder,
                    seed=options.seed,
                    ingestion_delay=options.ingestion_delay,
                    inbox=self.inbox,
                    alerting=self.alerting,
                )
            )
        except BaseException:
            self.close()
            raise

    def run(self) -> Report:
        """Deploys, plays the timetable, judges. DeployError when the program does not come up."""
        options, began = self.options, time.perf_counter()
        options.progress(f"deploying stack {options.stack}", 0.0)
        deployment = self._deploy()
        deployed_values.keep(self.azure, self.azure.state_dir)
        site = self._site()
        driver = Driver(site.url, self.azure.service(AppService).lab_token)
        self._learn(driver, site)
        rows_before = day_before.write(self.azure, site, self.people, options.seed, driver.layout)
        appearances = self._appearances()
        self.attacks = [each for each in appearances if each.is_attack]
        player = self._play(driver, site, appearances)
        evidence = self._evidence()
        options.progress("judging", 0.0)
        judgement = judge(evidence, self._judged())
        run_folder.finish(self.azure.state_dir)
        return record.report(
            Run(
                engine=options.engine,
                started=START,
                is_whole=not options.only,
                azure=self.azure,
                inbox=self.inbox,
                deployment=deployment,
                player=player,
                evidence=evidence,
                judgement=judgement,
                rows_before=rows_before,
                program="" if options.program.resolve() == ROOT else shown(options.program),
                wall_s=time.perf_counter() - began,
            )
        )

    @property
    def urls(self) -> dict[str, str]:
        """Where a person can look while everything stays up."""
        return {"app": self._site().url, "webhook inbox": self.inbox.webhook_url("")}

    @property
    def users_file(self) -> Path:
        """Where the made-up passwords of this run can be read, for trying the app by hand."""
        path = self.azure.state_dir / "users.json"
        users = {person.username: person.password for person in self.people}
        path.touch(mode=0o600)
        path.write_text(json.dumps(users, indent=1, ensure_ascii=False), encoding="utf-8")
        return path

    def close(self) -> None:
        """Ends every process and server. Twice is fine."""
        with interruption.undisturbed():
            self._ending.close()

    def _deploy(self) -> Deployment:
        options = self.options
        users = {person.username: person.password for person in self.people}
        brought = {"initialUsers": json.dumps(users), "webhookUrl": self._webhook_url()}
        config = {**brought_by_the_lab(options.program, brought), **options.config}
        deploy = ENGINES[options.engine]
        return deploy(options.program, options.stack, self.azure, config)

    def _webhook_url(self) -> str:
        """Only the stack `local` may be told on this machine; the inbox answers for any other."""
        is_local = self.options.stack == LOCAL_STACK
        return self.inbox.webhook_url("alerts") if is_local else WEBHOOK_ELSEWHERE

    def _site(self) -> Hosted:
        sites = self.azure.service(AppService).sites
        if not sites:
            raise DeployError.of("the program made no web app", "expected one to send traffic to")
        return sites[0]

    def _appearances(self) -> list[Appearance]:
        options = self.options
        attacks = [each for slug in self._judged() if (each := self._scenario(slug)) is not None]
        usual = ordinary.compose(options.seed, self.people, options.hours)
        return timetable(usual, attacks, self.clock.now, options.hours)

    def _scenario(self, slug: str) -> Scenario | Fault | None:
        """What must make a detection fire, be it an attacker or the platform."""
        if slug in faults.slugs():
            return faults.load(slug, self.options.seed, self.people)
        if slug in catalogue.attack_slugs():
            return catalogue.attack(slug, self.options.seed, self.people)
        return None

    def _learn(self, driver: Driver, site: Hosted) -> None:
        """Where the app has its pages, as the owner's own monitor finds them."""
        resource = self.azure.resources.find(site.site.settings.resource_id)
        config = resource.inputs.get("siteConfig") if resource else None
        driver.layout.health = str((config or {}).get("healthCheckPath") or driver.layout.health)
        visitor = Visitor("learner", addresses.UPTIME_MONITOR, user_agents.PYTHON_REQUESTS)
        if not self.azure.loopback.call(driver.learn(visitor)):
            self.azure.notices.append(
                "no sign-in page was found, neither at its usual places nor by a link on /: the"
                " people and the attacks went to /login"
            )

    def _play(self, driver: Driver, site: Hosted, appearances: Sequence[Appearance]) -> Player:
        app_service, loopback = self.azure.service(AppService), self.azure.loopback
        player = Player(
            self.clock, lambda steps: loopback.call(driver.send(steps)), app_service.drain
        )
        player.play(appearances)
        scene = Scene(self.azure, site, self._tables(), self.people, player.send, driver.layout)
        player.play_faults(appearances, scene)
        last = max(appearance.end for appearance in appearances)
        end = last + QUIET + self.options.ingestion_delay
        self._tell(self.clock, f"rehearsing {self.options.hours:g} h of traffic", last)
        answered = any(each.token == PLAYBOOK for each in self.azure.resources.list())
        try:
            # What answers alerts may change what comes next: then nothing runs ahead of them.
            run_together([self.clock, self.alerting] if answered else [self.clock], end)
        finally:
            loopback.call(driver.close())
        self._tell(self.alerting, "evaluating the alert rules", end)
        self.alerting.run_until(end)
        return player

    def _tell(self, clock: Clock, what: str, end: datetime) -> None:
        """How far it is on the way to `end`, each lab minute."""
        began = clock.now
        span = max((end - began).total_seconds(), 1.0)

        def tell() -> None:
            share = (clock.now - began).total_seconds() / span
            self.options.progress(what, min(share, 1.0))

        clock.every(began, timedelta(minutes=1), tell, order=TRAFFIC)

    def _evidence(self) -> Evidence:
        return Evidence(
            runners={
                slug_of(runner): runner for runner in self.azure.service(Evaluator).runners.values()
            },
            alerts=self.azure.alerts,
            tables=self._tables(),
            attacks=self.attacks,
            dropped=self.azure.dropped,
            ingestion_delay=self.options.ingestion_delay,
            platform_alerts=self.azure.platform_alerts,
            learning=deployed_detections.learning(self.azure),
            passwords={person.username: person.password for person in self.people},
        )

    def _judged(self) -> Sequence[str]:
        """Those asked for, else all that the stack deploys and has not switched off."""
        deployed = deployed_detections.slugs(self.azure, enabled=True)
        return self.options.only or sorted({*deployed, *deployed_detections.learning(self.azure)})

    def _tables(self) -> LogTables:
        tables = list(self.azure.workspaces.values())
        if not tables:
            raise DeployError.of(
                "the program made no Log Analytics workspace", "expected one for logs"
            )
        return tables[0]
