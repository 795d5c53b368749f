// A table to read: rows are kept by key and patched, never rebuilt.
import { adopt, batched, h, observe, quiet, setAttribute, setText } from "./dom.js";

const isDict = (v) => v !== null && typeof v === "object" && !Array.isArray(v);

export const format = (value, digits = 4) => {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString("en").replace("-", "−");
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(Math.max(0, digits - 1)).replace("e+", "e").replaceAll("-", "−");
  return Number(value.toPrecision(digits)).toString().replace("-", "−");
};

const plain = (value) => (isDict(value) ? (value.sort ?? value.text ?? (value.value || value.empty)) : value);

const compare = (a, b) => {
  const none = (v) => v === null || v === undefined || v === "" || Number.isNaN(v);
  if (none(a) || none(b)) return none(a) - none(b) || 0;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
};

function fill(td, value, column, key) {
  if (column.type === "check") {
    const box = td.querySelector("input");
    if (typeof value !== "boolean") td.replaceChildren();
    else if (box) box.checked = value;
    else {
      td.replaceChildren(
        h("input", { type: "checkbox", class: "awb-cell-check", style: "margin: 2px 0", "aria-label": `${column.title ?? column.key}: ${key}`, ...quiet }));
      td.firstChild.checked = value;
    }
    return;
  }
  if (column.type === "choice") {
    const options = isDict(value) ? [["", value.empty], ...(column.options ?? []).filter((o) => o !== value.empty).map((o) => [o, o])] : [];
    const made = JSON.stringify(options);
    let list = td.querySelector("select");
    if (!options.length) return td.replaceChildren();
    if (!list) {
      list = h("select", { class: "awb-cell-select", "aria-label": `${column.title ?? column.key}: ${key}`, ...quiet });
      td.replaceChildren(list);
    }
    if (list.awbOptions !== made) {
      list.awbOptions = made;
      list.replaceChildren(...options.map(([v, text]) => h("option", { value: v, text })));
    }
    list.value = value.value;
    return;
  }
  if (column.type === "bars") {
    const numbers = Array.isArray(value) ? value : [];
    const top = Math.max(...numbers, 0) || 1;
    const told = numbers.length ? `histogram: ${numbers.join(", ")}` : "";
    td.replaceChildren(
      h("span", { class: "awb-bars", role: "img", "aria-label": told || "no histogram", title: told },
        ...numbers.map((n) => h("i", { style: `height: ${Math.round((n / top) * 100)}%` }))),
    );
    return;
  }
  const text = isDict(value) ? value.text : value;
  if (column.type === "badge") {
    const tone = (isDict(value) ? value.tone : column.tones?.[value]) ?? "neutral";
    td.replaceChildren(...(text ? [h("span", { class: `awb-badge awb-badge-${tone}`, text: String(text) })] : []));
  } else td.textContent = column.type === "number" ? format(text, column.digits) : text === null || text === undefined ? "" : String(text);
  setAttribute(td, "title", isDict(value) ? value.hint : null);
}

