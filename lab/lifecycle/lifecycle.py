"""The life of one stack: what is done to it, in which order, and how each step is judged."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from components.content.places import ROOT
from components.limits.refusal import RefusedError
from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.monitor.notify.inbox import Inbox
from lab.clock.clock import Clock
from lab.engine.change import Change
from lab.engine.living_cli import CliStack
from lab.engine.living_stack import InProcessStack, LivingStack, Update
from lab.engine.stack_config import Project, read_yaml
from lab.host import interruption
from lab.host.closing import Closing
from lab.lifecycle import pulse as pulses
from lab.lifecycle.downtime import Downtime
from lab.lifecycle.faults import FAULTS, Fault, take_back
from lab.lifecycle.pulse import Pulse
from lab.lifecycle.result import Lifetime, StepResult, Verdict
from lab.lifecycle.trial import CODE, EVERYTHING, Trial, as_text, trial

START: Final = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
WEBHOOK: Final = "https://lifecycle.example.com/alerts"
PROTECTION: Final = "protectLogStore"
"""The setting that changes no resource, and what may be done with some."""
SITE: Final = "azure-native:web:WebApp"
WORKSPACE: Final = "azure-native:operationalinsights:Workspace"
_ASIDE: Final = (
    "azure-native:applicationinsights:",
    "azure-native:monitor:MetricAlert",
    "azure-native:monitor:ActivityLogAlert",
    "azure-native:monitor:SubscriptionDiagnosticSetting",
    "azure-native:operationalinsights:SavedSearch",
    "azure-native:securityinsights:",
    "random:",
)
"""What is not on the way from a request to a delivered message."""
_THIRDS: Final = {"first": 1 / 6, "second": 3 / 6, "last": 5 / 6}

Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Options:
    """What the command line asks for; `only` empty means every step."""

    stack: str = "dev"
    engine: Literal["inprocess", "pulumi"] = "inprocess"
    only: tuple[str, ...] = ()
    start_from: Path | None = None
    """Folder of an older program, from which the stack is upgraded."""
    program: Path = ROOT
    state: Path = field(default_factory=Path)
    run_apps: bool = True
    faults: bool = False
    """Azure's own faults, too."""
    progress: Tell = lambda _what, _share: None


@dataclass(frozen=True)
class _Step:
    name: str
    act: Callable[[], Update]
    kind: Literal["life", "setting", "fault"] = "life"
    replaces: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    refused: str = ""
    is_named: bool = False
    changes: Literal["some", "none", "any"] = "any"
    is_end: bool = False


