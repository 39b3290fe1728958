"""The same engine for asyncio: every verb is awaitable, under the same name with the same arguments.

A verb runs on a thread of the engine's own, without the GIL. Cancelling the awaiting task does not break anything: a verb
that has not begun never runs, one that has runs to its end, and what it answered is dropped.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import queue
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

from . import _oo
from .components import _name

__all__ = ["Engine", "EventStream"]

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 16
"""Verbs that run at once; more wait their turn. Concurrent writes share one commit."""


def _awaitable(
    verb: Callable[Concatenate[_oo.Engine, P], T],
) -> Callable[Concatenate[Engine, P], Coroutine[Any, Any, T]]:
    async def call(self: Engine, /, *args: P.args, **kwargs: P.kwargs) -> T:
        engine = await self._opened()
        return await self._run(functools.partial(verb, engine, *args, **kwargs))

    functools.update_wrapper(call, verb)
    return call


def _is_async(component: Any, method: str) -> bool:
    return inspect.iscoroutinefunction(getattr(component, method, component))


class _OnLoop:
    """A component with an async method, run on the loop of the verbs instead of a thread's own."""

    def __init__(self, engine: Engine, component: Any, method: str) -> None:
        self._engine, self._component = engine, component
        self.name = _name(component)
        setattr(self, method, functools.partial(self._call, getattr(component, method, component)))

    def _call(self, method: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> Any:
        loop = self._engine._loop
        if loop is None or loop.is_closed():
            return asyncio.run(method(*args))
        return asyncio.run_coroutine_threadsafe(method(*args), loop).result()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._component, name)


SLICE = 0.05
"""Seconds that a stream's thread waits at once."""


def _serve(asked: queue.SimpleQueue[tuple[_oo.EventStream, Future[Any]] | None], over: threading.Event) -> None:
    """A stream's thread: waits for the next event whenever it is asked to."""
    while (one := asked.get()) is not None:
        stream, answer = one
        try:
            event = None
            while event is None and not over.is_set():
                event = stream._take(SLICE)
            answer.set_result(event or False)
        except BaseException as error:
            answer.set_exception(error)
        del one, stream, answer


def _end(asked: queue.SimpleQueue[Any], over: threading.Event) -> None:
    over.set()
    asked.put(None)


