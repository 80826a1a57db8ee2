"""Tests the kernel's own tables of this machine, in network namespaces and also without privilege."""

import subprocess
import sys
from pathlib import Path

import pytest

from probes.net.core.neighbour_table import neighbour_table


@pytest.mark.parametrize(("family", "name"), [(4, "ipv4"), (6, "ipv6")])
def test_the_table_is_the_kernels(family: int, name: str) -> None:
    table = neighbour_table(family)
    if table is None:
        pytest.skip("this kernel does not tell")
    limit = Path(f"/proc/sys/net/{name}/neigh/default/gc_thresh3")
    if limit.exists():  # it exists only in the first network namespace
        assert table.room == int(limit.read_text("ascii"))
    counters = Path("/proc/net/stat/arp_cache" if family == 4 else "/proc/net/stat/ndisc_cache")
    if counters.exists():
        refused = sum(int(line.split()[-1], 16) for line in counters.read_text("ascii").splitlines()[1:])
        assert table.refused <= refused


@pytest.mark.needs_root
def test_it_is_told_in_another_network_namespace_to_a_user_without_privilege() -> None:
    asked = "from probes.net.core.neighbour_table import neighbour_table as n; print(n(4).room > 0, n(6).room > 0)"
    argv = ["unshare", "--net", "setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all", sys.executable, "-c"]
    done = subprocess.run([*argv, asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
