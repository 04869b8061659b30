import os

import pytest
from cryptography.exceptions import InvalidTag

from services.auth.clients.vault import Seal, derive


def test_what_was_sealed_for_one_owner_opens_for_no_other() -> None:
    seal = Seal("k" * 32, chance=os.urandom)

    sealed = seal.close("JBSWY3DP", owner="ana")

    assert seal.open(sealed, owner="ana") == "JBSWY3DP"
    with pytest.raises(InvalidTag):
        seal.open(sealed, owner="bo")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    seal = Seal("k" * 32, chance=os.urandom)

    assert seal.close("JBSWY3DP", owner="ana") != seal.close("JBSWY3DP", owner="ana")


def test_each_use_has_a_key_of_its_own() -> None:
    assert len({derive("k" * 32, "sealing"), derive("k" * 32, "chain"), derive("l" * 32, "chain")}) == 3
