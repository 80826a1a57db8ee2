"""Well-known Diffie-Hellman primes, computed from the formulas of RFC 2409, RFC 3526 and RFC 7919; those of RFC 5114
have none."""

from functools import cache

MODP = {768: 149686, 1024: 129093, 1536: 741804, 2048: 124476, 3072: 1690314, 4096: 240904}
FFDHE = {2048: 560316, 3072: 2625351, 4096: 5736041, 6144: 15705020, 8192: 10965728}

RFC_5114 = {
    "modp1024s160": bytes.fromhex(
        "b10b8f96a080e01dde92de5eae5d54ec52c99fbcfb06a3c69a6a9dca52d23b616073e28675a23d189838ef1e2ee652c0"
        "13ecb4aea906112324975c3cd49b83bfaccbdd7d90c4bd7098488e9c219a73724effd6fae5644738faa31a4ff55bccc0"
        "a151af5f0dc8b4bd45bf37df365c1a65e68cfda76d4da708df1fb2bc2e4a4371"
    ),
    "modp2048s224": bytes.fromhex(
        "ad107e1e9123a9d0d660faa79559c51fa20d64e5683b9fd1b54b1597b61d0a75e6fa141df95a56dbaf9a3c407ba1df15"
        "eb3d688a309c180e1de6b85a1274a0a66d3f8152ad6ac2129037c9edefda4df8d91e8fef55b7394b7ad5b7d0b6c12207"
        "c9f98d11ed34dbf6c6ba0b2c8bbc27be6a00e0a0b9c49708b3bf8a317091883681286130bc8985db1602e714415d9330"
        "278273c7de31efdc7310f7121fd5a07415987d9adc0a486dcdf93acc44328387315d75e198c641a480cd86a1b9e587e8"
        "be60e69cc928b2b9c52172e413042e9b23f10b0e16e79763c9b53dcf4ba80a29e3fb73c16b8e75b97ef363e2ffa31f71"
        "cf9de5384e71b81c0ac4dffe0c10e64f"
    ),
    "modp2048s256": bytes.fromhex(
        "87a8e61db4b6663cffbbd19c651959998ceef608660dd0f25d2ceed4435e3b00e00df8f1d61957d4faf7df4561b2aa30"
        "16c3d91134096faa3bf4296d830e9a7c209e0c6497517abd5a8a9d306bcf67ed91f9e6725b4758c022e0b1ef4275bf7b"
        "6c5bfc11d45f9088b941f54eb1e59bb8bc39a0bf12307f5c4fdb70c581b23f76b63acae1caa6b7902d52526735488a0e"
        "f13c6d9a51bfa4ab3ad8347796524d8ef6a167b5a41825d967e144e5140564251ccacb83e6b486f6b3ca3f7971506026"
        "c0b857f689962856ded4010abd0be621c3a3960a54e710c375f26375d7014103a4b54330c198af126116d2276e11715f"
        "693877fad7ef09cadb094ae91e1a1597"
    ),
}
"""By the names that IKE has for them; Exim brought the second one along (``ike23``), other software others."""


@cache
def modp(bits: int) -> bytes:
    prime: int = 2**bits - 2 ** (bits - 64) - 1 + 2**64 * (_pi(bits - 130) + MODP[bits])
    return int.to_bytes(prime, bits // 8)


@cache
def ffdhe(bits: int) -> bytes:
    prime: int = 2**bits - 2 ** (bits - 64) + (_e(bits - 130) + FFDHE[bits]) * 2**64 - 1
    return int.to_bytes(prime, bits // 8)


def _pi(bits: int) -> int:
    """floor(2**bits * pi), by Machin's formula with 64 bits to spare."""
    count = 1 << (bits + 64)

    def arctangent(inverse: int) -> int:
        term = total = count // inverse
        for divisor in range(3, 1 << 20, 2):
            term //= -inverse * inverse
            if term in (0, -1):
                break
            total += term // divisor
        return total

    return 4 * (4 * arctangent(5) - arctangent(239)) >> 64


def _e(bits: int) -> int:
    """floor(2**bits * e), by its series."""
    term = total = 1 << (bits + 64)
    for divisor in range(1, 1 << 20):
        term //= divisor
        if not term:
            break
        total += term
    return total >> 64
