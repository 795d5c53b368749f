// A native modal dialog.
import { adopt, batched, h, observe, quiet, setText, uid } from "./dom.js";

export default {
  render({ model, el }) {
    adopt(el);
    el.style.height = el.style.margin = "0";
    const ids = { title: uid("title"), text: uid("text") };
    const title = h("h2", { id: ids.title });
    const text = h("div", { id: ids.text });
    const caption = h("span");
    const input = h("input", { class: "awb-input", type: "text", autocomplete: "off" });
    const field = h("label", {}, caption, input);
    const cancel = h("button", { class: "awb-button", type: "button", onclick: () => dialog.close() });
    const confirm = h("button", { class: "awb-button", type: "submit" });
    const form = h("form", { method: "dialog" }, title, text, field, h("div", { class: "awb-dialog-buttons" }, cancel, confirm));
    const dialog = h("dialog", { class: "awb-dialog", "aria-labelledby": ids.title, "aria-describedby": ids.text, ...quiet }, form);
    el.replaceChildren(dialog);

    let answered = true;
    const answer = (event) => {
      if (answered) return;
      answered = true;
      model.send(event);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (model.get("input_label") && !input.value.trim()) {
        input.focus();
        return;
      }
      answer({ event: "confirm", text: input.value.trim() });
      dialog.close();
    });
    dialog.addEventListener("close", () => answer({ event: "cancel" }));
    dialog.addEventListener("click", (event) => {
      if (event.target !== dialog) return;
      const box = dialog.getBoundingClientRect();
      const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
      if (outside && event.detail > 0) dialog.close();
    });
    input.addEventListener("input", () => { confirm.disabled = !input.value.trim(); });

    const sync = () => {
      setText(title, model.get("title"));
      const paragraphs = model.get("text").split(/\n\s*\n/).filter(Boolean);
      text.replaceChildren(...paragraphs.map((p) => h("p", { text: p })));
      setText(confirm, model.get("confirm_label"));
      setText(cancel, model.get("cancel_label"));
      confirm.className = `awb-button ${model.get("danger") ? "awb-danger" : "awb-primary"}`;
      setText(caption, model.get("input_label"));
      field.hidden = !model.get("input_label");
      field.style.display = field.hidden ? "none" : "";
      if (model.get("shown") && !dialog.open) {
        answered = false;
        input.value = "";
        confirm.disabled = !field.hidden;
        dialog.showModal();
        // the safe answer has the focus, unless a text is asked for
        (field.hidden ? (model.get("danger") ? cancel : confirm) : input).focus();
      } else if (!model.get("shown") && dialog.open) {
        answered = true;
        dialog.close();
      }
    };
    const stop = observe(model, ["shown", "title", "text", "confirm_label", "cancel_label", "danger", "input_label"], batched(sync));
    requestAnimationFrame(sync); // showModal needs the element in the page
    return () => {
      answered = true;
      stop();
    };
  },
};
