"""Lines of the INI form are hosts, groups of groups or variables, by the section that they stand in."""

from inventory.listed.ansible_ini import read_ini


def test_read_ini_gives_hosts_with_variables_and_fills_children() -> None:
    children: dict[str, dict[str, None]] = {}
    text = "a\n[g] # group\nb ansible_host=192.0.2.1 x='1 2' # x=3\n[g:vars]\ny=1\n[all:children]\ng\n"
    assert list(read_ini(text, children)) == [
        ("ungrouped", "a", {}),
        ("g", "b", {"ansible_host": "192.0.2.1", "x": "1 2"}),
    ]
    assert children == {"all": {"g": None}}
