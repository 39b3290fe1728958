"""`oo.aio`: the same verbs, awaitable."""

import asyncio
import inspect
import time

import pytest
from conftest import locked

import oo
import oo.aio


def test_every_verb_is_awaitable():
    own = {"close", "closed", "path", "events"}
    verbs = {name for name in vars(oo.Engine) if not name.startswith("_")} - own
    assert verbs == {name for name in vars(oo.aio.Engine) if not name.startswith("_")} - {"close", "of", "events"}
    for name in verbs:
        assert inspect.iscoroutinefunction(getattr(oo.aio.Engine, name)), name
        assert inspect.signature(getattr(oo.aio.Engine, name)) == inspect.signature(getattr(oo.Engine, name))


def test_the_five_verbs(path):
    async def main():
        async with oo.aio.Engine(path) as engine:
            assert (await engine.ingest("u", oo.task("t1", "File taxes"))).accepted == 1
            tip = await engine.recommend("u")
            assert (await engine.react(tip, "done")).reward == 1.0
            assert (await engine.forget("u")).lessons == 1
            with pytest.raises(oo.InvalidInputError):
                await engine.recommend("")
        with pytest.raises(oo.InvalidInputError, match="closed"):
            await engine.recommend("u")

    asyncio.run(main())


def test_the_first_verb_opens_and_many_run_at_once(path):
    async def main():
        engine = oo.aio.Engine(path)
        assert "not open" in repr(engine)
        tips = await asyncio.gather(*(engine.recommend(f"u-{n}") for n in range(40)))
        assert len({tip.id for tip in tips}) == 40
        assert str(path) in repr(engine)
        await engine.close()

    asyncio.run(main())


def test_opening_that_fails_is_tried_again(path):
    async def main():
        engine = oo.aio.Engine(path.parent / "later" / "oo.db")
        with pytest.raises(oo.StorageError):
            await engine.recommend("u")
        (path.parent / "later").mkdir()
        assert await engine.recommend("u")
        await engine.close()

    asyncio.run(main())


def test_verbs_of_an_open_engine(engine):
    async def main():
        assert (await oo.aio.Engine.of(engine).recommend("u")).id == engine.recommend("u").id

    asyncio.run(main())


def test_the_loop_goes_on_and_cancelling_breaks_nothing(path):
    async def main():
        async with oo.aio.Engine(path) as engine:
            await engine.recommend("u")
            with locked(path):
                start = time.monotonic()
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(engine.ingest("u", oo.mood(3)), 0.3)
                assert time.monotonic() - start < 1.0
            tasks = [asyncio.ensure_future(engine.recommend(f"u-{n}")) for n in range(100)]
            await asyncio.sleep(0.01)
            for task in tasks[::2]:
                task.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(one, (oo.Tip, asyncio.CancelledError)) for one in done)
            assert all(isinstance(one, oo.Tip) for one in done[1::2])
            assert (await engine.replay()).differences == ()

    asyncio.run(main())


def test_one_engine_in_several_loops(path):
    engine = oo.aio.Engine(path)
    ids = {asyncio.run(engine.recommend("u")).id for _ in range(3)}
    asyncio.run(engine.close())
    assert len(ids) == 1
