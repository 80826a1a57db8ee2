"""Tests that each text of the public edition is used by a page."""

from importlib import resources

from reports.public.texts import PUBLIC_TEXTS


def test_every_text_is_said_somewhere() -> None:
    folder = resources.files("reports")
    text = "".join(
        (folder / name).read_text("utf-8") for name in ("public/site.py", "templates/public.html.j2", "public/texts.py")
    )
    assert {key for key in PUBLIC_TEXTS if text.count(f'"{key}"') < 2} == set()