class Table {
  constructor(model, el) {
    this.model = model;
    this.rows = new Map();
    this.all = false;
    this.sort = { by: model.get("sort_by"), descending: model.get("descending") };
    this.caption = h("caption", { class: "awb-visually-hidden" });
    this.head = h("tr");
    this.body = h("tbody");
    this.table = h("table", { class: "awb-table" }, this.caption, h("thead", {}, this.head), this.body);
    this.scroll = h("div", { class: "awb-scroll", tabindex: "0", role: "region", ...quiet }, this.table);
    new ResizeObserver(() => this.reach()).observe(this.scroll);
    this.empty = h("div", { class: "awb-empty" });
    this.shown = h("span");
    this.more = h("button", { class: "awb-button awb-quiet", type: "button", ...quiet, onclick: () => { this.all = true; this.sync(); } });
    this.foot = h("div", { class: "awb-table-foot" }, this.shown, this.more);
    adopt(el, "awb-data-table");
    el.replaceChildren(this.scroll, this.empty, this.foot);
    this.body.addEventListener("click", (e) => (e.target.type === "checkbox" ? this.#tick(e) : this.#choose(e.target.closest("tr"))));
    this.body.addEventListener("change", (e) => e.target.tagName === "SELECT" && this.#pick(e));
    this.body.addEventListener("keydown", (e) => this.#key(e));
  }

  columns() {
    const columns = this.model.get("columns");
    const sortable = this.model.get("sortable");
    const signature = JSON.stringify([columns, sortable, this.sort]);
    if (signature === this.signature) return columns;
    const before = this.shape;
    this.signature = signature;
    this.shape = JSON.stringify(columns);
    if (before !== this.shape) {
      this.rows.clear();
      this.body.replaceChildren();
    }
    const focused = this.head.contains(document.activeElement) ? [...this.head.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    this.head.replaceChildren(
      ...columns.map((c) => {
        const active = this.sort.by === c.key;
        const title = c.title ?? c.key;
        const can = sortable && c.sortable !== false && c.type !== "bars" && c.type !== "check";
        const sign = h("i", { "aria-hidden": "true", text: active ? (this.sort.descending ? "↓" : "↑") : "" });
        return h("th",
          { scope: "col", class: this.#end(c) ? "awb-end" : "", title: c.hint, style: c.width ? `width: ${c.width}` : undefined,
            "aria-sort": can ? (active ? (this.sort.descending ? "descending" : "ascending") : "none") : undefined },
          can ? h("button", { class: "awb-sort", type: "button", ...quiet, onclick: () => this.#sortBy(c.key) }, title, sign) : title);
      }),
    );
    if (focused >= 0) this.head.querySelectorAll("button")[focused]?.focus();
    return columns;
  }

  #end(column) {
    return (column.align ?? (column.type === "number" ? "end" : "start")) === "end";
  }

  /** Up, down, and back to the order of the rows. */
  #sortBy(key) {
    if (this.sort.by !== key) this.sort = { by: key, descending: false };
    else if (!this.sort.descending) this.sort = { by: key, descending: true };
    else this.sort = { by: "", descending: false };
    this.sync();
  }

  /** What scrolls, either way, is reached by keyboard; what does not is no stop on the way. */
  reach() {
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = this.scroll;
    setAttribute(this.scroll, "tabindex", scrollHeight > clientHeight + 1 || scrollWidth > clientWidth + 1 ? "0" : null);
  }

  sync() {
    const { model } = this;
    const columns = this.columns();
    let rows = model.get("rows");
    const total = rows.length;
    if (this.sort.by) {
      const { by, descending } = this.sort;
      const sign = descending ? -1 : 1;
      rows = rows.map((r, i) => [r, plain(r[by]), i]).sort((a, b) => {
        const none = (v) => v === null || v === undefined || v === "";
        return (none(a[1]) || none(b[1]) ? compare(a[1], b[1]) : sign * compare(a[1], b[1])) || a[2] - b[2];
      }).map(([r]) => r);
    }
    if (!this.all) rows = rows.slice(0, model.get("limit"));

    const keys = new Set(rows.map((r) => String(r.key)));
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.tr.remove();
      this.rows.delete(key);
    }
    const selectable = model.get("selectable");
    const selected = model.get("selected");
    const chosen = rows.some((r) => r.key === selected);
    let next = this.body.firstElementChild;
    rows.forEach((data, index) => {
      const key = String(data.key);
      let row = this.rows.get(key);
      if (!row) {
        row = { tr: h("tr"), values: [], cells: columns.map((c) => h("td", { class: this.#class(c) })) };
        row.tr.append(...row.cells);
        this.rows.set(key, row);
      }
      row.key = data.key;
      row.tr.awbRow = row;
      columns.forEach((column, i) => {
        const value = data[column.key];
        const signature = typeof value === "object" ? JSON.stringify(value) : value;
        if (row.values[i] === signature && row.values.length > i) return;
        row.values[i] = signature;
        fill(row.cells[i], value, column, key);
      });
      const current = selectable && data.key === selected;
      const classes = [selectable && "awb-row-selectable", data.tone && `awb-row-${data.tone}`].filter(Boolean).join(" ");
      if (row.tr.className !== classes) row.tr.className = classes;
      setAttribute(row.tr, "aria-selected", selectable ? String(current) : null);
      setAttribute(row.tr, "tabindex", selectable ? (current || (!chosen && index === 0) ? "0" : "-1") : null);
      setAttribute(row.tr, "data-lm-suppress-shortcuts", selectable ? "true" : null);
      if (next === row.tr) next = next.nextElementSibling;
      else this.body.insertBefore(row.tr, next);
    });

    setAttribute(this.table, "role", selectable ? "grid" : null);
    const label = model.get("label");
    setText(this.caption, label);
    setAttribute(this.scroll, "aria-label", label || "table");
    this.scroll.style.maxHeight = model.get("max_height");
    this.scroll.hidden = total === 0;
    this.empty.hidden = total > 0;
    setText(this.empty, model.get("empty"));
    this.foot.hidden = rows.length >= total;
    setText(this.shown, `${format(rows.length)} of ${format(total)} rows`);
    setText(this.more, "Show all");
    this.reach();
  }

  #class(column) {
    return [this.#end(column) && "awb-end", column.type === "mono" && "awb-cell-mono", column.type === "badge" && "awb-cell-badge"].filter(Boolean).join(" ");
  }

  /** The box shows what the rows say: the kernel answers with new rows, or leaves it as it is. */
  #tick(event) {
    event.preventDefault();
    const td = event.target.closest("td");
    const column = this.model.get("columns")[td.cellIndex];
    const row = td.parentElement.awbRow;
    this.model.send({ event: "tick", row: row.key, column: column.key, value: row.values[td.cellIndex] !== true });
  }

  #pick(event) {
    const td = event.target.closest("td");
    const column = this.model.get("columns")[td.cellIndex];
    const row = td.parentElement.awbRow;
    const { value } = event.target;
    const said = this.model.get("rows").find((r) => r.key === row.key)?.[column.key];
    event.target.value = said?.value ?? ""; // like a box, the list shows what the rows say
    this.model.send({ event: "choose", row: row.key, column: column.key, value });
  }

  #choose(tr) {
    if (!tr?.awbRow || !this.model.get("selectable")) return;
    this.model.send({ event: "select", row: tr.awbRow.key });
  }

  #key(event) {
    const tr = event.target.closest("tr");
    if (!this.model.get("selectable") || !tr || event.target.type === "checkbox" || event.target.tagName === "SELECT") return;
    if (event.key === "Enter" || event.key === " ") this.#choose(tr);
    else if (event.key === "ArrowDown") tr.nextElementSibling?.focus();
    else if (event.key === "ArrowUp") tr.previousElementSibling?.focus();
    else return;
    event.preventDefault();
  }
}

export default {
  // of the model, not of a view: a patch counts also while nothing is displayed
  initialize({ model }) {
    model.on("msg:custom", (content) => {
      if (content.do !== "patch") return;
      const rows = new Map(model.get("rows").map((r) => [r.key, r]));
      for (const row of content.rows) rows.set(row.key, row);
      const keys = content.keys ?? [...rows.keys()];
      model.set("rows", keys.map((k) => rows.get(k)).filter(Boolean));
    });
  },
  render({ model, el }) {
    const table = new Table(model, el);
    const later = batched(() => table.sync());
    const stop = observe(model, ["columns", "rows", "limit", "empty", "max_height", "sortable", "selectable", "selected", "label"], later);
    const resort = observe(model, ["sort_by", "descending"], () => {
      table.sort = { by: model.get("sort_by"), descending: model.get("descending") };
      later();
    });
    table.sync();
    return () => {
      stop();
      resort();
    };
  },
};