class Lifecycle(Closing):
    """One run; everything it started ends with `close` or `with`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._ending = ExitStack()
        try:
            clock = Clock(START)
            inbox = self._ending.enter_context(Inbox(clock))
            self.azure = self._ending.enter_context(
                Azure(clock, state_dir=options.state, run_apps=options.run_apps, inbox=inbox)
            )
            self._stack = self._engine()
            self._turn: AbstractContextManager[object]
            self._turn = getattr(self._stack, "turn", nullcontext())
            self.pulse = Pulse(self.azure, self._turn)
            self._downtime = Downtime(self.azure, self._turn)
        except BaseException:
            self.close()
            raise
        self._declared = Project.read(options.program).declared
        self._stated = self._own_values()
        self._config: dict[str, str] = self._config_of({})
        self._size = 0
        """Resources that the stack had after the last step."""

    def close(self) -> None:
        """Ends every process and server. Twice is fine."""
        with interruption.undisturbed():
            self._ending.close()

    @property
    def untried(self) -> tuple[str, ...]:
        """Settings for which no other value is known."""
        return tuple(key for key in self._declared if self._trial(key) is None)

    def names(self) -> list[str]:
        """Of all steps, as `--only` takes them."""
        injected = [each.slug for each in FAULTS] if self.options.faults else []
        own = ["again", "refresh", *self._declared, "by-hand"]
        return [*own, *injected, "cut-off", "second-life"]

    def run(self) -> Lifetime:
        """Every step in its order; one that fails ends nothing."""
        began = time.perf_counter()
        only = self.options.only
        untried = tuple(key for key in self.untried if not only or key in only)
        found = Lifetime(self.options.stack, self.options.engine, untried=untried)
        steps = list(self._steps())
        for number, step in enumerate(steps):
            self.options.progress(step.name, number / len(steps))
            found.steps.append(self._judged(step))
        found.seconds = time.perf_counter() - began
        return found

    # What is done.

    def _steps(self) -> Iterator[_Step]:
        wanted = self.options.only
        yield from self._birth()
        if not wanted or "again" in wanted:
            yield _Step("up again", self._up, changes="none")
        if not wanted or "refresh" in wanted:
            yield _Step("refresh", self._refresh, changes="none")
        keys = [key for key in self._declared if not wanted or key in wanted]
        yield from self._tried(keys)
        if not wanted or "by-hand" in wanted:
            yield from self._by_hand()
        for fault in FAULTS if self.options.faults else ():
            if not wanted or fault.slug in wanted:
                yield self._injected(fault)
        if not wanted or "cut-off" in wanted:
            yield from self._cut_off()
        if not wanted or "second-life" in wanted:
            yield self._end()
            yield _Step("up at once after destroy", self._up)
        yield self._end()

    def _birth(self) -> Iterator[_Step]:
        older = self.options.start_from
        if older is None:
            yield _Step("up", self._up)
            return
        yield _Step("up of the older program", lambda: self._up_from(older))
        yield _Step("upgrade", lambda: self._up_from(self.options.program))

    def _up_from(self, program: Path) -> Update:
        self._stack.program = program
        return self._up()

    def _up(self, needs: Mapping[str, Any] | None = None) -> Update:
        if needs is not None:
            self._config = self._config_of(needs)
        return self._stack.up(self._config)

    def _refresh(self) -> Update:
        return self._stack.refresh(self._config)

    def _tried(self, keys: Iterable[str]) -> Iterator[_Step]:
        """Each setting to another value and back; those that need the same one after another."""
        trials = [(key, found) for key in keys if (found := self._trial(key)) is not None]
        trials.sort(key=lambda each: as_text(self._needs(each[1])))
        there: Mapping[str, Any] = {}
        for key, found in trials:
            needs = self._needs(found)
            if needs != there:
                yield self._groundwork(needs, there)
                there = needs
            yield self._change(key, found, needs | {key: found.value}, f"{key}: changed")
            if key == PROTECTION:
                end = partial(self._stack.destroy, self._config_of(needs | {key: found.value}))
                yield _Step("destroy of a protected stack", end, refused="protect")
            yield self._change(key, found, needs, f"{key}: back")
        if there:
            yield self._groundwork({}, there)

    def _groundwork(self, needs: Mapping[str, Any], there: Mapping[str, Any]) -> _Step:
        """What a setting needs before it is tried; its parts are settings, tried themselves."""
        keys = sorted({*needs, *there})
        known = [found for key in keys if (found := self._trial(key)) is not None]
        words = ", ".join(f"{key}={as_text(value)}" for key, value in needs.items())
        return _Step(
            f"with {words}" if words else "without what they needed",
            lambda: self._up(needs),
            replaces=tuple(token for each in known for token in each.replaces),
            moves=tuple(what for each in known for what in each.moves),
        )

    def _change(self, key: str, found: Trial, needs: Mapping[str, Any], name: str) -> _Step:
        is_back = name.endswith("back")
        return _Step(
            name,
            lambda: self._up(needs),
            kind="setting",
            replaces=found.replaces,
            moves=found.moves,
            refused=found.stays if is_back else found.refused,
            changes="any" if (is_back and found.refused) or key == PROTECTION else "some",
        )

    def _by_hand(self) -> Iterator[_Step]:
        def put_right(change: Callable[[], object]) -> Callable[[], Update]:
            def act() -> Update:
                change()
                seen = self._refresh()
                done = self._up()
                return Update(done.changes, done.outputs, seen.failure or done.failure)

            return act

        yield _Step("retention changed by hand", put_right(self._change_retention), changes="some")
        yield _Step(
            "app deleted by hand",
            put_right(lambda: self.azure.resources.remove(self._one(SITE))),
            moves=("accounts",),
            changes="some",
        )

    def _change_retention(self) -> None:
        logs = self._one(WORKSPACE)
        self.azure.resources.change(logs, {**logs.inputs, "retentionInDays": 120})

    def _injected(self, fault: Fault) -> _Step:
        def act() -> Update:
            try:
                return fault.act(self)
            finally:
                take_back(self.azure)

        name = f"{fault.slug}: {fault.sentence}"
        return _Step(name, act, kind="fault", is_named=fault.is_named, moves=fault.moves)

    def up(self, more: Mapping[str, Any]) -> Update:
        """With these settings beside the stack's own."""
        return self._up(more)

    def refresh(self) -> Update:
        """What is in Azure becomes the state."""
        return self._refresh()

    def destroy(self) -> Update:
        """All of it."""
        return self._stack.destroy(self._config)

    def pass_time(self, span: timedelta) -> None:
        """On the lab's clock."""
        with self._turn:
            self.azure.clock.run_until(self.azure.clock.now + span)

    def _cut_off(self) -> Iterator[_Step]:
        for third, share in _THIRDS.items():
            yield self._end()
            name = f"up, cut off in its {third} third, and continued"
            yield _Step(name, partial(self._continued, share))

    def _continued(self, share: float) -> Update:
        """Cut off after so many of the resources that the stack had; then once more."""
        budget = max(1, int(self._size * share))
        cut = self._stack.up(self._config, cut_after=budget)
        if cut.failure != "cut off":
            words = cut.failure or "the update came to its end"
            return Update(cut.changes, failure=f"not cut off after {budget} changes: {words}")
        return self._up({})

    def _end(self) -> _Step:
        return _Step("destroy", lambda: self._stack.destroy(self._config), is_end=True)

    # How it is judged.

    def _judged(self, step: _Step) -> StepResult:
        began = time.perf_counter()
        before = self.pulse.kept()
        self._downtime.begin()
        try:
            update = step.act()
        except RefusedError as error:
            update = Update(failure=str(error))
        away = self._downtime.seconds
        if step.refused:
            return self._of_refusal(step, update, began)
        problems = [update.failure] if update.failure else []
        if step.is_end:
            problems += self._remains()
            return self._result(step, update, (), (), problems, began)
        self._size = len(self._stack.held())
        expected, unexpected = self._losses(step, update)
        problems += [f"replaced: {each}" for each in unexpected]
        problems += self._counted(step, update)
        problems += self._strangers()
        problems += [
            f"{what} begin anew" for what in self.pulse.moved(before) if what not in step.moves
        ]
        lost = self.pulse.lost_rows(before)
        if lost and "logs" not in step.moves:
            problems.append(f"{lost} log rows are gone")
        if self.options.run_apps and not update.failure:
            problems += self.pulse.take(whole=_is_on_the_way(update.changes))
        result = self._result(step, update, expected, unexpected, problems, began)
        return replace(result, downtime_s=away, lost_rows=lost)

    def _of_refusal(self, step: _Step, update: Update, began: float) -> StepResult:
        """Refused, with the setting's name, and nothing is lost by it."""
        if not update.failure:
            told = f"was taken; expected a refusal that names {step.refused}"
            return self._result(step, update, (), (), [told], began)
        problems = [] if step.refused in update.failure else [f"not named: {update.failure}"]
        found = self._result(step, update, (), (), problems, began)
        if problems:
            return found
        return replace(found, verdict="refused", problems=(update.failure.splitlines()[-1],))

    def _result(
        self,
        step: _Step,
        update: Update,
        expected: tuple[str, ...],
        unexpected: tuple[str, ...],
        problems: Iterable[str],
        began: float,
    ) -> StepResult:
        told = tuple(problems)
        verdict: Verdict = "failed" if told else "named" if step.is_named else "survived"
        return StepResult(
            name=step.name,
            kind=step.kind,
            changed=len([each for each in update.changes if not each.is_random]),
            expected=expected,
            unexpected=unexpected,
            verdict=verdict,
            problems=told,
            seconds=round(time.perf_counter() - began, 1),
        )

    def _losses(self, step: _Step, update: Update) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Replaced resources of Azure, by whether the step is known to replace them."""
        expected: list[str] = []
        unexpected: list[str] = []
        for each in update.changes:
            if each.op != "replace" or each.is_random or each.token == CODE:
                continue
            shown = f"{each.name} ({', '.join(each.properties) or 'with another'})"
            is_known = step.replaces == EVERYTHING or each.token.startswith(step.replaces or "-")
            (expected if is_known else unexpected).append(shown)
        return tuple(expected), tuple(unexpected)

    def _counted(self, step: _Step, update: Update) -> Iterator[str]:
        changed = [f"{each.op} {each.name}" for each in update.changes]
        if step.changes == "none" and changed:
            yield f"nothing should change, and {len(changed)} did: {', '.join(changed[:5])}"
        if step.changes == "some" and not changed and not update.failure:
            yield "has no effect: no resource changes"

    def _strangers(self) -> Iterator[str]:
        """What is in Azure and in no state."""
        held = self._stack.held()
        seen: set[str] = set()
        for each in self.azure.resources.list():
            if each.urn not in held or (each.urn in seen and each.token.startswith("azure")):
                yield f"left over: {each.token} {each.name}"
            seen.add(each.urn)

    def _remains(self) -> Iterator[str]:
        for each in self.azure.resources.list():
            yield f"left over: {each.token} {each.name}"

    # What it stands on.

    def _engine(self) -> LivingStack:
        options = self.options
        program = options.start_from or options.program
        if options.engine == "pulumi":
            return self._ending.enter_context(CliStack(program, options.stack, self.azure))
        return InProcessStack(program, options.stack, self.azure)

    def _own_values(self) -> dict[str, Any]:
        """What the stack's file says, by short key; what it has encrypted is left out."""
        project = Project.read(self.options.program)
        file = project.stack_folder / f"Pulumi.{self.options.stack}.yaml"
        stated = read_yaml(file).value.get("config") or {}
        return {project.short_key(key): value for key, value in stated.items()}

    def _config_of(self, more: Mapping[str, Any]) -> dict[str, str]:
        users = {pulses.USER: pulses.FIRST_PASSWORD}
        given: dict[str, Any] = {"initialUsers": users, "webhookUrl": WEBHOOK}
        if PROTECTION in self._stated:
            given[PROTECTION] = False  # or the life would have no end
        return {key: as_text(value) for key, value in (given | dict(more)).items()}

    def _trial(self, key: str) -> Trial | None:
        declaration = self._declared[key]
        current = self._stated.get(key, declaration.get("default"))
        if key == "initialUsers":
            more = {pulses.USER: pulses.FIRST_PASSWORD, "second": pulses.FIRST_PASSWORD[::-1]}
            return Trial(more)
        if key == PROTECTION:
            return Trial(True)
        return trial(key, declaration, current)

    def _needs(self, found: Trial) -> dict[str, Any]:
        """Without what the stack has anyway."""
        return {key: value for key, value in found.needs.items() if key not in self._stated}

    def _one(self, token: str) -> Resource:
        return self.azure.resources.list(token)[-1]


def _is_on_the_way(changes: Iterable[Change]) -> bool:
    """Whether an alert could be lost by these."""
    return any(
        not each.token.startswith(_ASIDE)
        and (not each.properties or set(each.properties) != {"tags"})
        and not all(path.startswith("tags") for path in each.properties or ("?",))
        for each in changes
    )
