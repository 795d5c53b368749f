// Title bar and steps.
import { adopt, batched, h, observe, quiet, setAttribute, setText, uid } from "./dom.js";

const SIGN = { ready: "✓", warning: "!", error: "!", running: "●" };
const WORD = { empty: "to do", ready: "ready", warning: "warning", error: "error", running: "running" };

export default {
  render({ model, el }) {
    adopt(el, "awb-stepper");
    const title = h("span", { class: "awb-bar-title", role: "heading", "aria-level": "2" });
    const chips = h("span", { style: "display: contents" });
    const badge = h("span", { class: "awb-badge" });
    const status = h("span", { class: "awb-status", role: "status" }, badge);
    const bar = h("div", { class: "awb-bar" }, title, chips, status);
    const list = h("div", { class: "awb-steps", role: "tablist", ...quiet });
    const what = h("span", { class: "awb-next-text", role: "status" });
    const go = h("button", { class: "awb-next-go", type: "button", onclick: () => select(model.get("next").step) });
    const next = h("div", { class: "awb-next" }, h("b", { text: "Next" }), what, go);
    el.replaceChildren(bar, list, next);
    const tabs = new Map();

    const select = (id) => {
      if (id === model.get("selected")) return;
      model.set("selected", id);
      model.save_changes();
      model.send({ event: "select", step: id });
    };

    list.addEventListener("keydown", (event) => {
      const ids = model.get("steps").map((s) => s.id);
      const at = ids.indexOf(model.get("selected"));
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: ids.length - 1 }[event.key];
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const id = ids[(to + ids.length) % ids.length];
      select(id);
      tabs.get(id).button.focus();
    });

    const make = (id) => {
      const tab = {
        sign: h("span", { class: "awb-step-sign", "aria-hidden": "true" }),
        title: h("span", { class: "awb-step-title" }),
        text: h("span", { class: "awb-step-text" }),
        word: h("span", { class: "awb-visually-hidden" }),
      };
      tab.button = h(
        "button",
        { class: "awb-step", type: "button", role: "tab", id: uid("tab"), onclick: () => select(id) },
        tab.sign, tab.title, tab.word, tab.text,
      );
      return tab;
    };

    const sync = () => {
      setText(title, model.get("title"));
      setAttribute(list, "aria-label", model.get("label") || `${model.get("title")} steps`);
      const signature = JSON.stringify(model.get("chips"));
      if (chips.dataset.signature !== signature) {
        chips.dataset.signature = signature;
        chips.replaceChildren(
          ...model.get("chips").map((c) =>
            h("span", { class: "awb-chip", title: c.hint },
              h("span", { text: c.label }), h("b", { text: c.text }), c.detail ? h("span", { text: c.detail }) : null),
          ),
        );
      }
      const { text = "", tone = "neutral" } = model.get("status");
      status.hidden = !text;
      badge.className = `awb-badge awb-badge-${tone}`;
      setText(badge, text);

      const steps = model.get("steps");
      const selected = model.get("selected");
      const current = steps.some((s) => s.id === selected) ? selected : steps[0]?.id;
      for (const [id, tab] of tabs) {
        if (steps.some((s) => s.id === id)) continue;
        tab.button.remove();
        tabs.delete(id);
      }
      steps.forEach((step, index) => {
        if (!tabs.has(step.id)) tabs.set(step.id, make(step.id));
        const tab = tabs.get(step.id);
        if (list.children[index] !== tab.button) list.insertBefore(tab.button, list.children[index] ?? null);
        const state = step.state in WORD ? step.state : "empty";
        setText(tab.sign, SIGN[state] ?? String(index + 1));
        setText(tab.title, step.title);
        setText(tab.word, `, ${WORD[state]}, `);
        setText(tab.text, step.text || WORD[state]);
        setAttribute(tab.button, "data-state", state);
        setAttribute(tab.button, "data-step", step.id);
        setAttribute(tab.button, "title", `${step.title}: ${WORD[state]}${step.text ? ` (${step.text})` : ""}`);
        setAttribute(tab.button, "aria-selected", String(step.id === current));
        setAttribute(tab.button, "tabindex", step.id === current ? "0" : "-1");
      });
      suggest(steps, current);
      panes(tabs.get(current)?.button);
    };

    // what comes next, and the way there unless it is open already
    const suggest = (steps, current) => {
      const { step, text = "" } = model.get("next");
      const there = steps.find((s) => s.id === step);
      next.hidden = !text;
      setText(what, text);
      go.hidden = !there || step === current;
      setText(go, there ? `Go to ${there.title}` : "");
    };

    // the panes are plain ipywidgets: what they are for a screen reader can only be said from here
    const panes = (button) => {
      const root = el.closest(".awb-root") ?? el.parentElement;
      for (const pane of root?.querySelectorAll(".awb-pane") ?? []) {
        setAttribute(pane, "role", "tabpanel");
        setAttribute(pane, "aria-labelledby", button?.id);
        pane.id ||= uid("pane");
        if (button && pane.offsetParent !== null) setAttribute(button, "aria-controls", pane.id);
      }
    };

    const later = batched(sync);
    const stop = observe(model, ["title", "steps", "selected", "chips", "status", "next", "label"], later);
    sync();
    requestAnimationFrame(sync); // the panes come after the header
    return stop;
  },
};