class EventStream(AsyncIterator[dict[str, Any]]):
    """Committed events, for `async for`. It has a thread of its own, so that waiting holds up no verb."""

    def __init__(self, engine: Engine, events: Callable[[_oo.Engine], _oo.EventStream]) -> None:
        self._opening = (engine, events)
        self._stream: _oo.EventStream | None = None
        self._pending: Future[Any] | None = None
        self._asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._over = threading.Event()
        self._end = weakref.finalize(self, _end, self._asked, self._over)
        self.position: int | None = None
        """Up to where everything was given, once there was an event: what to pass as `after` to go on later."""

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> dict[str, Any]:
        if self._over.is_set():
            raise StopAsyncIteration
        if self._stream is None:
            engine, events = self._opening
            opened = await engine._opened()
            self._stream = await engine._run(functools.partial(events, opened))
            threading.Thread(target=_serve, args=(self._asked, self._over), name="oo-events", daemon=True).start()
        while True:
            # Whoever is cancelled leaves the wait to the next.
            if self._pending is None:
                self._pending = Future()
                self._asked.put((self._stream, self._pending))
            waiting = self._pending
            try:
                event = await asyncio.shield(asyncio.wrap_future(waiting))
            finally:
                mine = self._pending is waiting and waiting.done()
                if mine:
                    self._pending = None
            if event is False:
                await self.aclose()
                raise StopAsyncIteration
            if mine:
                self.position = event["position"]
                return event

    async def aclose(self) -> None:
        """Ends the stream; whoever waits for its next event is woken. Again is nothing."""
        if self._stream is not None:
            self._stream.close()
        self._end()

    async def __aenter__(self) -> EventStream:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class Engine:
    """An engine on the SQLite file at `path`, with the arguments of `oo.Engine`. Sources and featurisers may be async.

    Opened by `async with`, or by the first verb. `Engine.of(engine)` makes the verbs of an open `oo.Engine` awaitable.
    """

    def __init__(self, path: str | os.PathLike[str], **options: Any) -> None:
        for kind, method in (("sources", "candidates"), ("featurisers", "values")):
            if options.get(kind) is not None:
                options[kind] = [_OnLoop(self, one, method) if _is_async(one, method) else one for one in options[kind]]
        self._open: Callable[[], _oo.Engine] = functools.partial(_oo.Engine, path, **options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: Future[_oo.Engine] | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._process = os.getpid()

    @classmethod
    def of(cls, engine: _oo.Engine) -> Engine:
        """The verbs of an open engine, awaitable; closing one closes the other."""
        awaitable = cls(engine.path)
        awaitable._open = lambda: engine
        return awaitable

    async def __aenter__(self) -> Engine:
        await self._opened()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def events(
        self,
        after: int | str | None = None,
        user: str | None = None,
        types: Iterable[str] | None = None,
        follow: bool = False,
    ) -> EventStream:
        """As `oo.Engine.events`, for `async for`. Opened by its first event; a cancelled wait loses none."""
        return EventStream(self, functools.partial(_oo.Engine.events, after=after, user=user, types=types, follow=follow))

    async def close(self) -> None:
        """Closes the engine: what is queued is done, and every later call raises. Again is nothing."""
        engine = await self._opened()
        await self._run(engine.close)
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None

    def __repr__(self) -> str:
        opened = self._engine is not None and self._engine.done() and not self._engine.exception()
        return f"<oo.aio.Engine of {self._engine.result()!r}>" if opened and self._engine else "<oo.aio.Engine not open>"

    recommend = _awaitable(_oo.Engine.recommend)
    recommend_with = _awaitable(_oo.Engine.recommend_with)
    react = _awaitable(_oo.Engine.react)
    ingest = _awaitable(_oo.Engine.ingest)
    decide = _awaitable(_oo.Engine.decide)
    decide_all = _awaitable(_oo.Engine.decide_all)
    reward = _awaitable(_oo.Engine.reward)
    reward_all = _awaitable(_oo.Engine.reward_all)
    choice = _awaitable(_oo.Engine.choice)
    bandits = _awaitable(_oo.Engine.bandits)
    policies = _awaitable(_oo.Engine.policies)
    explain = _awaitable(_oo.Engine.explain)
    history = _awaitable(_oo.Engine.history)
    decisions = _awaitable(_oo.Engine.decisions)
    consents = _awaitable(_oo.Engine.consents)
    set_consents = _awaitable(_oo.Engine.set_consents)
    preferences = _awaitable(_oo.Engine.preferences)
    set_preferences = _awaitable(_oo.Engine.set_preferences)
    forget = _awaitable(_oo.Engine.forget)
    receipt = _awaitable(_oo.Engine.receipt)
    receipts = _awaitable(_oo.Engine.receipts)
    verify_receipt = _awaitable(_oo.Engine.verify_receipt)
    retain = _awaitable(_oo.Engine.retain)
    export = _awaitable(_oo.Engine.export)
    export_to = _awaitable(_oo.Engine.export_to)
    import_export = _awaitable(_oo.Engine.import_export)
    health = _awaitable(_oo.Engine.health)
    metrics = _awaitable(_oo.Engine.metrics)
    replay = _awaitable(_oo.Engine.replay)
    backup = _awaitable(_oo.Engine.backup)
    compact = _awaitable(_oo.Engine.compact)

    async def _opened(self) -> _oo.Engine:
        self._loop = asyncio.get_running_loop()
        # The opening belongs to all who wait for it: one of them going away does not end it.
        if self._engine is None or self._process != os.getpid() and not self._engine.done():
            self._engine = self._threads().submit(self._open)
        opening = self._engine
        try:
            return await asyncio.shield(asyncio.wrap_future(opening))
        finally:
            if opening is self._engine and opening.done() and (opening.cancelled() or opening.exception()):
                self._engine = None

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads(), call)

    def _threads(self) -> ThreadPoolExecutor:
        # Threads do not survive a fork: a child starts its own.
        if self._pool is None or self._process != os.getpid():
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="oo-aio")
            self._process = os.getpid()
        return self._pool
