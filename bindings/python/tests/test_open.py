"""Opening and closing."""

import os
import stat
from pathlib import Path

import pytest

import oo


def test_open_makes_the_file_and_its_key(path):
    with oo.Engine(path) as engine:
        assert engine.health().status == "ok"
    key = Path(f"{path}.key")
    assert path.exists() and key.exists()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_open_again_finds_what_was_there(path):
    with oo.Engine(path) as engine:
        tip = engine.recommend("u")
        engine.react(tip, "done")
        before = engine.health()
    with oo.Engine(str(path)) as engine:
        after = engine.health()
        assert [past.id for past in engine.history("u")] == [tip.id]
    assert after.state_hash == before.state_hash and after.lessons == 1


def test_two_engines_share_a_file(path):
    with oo.Engine(path) as one, oo.Engine(path) as two:
        tip = one.recommend("u")
        assert two.recommend("u").id == tip.id
        two.react(tip, "done")
        assert one.health().state_hash == two.health().state_hash


def test_close_is_idempotent_and_later_calls_say_so(path):
    engine = oo.Engine(path)
    assert not engine.closed
    engine.close()
    engine.close()
    assert engine.closed
    with pytest.raises(oo.InvalidInputError, match="closed"):
        engine.recommend("u")


def test_an_engine_that_is_dropped_closes(path):
    oo.Engine(path).ingest("u", oo.mood(3))
    assert oo.Engine(path).health().position > 0


def test_repr_tells_no_secret(path):
    with oo.Engine(path) as engine:
        assert repr(engine) == f'<oo.Engine "{path}" open>'
    assert repr(engine).endswith("closed>")


def test_open_with_policy_shadows_and_settings(path):
    policy = oo.LinUCB(alpha=0.5, epsilon=0.1)
    with oo.Engine(path, policy=policy, shadows=[oo.Uniform(), oo.Greedy()], settings={"holdout": 0.0}) as engine:
        tip = engine.recommend("u")
        assert tip.policy == "main@1"
        assert not engine.explain(tip).holdout
    with oo.Engine(path, policy={"type": "greedy"}, shadows={"wild": oo.EpsilonGreedy(epsilon=0.5)}) as engine:
        assert engine.health().policy == "main@2"


def test_open_with_a_schema_of_ones_own(path):
    schema = [{"name": f"f{n}", "range": [-1, 1], "prior": 0.1} for n in range(3)]
    with oo.Engine(path, schema=schema) as engine:
        offered = [{"id": "a", "content": "Stretch", "features": {"f0": 0.5, "f1": -0.25}}]
        tip = engine.recommend("u", candidates=offered)
        assert set(engine.explain(tip).features) == {"f0", "f1", "f2"}


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"settings": {"holdout": 0.9}}, "holdout"),
        ({"settings": {"holdouts": 0.1}}, "settings"),
        ({"policy": {"type": "linucb", "alphas": 1}}, "policy"),
        ({"policy": oo.LinUCB(dim=3)}, "policy"),
        ({"schema": [{"name": "x", "range": [1, -1]}]}, None),
        ({"schema": []}, "features"),
    ],
)
def test_open_refuses_wrong_arguments(path, arguments, field):
    with pytest.raises(oo.InvalidInputError) as caught:
        oo.Engine(path, **arguments)
    assert field is None or caught.value.field == field


def test_open_with_the_key_gone_or_another(path):
    oo.Engine(path).close()
    key = Path(f"{path}.key")
    saved = key.read_bytes()
    key.unlink()
    with pytest.raises(oo.MasterKeyError):
        oo.Engine(path)
    oo.Engine(path.with_name("other.db")).close()
    key.write_bytes(Path(f"{path.with_name('other.db')}.key").read_bytes())
    os.chmod(key, 0o600)
    with pytest.raises(oo.MasterKeyError):
        oo.Engine(path)
    key.write_bytes(saved)
    oo.Engine(path).close()


def test_open_a_file_that_is_no_database(path):
    path.write_bytes(b"this is no database, and it is longer than a header of one would be" * 40)
    before = path.read_bytes()
    with pytest.raises(oo.Error) as caught:
        oo.Engine(path)
    assert type(caught.value) is not oo.InternalError
    assert path.read_bytes() == before


@pytest.mark.parametrize("path", ["", ":memory:", "a\0b"])
def test_open_what_is_no_path(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((oo.InvalidInputError, oo.StorageError)):
        oo.Engine(path)
    assert not list(tmp_path.iterdir())


def test_open_keeps_its_file_when_the_folder_changes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with oo.Engine("oo.db") as engine:
        monkeypatch.chdir("/")
        assert engine.path == str(tmp_path / "oo.db") and engine.health().status == "ok"


def test_open_in_a_folder_that_is_not_there(path):
    with pytest.raises(oo.StorageError):
        oo.Engine(path.parent / "nowhere" / "oo.db")
