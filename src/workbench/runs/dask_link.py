"""The driver's line to a Dask scheduler: an event loop in a thread of its own that nothing else waits for.

It knows the workers (asked for every second), greets new ones, sends each host the data once, gives trials to those
with a free slot, and sends a trial whose worker was lost to another one, once. When the scheduler does not answer, all
trials wait, and go out again when it does.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from workbench.nouns import Cluster, Reply
from workbench.runs import remote
from workbench.worker.replies import read_reply

logger = logging.getLogger(__name__)

LOOK_S = 0.5
ANSWER_S = 5.0
"""How long the scheduler may take to say which workers it has."""
CONNECT_S = 5.0
AGAIN_S = 0.5
GREET_S = 60.0
"""A worker imports the workbench to answer its first greeting."""
SEND_S = 600.0
START_S = 150.0
"""What a trial may take beyond its own limit: a guarded worker has to start for the first one."""
END_S = 2.0


@dataclass
class Node:
    """A Dask worker: its slots, and how far it is known."""

    address: str
    host: str
    slots: int
    seen: float
    """Its last sign of life, by the scheduler's clock."""
    heard: float
    """When that last changed, by ours."""
    running: int = 0
    usable: bool = False
    shared: bool = False
    lost: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Errand:
    """A trial on its way through the cluster."""

    number: int
    """Of the place that it came from."""
    name: str
    call: str
    lost_with: list[str] = field(default_factory=list)
    node: Node | None = None
    task: asyncio.Task[None] | None = None


