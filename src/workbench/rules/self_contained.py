"""The function touches nothing but its arguments and `model_dir`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import again, default_call
from workbench.rules._mutation import Broken, at_start
from workbench.rules._source import calls as all_calls
from workbench.rules._source import flows, imported, names_in, qualified, walk

FORBIDDEN = {
    "eval": "runs text as code",
    "exec": "runs text as code",
    "__import__": "imports by a name made at run time",
    "os.system": "starts a process",
    "os.popen": "starts a process",
    "os.getenv": "reads the environment",
    "os.putenv": "changes the environment",
    "os.chdir": "changes the working folder",
    "os.remove": "deletes files",
    "os.unlink": "deletes files",
    "shutil.rmtree": "deletes files",
    "input": "waits for a person",
}
ROOMS = {
    "subprocess.": "starts a process",
    "socket.": "opens the network",
    "requests.": "opens the network",
    "urllib.request.": "opens the network",
    "http.client.": "opens the network",
    "httpx.": "opens the network",
    "sklearn.datasets.fetch_": "downloads data",
    "torch.hub.": "downloads a model",
    "tempfile.": "writes outside `model_dir`",
    "os.exec": "starts a process",
    "os.spawn": "starts a process",
}
FILES = (
    "open",
    "io.open",
    "numpy.load",
    "numpy.save",
    "numpy.savez",
    "numpy.loadtxt",
    "numpy.genfromtxt",
    "numpy.fromfile",
)
FILES_TOO = ("joblib.dump", "joblib.load", "torch.save", "torch.load", "pickle.dump", "sqlite3.connect")


def find(case: Case) -> Iterator[Seen]:
    """Calls and attributes by qualified name; a file is well where its path comes from `model_dir`."""
    carried = set().union(*flows(case, "model_dir").values()) | {"model_dir"}
    handles = _handles(case, carried)
    for node, name in all_calls(case):
        if name in FORBIDDEN:
            yield Seen.at(node, f"`{name}` {FORBIDDEN[name]}; the function must be self-contained")
        elif any(name.startswith(room) for room in ROOMS):
            what = next(v for k, v in ROOMS.items() if name.startswith(k))
            yield Seen.at(node, f"`{name}` {what}; the function must be self-contained")
        elif name in FILES or name in FILES_TOO or name.startswith("pandas.read_"):
            if not names_in(node) & (carried | handles):
                yield Seen.at(node, f"`{name}` touches a file that does not come from `model_dir`")
    names = imported(case.tree)
    for part in walk(case.tree):
        if isinstance(part, ast.Attribute) and qualified(part, names) == "os.environ":
            yield Seen.at(part, "`os.environ` reads or changes the environment; the function must be self-contained")


def _handles(case: Case, carried: set[str]) -> set[str]:
    """Names of files that were opened under `model_dir`, and buffers in memory."""
    found: set[str] = set()
    for node in walk(case.tree):
        if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            if names_in(node.context_expr) & carried:
                found.add(node.optional_vars.id)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if ast.unparse(node.value.func).rpartition(".")[2] in ("BytesIO", "StringIO"):
                found |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return found


def calls(case: Case) -> Mapping[str, Call]:
    """With and without a folder."""
    return {"default": default_call(case), "again": again(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """What the guard refused, and files in the working folder."""
    for name, call in calls(case).items():
        reply = replies[name]
        if "PermissionError" in reply.error or "Operation not permitted" in reply.error:
            return [Seen("fail", f"the guard refused it: {reply.error}", call=call, traceback=reply.traceback)]
    left = list(replies["again"].facts.get("files", {}))
    if left:
        return [
            Seen(
                "fail", f"without `model_dir` it writes {', '.join(left[:3])} into the working folder", call=again(case)
            )
        ]
    return []


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Files elsewhere, the environment, processes, the network, text as code."""
    for what, code in (
        ("a file elsewhere is written", "with open('log.txt', 'a') as log:\n    log.write('started')"),
        ("a file elsewhere is read", "import pandas\nextra = pandas.read_csv('more.csv')"),
        ("the environment is read", "import os\nhome = os.environ.get('HOME')"),
        ("a process is started", "import subprocess\nsubprocess.run(['true'])"),
        ("text is run as code", "value = eval('1 + 1')"),
        ("the network is opened", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')"),
    ):
        yield what, at_start(tree, code)


RULE = Rule(
    id="self-contained",
    group="reply",
    level={"*": "must"},
    text="Touch no files but those under `model_dir`, no network, no subprocess, no environment variables, no "
    "`eval` or `exec`.",
    find=find,
    probe=Probe(calls, judge),
    examples=(Example('print(f"growing', 'open("log.txt", "w").write("growing")\n    print(f"growing'),),
    mutate=mutate,
    order=40,
)
