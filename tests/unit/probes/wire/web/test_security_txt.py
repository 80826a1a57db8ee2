"""Tests ``security.txt`` by the rules of RFC 9116: valid files, and each flaw."""

from datetime import UTC, datetime

import pytest

from probes.wire.web.security_txt import FileFlaw, read

GOOD = "Contact: mailto:a@b.vn\nExpires: 2027-01-01T00:00:00Z\n"
SIGNED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{}-----BEGIN PGP SIGNATURE-----\n\nxyz\n"
    "-----END PGP SIGNATURE-----\n"
)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.lower().replace("00z", "00Z"),
        "# c\n\n"
        + GOOD
        + "Policy: https://b.vn/p\nAcknowledgments: https://b.vn/a\nEncryption: dns:x\nHiring: https://h\n",
        GOOD + "Contact: tel:+84\nContact: https://b.vn/c\n",
        "Contact:mailto:a@b.vn\nExpires:   2027-01-01T07:00:00.250+07:00  \n",
        SIGNED.format(GOOD),
        SIGNED.format(GOOD).replace("Contact", "- Contact"),
        SIGNED.replace("Hash: SHA256\n", "").format(GOOD),
    ],
)
def test_whole_files(text: str) -> None:
    security_file = read(text.encode())
    assert (security_file.flaws, security_file.line) == ((), 0)
    assert security_file.expires == datetime(2027, 1, 1, tzinfo=UTC)
    assert security_file.contacts[0] == "mailto:a@b.vn"
    assert security_file.signed is text.startswith("-----BEGIN")


@pytest.mark.parametrize(
    ("text", "flaws", "line"),
    [
        ("", {FileFlaw.NO_CONTACT, FileFlaw.NO_EXPIRES}, 0),
        ("Expires: 2027-01-01T00:00:00Z\n", {FileFlaw.NO_CONTACT}, 0),
        ("Contact: a@b.vn\nExpires: 2027-01-01T00:00:00Z", {FileFlaw.BAD_CONTACT}, 0),
        ("Contact: http://b.vn/\nExpires: 2027-01-01T00:00:00Z", {FileFlaw.BAD_CONTACT}, 0),
        (GOOD + "Expires: 2028-01-01T00:00:00Z\n", {FileFlaw.SEVERAL_EXPIRES}, 0),
        *(
            (f"Contact: mailto:a@b.vn\nExpires: {time}\n", {FileFlaw.BAD_EXPIRES}, 0)
            for time in (
                "2027-01-01",
                "2027-13-01T00:00:00Z",
                "2027-01-01T00:00:00",
                "9999-12-31T23:59:59-23:59",
                "mai",
            )
        ),
        (GOOD + "Preferred-Languages: vi\nPreferred-Languages: en\n", {FileFlaw.SEVERAL_LANGUAGES}, 4),
        (GOOD + "Canonical: http://b.vn/x\n", {FileFlaw.BAD_CANONICAL}, 3),
        (GOOD + "xin chào\n", {FileFlaw.BAD_LINE}, 3),
        (GOOD + "Policy:\n", {FileFlaw.BAD_LINE}, 3),
        (GOOD + "X: " + "y" * 2_000, {FileFlaw.BAD_LINE}, 3),
        (SIGNED.format(GOOD)[:-10], {FileFlaw.BAD_SIGNED_FORM, FileFlaw.NO_CONTACT, FileFlaw.NO_EXPIRES}, 0),
        (
            SIGNED.format(GOOD) + "Contact: mailto:x@y\n",
            {FileFlaw.BAD_SIGNED_FORM, FileFlaw.NO_CONTACT, FileFlaw.NO_EXPIRES},
            0,
        ),
        (
            SIGNED.format(GOOD).replace("Hash", "Hush"),
            {FileFlaw.BAD_SIGNED_FORM, FileFlaw.NO_CONTACT, FileFlaw.NO_EXPIRES},
            0,
        ),
    ],
)
def test_flaws_of_a_file_are_named_with_their_line(text: str, flaws: set[FileFlaw], line: int) -> None:
    security_file = read(text.encode())
    assert (set(security_file.flaws), security_file.line) == (flaws, line)


def test_other_encodings_are_told_by_their_first_line() -> None:
    assert read(b"# ok\nContact: \xd0") == read(b"# ok\nContact: \xff")
    assert read(b"# ok\nContact: \xd0").line == 2
