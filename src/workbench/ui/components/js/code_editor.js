// The widget around CodeMirror. The library is a model of its own that all editors of a kernel share.
import { adopt, batched, h, observe, setText, typed } from "./dom.js";

const loaded = (globalThis[Symbol.for("workbench.codemirror")] ??= new Map());

async function library(model) {
  const reference = model.get("library");
  const id = typeof reference === "string" ? reference.replace(/^IPY_MODEL_/, "") : null;
  const shared = id ? await model.widget_manager.get_model(id) : reference;
  const source = shared.get("source");
  if (!loaded.has(source)) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    loaded.set(source, import(/* webpackIgnore: true */ url).finally(() => URL.revokeObjectURL(url)));
  }
  return loaded.get(source);
}

export default {
  initialize({ model }) {
    // of the model, not of a view: text that streams in counts also while nothing is displayed
    model.on("msg:custom", (content) => {
      if (content.do === "append") model.set("value", model.get("value") + content.text);
    });
  },

  async render({ model, el }) {
    adopt(el, "awb-code-editor");
    const box = h("div", { class: "awb-code" });
    const state = h("div", { class: "awb-code-state", role: "status" });
    // what there is to read is there at once
    box.append(h("pre", { class: "awb-code-wait", text: model.get("value") }));
    el.replaceChildren(box, state);

    const { mount } = await library(model);
    const typing = typed(model, () => editor.text);
    const options = () => ({
      language: model.get("language"),
      readOnly: model.get("read_only") || model.get("streaming"),
      wrap: model.get("wrap"),
      height: model.get("height"),
      maxHeight: model.get("max_height"),
      placeholder: model.get("placeholder"),
      label: model.get("label") || "code",
      original: model.get("diff") ? model.get("original") : null,
    });
    box.replaceChildren();
    const editor = mount(box, {
      text: model.get("value"),
      options: options(),
      onEdit: typing.edit,
      onBlur: typing.flush,
      onMark: (name) => model.send({ event: "mark", name }),
    });

    const value = () => {
      if (typing.pending && model.get("value") === editor.text) return;
      typing.drop();
      editor.setText(model.get("value"), { follow: model.get("streaming") });
    };
    const notes = () => {
      value(); // offsets are those of the newest text
      editor.setMarks(model.get("marks"));
      editor.setDiagnostics(model.get("diagnostics"));
    };
    const configure = () => {
      editor.configure(options());
      setText(state, model.get("streaming") ? "Receiving …" : "");
    };
    const stops = [
      observe(model, ["value"], value),
      observe(model, ["marks", "diagnostics"], batched(notes)),
      observe(model, ["language", "read_only", "streaming", "wrap", "height", "max_height", "placeholder", "label", "diff", "original"], batched(configure)),
    ];
    const onMessage = (content) => {
      if (content.do === "goto") editor.goto(content.line, content.column, content.focus);
    };
    model.on("msg:custom", onMessage);
    configure();
    notes();
    return () => {
      typing.flush();
      for (const stop of stops) stop();
      model.off("msg:custom", onMessage);
      editor.destroy();
    };
  },
};
