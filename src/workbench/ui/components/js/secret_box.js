// A password box. What is typed leaves as a message and is held by no model: a saved notebook holds models.
import { adopt, batched, h, observe, setText, uid } from "./dom.js";

export default {
  render({ model, el }) {
    adopt(el, "awb-secret");
    const id = uid("secret");
    const label = h("label", { class: "awb-secret-label", for: id });
    const input = h("input", {
      id, type: "password", class: "awb-input", autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-state`,
    });
    const state = h("span", { id: `${id}-state`, class: "awb-hint", role: "status" });
    el.replaceChildren(label, input, state);

    const give = () => {
      const text = input.value;
      input.value = "";
      if (text.trim()) model.send({ event: "secret", text });
    };
    // not `change`: Enter does not always bring one
    input.addEventListener("blur", give);
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") give(); });

    const sync = () => {
      setText(label, model.get("label"));
      setText(state, model.get("state"));
      input.placeholder = model.get("placeholder");
      input.disabled = model.get("disabled");
    };
    const stop = observe(model, ["label", "state", "placeholder", "disabled"], batched(sync));
    sync();
    return () => {
      input.value = "";
      stop();
    };
  },
};
