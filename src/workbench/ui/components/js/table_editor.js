// A table of native inputs. Cells are patched in place: a rebuilt row would lose the focus and the text in it.
import { adopt, batched, h, icon, observe, quiet, setAttribute, setText, uid } from "./dom.js";

const PAUSE_MS = 400;
const FIELDS = "input, select, textarea, button";

class Cell {
  constructor(table, row, column) {
    this.table = table;
    this.row = row;
    this.column = column;
    this.timer = 0;
    this.sent = 0; // number of the last edit sent; the model's value counts again once it is acknowledged
    this.input = this.#make();
    this.error = null;
    this.td = h("td", { class: column.type === "checkbox" ? "awb-cell-checked" : "" }, this.input);
  }

  #make() {
    const { type, mono, placeholder } = this.column;
    const common = { onkeydown: (e) => this.table.onKey(e, this) };
    if (type === "label") {
      const label = h("span", { class: `awb-cell-label${mono ? " awb-mono" : ""}` });
      label.disabled = true; // the arrow keys pass it over
      return label;
    }
    if (type === "area")
      return h("textarea", {
        ...common,
        class: "awb-cell-input awb-cell-area",
        rows: "2",
        spellcheck: "true",
        autocomplete: "off",
        placeholder,
        oninput: () => this.#wait(),
        onchange: () => this.flush(),
      });
    if (type === "checkbox")
      return h("input", { ...common, ...quiet, type, class: "awb-cell-check", onchange: () => this.flush(true) });
    if (type === "select")
      return h("select", { ...common, ...quiet, class: "awb-cell-select", onchange: () => this.flush(true) });
    return h("input", {
      ...common,
      type: "text",
      class: `awb-cell-input${mono ? " awb-mono" : ""}`,
      placeholder,
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      oninput: () => this.#wait(),
      onchange: () => this.flush(),
    });
  }

  #wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(true), PAUSE_MS);
  }

  get value() {
    return this.column.type === "checkbox" ? this.input.checked : this.input.value;
  }

  /** Send what was typed and not sent yet. */
  flush(force = false) {
    if (!this.timer && !force) return;
    clearTimeout(this.timer);
    this.timer = 0;
    this.sent = this.table.send({ event: "edit", row: this.row.key, field: this.column.key, value: this.value });
  }

  patch(data, name, error) {
    const { column, input } = this;
    if (column.type === "label") {
      setText(input, String(data[column.key] ?? ""));
      return;
    }
    if (!this.timer && this.sent <= this.table.acknowledged) this.#show(data[column.key]);
    const disabled = this.table.model.get("read_only") || (data.disabled ?? []).includes(column.key);
    if (input.disabled !== disabled) input.disabled = disabled;
    setAttribute(input, "aria-label", `${column.title || column.key} of ${name}`.toLowerCase().replace(name.toLowerCase(), name));
    if (column.type === "checkbox") setAttribute(input, "title", column.hint);
    if (error && !this.error) {
      this.error = h("span", { class: "awb-cell-error", id: uid("error") });
      this.td.append(this.error);
    } else if (!error && this.error) {
      this.error.remove();
      this.error = null;
    }
    if (this.error) setText(this.error, error);
    setAttribute(input, "aria-invalid", error ? "true" : null);
    setAttribute(input, "aria-describedby", this.error?.id);
  }

  #show(value) {
    const { column, input } = this;
    if (column.type === "checkbox") {
      if (input.checked !== Boolean(value)) input.checked = Boolean(value);
      return;
    }
    const text = value === null || value === undefined ? "" : String(value);
    if (column.type === "select") {
      const options = (column.options ?? []).map((o) => (Array.isArray(o) ? o.map(String) : [String(o), String(o)]));
      if (!options.some(([v]) => v === text)) options.unshift([text, text || "choose"]);
      if (this.options !== JSON.stringify(options)) {
        this.options = JSON.stringify(options);
        input.replaceChildren(...options.map(([v, title]) => h("option", { value: v, text: title })));
      }
    }
    if (input.value !== text) input.value = text;
    // a narrow column may cut it off
    setAttribute(input, "title", column.hint ?? (column.type === "text" && text.length > 12 ? text : null));
  }
}

