"""Tests the accounts of peers: the counted bytes and connections, and their bounds."""

from ipaddress import ip_address

from auditor.texts.messages_en import FRAMEWORK
from probes.framework.budget import (
    CONNECTIONS,
    LEDGER,
    ON_THE_WIRE,
    TAB,
    Ledger,
    PeerBounds,
    PeerUsage,
    SeparateAccount,
    Tab,
    account_of,
    counted_apart,
    over_budget,
    tab,
)
from probes.framework.evidence import Attribution, FailureKind

HERE = ip_address("2001:db8::1")


def test_account_refuses_bytes_beyond_its_bound() -> None:
    account = PeerUsage(PeerBounds(received=10))
    assert account.take(10)
    assert (account.received, account.excess) == (10, "")
    assert not account.take(1)
    assert account.excess == "the peer sent more than 10 bytes"


def test_account_refuses_connections_beyond_its_bound() -> None:
    account = PeerUsage(PeerBounds(connections=2))
    assert [account.connect() for _ in range(3)] == [True, True, False]
    assert account.excess == "the peer took more than 2 connections"
    assert not account.take(1)


def test_account_keeps_the_first_excess() -> None:
    account = PeerUsage(PeerBounds(received=1, connections=0))
    account.connect()
    account.take(2)
    assert account.excess == "the peer took more than 0 connections"


def test_ledger_keeps_what_is_large_on_purpose_in_accounts_of_their_own() -> None:
    ledger = Ledger()
    ledger.of(HERE.packed).take(5)
    ledger.apart(SeparateAccount.TRANSFERS).of(HERE.packed).take(7)
    ledger.apart(SeparateAccount.COPIES).of(HERE.packed).take(9)
    ledger.apart(SeparateAccount.TRANSFERS).of(HERE.packed).take(1)
    assert [account.received for _, account in ledger.accounts()] == [5, 8, 9]


def test_tab_without_a_subject_has_a_ledger_of_its_own() -> None:
    assert tab().ledger is not tab().ledger


def test_tab_of_a_subject_counts_on_its_ledger() -> None:
    ledger = Ledger()
    token = LEDGER.set(ledger)
    try:
        account_of(HERE).take(3)
    finally:
        LEDGER.reset(token)
    assert ledger.of(HERE.packed).received == 3


def test_counting_apart_reports_its_excess_to_the_step() -> None:
    step = Tab(Ledger())
    token = TAB.set(step)
    try:
        with counted_apart(SeparateAccount.SHEETS):
            tab().excess = "too much"
            assert tab().ledger is step.ledger.apart(SeparateAccount.SHEETS)
        assert tab() is step
    finally:
        TAB.reset(token)
    assert step.excess == "too much"


def test_excess_is_a_failure_of_ours() -> None:
    failure = over_budget("the peer sent more than 10 bytes")
    assert (failure.kind, failure.kind.attribution) == (FailureKind.OVER_BUDGET, Attribution.OURS)


def test_bounds_stand_in_what_users_read() -> None:
    text = FRAMEWORK["OVER_BUDGET"][0]
    assert f"{ON_THE_WIRE // 1_000_000} MB" in text
    assert f"{CONNECTIONS} connections" in text
