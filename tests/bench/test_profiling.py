from tests.bench.profiling import shares


def test_time_belongs_to_the_package_whose_code_runs() -> None:
    found = shares(
        [
            "main (services/__main__.py:9);Runner.run (asyncio/runners.py:118) 20",
            "main (services/__main__.py:9);Runner.run (asyncio/runners.py:118);handle (litestar/routes/http.py:81) 50",
            "main (services/__main__.py:9);fetch (asyncpg/pool.py:12);run (services/items/api/public.py:62) 20",
            "main (services/__main__.py:9);__enter__ (contextlib.py:141) 10",
        ]
    )

    assert found == {"litestar": 0.5, "uvloop and the system": 0.2, "services": 0.2, "the standard library": 0.1}


def test_the_largest_share_comes_first() -> None:
    found = shares(["a (small/a.py:1) 1", "b (large/b.py:1) 3"])

    assert list(found) == ["large", "small"]
