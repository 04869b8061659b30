from services.chassis.http.access import Who
from services.chassis.ids import uuid7
from tests.doors import knock
from tests.stage import Stage


async def test_nothing_opens_to_who_did_not_come_through_the_gateway(either_stage: Stage) -> None:
    found = await knock(either_stage, None)

    assert set.union(*found.values()) == {401}


async def test_a_visitor_gets_nowhere_a_user_is_asked_for(either_stage: Stage) -> None:
    found = await knock(either_stage, either_stage.asker.identity())

    assert (found[Who.USER], found[Who.STAFF], found[Who.SERVICE]) == ({401}, {401}, {403})


async def test_a_user_gets_nowhere_staff_or_services_are_asked_for(either_stage: Stage) -> None:
    found = await knock(either_stage, either_stage.asker.identity(user=uuid7(), roles=frozenset({"buyer", "seller"})))

    assert (found[Who.STAFF], found[Who.SERVICE]) == ({403}, {403})


async def test_a_service_gets_nowhere_people_are_asked_for(either_stage: Stage) -> None:
    found = await knock(either_stage, either_stage.asker.identity(caller="items"))

    assert set.union(*found.values()) == {403}


async def test_an_identity_for_another_service_opens_nothing(either_stage: Stage) -> None:
    token = either_stage.asker.identity(user=uuid7(), roles=frozenset({"buyer", "staff"}), audience="orders")

    assert set.union(*(await knock(either_stage, token)).values()) == {401}
