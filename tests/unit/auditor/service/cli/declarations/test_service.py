"""Tests that ``auditor service`` passes on the named folders."""

from tests.unit.auditor.service.cli.calling import Cli


def test_service_install_hands_over_its_folders(cli: Cli) -> None:
    ended = cli("service", "install", "--dry-run", "--program", "/opt/other/bin", "--units", "/usr/lib/systemd/system")
    assert ended.code == 0
    assert "# /usr/lib/systemd/system/auditor.service\n" in ended.out
    assert "ExecStart=/opt/other/bin/auditor " in ended.out
