from uuid import UUID

from tests.users.people import Person, items

MUG, BOWL = UUID(int=1), UUID(int=2)


async def _add_list(person: Person, name: str = "Birthday") -> str:
    return str((await person.post("/users/me/wish-lists", {"name": name})).json()["id"])


async def test_an_item_is_on_a_list_once(ana: Person) -> None:
    path = f"/users/me/wish-lists/{await _add_list(ana)}/items"

    for item_id in (MUG, BOWL, MUG):
        assert (await ana.call("PUT", f"{path}/{item_id}")).status == 204

    assert {str(one["item_id"]) for one in items(await ana.get(path))} == {str(MUG), str(BOWL)}
    assert items(await ana.get("/users/me/wish-lists"))[0]["wishes"] == 2


async def test_taking_an_item_off_may_be_repeated(ana: Person) -> None:
    path = f"/users/me/wish-lists/{await _add_list(ana)}/items"
    await ana.call("PUT", f"{path}/{MUG}")

    statuses = [(await ana.call("DELETE", f"{path}/{MUG}")).status for _ in range(2)]

    assert statuses == [204, 204]
    assert items(await ana.get(path)) == []


async def test_a_list_is_renamed_and_removed(ana: Person) -> None:
    path = f"/users/me/wish-lists/{await _add_list(ana)}"
    await ana.call("PUT", f"{path}/items/{MUG}")

    renamed = await ana.call("PATCH", path, {"name": "Wedding"})
    removed = await ana.call("DELETE", path)

    assert (renamed.json()["name"], renamed.json()["wishes"], removed.status) == ("Wedding", 1, 204)
    assert items(await ana.get("/users/me/wish-lists")) == []


async def test_nobody_sees_or_changes_the_list_of_another(ana: Person, bo: Person) -> None:
    path = f"/users/me/wish-lists/{await _add_list(ana)}"

    answers = [
        await bo.get(f"{path}/items"),
        await bo.call("PATCH", path, {"name": "Mine"}),
        await bo.call("PUT", f"{path}/items/{MUG}"),
        await bo.call("DELETE", f"{path}/items/{MUG}"),
        await bo.call("DELETE", path),
    ]

    assert {(answer.status, str(answer.json()["code"])) for answer in answers} == {(404, "wish_list_missing")}


async def test_there_is_room_for_twenty_lists(ana: Person) -> None:
    statuses = [(await ana.post("/users/me/wish-lists", {"name": f"List {n}"})).status for n in range(21)]

    assert statuses == [201] * 20 + [409]
