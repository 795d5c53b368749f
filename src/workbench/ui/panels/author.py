"""Who writes the function: the offline composer, or a model on a server, and what it has cost."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets

from workbench.generate.model import Model
from workbench.generate.providers import PROVIDERS, provider
from workbench.nouns import GenerateError, WorkbenchError
from workbench.session import usage_words
from workbench.ui.components import SecretBox
from workbench.ui.panels.painter import show
from workbench.ui.panels.panel import Field, Line, Panel, box, button, card, error_text
from workbench.ui.quiet import Quiet

OFFLINE, REPLAY = "offline", "replay"
NUMBERS: tuple[tuple[str, str, str, type], ...] = (
    ("temperature", "Temperature", "From 0 to 2; empty is the server's own", float),
    ("seed", "Model's seed", "Where the server has one", int),
    ("max_tokens", "Longest reply (tokens)", "Thinking counts too", int),
    ("timeout_s", "Time limit (s)", "For one call, with all its retries", float),
)
BUDGETS: tuple[tuple[str, str, str, type], ...] = (
    ("cost", "Budget of money", "Further calls are refused once this is spent", float),
    ("tokens", "Budget of tokens", "Further calls are refused once these are used", int),
)


class Author:
    """The dropdown in the toolbar, and the card that opens below it for a model.

    Parameters
    ----------
    panel : Panel
        Whose session it is a view on.
    changed : function
        Called when what is chosen here is not the same any more.
    """

    def __init__(self, panel: Panel, changed: Callable[[], None]) -> None:
        self.panel = panel
        self.session = panel.session
        self._changed = changed
        self._quiet = Quiet()
        self.who = ipywidgets.Dropdown(description="Written by", options=_who(""), layout={"width": "230px"})
        self.who.style.description_width = "initial"
        self.who.observe(lambda change: self._who_chosen(), "value")
        self.name = ipywidgets.Combobox(continuous_update=False, placeholder="its name on the server")
        self.address = ipywidgets.Text(continuous_update=False)
        self.key = SecretBox(label="Key", placeholder="paste it, then Enter")
        self.key.on_event(self._key_given)
        self.list_button = button("List models", self._list, tooltip="Ask the server which models it has")
        self.reuse = ipywidgets.Checkbox(description="Answer the same request from the record", indent=False)
        self.reuse.observe(lambda change: self._reuse_chosen(), "value")
        self.numbers = {name: _number(label, hint) for name, label, hint, _ in (*NUMBERS, *BUDGETS)}
        self.fields = {"name": Field("Model", self.name), "address": Field("Address", self.address)}
        for control in (self.name, self.address, *(self.numbers[n].control for n, *_ in NUMBERS)):
            control.observe(lambda change: self._apply(), "value")
        for name, *_ in BUDGETS:
            self.numbers[name].control.observe(lambda change: self._apply_budget(), "value")
        self.problem = Line()
        self.hint = ipywidgets.HTML()
        self.usage = ipywidgets.HTML()
        grid = ipywidgets.GridBox(
            [self.fields["name"], self.fields["address"], self.key, *self.numbers.values()],
            layout=ipywidgets.Layout(grid_template_columns="repeat(auto-fill, minmax(196px, 1fr))", grid_gap="12px"),
        )
        self.card = card("Model", grid, box("awb-toolbar", self.list_button, self.reuse), self.problem, self.hint)

    def follow(self) -> None:
        """Show what is chosen now, and from now on."""
        self.panel.follow(("model", "recording"), self._show_choice)
        self.panel.follow(("reuse",), self._show_reuse)
        self.panel.follow(("budget",), self._show_budget)
        self.panel.follow(("completion", "spent", "retry"), self._show_usage)

    @property
    def unfinished(self) -> str:
        """What is still to be chosen before a function can be written, or nothing."""
        if self.who.value in (OFFLINE, REPLAY) or self.session.model is not None:
            return ""
        return "Choose a model: write its name, or list those of the server."

    # ------------------------------------------------------------------ what a person does

    def _who_chosen(self) -> None:
        if self._quiet.here:
            return
        with self._quiet:
            self.name.value, self.name.options, self.address.value = "", (), ""
        self._show_server()
        self._apply()
        if self.who.value in PROVIDERS and provider(self.who.value).local:
            self._list()  # it asks this machine alone

    def _apply(self) -> None:
        if self._quiet.here:
            return
        with self._quiet:
            self.problem.value = ""
            if self.who.value == OFFLINE or (self.who.value in PROVIDERS and not self.name.value.strip()):
                self.session.use_composer()
            elif self.who.value in PROVIDERS:
                self._use_model()
            if self.session.recording is None and self.who.value != REPLAY:
                self._offer("")
            self._show_server()
        self._changed()

    def _use_model(self) -> None:
        numbers = self._read(NUMBERS)
        if numbers is None:
            return
        limit = numbers.pop("timeout_s")
        more = {} if limit is None else {"timeout_s": limit}
        self.panel.attempt(
            lambda: self.session.use_model(self.name.value, self.who.value, self.address.value, **numbers, **more),
            self.problem,
        )

    def _apply_budget(self) -> None:
        if not self._quiet.here and (numbers := self._read(BUDGETS)) is not None:
            calls = self.session.budget.calls  # only code sets it
            self.panel.attempt(lambda: self.session.set_budget(**numbers, calls=calls), self.numbers["cost"].error)

    def _read(self, wanted: tuple[tuple[str, str, str, type], ...]) -> dict[str, Any] | None:
        """The numbers that are typed, or None where one is none."""
        found: dict[str, Any] = {}
        for name, label, _, kind in wanted:
            field, text = self.numbers[name], self.numbers[name].control.value.strip()
            field.error.value = ""
            try:
                found[name] = kind(text) if text else None
            except ValueError:
                what = "a whole number" if kind is int else "a number"
                field.error.value = error_text(f"{label} is {text!r}; give {what}, or leave it empty")
                return None
        return found

    def _reuse_chosen(self) -> None:
        self.session.reuse = bool(self.reuse.value)

    def _key_given(self, event: dict[str, Any]) -> None:
        if event["event"] != "secret":
            return
        try:
            self.session.give_key(event["text"], self.who.value, self.address.value)
        except WorkbenchError as problem:
            self.problem.value = error_text(str(problem))
        else:
            self.problem.value = ""
        self._show_server()

    def _list(self) -> None:
        who, address = self.who.value, self.address.value

        def ask() -> None:
            found = self.session.list_models(who, address)
            if (who, address) == (self.who.value, self.address.value):
                self.name.options = found
                show(self.hint, _hint(f"{len(found)} model{'s' if len(found) != 1 else ''} listed; pick one above."))

        show(self.hint, _hint("Asking the server for its models …"))
        self.panel.work(lambda: self._asked(ask), self.problem, self.list_button)

    def _asked(self, ask: Callable[[], None]) -> None:
        try:
            ask()
        except GenerateError:
            self._show_server()
            raise

    # ------------------------------------------------------------------ what is shown

    def _show_choice(self) -> None:
        """What code has chosen; what a person chose here stands as it is."""
        if self._quiet.here:
            return
        model, recording = self.session.model, self.session.recording
        with self._quiet:
            self._offer(recording.path.name if recording is not None else "")
            if recording is not None:
                self.who.value = REPLAY
            elif model is None:
                self.who.value = OFFLINE
            else:
                self.who.value = model.provider
                self._show_model(model)
        self._show_server()
        self._changed()

    def _offer(self, recording: str) -> None:
        """Who can be chosen; a recording only while it answers."""
        chosen, options = self.who.value, tuple(_who(recording))
        if self.who.options != options:
            self.who.options = options
            if chosen in [value for _, value in options]:
                self.who.value = chosen

    def _show_model(self, model: Model) -> None:
        self.name.value, self.address.value = model.model, model.base_url
        for name, *_ in NUMBERS:
            value = getattr(model, name)
            self.numbers[name].control.value = "" if value is None else f"{value:g}" if name != "seed" else str(value)

    def _show_server(self) -> None:
        chosen = self.who.value
        self.card.layout.display = None if chosen in PROVIDERS else "none"
        if chosen not in PROVIDERS:
            return
        preset = provider(chosen)
        self.address.placeholder = preset.base_url or "http://localhost:8000/v1"
        try:
            source = self.session.key_source(chosen, self.address.value)
        except GenerateError:
            self.key.state = "Write the address first." if not preset.base_url or "{" in preset.base_url else ""
        else:
            wanted = "None is set." if preset.key_env and not preset.local else "None is set; none may be wanted."
            self.key.state = f"Taken from {source}." if source and "session" not in source else wanted
            if "session" in source:
                self.key.state = "Given in this session; it is kept in memory alone."
        show(self.hint, _hint(self.unfinished or preset.hint))

    def _show_budget(self) -> None:
        with self._quiet:
            for name, *_ in BUDGETS:
                value = getattr(self.session.budget, name)
                self.numbers[name].control.value = "" if value is None else f"{value:.15g}"
                self.numbers[name].error.value = ""

    def _show_reuse(self) -> None:
        self.reuse.value = self.session.reuse

    def _show_usage(self) -> None:
        session = self.session
        done, spent, retry = session.completion, session.spent, session.retry
        parts = []
        if retry is not None:
            parts.append(f"Asked again ({retry.number} of {retry.of}) in {retry.wait_s:.0f} s: {retry.reason}.")
        if done is not None:
            origin = {"record": ", answered from the record", "replay": ", replayed from a recording"}
            where = f"{done.model} at {done.server}{origin.get(done.source, '')}"
            stopped = "" if done.whole else ", not whole"
            parts.append(f"Last reply: {where}{stopped}; {usage_words(done, session.currency)}.")
        if spent.calls:
            calls = f"{spent.calls} call{'s' if spent.calls != 1 else ''}"
            parts.append(f"This session: {calls}; {usage_words(spent, session.currency)}.")
        show(self.usage, "".join(_hint(p) for p in parts))


def _who(recording: str) -> list[tuple[str, str]]:
    replay = [(f"Recording {recording}", REPLAY)] if recording else []
    return [("Offline composer", OFFLINE), *replay, *((p.title, p.id) for p in PROVIDERS.values())]


def _number(label: str, hint: str) -> Field:
    return Field(label, ipywidgets.Text(continuous_update=False, placeholder="none"), hint=hint)


def _hint(text: str) -> str:
    return f'<div class="awb-hint">{html.escape(text)}</div>' if text else ""
