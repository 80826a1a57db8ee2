"""Any bytes that sites send besides pages are read within bounds, and nothing raises."""

from hypothesis import given
from hypothesis import strategies as st

from probes.wire.web import alt_svc, page
from probes.wire.web.security_txt import FileFlaw, read

TEXT = st.text(max_size=400)
LINES = st.lists(
    st.sampled_from(
        [
            "Contact: mailto:a@b.vn",
            "Expires: 2027-01-01T00:00:00Z",
            "Expires: 0000-00-00T99:99:99+99:99",
            "-----BEGIN PGP SIGNED MESSAGE-----",
            "-----BEGIN PGP SIGNATURE-----",
            "-----END PGP SIGNATURE-----",
            "Hash: SHA256",
            "- x",
            "",
            "Canonical: https://a.vn/",
        ]
    )
    | TEXT,
    max_size=12,
).map("\n".join)
PIECES = st.lists(
    st.sampled_from(
        [
            "<script src=",
            "<base href='//[",
            "<style>",
            "</style>",
            "@import ",
            "url(",
            '"',
            "<!--",
            "<![CDATA[",
            "<!x",
            "<img srcset='//a.vn/x 2x,",
            "http://192.0.2.1/",
            "//ü..x/",
            "https://a.vn:99999/",
            ">",
            "<form action=",
        ]
    )
    | st.text(max_size=10),
    max_size=30,
).map("".join)


@given(st.binary(max_size=400) | LINES.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_security_txt(body: bytes) -> None:
    security_file = read(body)
    assert (security_file.expires is not None) is not bool(
        {FileFlaw.NO_EXPIRES, FileFlaw.SEVERAL_EXPIRES, FileFlaw.BAD_EXPIRES, FileFlaw.NOT_UTF8}
        & set(security_file.flaws)
    )
    assert security_file.line <= body.count(b"\n") + 1
    assert (security_file.line > 0) is bool({FileFlaw.BAD_LINE, FileFlaw.NOT_UTF8} & set(security_file.flaws))


@given(PIECES, st.sampled_from(["https://a.vn/", "http://[::1]/", "x"]))
def test_pages(text: str, url: str) -> None:
    for read_text in (page.of_html, page.of_css):
        contents = read_text(text, url)
        assert len(contents.parts) <= page.PARTS_KEPT
        assert len(contents.sheets) <= page.SHEETS_KEPT
        for kind, host, port in contents.parts:
            assert kind in {"script", "style", "image", "font", "media", "frame", "form"}
            assert host.isascii()
            assert 0 < port < 65536


ALTERNATIVES = st.lists(
    st.sampled_from(["h3", "h3-29", "=", '"', ":", "443", "[::1]", ",", ";", " ", "ma=86400", "clear"])
    | st.text(max_size=8),
    max_size=30,
).map("".join)


@given(ALTERNATIVES)
def test_alternatives(value: str) -> None:
    assert all(0 < alternative.port < 65_536 for alternative in alt_svc.http3(value))