class Table {
  constructor(model, el) {
    this.model = model;
    this.rows = new Map();
    this.acknowledged = 0;
    this.awaiting = null;
    this.caption = h("caption", { class: "awb-visually-hidden" });
    this.head = h("tr");
    this.body = h("tbody");
    this.table = h("table", { class: "awb-table awb-editor-table" }, this.caption, h("thead", {}, this.head), this.body);
    this.scroll = h("div", { class: "awb-scroll" }, this.table);
    this.empty = h("div", { class: "awb-empty" });
    this.general = h("div", { class: "awb-table-error" });
    this.add = h("button", {
      class: "awb-button",
      type: "button",
      ...quiet,
      onclick: () => {
        this.awaiting = "add";
        this.send({ event: "add" });
      },
    });
    this.foot = h("div", { class: "awb-editor-foot" }, this.add);
    this.live = h("div", { class: "awb-visually-hidden", role: "status" });
    adopt(el, "awb-editor");
    el.replaceChildren(this.scroll, this.empty, this.general, this.foot, this.live);
  }

  send(event) {
    const seq = Date.now() * 1000 + (Table.count = ((Table.count ?? 0) + 1) % 1000);
    this.model.send({ ...event, seq });
    return seq;
  }

  columns() {
    const columns = this.model.get("columns");
    const signature = JSON.stringify(columns);
    if (signature === this.signature) return;
    this.signature = signature;
    this.rows.clear();
    this.body.replaceChildren();
    this.head.replaceChildren(
      ...columns.map((c) =>
        h("th", { scope: "col", title: c.hint, style: c.width ? `width: ${c.width}` : undefined, text: c.title ?? c.key }),
      ),
      h("th", { scope: "col" }, h("span", { class: "awb-visually-hidden", text: "Actions" })),
    );
  }

  sync() {
    const { model } = this;
    this.acknowledged = model.get("_acknowledged");
    this.columns();
    const rows = model.get("rows");
    const columns = model.get("columns");
    const nameField = model.get("name_field");
    const errors = new Map();
    const general = [];
    const known = new Set(rows.map((r) => String(r.key)));
    for (const { row, field, text } of model.get("errors")) {
      const id = JSON.stringify([String(row ?? ""), field]);
      if (known.has(String(row)) && columns.some((c) => c.key === field))
        errors.set(id, errors.has(id) ? `${errors.get(id)} ${text}` : text);
      else general.push(text);
    }

    const focused = this.body.contains(document.activeElement) ? this.#where(document.activeElement) : null;
    for (const [key, row] of this.rows) {
      if (known.has(key)) continue;
      row.tr.remove();
      this.rows.delete(key);
    }
    let fresh = null;
    rows.forEach((data, index) => {
      const key = String(data.key);
      let row = this.rows.get(key);
      if (!row) {
        row = this.#row(data);
        this.rows.set(key, row);
        fresh = row;
      }
      row.key = data.key;
      const name = String(data[nameField] || `row ${index + 1}`);
      if (this.body.children[index] !== row.tr) this.body.insertBefore(row.tr, this.body.children[index] ?? null);
      const texts = row.cells.map((cell) => errors.get(JSON.stringify([key, cell.column.key])));
      const alone = texts.filter(Boolean).length === 1;
      row.cells.forEach((cell, i) => {
        cell.patch(data, name, texts[i]);
        // under the neighbours is room for a sentence, when they have none of their own
        cell.td.classList.toggle("awb-wide-start", alone && Boolean(texts[i]) && i < 2);
        cell.td.classList.toggle("awb-wide-end", alone && Boolean(texts[i]) && i >= 2);
      });
      this.#buttons(row, name, index, rows.length);
    });

    const noun = model.get("row_noun");
    setText(this.caption, model.get("label") || `${noun}s`);
    setText(this.add, `+ Add ${noun}`);
    const readOnly = model.get("read_only");
    this.foot.hidden = readOnly || !model.get("can_add");
    setText(this.empty, model.get("empty"));
    this.empty.hidden = rows.length > 0 || !model.get("empty");
    this.scroll.hidden = rows.length === 0 && !this.empty.hidden;
    this.general.hidden = general.length === 0;
    setText(this.general, general.join(" "));
    const texts = [...errors.values(), ...general];
    setText(this.live, texts.length ? `${texts.length} ${texts.length === 1 ? "problem" : "problems"}: ${texts.at(-1)}` : "");

    if (fresh && this.awaiting) {
      this.awaiting = null;
      this.focus(fresh.cells.find((c) => !c.input.disabled));
      fresh.tr.scrollIntoView({ block: "nearest" });
    } else if (focused && !this.body.contains(document.activeElement)) {
      // its row was moved, or is gone: stay where the eye is
      const row = this.rows.get(focused.key) ?? [...this.rows.values()].find((r) => r.tr === this.body.children[Math.min(focused.index, rows.length - 1)]);
      const target = row?.tr.querySelectorAll(FIELDS)[focused.position] ?? this.add;
      target.focus();
    }
  }

