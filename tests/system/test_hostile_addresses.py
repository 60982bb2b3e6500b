"""No address of others leads to a private machine: `data/attacks/addresses.toml`."""

from __future__ import annotations

import pytest

from dateline.errors import FetchError
from dateline.system import http
from support.attacks import Attack, attacks, name_of, whole
from system.test_addresses import home, site

STATUSES = (301, 302, 303, 307, 308)


@pytest.mark.parametrize("attack", attacks("addresses"), ids=name_of)
def test_no_address_leads_to_a_private_machine(attack: Attack) -> None:
    """It is refused in one sentence, before anything is connected to."""
    with pytest.raises(FetchError) as refused:
        http.get(whole(attack["address"]), limit=5)

    assert attack["says"] in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.long
@pytest.mark.parametrize("status", STATUSES)
def test_no_redirect_leads_to_a_private_machine(status: int) -> None:
    """Each attack is the target of a redirect from a server that staff allow."""
    targets = {
        f"r{number}": (status, {"Location": whole(attack["address"])}, b"")
        for number, attack in enumerate(attacks("addresses"))
        if attack["address"].isascii() and attack["address"].isprintable()
        if not attack.get("is_relative")
    }
    with site(ours=(200, {}, b"SECRET"), **targets) as (url, asked):
        for name in targets:
            with pytest.raises(FetchError):
                http.get(f"{url}{name}", private=home(url), limit=5)
        assert asked == [f"/{name}" for name in targets]
        assert http.get(f"{url}ours", private=home(url)).data == b"SECRET"
