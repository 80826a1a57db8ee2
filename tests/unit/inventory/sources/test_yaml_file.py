from datetime import date
from pathlib import Path

import pytest

from tests.unit.inventory.reading import lines_of, load_text

TARGETS = "targets:\n"


def test_a_list_of_mappings(tmp_path: Path) -> None:
    text = """\
# the province
targets:
  - name: www.example.vn
    kind: portal
    ipv4: [192.0.2.1, 192.0.2.2]
    ipv6: 2001:db8::1
    services: https:443
    tags:
      - dkim=s1
      - answers-vary
    valid_from: 2026-01-01
    bandwidth_mbps: 1.125
    note: |
      one
      two
  - {Tên: R1, Loại: bộ định tuyến, ipv4: 10.0.0.1, security_level: 3, id: 010, snmp_profile: null, note: 1.125}
"""
    portal, router = load_text(tmp_path, text, "a.yaml").inventory.subjects
    assert [str(address) for address in portal.addresses] == ["192.0.2.1", "192.0.2.2", "2001:db8::1"]
    assert portal.tags == ("dkim=s1", "answers-vary")
    assert portal.valid_from == date(2026, 1, 1)
    assert portal.declared.bandwidth_mbps == 1.125
    assert portal.declared.note == "one\ntwo"
    assert portal.origin is not None
    assert portal.origin.row == 3
    assert router.declared.note == "1.125"
    assert (router.id, router.name, router.declared.security_level, router.snmp_profile) == ("010", "R1", 3, None)


def test_yaml_and_csv_mean_the_same(tmp_path: Path) -> None:
    csv = load_text(tmp_path, "name,kind,ipv4,tags\na.vn,portal,192.0.2.1 192.0.2.2,x y\n").inventory
    yaml = load_text(
        tmp_path, "targets: [{name: a.vn, kind: portal, ipv4: [192.0.2.1, 192.0.2.2], tags: [x, y]}]", "a.yml"
    ).inventory
    (subject,), (two,) = csv.subjects, yaml.subjects
    assert (subject.id, subject.addresses, subject.tags, subject.services) == (
        two.id,
        two.addresses,
        two.tags,
        two.services,
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [" the file is empty"]),
        ("# only a comment\n", [" the file is empty"]),
        ("- name: a.vn\n", ["1: expected a mapping (key: value) here"]),
        ("target: []\n", ['1: unknown key "target"; known are: targets units exemptions (did you mean targets?)']),
        ("targets: x\n", ["1:targets: expected a list of mappings here"]),
        ("targets:\n- a.vn\n", ["2: expected a mapping (key: value) here"]),
        ("targets:\n", [" there is nothing to audit in it"]),
        ("targets: [{name: a.vn, kind: portal, colour: red}]", ['1: unknown column "colour"']),
        ("targets:\n- name: a.vn\n  kind: portal\n  name: b.vn\n", ['4: the key "name" stands here twice']),
        ("targets: []\ntargets: []\n", ['2: the key "targets" stands here twice']),
        ("targets:\n- name: a.vn\n  kind: portal\n  Tên: b.vn\n", ['4: two columns are name: name and "Tên"']),
        (
            "targets:\n- {name: {a: b}, kind: portal}\n",
            [
                "2:name: expected one value here",
                "2:name: a name (or one address) is missing",
                "2: no address and no domain name: nothing can be measured",
            ],
        ),
        ("targets:\n- {name: [a, b], kind: host, ipv4: 10.0.0.1}\n", ["2:name: expected one value here"]),
        ("targets:\n- {name: a.vn, kind: portal, tags: [[a]]}\n", ["2:tags: expected one value here"]),
        ("targets:\n- {? [a] : b}\n", ["2: expected one value here"]),
        ("a: &a x\nb: *a\n", ["2: YAML aliases (*) are not accepted"]),
        ("targets:\n- <<: {name: x}\n  kind: host\n  ipv4: 10.0.0.1\n", ['2: unknown column "<<"']),
        ("[" * 30 + "]" * 30, ["1: nested too deeply"]),
        ("targets:\n  - name: a\n bad", ["3: broken YAML: did not find expected key"]),
        ("targets: [{name: a.vn, kind: portal}]\n--- [\n", ["3: broken YAML: did not find expected node content"]),
        ("name: \x07", [" broken YAML: unacceptable character #x0007: control characters are not allowed"]),
    ],
)
def test_read_yaml_problems_name_their_line(tmp_path: Path, text: str, lines: list[str]) -> None:
    assert lines_of(tmp_path, text, "a.yaml") == lines


def test_a_bomb_is_refused_and_depth_does_not_recurse(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert lines_of(tmp_path, bomb, "a.yaml") == ["2: YAML aliases (*) are not accepted"]
    assert lines_of(tmp_path, "[" * 200_000, "a.yaml") == ["1: broken YAML: exceeded maximum nesting depth"]
    assert lines_of(tmp_path, "? " * 50_000, "a.yaml") == ["1: nested too deeply"]


def test_tags_are_not_obeyed(tmp_path: Path) -> None:
    text = (
        "targets:\n- {name: !!python/object/apply:os.system ['x'], kind: host}\n- {name: !!int 'a.vn', kind: portal}\n"
    )
    assert "2:name: expected one value here" in lines_of(tmp_path, text, "a.yaml")
