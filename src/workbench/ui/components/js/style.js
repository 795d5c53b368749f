// The stylesheet's model shows nothing; it tells the kernel whether the page is dark, for figures drawn there.
export default {
  initialize({ model }) {
    const { body } = document;
    const tell = () => {
      const dark = body.dataset.jpThemeLight === "false" || body.classList.contains("vscode-dark");
      if (dark === model.get("dark")) return;
      model.set("dark", dark);
      model.save_changes();
    };
    const observer = new MutationObserver(tell);
    observer.observe(body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
    tell();
    return () => observer.disconnect();
  },
};
