import pytest

from infra.resources import Resources, bytes_of, canonical


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("1024Mi", "1Gi"),
        ("1536Mi", "1536Mi"),
        ("1048576Ki", "1Gi"),
        ("2048Gi", "2Ti"),
        ("4Ti", "4Ti"),
        ("1000m", "1"),
        ("250m", "250m"),
        ("0.5", "500m"),
        ("2", "2"),
        ("0", "0"),
    ],
)
def test_a_quantity_is_told_as_the_api_server_would(given: str, written: str) -> None:
    assert canonical(given) == written


def test_memory_is_counted_in_bytes() -> None:
    assert [bytes_of(memory) for memory in ("1Ki", "3Mi", "1Gi")] == [1024, 3145728, 1073741824]


def test_memory_and_disk_are_guaranteed_as_far_as_they_are_limited() -> None:
    stated = Resources(cpu="500m", cpu_limit="2000m", memory="1024Mi", ephemeral_storage="512Mi").to_map()

    assert stated["requests"] == {"cpu": "500m", "memory": "1Gi", "ephemeral-storage": "512Mi"}
    assert stated["limits"] == {"cpu": "2", "memory": "1Gi", "ephemeral-storage": "512Mi"}
