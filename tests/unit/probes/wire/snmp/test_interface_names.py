"""Tests which interface a name of the inventory stands for."""

from unicodedata import normalize

from probes.observations.snmp import Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.interface_names import called, interface_names
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, Tree


def _tree(*rows: tuple[Oid, int, str]) -> Tree:
    return Tree([Varbind(dotted((*column, index)), "octets", text.encode().hex()) for column, index, text in rows])


def test_name_description_and_alias_stand_for_an_interface() -> None:
    tree = _tree((oids.IF_NAME, 7, "Gi0/1"), (oids.IF_DESCR, 7, "GigabitEthernet0/1"), (oids.IF_ALIAS, 7, "TSLCD"))
    assert interface_names(tree) == {"gi0/1": 7, "gigabitethernet0/1": 7, "tslcd": 7}


def test_a_name_counts_before_the_description_of_another() -> None:
    tree = _tree((oids.IF_NAME, 1, "Gi0/1"), (oids.IF_ALIAS, 2, "gi0/1"), (oids.IF_NAME, 2, "Gi0/2"))
    assert interface_names(tree)["gi0/1"] == 1


def test_what_several_interfaces_are_called_names_none_of_them() -> None:
    tree = _tree((oids.IF_ALIAS, 1, "TSLCD"), (oids.IF_ALIAS, 2, "tslcd"), (oids.IF_NAME, 2, "Gi0/2"))
    assert interface_names(tree) == {"gi0/2": 2}
    assert [sorted(called(tree, name)) for name in ("Tslcd", "GI0/2", "lo")] == [[1, 2], [2], []]


def test_an_empty_description_is_no_name() -> None:
    assert interface_names(_tree((oids.IF_ALIAS, 1, ""))) == {}


def test_a_description_in_vietnamese_is_found_however_its_letters_are_put_together() -> None:
    written = "Kênh số liệu"
    apart = normalize("NFD", written)
    assert apart != written
    assert interface_names(_tree((oids.IF_ALIAS, 3, apart))) == {written.casefold(): 3}
