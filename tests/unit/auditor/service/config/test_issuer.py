"""Tests the operator's name and emblem: the forms allowed on every page of a report, and the refused ones."""

from pathlib import Path

import pytest

from auditor.framework.operator_problems import OperatorError
from auditor.service.config.issuer import LARGEST_EMBLEM, issuer
from auditor.service.config.model import Config, ReportSection
from reports.issuer import ReportIssuer

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><defs><path id="p" d="M0 0"/></defs><use href="#p"/>{}</svg>'
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\1\0\0\0\1\0" + bytes(64)
_USES = "".join('<g id="g{}">{}</g>'.format(depth, f'<use href="#g{depth - 1}"/>' * 10) for depth in range(1, 12))
_FILLS = "".join(
    '<pattern id="f{}">{}</pattern>'.format(depth, f'<path style="fill: url( #f{depth - 1})"/>' * 10)
    for depth in range(1, 12)
)


def issued(path: Path, content: bytes) -> ReportIssuer:
    path.write_bytes(content)
    return issuer(Config(report=ReportSection(issuer="Sở Khoa học và Công nghệ", emblem=path)))


def test_issuer_without_configuration_is_none() -> None:
    assert issuer(Config()) == ReportIssuer()


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (SVG.format("").encode(), "image/svg+xml")])
def test_issuer_valid_picture_is_kept_unchanged(tmp_path: Path, content: bytes, kind: str) -> None:
    report_issuer = issued(tmp_path / "emblem", content)
    assert report_issuer.name == "Sở Khoa học và Công nghệ"
    assert report_issuer.emblem is not None
    assert (report_issuer.emblem.kind, report_issuer.emblem.data) == (kind, content)


BAD = (
    b"GIF89a",
    b"",
    b"<html></html>",
    SVG.format("<script>alert(1)</script>").encode(),
    SVG.format('<path onload="alert(1)"/>').encode(),
    SVG.format('<a href="https://evil.example/"/>').encode(),
    SVG.format('<image href="https://evil.example/x.png"/>').encode(),
    SVG.format('<use xmlns:x="http://www.w3.org/1999/xlink" x:href="https://evil.example/x.svg#a"/>').encode(),
    SVG.format("<foreignObject/>").encode(),
    b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;").encode(),
    SVG.format("").encode("utf-16"),
    PNG + bytes(LARGEST_EMBLEM),
    PNG[:16] + b"\0\0\xea\x60\0\0\xea\x60" + PNG[24:],
    PNG[:12],
    SVG.format(f'<g id="g0"/>{_USES}<use href="#g11"/>').encode(),
    SVG.format(f'<path id="f0"/>{_FILLS}<path fill="url(#f11)"/>').encode(),
    SVG.format('<g id="a"><use href="#a"/></g>').encode(),
    SVG.format("<g/>" * (LARGEST_EMBLEM // 5)).encode(),
)


@pytest.mark.parametrize("content", BAD)
def test_issuer_animated_or_invalid_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(OperatorError) as error:
        issued(tmp_path / "emblem.svg", content)
    (problem,) = error.value.problems
    assert str(problem).startswith(str(tmp_path / "emblem.svg"))


def test_issuer_missing_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no such file"):
        issuer(Config(report=ReportSection(emblem=tmp_path / "none.png")))
