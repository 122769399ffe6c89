"""Fixtures: the smallest damaged shop and its files, made once."""

from collections.abc import Mapping

import pytest

from jobs.demo.injection import FEWEST, Damaged, DamagedShop, damaged


@pytest.fixture(scope="session")
def damaged_shop() -> DamagedShop:
    return damaged(FEWEST)


@pytest.fixture(scope="session")
def shop(damaged_shop: DamagedShop) -> Damaged:
    """The orders of the shop."""
    return damaged_shop.orders


@pytest.fixture(scope="session")
def lines(damaged_shop: DamagedShop) -> Damaged:
    """The lines of those orders."""
    return damaged_shop.lines


@pytest.fixture(scope="session")
def files(damaged_shop: DamagedShop) -> Mapping[str, bytes]:
    return damaged_shop.files
