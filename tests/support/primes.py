"""Well-known Diffie-Hellman primes, computed from the formulas of RFC 2409, RFC 3526 and RFC 7919; those of RFC 5114
and those that software is shipped with have none."""

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
"""The primes by their names in IKE; Exim added the second one (``ike23``), other software the others."""

SHIPPED = {
    "dh2048 (Postfix)": (
        bytes.fromhex(
            "bf281b6869902f379f5a5023732c11f2ac7c3e58b9233e02074dbad92cc19ef9c42fbc8d864b2a878693320f7240fe7e"
            "a2c132f0659cc319252deb6a4994792da1be0526ac8d69dc2e7eb5fd3c2b7d432253f61e0445d75384fd6b12724704af"
            "a4ac4b55b6794240885448d54d3ab2bf6c269529dd8b9eedb8608eb535b622441ffb5674fef02ce60c22c935b31b96bb"
            "0a5ac309a0cca540900f59a289692a6979e4d324c68cdabc983a5b16ae636c0b434ff32ec8a96b586aa98e64093d8844"
            "4f972c1d98b0a9c0b68d19371fb7c986a8dc374d6427f3f52b7b6b76843fc123972d71f7b6c235281096d6690c2e1f9f"
            "df8281575739a5f2812957f92fd003ab"
        ),
        bytes.fromhex(
            "9e2815c5cc9b5ab0e9ab748b2a23ceea87a01809d0402c93235dc0e9782c53d93e2114895c79731ebd231e18656dd23c"
            "eb41cabba9995584ae9e7057252142aadb82c6e6f1cfb7bc2a56cc551fade9681822fc0962c3321b051fceece36db579"
            "e08945f3f326a381d959eeed78be0eddf7efcb813f01b7108f0dbe292113ff2a13257599ecf52d49011da413e82cc813"
            "605798b1064577a424f9273f08e69b4b203b4369a3cc9ac43c1eecb735e4596b6d2adff70bd45a0f7980e1754c10ea26"
            "f0d5f3a615a93e3d0db85350497749474339eeb88ae514c4e310fbf552efa58fa47e57b95fda0018f07229d4fe905a1f"
            "1a40ee4efa3ef3724bea44534353579b"
        ),
    ),
    "dh2048 (Exim)": (
        bytes.fromhex(
            "f1931ff3d19ac9ee1b0c45f505767dfb679d917ca6f442b41b19858a51c41a99e180b3660a4f877026fece7f047796e9"
            "08e991b84bfd37f54a3e34a99e8f2362241b16050bdef87cb8abd02c9353cc35436e977760eec4b624b42f4a962f9ef3"
            "21ff1bdd5653311b07e0eaf3d9195aeb5c1597a5e9c44e5645f1aa3d2dbae15bdf7b0ef1982a2220d685cc853acf0936"
            "59e0fa2b96ac72d625406fd4b606359d116441379b20ea66d376bafe1c3b175e25df25198177ef2379b8305696bf119c"
            "b99c5d7538a35f0dd57e331d5af747dc8cfb21ca83df6b84ccae91822fede0e552c35904da80ed7054e13d40966fb3b8"
            "4d5abd5edd9466a645354ea450092fdb"
        ),
        bytes.fromhex(
            "a2df387aac9f49be65f064423768a858fe53f3967fda5557f40f6bf49cf00dfbe588002a9ba56951c1dd01f56de7891c"
            "f03b262e21dd0e1c58d48ff0a3e0dc07295f571d7772692ba00a1ca30383e5dc1031893a8978d5cace21791261625007"
            "82df10647f1d03c73f1cbb3eae500785250f9deb6c6667283c4d0b46c8e2809b225576ac9beb2583fefbbb91429204ab"
            "1482dc0fd3cb3eda35722217a76cbc7235d00e4f83f451f51da4825cb08b92e1f18505f18d360e0b7439dda34b903278"
            "ce93edeca73d37140505594d736eb42050ce1d35a1815db3a721baa08cd0a074a69a22c001f7051eb1bb234eae6412e3"
            "b8d18668cd1e7aec47361b361b611dbb"
        ),
        bytes.fromhex(
            "91b45856881ed8fb6b995d5e2822a5b9204510b81c92e2d29e4b87d137dfa9b99fa18337e2516edaf3ccd8b867ccabc4"
            "050948202393cd00f6f6444e69c45f48aa6c3483515e15ca52a23ab055f3519bb816593af5728664e48362f5a4239a52"
            "9f56a6438367be7eacfaec27fdfd190d90e228b5bd4e09edc49578036fb27b299a7a81826c85d7e6af1681a8c58407ae"
            "b77e912fddc70675d3d614fb1236b563cd70f5f3b342bc01b978727c2900762300fd50a9d140f8d29eee7fea24a5c915"
            "9f00fa5a75021cc8a3f271a555b95910b158ccd8b4b9db7322b4b09402db65721e02a85b65724e942b98b29261cd5d15"
            "b34943270af1bcdc2d760d5eae7548a3"
        ),
    ),
    "dh2048 (HAProxy)": (
        bytes.fromhex(
            "ec86f870a03316ec051a7359cd1f8bf829e4d2cf52ddc2248db5389afb5ca4e4b2dace665074a6854d4b1d30b82bf310"
            "e9a72d0571e781df8b59523b5f430b68f1db07be086b1b23ee4dcc9e0e43a01edf438cecbebe90b45154b92f7b64764e"
            "5dd42eaec29eae514359c7779c503c0eed73045ff14c762ad8f8cffc3440d1b442618466423904f868b262d755ed1b74"
            "7591e0c569c1315cdb7b442ece84580d1e660cc8449efd4008675dfba7768f001187e993f97dc4bc745520d44a412f43"
            "421ac1f297174927376b2f887e1ca0a1899227d9565a71c156377e3a9d05e7ee5d8f8217bce9c2933082f9f4c9ae49db"
            "d054b4d9754dfa06b8d63841b71f77f3"
        ),
    ),
}
"""Safe primes that stand in the source of mail servers, and are used where the owner names none: older
versions of Postfix, and Exim (``exim.dev.20160529.1`` to ``.3``)."""


@cache
def modp(bits: int) -> bytes:
    prime: int = 2**bits - 2 ** (bits - 64) - 1 + 2**64 * (_pi(bits - 130) + MODP[bits])
    return int.to_bytes(prime, bits // 8)


@cache
def ffdhe(bits: int) -> bytes:
    prime: int = 2**bits - 2 ** (bits - 64) + (_e(bits - 130) + FFDHE[bits]) * 2**64 - 1
    return int.to_bytes(prime, bits // 8)


def _pi(bits: int) -> int:
    """Return floor(2**bits * pi), by Machin's formula with 64 bits to spare."""
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
    """Return floor(2**bits * e), by its series."""
    term = total = 1 << (bits + 64)
    for divisor in range(1, 1 << 20):
        term //= divisor
        if not term:
            break
        total += term
    return total >> 64
