"""What the pages' templates make of their values."""

from markupsafe import Markup

from auditor.service.web.render import environment


def test_evidence_lines_stand_on_lines_of_their_own_and_deciding_ones_are_marked() -> None:
    template = environment().from_string(
        '{% from "macros_evidence.html.j2" import evidence_lines %}{{ evidence_lines(lines, ui) }}'
    )
    lines = [("first <b>", False), ("second", True), ("third", False)]
    markup = template.render(lines=lines, ui=lambda key: Markup(f"[{key}]"))
    assert markup == (
        '<pre translate="no">first &lt;b&gt;\n<mark><span class="hidden">[deciding] </span>second</mark>\nthird</pre>'
    )
