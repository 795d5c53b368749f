// A file in pieces: at most WINDOW of them are on their way, the next goes when one is acknowledged.
import { adopt, batched, h, observe, quiet, setText, uid } from "./dom.js";

const PIECE = 512 * 1024;
const WINDOW = 4;
const PATIENCE_MS = 4000;

const size = (bytes) => {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
};

export default {
  render({ model, el }) {
    adopt(el, "awb-upload");
    const id = uid("file");
    const input = h("input", { type: "file", class: "awb-visually-hidden", id, onchange: () => { begin(input.files[0]); input.value = ""; } });
    const choose = h("label", { class: "awb-button", for: id, style: "display: inline-grid; align-items: center", text: "Choose file…" });
    const prompt = h("span");
    const hint = h("span", { class: "awb-hint" });
    const name = h("span", { class: "awb-drop-name" });
    const detail = h("span", { class: "awb-hint awb-number" });
    const cancel = h("button", { class: "awb-button", type: "button", text: "Cancel", ...quiet, onclick: () => stopSending(true) });
    const fill = h("i");
    const progress = h("div", { class: "awb-progress", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", "aria-label": "upload" }, fill);
    const error = h("span", { class: "awb-error-text", role: "alert" });
    const told = h("span", { class: "awb-visually-hidden", role: "status" });
    const pick = h("div", { class: "awb-drop-line" }, input, choose, prompt, hint);
    const file = h("div", { class: "awb-drop-line" }, name, detail, h("span", { class: "awb-grow" }), cancel);
    const zone = h("div", { class: "awb-drop" }, pick, file, progress, error, told);
    el.replaceChildren(zone);

    let sending = null;

    const begin = (chosen) => {
      if (!chosen || model.get("disabled")) return;
      stopSending(false);
      sending = { id: crypto.randomUUID?.() ?? uid("upload") + Math.random(), file: chosen, at: 0, received: 0, started: performance.now(), heard: performance.now() };
      model.send({ event: "begin", id: sending.id, name: chosen.name, size: chosen.size });
      sending.timer = setInterval(sync, 1000);
    };

    const stopSending = (tell) => {
      if (tell) model.send({ event: "cancel", id: sending?.id ?? "" });
      if (sending) clearInterval(sending.timer);
      sending = null;
    };

    const pump = async () => {
      const job = sending;
      if (!job || job.pumping) return;
      job.pumping = true;
      try {
        while (job === sending && job.at < job.file.size && job.at - job.received < WINDOW * PIECE) {
          const at = job.at;
          const piece = await job.file.slice(at, at + PIECE).arrayBuffer();
          if (job !== sending) return;
          job.at += piece.byteLength;
          model.send({ event: "chunk", id: job.id, at }, undefined, [piece]);
        }
      } catch {
        // the file was moved, changed or taken away while it was being read
        model.send({ event: "unreadable", id: job.id });
        stopSending(false);
      } finally {
        job.pumping = false;
      }
    };

    const onMessage = (content) => {
      if (!sending || content.id !== sending.id) return;
      if (content.do === "acknowledge") {
        sending.received = content.received;
        sending.heard = performance.now();
        if (content.received === sending.file.size) stopSending(false);
        else pump();
      } else if (content.do === "stop") stopSending(false);
      later();
    };

    const sync = () => {
      const state = model.get("state");
      const busy = state === "uploading" || sending !== null;
      setText(prompt, model.get("prompt"));
      setText(hint, model.get("hint") || (model.get("accept") ? model.get("accept").split(",").map((s) => s.trim()).join(", ") : ""));
      input.accept = model.get("accept");
      input.disabled = model.get("disabled");
      input.setAttribute("aria-label", model.get("label") || model.get("prompt"));
      pick.style.display = busy ? "none" : "";
      file.style.display = busy || state === "complete" ? "" : "none";
      cancel.style.display = busy ? "" : "none";
      progress.style.display = busy ? "" : "none";
      const total = sending?.file.size ?? model.get("size");
      const share = busy ? (sending && total ? sending.received / total : model.get("progress")) : 1;
      setText(name, sending?.file.name ?? model.get("filename"));
      fill.style.width = `${(share * 100).toFixed(1)}%`;
      progress.setAttribute("aria-valuenow", String(Math.round(share * 100)));
      if (busy && sending) {
        const seconds = (performance.now() - sending.started) / 1000;
        const speed = seconds > 0.5 ? `, ${size(sending.received / seconds)}/s` : "";
        const stuck = performance.now() - sending.heard > PATIENCE_MS;
        setText(detail, stuck ? "waiting for the kernel, which is busy with a cell" : `${size(sending.received)} of ${size(total)}${speed}`);
      } else if (busy) setText(detail, `${Math.round(share * 100)} % of ${size(total)}, from another page; cancel it to choose again`);
      else setText(detail, state === "complete" ? `${size(total)}, uploaded` : "");
      const failed = model.get("error");
      setText(error, failed || (state === "cancelled" ? "Cancelled; nothing was kept." : ""));
      error.style.display = error.textContent ? "" : "none";
      setText(told, state === "complete" ? `${model.get("filename")} uploaded` : state === "uploading" ? `uploading ${model.get("filename")}` : "");
    };

    let depth = 0;
    const over = (on) => zone.classList.toggle("awb-over", on);
    zone.addEventListener("dragenter", (e) => { e.preventDefault(); e.stopPropagation(); depth += 1; over(true); });
    zone.addEventListener("dragover", (e) => { e.preventDefault(); e.stopPropagation(); });
    zone.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) over(false); });
    zone.addEventListener("drop", (e) => {
      e.preventDefault();
      e.stopPropagation(); // JupyterLab would take it for its file browser
      depth = 0;
      over(false);
      begin(e.dataTransfer.files[0]);
    });

    const later = batched(sync);
    const stop = observe(model, ["accept", "prompt", "hint", "label", "disabled", "state", "progress", "filename", "size", "error"], later);
    model.on("msg:custom", onMessage);
    sync();
    return () => {
      stop();
      model.off("msg:custom", onMessage);
      if (sending) stopSending(true);
    };
  },
};
