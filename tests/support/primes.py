"""Well-known Diffie-Hellman primes, computed from the formulas of RFC 2409, RFC 3526 and RFC 7919."""

from functools import cache

MODP = {768: 149686, 1024: 129093, 1536: 741804, 2048: 124476, 3072: 1690314, 4096: 240904}
FFDHE = {2048: 560316, 3072: 2625351, 4096: 5736041, 6144: 15705020, 8192: 10965728}


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
