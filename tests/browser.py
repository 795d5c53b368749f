"""A real Jupyter and a real Chromium for tests: `lab.open([cells])` gives a page whose cells have run."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlparse

import nbformat

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# JupyterLab says nothing of its idle kernel in the page; with `expose_app_in_browser` its own objects do
READY = """() => {
    const app = window.jupyterapp;
    const session = app && app.shell.currentWidget && app.shell.currentWidget.sessionContext;
    return !!session && session.isReady && session.session?.kernel?.status === 'idle'
        && app.commands.hasCommand('notebook:run-all-cells') && app.commands.hasCommand('docmanager:save');
}"""
IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"


APPS = {
    "lab": (
        *("jupyterlab", "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"),
        *("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url="),
    ),
    "notebook": (
        *("notebook", "--JupyterNotebookApp.expose_app_in_browser=True"),
        *("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url="),
    ),
}

# For every page that is opened, the server would look whether its extensions are built, and load every exporter of
# nbconvert for a menu and a form in the sidebar: two seconds of a processor in which it serves nothing else
UNASKED = ("notebook-extension:export", "notebook-extension:update-raw-mimetype")
PAGE = {"buildCheck": False, "disabledExtensions": {f"@jupyterlab/{name}": True for name in UNASKED}}


class LabServer:
    """JupyterLab (or another of `APPS`) in a child process, on a folder of its own, with no setting of a person's."""

    def __init__(self, folder: Path, app: str = "lab", timeout_s: float = 120.0) -> None:
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "lab.log"
        # else it asks in the page whether it may fetch news
        settings = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        settings.parent.mkdir(parents=True)
        settings.write_text('{"fetchNews": "false", "checkForUpdates": false}')
        page = folder / "config" / "labconfig" / "page_config.json"
        page.parent.mkdir(parents=True)
        page.write_text(json.dumps(PAGE))
        command = [
            *(sys.executable, "-m", *APPS[app], "--no-browser", "--allow-root"),
            *(f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"),
            *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}"),
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=environment(folder),
                start_new_session=True,
            )
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self.api("GET", "status")
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.close()
                    raise RuntimeError(f"Jupyter did not start:\n{self._log.read_text()[-3000:]}") from error
                time.sleep(0.2)

    def api(self, method: str, path: str) -> Any:
        """Ask the server's own interface."""
        request = urllib.request.Request(
            f"{self.url}/api/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def close(self) -> None:
        """End the server with its kernels."""
        if self._process.poll() is None:
            for kernel in self._kernels():
                self.api("DELETE", f"kernels/{kernel['id']}")
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def _kernels(self) -> list[dict[str, Any]]:
        try:
            return list(self.api("GET", "kernels"))
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return []

    def __enter__(self) -> LabServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class VoilaServer:
    """Voila in a child process: the notebooks of a folder, each a page without its code."""

    def __init__(self, folder: Path, timeout_s: float = 120.0) -> None:
        self.root = folder / "root"
        self.root.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "voila.log"
        command = [
            *(sys.executable, "-m", "voila", "--no-browser", f"--Voila.root_dir={self.root}"),
            *(f"--Voila.port={self.port}", "--Voila.port_retries=0", "--Voila.ip=127.0.0.1"),
            # it would load what was built for Notebook 7 alone
            "--VoilaConfiguration.extension_denylist=@jupyter-notebook/lab-extension",
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.root,
                env=environment(folder),
                start_new_session=True,
            )
        deadline = time.monotonic() + timeout_s
        while True:
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"Voila did not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.2)

    def close(self) -> None:
        """End the server with its kernels."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def __enter__(self) -> VoilaServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Lab:
    """Opens notebooks in the browser, and keeps account of every request that a page made."""

    def __init__(self, server: LabServer, browser: Any) -> None:
        self.server = server
        self.root = server.root
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._browser = browser
        self._contexts: list[Any] = []
        self._names: list[str] = []

    def open(
        self,
        cells: list[str] | Path,
        *,
        theme: Literal["light", "dark"] = "light",
        width: int = 1360,
        height: int = 900,
        run: bool = True,
        timeout_s: float = 120.0,
    ) -> Any:
        """A page with a notebook of these cells (or a notebook's copy), all of them run, the kernel idle.

        `page.locator(".jp-OutputArea-output")` are the outputs. Other things to know: `lab.root` is the kernel's
        working directory, `run_cell(page, code)` runs more code, `idle(page)` waits for the kernel.
        """
        name = f"notebook-{len(self._names) + 1}-{secrets.token_hex(3)}.ipynb"
        self._names.append(name)
        if isinstance(cells, Path):
            shutil.copy(cells, self.root / name)
        else:
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
            # without it, JupyterLab asks for a kernel in a dialog
            notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(notebook, self.root / name)
        context = self._browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        context.set_default_timeout(timeout_s * 1000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("websocket", lambda w: self.requests.append(w.url))
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.goto(f"{self.server.url}/doc/tree/{name}?reset&token={self.server.token}")
        self.reload_settled(page, timeout_s)
        # the server remembers the theme of the page before
        page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
            "JupyterLab Dark" if theme == "dark" else "JupyterLab Light",
        )
        page.wait_for_selector(f"body[data-jp-theme-light={str(theme == 'light').lower()}]", state="attached")
        if run:
            page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
            self.idle(page, timeout_s)
        return page

    def reload_settled(self, page: Any, timeout_s: float = 120.0) -> None:
        """Wait until the notebook and its kernel are ready, after `goto` or `reload`."""
        page.wait_for_function(READY, timeout=timeout_s * 1000)
        page.evaluate(
            "() => { const a = window.jupyterapp; if (!a.shell.leftCollapsed) a.shell.collapseLeft(); "
            "if (!a.shell.rightCollapsed) a.shell.collapseRight(); }"
        )

    def idle(self, page: Any, timeout_s: float = 120.0) -> None:
        """Wait until no cell is running or waiting for it."""
        page.wait_for_function(
            "() => !window.jupyterapp.shell.currentWidget.content.widgets.some("
            "w => w.model.type === 'code' && w.inputArea.promptNode.textContent.includes('[*]'))",
            timeout=timeout_s * 1000,
        )
        page.wait_for_function(IDLE, timeout=timeout_s * 1000)

    def run_cell(self, page: Any, code: str) -> str:
        """Run code in the kernel of the page, outside any cell; gives what it printed, raises what it raised."""
        reply = page.evaluate(
            """async code => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const future = kernel.requestExecute({code, store_history: false});
                let text = '', error = '';
                future.onIOPub = m => {
                    if (m.header.msg_type === 'stream') text += m.content.text;
                    if (m.header.msg_type === 'error') error = m.content.ename + ': ' + m.content.evalue;
                };
                await future.done;
                return {text, error};
            }""",
            code,
        )
        if reply["error"]:
            raise AssertionError(reply["error"])
        return str(reply["text"])

    def save(self, page: Any) -> dict[str, Any]:
        """Save the notebook with its widgets' state; gives what is on disk."""
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
        path = page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
        return dict(json.loads((self.root / path).read_text(encoding="utf-8")))

    def close(self) -> None:
        """Close the pages, end their kernels, and forget their sessions and runs: the next test begins anew."""
        for context in self._contexts:
            context.close()
        for session in self.server.api("GET", "sessions"):
            if session["path"] in self._names:
                self.server.api("DELETE", f"sessions/{session['id']}")
        for kept in self.root.glob("*.session*"):
            shutil.rmtree(kept)
        shutil.rmtree(self.root / "runs", ignore_errors=True)  # a driver that goes on ends without its folder

    @property
    def foreign(self) -> list[str]:
        """The requests that left this machine."""
        return foreign(self.requests)


class OnePage(Lab):
    """One notebook and its kernel for many tests, each of which puts its cells in the place of those before it."""

    _page: Any = None

    def show(self, *cells: str) -> Any:
        """The page with these cells, all of them run, the kernel idle."""
        if self._page is None:
            self._page = self.open([""], run=False)
        self._page.evaluate(
            """cells => {
                const notebook = window.jupyterapp.shell.currentWidget.content.model.sharedModel;
                notebook.transact(() => {
                    notebook.deleteCellRange(0, notebook.cells.length);
                    notebook.insertCells(0, cells.map(source => ({cell_type: 'code', source, metadata: {}})));
                });
            }""",
            list(cells),
        )
        self._page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.idle(self._page)
        return self._page


def foreign(urls: list[str]) -> list[str]:
    """Those that are not of this machine."""
    return [u for u in urls if not u.startswith(("data:", "blob:")) and urlparse(u).hostname != "127.0.0.1"]


def environment(folder: Path) -> dict[str, str]:
    """What a server inherits: all of this process's, with every folder of Jupyter's under this one."""
    return {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLBACKEND": "agg",
    }


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
