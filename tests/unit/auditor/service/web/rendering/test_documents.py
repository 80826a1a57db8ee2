"""Tests documents as parts of pages: escaped, with named headings, and with links only to existing pages."""

from auditor.service.web.rendering.documents import rendered

TEXT = """# Hướng dẫn `a`

See [above](#part), [there](other.md) and [the law](https://example.vn/).

## Part

<script>alert(1)</script> [bad](javascript:alert(1))

| a | b |
|---|---|
| 1 | <b>2</b> |

## Part

![Trang](images/a.webp)
"""


def test_rendered_names_headings_apart() -> None:
    made = rendered(TEXT, lambda link: link)
    assert made.title == "Hướng dẫn a"
    assert made.head == '<h1 id="hướng-dẫn-a">Hướng dẫn <code>a</code></h1>\n'
    assert made.sections == [("part", "Part"), ("part-1", "Part")]


def test_rendered_escapes_markup_and_refuses_scripts() -> None:
    body = rendered(TEXT, lambda link: link).body
    assert "&lt;script&gt;" in body
    assert "<b>" not in body
    assert 'href="javascript' not in body


def test_rendered_makes_text_of_links_that_lead_nowhere() -> None:
    body = rendered(TEXT, lambda link: None if link.endswith(".md") else link).body
    assert "<span>there</span>" in body
    assert '<a href="#part">above</a>' in body
    assert '<a href="https://example.vn/">the law</a>' in body


def test_rendered_frames_tables_and_points_pictures_to_where_they_are_served() -> None:
    body = rendered(TEXT, lambda link: link, pictures="/guide/").body
    assert '<div class="scroll" tabindex="0" role="region" aria-labelledby="part">\n<table>' in body
    assert '<img src="/guide/images/a.webp" alt="Trang" />' in body


def test_rendered_document_without_a_heading_is_its_body() -> None:
    made = rendered("text", lambda link: link)
    assert (made.title, made.head, made.body) == ("", "", "<p>text</p>\n")
