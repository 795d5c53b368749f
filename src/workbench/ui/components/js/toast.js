// Messages in the corner. The two regions are there before any message is, or a screen reader misses the first.
import { adopt, batched, h, observe, quiet } from "./dom.js";

const WORD = { info: "Note", success: "Done", warning: "Warning", error: "Error" };

export default {
  render({ model, el }) {
    adopt(el);
    el.style.height = el.style.margin = "0";
    const polite = h("div", { role: "status" });
    const urgent = h("div", { role: "alert" });
    // the top layer: a notebook's panels clip and contain whatever is fixed inside them
    const layer = h("div", { class: "awb-toasts", popover: "manual", ...quiet }, polite, urgent);
    el.replaceChildren(layer);
    const shown = new Map();

    const dismiss = (id) => model.send({ event: "dismiss", id });

    const make = ({ id, level, text, seconds }) => {
      const node = h("div", { class: "awb-toast", "data-level": level },
        h("b", { text: WORD[level] ?? WORD.info }), h("span", { text }),
        h("button", { type: "button", "aria-label": "Dismiss", title: "Dismiss", onclick: () => dismiss(id), text: "×" }));
      const toast = { node, timer: 0 };
      const start = () => { if (seconds > 0) toast.timer = setTimeout(() => dismiss(id), seconds * 1000); };
      // nobody is hurried: time stands still under the pointer and the focus
      for (const type of ["pointerenter", "focusin"]) node.addEventListener(type, () => clearTimeout(toast.timer));
      for (const type of ["pointerleave", "focusout"]) node.addEventListener(type, start);
      node.addEventListener("keydown", (e) => { if (e.key === "Escape") dismiss(id); });
      start();
      (level === "warning" || level === "error" ? urgent : polite).append(node);
      return toast;
    };

    const sync = () => {
      const messages = model.get("messages");
      for (const [id, toast] of shown) {
        if (messages.some((m) => m.id === id)) continue;
        clearTimeout(toast.timer);
        toast.node.remove();
        shown.delete(id);
      }
      if (messages.length && layer.isConnected && layer.showPopover && !layer.matches(":popover-open")) layer.showPopover();
      for (const message of messages) if (!shown.has(message.id)) shown.set(message.id, make(message));
      if (!messages.length && layer.hidePopover && layer.matches(":popover-open")) layer.hidePopover();
    };
    const stop = observe(model, ["messages"], batched(sync));
    requestAnimationFrame(sync);
    return () => {
      stop();
      for (const toast of shown.values()) clearTimeout(toast.timer);
    };
  },
};
