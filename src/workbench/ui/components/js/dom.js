// The few helpers that every component uses.

const module = crypto.getRandomValues(new Uint32Array(1))[0].toString(36); // every widget loads this file for itself
let count = 0;

/** A fresh id for aria-describedby and the like. */
export const uid = (stem) => `awb-${stem}-${module}-${++count}`;

/** An element: properties that begin with `on` are listeners, known properties are set, others are attributes. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key === "text") node.textContent = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

/** Set the text only when it differs: a live region must not speak twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Set or remove an attribute, only when it differs. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/**
 * What every component does to its element. JupyterLab takes keys of its command mode from whatever is no text
 * input (`d d` on a button deletes the cell), so such elements get `quiet`.
 */
export function adopt(el, ...classes) {
  el.classList.add("awb", ...classes);
}
export const quiet = { "data-lm-suppress-shortcuts": "true" };

const NS = "http://www.w3.org/2000/svg";
const PATHS = {
  remove: "M4 4l8 8M12 4l-8 8",
  duplicate: "M6 6h7v7H6zM3 10V3h7",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
};

/** A small drawing, hidden from screen readers: the button that holds it has the name. */
export function icon(name) {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(NS, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Listen to traits, and stop when the view goes. */
export function observe(model, traits, update) {
  for (const trait of traits) model.on(`change:${trait}`, update);
  return () => {
    for (const trait of traits) model.off(`change:${trait}`, update);
  };
}

/** Once an animation frame, however often it is asked for: several traits change in one message. */
export function batched(update) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      update();
    });
  };
}

const PAUSE_MS = 250;

/**
 * Typing into something whose text is the model's `value`: announced at the first key, sent after a pause or by `flush`.
 * Both are messages of their own: the trait's may be held back while an earlier one is under way, and a click is not.
 */
export function typed(model, text) {
  let timer = 0;
  const over = () => {
    clearTimeout(timer);
    timer = 0;
    model.send({ event: "typed", value: model.get("value") });
  };
  const flush = () => {
    if (!timer) return;
    model.set("value", text());
    model.save_changes();
    over();
  };
  const edit = () => {
    if (!timer) model.send({ event: "typing" });
    clearTimeout(timer);
    timer = setTimeout(flush, PAUSE_MS);
  };
  return {
    edit,
    flush,
    get pending() {
      return timer !== 0;
    },
    /** The kernel has another text: what was typed since counts no more. */
    drop() {
      if (timer) over();
    },
  };
}
