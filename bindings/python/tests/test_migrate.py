"""A store whose feature schema changes: appended features extend what was learned, anything else is learned anew."""

import pytest

import oo
import oo.aio

COLUMNS = [{"name": f"f{n}", "range": [-1, 1], "prior": 0.1} for n in range(3)]
APPENDED = [*COLUMNS, {"name": "steps", "range": [0, 1], "prior": 0.0}]
OTHER = [COLUMNS[2], COLUMNS[0]]


class Length:
    name = "length"

    def features(self):
        return [("content_length", 0.0, 1.0)]

    def values(self, context, candidates):
        return [[len(one["content"]) / 200] for one in candidates]


def live(engine, people):
    """Each gets a tip and answers it."""
    for person in people:
        tip = engine.recommend(f"u{person}")
        engine.react(tip, "done" if person % 2 == 0 else "dismiss")


def test_appended_features_extend_the_champion(path):
    with oo.Engine(path, schema=COLUMNS) as engine:
        live(engine, range(8))
        before = engine.health()
    with pytest.raises(oo.IncompatibleError, match="migrate=True"):
        oo.Engine(path, schema=APPENDED)
    with oo.Engine(path, schema=APPENDED, migrate=True) as engine:
        after = engine.health()
        assert (after.policy, after.lessons) == ("main@2", before.lessons)
        assert [policy.role for policy in engine.policies()] == ["retired", "champion"]
        live(engine, range(8, 12))
        assert engine.health().lessons == 12 and engine.replay().differences == ()
        assert engine.forget("u3").lessons == 1 and engine.replay().differences == ()
    # Migrated once: it opens without being asked again, and a second time changes nothing.
    for more in ({}, {"migrate": True}):
        with oo.Engine(path, schema=APPENDED, **more) as engine:
            assert engine.health().policy == "main@2"


def test_another_schema_refits_a_shadow(path):
    with oo.Engine(path, schema=COLUMNS) as engine:
        live(engine, range(8))
    with pytest.raises(oo.IncompatibleError):
        oo.Engine(path, schema=OTHER, migrate=False)
    with oo.Engine(path, schema=OTHER, migrate=True) as engine:
        assert (engine.health().policy, engine.health().lessons) == ("main@1", 8)
        shadow = engine.policies()[1]
        assert (shadow.policy, shadow.role, shadow.lessons) == ("main@2", "shadow", 8)
        live(engine, range(8, 12))
        assert engine.policies()[1].lessons == 12 and engine.replay().differences == ()


async def migrated(path, **options):
    async with oo.aio.Engine(path, **options) as engine:
        return await engine.health()


def test_a_featuriser_enters_a_store_by_migrating(path):
    import asyncio

    with oo.Engine(path) as engine:
        live(engine, range(4))
    with pytest.raises(oo.IncompatibleError, match="migrate=True"):
        asyncio.run(migrated(path, featurisers=[Length()]))
    health = asyncio.run(migrated(path, featurisers=[Length()], migrate=True))
    assert (health.policy, health.lessons) == ("main@2", 4)


def test_migrate_is_a_boolean(path):
    with pytest.raises(TypeError):
        oo.Engine(path, migrate="yes")
