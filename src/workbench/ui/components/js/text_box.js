// A line of text. Enter brings the text along: the trait's message may be on its way still, or held back.
import { adopt, batched, h, observe, setAttribute, setText, typed, uid } from "./dom.js";

export default {
  render({ model, el }) {
    adopt(el, "widget-text");
    const id = uid("text");
    const label = h("label", { class: "widget-label", for: id });
    const input = h("input", { id, type: "text", class: "widget-input", spellcheck: "false" });
    el.replaceChildren(label, input);

    const typing = typed(model, () => input.value);
    input.addEventListener("input", () => {
      typing.edit();
      model.set("value", input.value); // as it is typed
      model.save_changes();
    });
    input.addEventListener("change", typing.flush);
    input.addEventListener("blur", typing.flush);
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" || event.isComposing) return;
      typing.flush();
      model.send({ event: "enter", value: input.value });
    });

    const sync = () => {
      setText(label, model.get("label"));
      if (input.value !== model.get("value")) input.value = model.get("value");
      setAttribute(input, "placeholder", model.get("placeholder"));
      setAttribute(input, "title", model.get("hint"));
      input.disabled = model.get("disabled");
    };
    const stop = observe(model, ["label", "value", "placeholder", "hint", "disabled"], batched(sync));
    sync();
    return () => {
      typing.flush();
      stop();
    };
  },
};