  #where(node) {
    const tr = node.closest("tr");
    const key = [...this.rows].find(([, r]) => r.tr === tr)?.[0];
    return { key, index: [...this.body.children].indexOf(tr), position: [...tr.querySelectorAll(FIELDS)].indexOf(node) };
  }

  #row(data) {
    const row = { key: data.key };
    row.cells = this.model.get("columns").map((column) => new Cell(this, row, column));
    const button = (name, event) =>
      h("button", { class: "awb-icon-button", type: "button", ...quiet, onclick: () => {
        if (event.event === "duplicate") this.awaiting = "duplicate";
        this.send({ ...event, row: row.key });
      } }, icon(name));
    row.up = button("up", { event: "move", by: -1 });
    row.down = button("down", { event: "move", by: 1 });
    row.duplicate = button("duplicate", { event: "duplicate" });
    row.remove = button("remove", { event: "remove" });
    row.tr = h("tr", {}, ...row.cells.map((c) => c.td),
      h("td", { class: "awb-row-buttons" }, row.up, row.down, row.duplicate, row.remove));
    return row;
  }

  #buttons(row, name, index, total) {
    const { model } = this;
    const readOnly = model.get("read_only");
    const label = (button, text, shown) => {
      button.hidden = readOnly || !shown;
      setAttribute(button, "aria-label", text);
      setAttribute(button, "title", text);
    };
    label(row.up, `Move ${name} up`, model.get("can_move"));
    label(row.down, `Move ${name} down`, model.get("can_move"));
    row.up.disabled = index === 0;
    row.down.disabled = index === total - 1;
    label(row.duplicate, `Duplicate ${name}`, model.get("can_duplicate"));
    label(row.remove, `Remove ${name}`, model.get("can_remove"));
  }

  focus(cell) {
    if (!cell) return;
    cell.input.focus();
    if (cell.input.type === "text") cell.input.select();
  }

  /** Arrow keys go from cell to cell where they have nothing to do inside one; with Ctrl, always. */
  onKey(event, cell) {
    const { key, altKey, shiftKey, metaKey } = event;
    if (key === "Enter" && ["text", "area"].includes(cell.column.type)) {
      cell.flush();
      event.preventDefault();
      return this.#step(cell, shiftKey ? -1 : 1, 0);
    }
    const direction = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
    if (!direction || shiftKey || metaKey) return undefined;
    if (altKey) {
      if (!this.model.get("can_move") || direction[0] === 0) return undefined;
      event.preventDefault();
      cell.flush();
      this.send({ event: "move", row: cell.row.key, by: direction[0] });
      return undefined;
    }
    const { input } = cell;
    if (!event.ctrlKey) {
      if (cell.column.type === "select" && direction[0] !== 0) return undefined; // changes the value
      if (cell.column.type === "area") return undefined; // goes through its lines
      if (cell.column.type === "text" && direction[1] !== 0) {
        const edge = direction[1] < 0 ? 0 : input.value.length;
        const all = input.selectionStart === 0 && input.selectionEnd === input.value.length;
        if (!all && (input.selectionStart !== edge || input.selectionEnd !== edge)) return undefined;
      }
    }
    event.preventDefault();
    return this.#step(cell, ...direction);
  }

  #step(cell, down, right) {
    let row = [...this.body.children].indexOf(cell.row.tr);
    let column = cell.row.cells.indexOf(cell);
    const ordered = [...this.body.children].map((tr) => [...this.rows.values()].find((r) => r.tr === tr));
    for (;;) {
      row += down;
      column += right;
      const target = ordered[row]?.cells[column];
      if (!target) return;
      if (!target.input.disabled) {
        this.focus(target);
        return;
      }
    }
  }
}

export default {
  render({ model, el }) {
    const table = new Table(model, el);
    const sync = batched(() => table.sync());
    const stop = observe(model, [
      "columns", "rows", "errors", "label", "name_field", "row_noun", "empty", "_acknowledged",
      "can_add", "can_duplicate", "can_remove", "can_move", "read_only",
    ], sync);
    const onMessage = (content) => {
      if (content.do !== "focus") return;
      table.sync();
      table.focus(table.rows.get(String(content.row))?.cells.find((c) => c.column.key === content.field));
    };
    model.on("msg:custom", onMessage);
    table.sync();
    return () => {
      stop();
      model.off("msg:custom", onMessage);
      for (const row of table.rows.values()) for (const cell of row.cells) cell.flush();
    };
  },
};
