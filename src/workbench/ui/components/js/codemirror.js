// CodeMirror with what the workbench needs of it, behind one function.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { yaml } from "@codemirror/lang-yaml";
import {
  HighlightStyle, Language, bracketMatching, defineLanguageFacet, foldGutter, foldKeymap, foldService, indentOnInput, indentUnit,
  languageDataProp, syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorSelection, EditorState, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration, EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap,
  lineNumbers, placeholder, rectangularSelection,
} from "@codemirror/view";
import { tags as t } from "@lezer/highlight";
import { GFM, parseCode, parser as markdownParser } from "@lezer/markdown";

// not @codemirror/lang-markdown: it brings HTML, CSS and JavaScript along, a fifth of the bundle
const NESTED = { python: () => python(), py: () => python(), json: () => json(), yaml: () => yaml() };
const markdownData = defineLanguageFacet({ commentTokens: { block: { open: "<!--", close: "-->" } } });
const markdown = new Language(
  markdownData,
  markdownParser.configure([
    GFM,
    { props: [languageDataProp.add({ Document: markdownData })] },
    parseCode({ codeParser: (info) => NESTED[info.trim().split(/\s/)[0]]?.().language.parser ?? null }),
  ]),
  [],
  "markdown",
);

/** A heading folds what is below it, up to the next heading of its rank. */
const headings = foldService.of((state, from, end) => {
  const rank = (text) => /^(#{1,6}) /.exec(text)?.[1].length ?? 0;
  const first = state.doc.lineAt(from);
  const own = rank(first.text);
  if (!own) return null;
  let last = first.number;
  for (let n = first.number + 1; n <= state.doc.lines; n += 1) {
    const other = rank(state.doc.line(n).text);
    if (other && other <= own) break;
    last = n;
  }
  return last > first.number ? { from: end, to: state.doc.line(last).to } : null;
});

const LANGUAGES = {
  python: () => python(),
  markdown: () => [markdown, headings],
  yaml: () => yaml(),
  json: () => json(),
  text: () => [],
};

const colour = (name, fallback) => `var(--jp-mirror-editor-${name}-color, ${fallback})`;

const highlighting = HighlightStyle.define([
  { tag: [t.keyword, t.self, t.bool, t.null], color: colour("keyword", "#008000"), fontWeight: "600" },
  { tag: [t.number, t.atom], color: colour("number", "#207040") },
  { tag: [t.string, t.special(t.string), t.regexp], color: colour("string", "#b01818") },
  { tag: t.comment, color: "var(--awb-code-comment)", fontStyle: "italic" },
  { tag: [t.definition(t.variableName), t.definition(t.propertyName), t.function(t.definition(t.variableName)), t.className], color: colour("def", "#0050c8") },
  { tag: t.propertyName, color: colour("property", "#05a") },
  { tag: t.operator, color: "var(--awb-code-operator)" },
  { tag: t.meta, color: "var(--awb-code-operator)" },
  { tag: t.processingInstruction, color: "var(--awb-ink-dim)" },
  { tag: t.heading, color: colour("header", "#0050c8"), fontWeight: "700" },
  { tag: t.strong, fontWeight: "700" },
  { tag: t.emphasis, fontStyle: "italic" },
  { tag: t.link, color: "var(--jp-content-link-color, #1565c0)" },
  { tag: t.monospace, color: colour("string", "#b01818") },
  { tag: t.invalid, color: "var(--awb-bad)" },
]);

const theme = EditorView.theme({
  "&": { color: "var(--jp-mirror-editor-variable-color, var(--awb-ink))", backgroundColor: "transparent", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--awb-mono)", lineHeight: "1.45", overflow: "auto" },
  ".cm-content": { caretColor: "var(--jp-editor-cursor-color, var(--awb-ink))", padding: "6px 0" },
  ".cm-cursor": { borderLeftColor: "var(--jp-editor-cursor-color, var(--awb-ink))", borderLeftWidth: "1.5px" },
  ".cm-gutters": { backgroundColor: "var(--awb-paper-2)", color: "var(--awb-ink-dim)", border: "0" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--awb-brand) 7%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--awb-brand) 14%, var(--awb-paper-2))", color: "var(--awb-ink)" },
  ".cm-foldGutter .cm-gutterElement": { cursor: "pointer" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--awb-brand) 28%, transparent) !important",
  },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--awb-warn) 22%, transparent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--awb-brand) 22%, transparent)", outline: "1px solid var(--awb-line-strong)" },
  ".cm-placeholder": { color: "var(--awb-ink-dim)" },
  ".cm-panels": { backgroundColor: "var(--awb-paper-2)", color: "var(--awb-ink)", borderColor: "var(--awb-line)" },
  ".cm-panels input, .cm-panels button": { font: "12px var(--awb-font)", color: "var(--awb-ink)", background: "var(--awb-paper)", border: "1px solid var(--awb-line-strong)", borderRadius: "4px" },
  ".cm-tooltip": { backgroundColor: "var(--awb-paper)", color: "var(--awb-ink)", border: "1px solid var(--awb-line-strong)", borderRadius: "6px", boxShadow: "0 4px 16px rgba(0, 0, 0, 0.2)", overflow: "hidden", maxWidth: "520px" },
  ".cm-diagnostic": { font: "12px/1.45 var(--awb-font)", padding: "6px 10px", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--awb-bad)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--awb-warn)" },
  ".cm-diagnostic-info": { borderLeft: "4px solid var(--awb-info)" },
  ".cm-diagnosticSource": { fontFamily: "var(--awb-mono)", opacity: "0.85" },
  ".cm-lintRange": { backgroundImage: "none !important", textDecoration: "underline wavy", textDecorationSkipInk: "none", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { textDecorationColor: "var(--awb-bad)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--awb-warn)" },
  ".cm-lintRange-info": { textDecorationColor: "var(--awb-info)" },
  ".cm-gutter-lint": { width: "18px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0 2px" },
  // letters, not only colours
  ".cm-lint-marker": { content: "none", width: "14px", height: "14px", borderRadius: "50%", display: "grid", placeItems: "center", marginTop: "2px", font: "700 10px/1 var(--awb-font)", color: "var(--awb-on-tone)" },
  ".cm-lint-marker-error": { content: "none", background: "var(--awb-bad)" },
  ".cm-lint-marker-error::after": { content: "'!'" },
  ".cm-lint-marker-warning": { content: "none", background: "transparent", color: "var(--awb-warn)", border: "1.5px solid var(--awb-warn)" },
  ".cm-lint-marker-warning::after": { content: "'!'" },
  ".cm-lint-marker-info": { content: "none", background: "transparent", color: "var(--awb-info)", border: "1.5px solid var(--awb-info)" },
  ".cm-lint-marker-info::after": { content: "'i'" },
  ".awb-mark": { backgroundColor: "color-mix(in srgb, var(--awb-ok) 20%, transparent)", borderBottom: "1.5px solid var(--awb-ok)", cursor: "help" },
  ".awb-mark-missing": { backgroundColor: "color-mix(in srgb, var(--awb-warn) 22%, transparent)", borderBottom: "1.5px dashed var(--awb-warn)" },
  ".cm-changedLine": { backgroundColor: "color-mix(in srgb, var(--awb-ok) 12%, transparent)" },
  ".cm-changedText": { background: "color-mix(in srgb, var(--awb-ok) 32%, transparent)" },
  ".cm-deletedChunk": { backgroundColor: "color-mix(in srgb, var(--awb-bad) 12%, transparent)", paddingLeft: "6px" },
  ".cm-deletedChunk .cm-deletedText, .cm-deletedText": { background: "color-mix(in srgb, var(--awb-bad) 30%, transparent)" },
  ".cm-collapsedLines": { background: "var(--awb-paper-2)", color: "var(--awb-ink-dim)", font: "12px var(--awb-font)", padding: "3px 8px" },
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: "'⋯'", margin: "0 6px" },
  ".cm-changedLineGutter": { background: "var(--awb-ok)" },
  ".cm-deletedLineGutter": { background: "var(--awb-bad)" },
});