class Link:
    """One scheduler, held on to.

    Parameters
    ----------
    cluster : Cluster
        How workers are to be treated.
    address : str
        The scheduler's.
    security : object
        Dask's own, where the scheduler asks for it.
    setup : mapping
        What `remote.run_trial` needs of the run.
    data : callable
        Gives the data's files as bytes; asked when a host has not got them.
    mark : str
        What `driver.json` holds, by which a worker knows the run's folder.
    deliver : callable
        Takes the number of a place, the reply, and files by name; called in the link's thread.
    """

    def __init__(
        self,
        cluster: Cluster,
        address: str,
        security: Any,
        setup: Mapping[str, Any],
        data: Callable[[], Mapping[str, bytes]],
        mark: str,
        deliver: Callable[[int, Reply, Mapping[str, bytes]], None],
    ) -> None:
        self._cluster, self._address, self._security = cluster, address, security
        self._setup, self._data, self._mark, self._deliver = dict(setup), data, mark, deliver
        self._nodes: dict[str, Node] = {}
        self._errands: dict[int, Errand] = {}
        self._waiting: list[Errand] = []
        self._sending: dict[str, asyncio.Lock] = {}
        self._jobs: set[asyncio.Task[Any]] = set()
        self._count = 0
        self._token = secrets.token_hex(4)  # a driver that goes on with this run later names its trials otherwise
        self._closing = False
        self._refused = ""
        self.away = f"{cluster.words} has not answered yet"
        self.events: list[dict[str, Any]] = []
        self._loop = asyncio.new_event_loop()
        self._woken = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="workbench-dask", daemon=True)
        self._thread.start()

    # ------------------------------------------------------------------ asked from the driver's thread

    @property
    def free(self) -> int:
        """How many more trials can be taken now."""
        nodes = list(self._nodes.values())
        return sum(n.slots - n.running for n in nodes if n.usable) - len(self._waiting)

    def send(self, number: int, call: Mapping[str, Any]) -> None:
        """Run a trial; its reply is delivered under this number."""
        self._count += 1
        errand = Errand(number, f"{self._setup['run']}-{self._token}-{self._count}", json.dumps(call))
        self._waiting.append(errand)
        self._call(lambda: self._accept(errand))

    def stop(self, number: int) -> None:
        """Stop a trial; its reply comes at once."""
        self._call(lambda: self._stop(number))

    def close(self, limit_s: float = 5.0) -> None:
        """End the guarded workers of this run, and the line."""
        self._closing = True
        self._call(self._woken.set)
        self._thread.join(limit_s)

    def _call(self, action: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(action)

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._hold())
        except Exception:
            logger.exception("the line to the Dask scheduler broke")
            self.away = f"the line to {self._cluster.words} broke; the log says why"

    async def _hold(self) -> None:
        """Be connected, again and again."""
        distributed: Any = importlib.import_module("distributed")
        while not self._closing:
            try:
                client = distributed.Client(
                    self._address,
                    asynchronous=True,
                    timeout=CONNECT_S,
                    security=self._security,
                    set_as_default=False,
                    name="automl-workbench",
                )
                try:
                    await client
                    await self._serve(client)
                finally:
                    self._all_lost()
                    with suppress(Exception):
                        await asyncio.wait_for(client.close(), END_S)
            except Exception as error:  # how a scheduler is gone depends on when
                why = " ".join(str(error).split())[:200] or type(error).__name__
                logger.info("no scheduler at %s: %s", self._address, why)
                self._is_away(f"{self._cluster.words} does not answer; the run goes on when it does")
            await self._pause(AGAIN_S)

    def _is_away(self, why: str) -> None:
        if self.away != why:
            self.events.append({"event": "cluster", "text": why})
        self.away = why

    async def _pause(self, seconds: float) -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()

    async def _serve(self, client: Any) -> None:
        """Look after workers and trials until the scheduler is gone, or all is over."""
        due = 0.0
        while not self._closing:
            if client.status != "running":
                raise ConnectionError(f"the client is {client.status}")
            if time.monotonic() >= due:  # the more workers, the longer the answer
                known = await asyncio.wait_for(client.scheduler.identity(), ANSWER_S)
                self._look(client, known["workers"])
                due = time.monotonic() + max(LOOK_S, len(self._nodes) / 200)
            usable = any(n.usable for n in self._nodes.values())
            if usable:
                self.away = ""
            else:
                self._is_away(self._refused or f"{self._cluster.words} has no worker that is ready; the run waits")
            self._give_out(client)
            await self._pause(LOOK_S)
        await self._say_goodbye(client)

    def _look(self, client: Any, workers: Mapping[str, Mapping[str, Any]]) -> None:
        """Meet who is new, and notice who is gone or silent."""
        now = time.monotonic()
        for address in [a for a in self._nodes if a not in workers]:
            self._lose(self._nodes.pop(address), "is gone")
        for address, told in workers.items():
            node = self._nodes.get(address)
            if node is None:
                if told["status"] == "running":
                    node = Node(address, told["host"], int(told["nthreads"]), told["last_seen"], now)
                    self._nodes[address] = node
                    self._go(self._greet(client, node))
            elif told["last_seen"] != node.seen:
                node.seen, node.heard = told["last_seen"], now
                if node.lost.is_set():  # it was cut off, and is back
                    node.lost.clear()
                    node.running = 0
                    self._go(self._greet(client, node))
            elif now - node.heard > self._cluster.silent_s and not node.lost.is_set():
                self._lose(node, f"has given no sign of life for {self._cluster.silent_s:g} s")

    def _lose(self, node: Node, what: str) -> None:
        if node.usable:
            self.events.append({"event": "cluster", "text": f"the worker {node.address} {what}"})
        node.usable = False
        node.lost.set()

    def _all_lost(self) -> None:
        """The scheduler is gone: what was out waits to go out again, and no worker is to blame."""
        for node in self._nodes.values():
            node.usable = False
        self._nodes.clear()
        for job in list(self._jobs):
            job.cancel()
        for errand in self._errands.values():
            if errand.task is not None:
                errand.task.cancel()
                errand.task = errand.node = None
                self._waiting.append(errand)

    async def _greet(self, client: Any, node: Node) -> None:
        """Ask a worker what it has, and give it what it has not."""
        folder = self._setup["folder"] if self._cluster.shared else ""
        try:
            told = await self._ask(client, node, GREET_S, remote.greet, folder, self._mark, self._setup["data"])
            if told["version"] != (here := version("automl-workbench")):
                raise RuntimeError(f"it has automl-workbench {told['version']}, this is {here}")
            if not told["has_data"]:
                async with self._sending.setdefault(node.host, asyncio.Lock()):
                    told = await self._ask(client, node, GREET_S, remote.greet, folder, self._mark, self._setup["data"])
                    if not told["has_data"]:
                        await self._send_data(client, node)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            why = " ".join(str(error).split())[:200] or type(error).__name__
            self._refused = f"the worker {node.address} cannot run trials ({why})"
            self.events.append({"event": "cluster", "text": self._refused})
            return
        node.shared = bool(told["shared"])
        node.usable = not node.lost.is_set()
        if node.usable:
            self.events.append({"event": "cluster", "text": f"the worker {node.address} is ready", "slots": node.slots})
        self._woken.set()

    async def _send_data(self, client: Any, node: Node) -> None:
        files = await asyncio.to_thread(self._data)
        sent = await client.scatter([dict(files)], workers=[node.address], hash=False)
        await self._ask(client, node, SEND_S, remote.take_data, sent[0], self._setup["data"])
        size = sum(map(len, files.values()))
        self.events.append({"event": "cluster", "text": f"the data was sent to {node.host}", "bytes": size})

    async def _ask(self, client: Any, node: Node, limit_s: float, function: Callable[..., Any], *words: Any) -> Any:
        future = client.submit(function, *words, workers=[node.address], pure=False, priority=10)
        try:
            return await asyncio.wait_for(self._result(client, future), limit_s)
        finally:
            future.release()

    @staticmethod
    async def _result(client: Any, future: Any) -> Any:
        return await future

    # ------------------------------------------------------------------ trials

    def _accept(self, errand: Errand) -> None:
        self._errands[errand.number] = errand
        self._woken.set()

    def _give_out(self, client: Any) -> None:
        """Send out what waits, to the workers with most room."""
        for errand in list(self._waiting):
            if errand.number not in self._errands:
                continue  # it is accepted in a moment
            usable = [n for n in self._nodes.values() if n.usable]
            others = [n for n in usable if n.address not in errand.lost_with] or usable
            node = max(others, key=lambda n: n.slots - n.running, default=None)
            if node is None or node.running >= node.slots:
                continue
            self._waiting.remove(errand)
            node.running += 1
            errand.node = node
            errand.task = self._go(self._try(client, node, errand))

    async def _try(self, client: Any, node: Node, errand: Errand) -> None:
        setup = {**self._setup, "folder": self._setup["folder"] if node.shared else ""}
        future = client.submit(
            remote.run_trial,
            json.dumps(setup),
            errand.call,
            key=f"trial-{errand.name}-{len(errand.lost_with)}",
            workers=[node.address],
            pure=False,
            retries=0,
        )
        result = asyncio.ensure_future(self._result(client, future))
        gone = asyncio.ensure_future(node.lost.wait())
        limit = float(self._setup["limits"]["wall_s"]) + START_S
        try:
            await asyncio.wait({result, gone}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if not result.done():
                self._went_missing(errand, node)
            else:
                self._arrived(client, errand, node, result)
        finally:
            gone.cancel()
            result.cancel()
            node.running = max(0, node.running - 1)
            with suppress(Exception):
                await asyncio.wait_for(client.cancel([future], asynchronous=True, force=True), END_S)
            self._woken.set()

    def _arrived(self, client: Any, errand: Errand, node: Node, result: asyncio.Future[Any]) -> None:
        error = result.exception() if not result.cancelled() else asyncio.CancelledError()
        if error is None:
            answer = result.result()
            reply = read_reply(str(answer.get("reply", "")).encode())
            self._done(errand, reply, answer.get("files", {}))
        elif client.status != "running" or getattr(error, "reason", "") == "scheduler-connection-lost":
            errand.task = errand.node = None  # no worker is to blame
            self._waiting.append(errand)
        elif type(error).__name__ in ("KilledWorker", "CancelledError", "FutureCancelledError", "CommClosedError"):
            self._went_missing(errand, node)
        else:
            why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            self._done(errand, Reply("crashed", error=f"the worker could not run the trial ({why})"), {})

    def _went_missing(self, errand: Errand, node: Node) -> None:
        """Its worker is lost: it is tried elsewhere once."""
        errand.lost_with.append(node.address)
        errand.task = errand.node = None
        if len(errand.lost_with) > 1:
            both = " and ".join(errand.lost_with)
            self._done(errand, Reply("crashed", error=f"the workers {both} were lost while they ran the trial"), {})
            return
        self.events.append({"event": "cluster", "text": f"a trial of the worker {node.address} is tried elsewhere"})
        self._waiting.append(errand)

    def _done(self, errand: Errand, reply: Reply, files: Mapping[str, bytes]) -> None:
        if self._errands.get(errand.number) is errand:
            del self._errands[errand.number]
            self._deliver(errand.number, reply, files)

    def _stop(self, number: int) -> None:
        errand = self._errands.get(number)
        if errand is None:
            return
        if errand in self._waiting:
            self._waiting.remove(errand)
        if errand.task is not None:
            errand.task.cancel()
        self._done(errand, Reply("stopped", error="the trial was stopped"), {})

    async def _say_goodbye(self, client: Any) -> None:
        """Stop what is out and end the guarded workers, of all that listen."""
        for number in list(self._errands):
            self._stop(number)
        awake = [n.address for n in self._nodes.values() if not n.lost.is_set()]
        if not awake:
            return
        with suppress(Exception):
            said = client.run(remote.forget, self._setup["run"], workers=awake, on_error="ignore")
            await asyncio.wait_for(said, END_S)

    def _go(self, work: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = self._loop.create_task(work)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
        return task
