from services.gateway.domain.overrides import Canary


def test_about_as_many_go_to_the_canary_as_its_weight_says() -> None:
    canary = Canary(weight=25)

    chosen = sum(canary.chooses(None, f"user {number}".encode()) for number in range(4000))

    assert 900 < chosen < 1100


def test_nobody_flips_between_versions() -> None:
    canary = Canary(weight=50)

    choices = [{canary.chooses(None, f"user {number}".encode()) for _ in range(5)} for number in range(50)]

    assert all(len(choice) == 1 for choice in choices)


def test_a_larger_share_keeps_those_who_were_there_before() -> None:
    users = [f"user {number}".encode() for number in range(500)]
    few = {user for user in users if Canary(weight=10).chooses(None, user)}
    many = {user for user in users if Canary(weight=40).chooses(None, user)}

    assert few < many


def test_whoever_asks_for_the_canary_gets_it() -> None:
    canary = Canary(header="blue")

    assert canary.chooses(b"blue", b"anyone")
    assert not canary.chooses(b"green", b"anyone")
    assert not canary.chooses(None, b"anyone")
