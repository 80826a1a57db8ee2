"""Lists texts that attack their reader: terminals, browsers, spreadsheets, and eyes."""

INJECTED = "\x1b[31m\x1b]0;owned\x07<script>alert(1)</script>\u202egpj\u2066.exe\x00\x9b31m"
"""Colours and the title of a terminal, a script, text turned round, NUL, a control sequence of one byte."""
FORMULA = "=cmd|' /C calc'!A0"
"""A formula that a spreadsheet would compute."""
BYTES = INJECTED.encode("utf-8") + b"\xff\xfe\xc0\x80"
"""The same text with bytes that are not UTF-8."""
LINE = BYTES.replace(b"\x00", b"")
"""The same bytes without those that end a line in most protocols."""
