"""Declares recursive resolvers, a healthy one first: Unbound in five configurations."""

from containers.rehearsal.model import Recursion, Resolver

RESOLVERS = (
    Resolver(label="phangiai1", agency="SL-KHCN"),
    Resolver(
        label="phangiai2", agency="SL-KHCN", recursion=Recursion.IPV4_ONLY, expected={"ipv6.dns.resolver-dual": "fail"}
    ),
    Resolver(label="phangiai3", agency="SL-GD", recursion=Recursion.DNS64, expected={"ipv6.dns.resolver-aaaa": "fail"}),
    Resolver(
        label="phangiai4",
        agency="SL-YT",
        recursion=Recursion.DNS64,
        tags="dns64",
        expected={"ipv6.dns.resolver-aaaa": "warn"},
    ),
    Resolver(
        label="phangiai5",
        agency="SL-TC",
        recursion=Recursion.FILTERED,
        expected={"ipv6.dns.resolver-aaaa": "fail"},
        consequences=("ipv6.dns.resolver-dual",),  # the filter takes the addresses of name servers away as well
    ),
    Resolver(label="phangiai6", agency="SL-TP", v6=False, expected={"ipv6.dns.resolver-dual": "warn"}),
)
