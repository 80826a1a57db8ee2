"""Names that several agencies use, and references to them, are resolved or reported."""

from pathlib import Path

from tests.unit.inventory.reading import lines_of, load_text, warnings_of

_TABLE = "agency_code,name,kind,ipv4\nSYT,Web,host,10.0.0.1\nSXD,web,host,10.0.0.2\n"


def test_names_of_two_agencies_make_ids_with_the_agency(tmp_path: Path) -> None:
    assert [subject.id for subject in load_text(tmp_path, _TABLE).inventory.subjects] == ["SYT/Web", "SXD/web"]
    assert warnings_of(tmp_path, _TABLE) == [
        '2:name: several agencies have a subject named "Web"; the id of this one is SYT/Web'
    ]


def test_names_stay_unique_within_an_agency(tmp_path: Path) -> None:
    assert lines_of(tmp_path, _TABLE + "SYT,Web,host,10.0.0.3\n")[-1].startswith("4:name: the same as ")


def test_ids_that_are_written_stay_as_they_are(tmp_path: Path) -> None:
    table = "id,agency_code,name,kind,ipv4\nw1,SYT,Web,host,10.0.0.1\n,SXD,Web,host,10.0.0.2\n"
    assert [subject.id for subject in load_text(tmp_path, table).inventory.subjects] == ["w1", "Web"]


def test_exemption_of_a_name_that_several_agencies_use_is_refused(tmp_path: Path) -> None:
    text = (
        "targets:\n- {agency_code: SYT, name: Web, kind: host, ipv4: 10.0.0.1}\n"
        "- {agency_code: SXD, name: Web, kind: host, ipv4: 10.0.0.2}\n"
        "exemptions:\n- {subject: Web, check_prefix: ipv6, reason: old, signatory: GD}\n"
    )
    assert lines_of(tmp_path, text, "a.yaml") == [
        '2:name: several agencies have a subject named "Web"; the id of this one is SYT/Web',
        '5:subject: several agencies have "Web"; write the id of the subject: SYT/Web, SXD/Web',
    ]
    inventory = load_text(tmp_path, text.replace("subject: Web", "subject: sxd/web"), "a.yaml").inventory
    assert [exemption.subject for exemption in inventory.exemptions] == ["SXD/Web"]