const setMarks = StateEffect.define();
const marks = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setMarks)) return effect.value;
    return value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const fromKernel = Annotation.define();

/** Offsets that count characters as Python does, as offsets that count UTF-16 units as JavaScript does. */
function offsets(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (n) => Math.min(Math.max(n, 0), text.length);
  const table = [];
  let at = 0;
  for (const character of text) {
    table.push(at);
    at += character.length;
  }
  table.push(at);
  return (n) => table[Math.min(Math.max(n, 0), table.length - 1)];
}

/** The one replacement that turns a text into another. */
function change(before, after) {
  let from = 0;
  const shorter = Math.min(before.length, after.length);
  while (from < shorter && before.charCodeAt(from) === after.charCodeAt(from)) from += 1;
  let tail = 0;
  while (tail < shorter - from && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) tail += 1;
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) };
}

export function mount(parent, { text, options, onEdit, onBlur, onMark }) {
  const parts = { language: new Compartment(), access: new Compartment(), wrap: new Compartment(), size: new Compartment(), hint: new Compartment(), label: new Compartment(), diff: new Compartment() };
  const setup = (o) => ({
    language: [(LANGUAGES[o.language] ?? LANGUAGES.text)(), indentUnit.of(o.language === "python" ? "    " : "  ")],
    access: o.readOnly
      ? [EditorState.readOnly.of(true), EditorView.editable.of(false), EditorView.contentAttributes.of({ tabindex: "0", "aria-readonly": "true", "data-lm-suppress-shortcuts": "true" })]
      : [EditorView.contentAttributes.of({ tabindex: "0" })], // it has the focus anyway; said so, it counts for axe, too
    wrap: o.wrap ? EditorView.lineWrapping : [],
    size: EditorView.theme({ "&": { height: o.height || "auto", maxHeight: o.height ? "none" : o.maxHeight || "none" } }),
    hint: o.placeholder ? placeholder(o.placeholder) : [],
    label: EditorView.contentAttributes.of({ "aria-label": o.label }),
    diff: o.original === null ? [] : unifiedMergeView({ original: o.original, mergeControls: false, syntaxHighlightDeletions: true, collapseUnchanged: { margin: 3, minSize: 8 } }),
  });
  let current = setup(options);
  let seen = options;

  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), lintGutter(), foldGutter({ openText: "⌄", closedText: "›" }), highlightActiveLineGutter(), highlightActiveLine(),
        highlightSpecialChars(), history(), drawSelection(), rectangularSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
        autocompletion({ activateOnTyping: false }), highlightSelectionMatches(), search({ top: true }),
        EditorState.allowMultipleSelections.of(true), EditorState.tabSize.of(4),
        syntaxHighlighting(highlighting), theme, marks,
        // Escape, then Tab, leaves the editor: CodeMirror lets the one Tab after an Escape pass
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        ...Object.entries(parts).map(([name, part]) => part.of(current[name])),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some((tr) => tr.annotation(fromKernel))) onEdit();
        }),
        EditorView.domEventHandlers({
          blur: () => { onBlur(); },
          click: (event) => {
            const name = event.target.closest?.(".awb-mark")?.dataset.name;
            if (name) onMark(name);
          },
        }),
      ],
    }),
  });

  return {
    get text() {
      return view.state.doc.toString();
    },

    setText(after, { follow = false } = {}) {
      const before = view.state.doc.toString();
      // CodeMirror keeps line feeds alone
      const wanted = after.replace(/\r\n?/g, "\n");
      if (before === wanted) return;
      const { scrollDOM } = view;
      const atEnd = scrollDOM.scrollHeight - scrollDOM.scrollTop - scrollDOM.clientHeight < 48;
      view.dispatch({
        changes: change(before, wanted),
        annotations: fromKernel.of(true),
        effects: follow && atEnd ? EditorView.scrollIntoView(wanted.length) : [],
      });
    },

    setMarks(list) {
      const at = offsets(view.state.doc.toString());
      const ranges = list
        .map(({ start, end, name, tone }) => ({ from: at(start), to: at(end), name, tone }))
        .filter((m) => m.from < m.to)
        .map(({ from, to, name, tone }) =>
          Decoration.mark({ class: `awb-mark${tone === "missing" ? " awb-mark-missing" : ""}`, attributes: { title: name, "data-name": name } }).range(from, to));
      view.dispatch({ effects: setMarks.of(Decoration.set(ranges, true)) });
    },

    setDiagnostics(list) {
      const { doc } = view.state;
      const found = list.map(({ line, column, severity, message, rule }) => {
        const { from, to, text: content } = doc.line(Math.min(Math.max(line ?? 1, 1), doc.lines));
        const indent = content.length - content.trimStart().length;
        const start = column === null || column === undefined ? from + indent : from + offsets(content)(column);
        return { from: Math.min(start, to), to, severity: severity ?? "error", message, source: rule || undefined };
      });
      view.dispatch(setDiagnostics(view.state, found));
    },

    configure(next) {
      const wanted = setup(next);
      const changed = {
        language: next.language !== seen.language, access: next.readOnly !== seen.readOnly, wrap: next.wrap !== seen.wrap,
        size: next.height !== seen.height || next.maxHeight !== seen.maxHeight, hint: next.placeholder !== seen.placeholder,
        label: next.label !== seen.label, diff: next.original !== seen.original,
      };
      const effects = Object.keys(parts).filter((name) => changed[name]).map((name) => parts[name].reconfigure(wanted[name]));
      current = wanted;
      seen = next;
      if (effects.length) view.dispatch({ effects });
    },

    goto(number, column = 0, focus = true) {
      const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
      const at = Math.min(line.from + offsets(line.text)(column), line.to);
      view.dispatch({ selection: EditorSelection.cursor(at), effects: EditorView.scrollIntoView(at, { y: "center" }) });
      if (focus) view.focus();
    },

    destroy() {
      view.destroy();
    },
  };
}
