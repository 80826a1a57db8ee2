"""Tests the texts of audit log entries, in the reader's words."""

from datetime import UTC, datetime

import pytest

from auditor.service.accounts.model import AuditEntry
from auditor.service.web.rendering.log_texts import about
from auditor.service.web.rendering.render import texts_in


@pytest.mark.parametrize(
    ("what", "written", "told"),
    [
        ("run_started", "3 Toàn tỉnh 2026 quick", "Đợt kiểm tra số 3: Toàn tỉnh 2026, nhanh"),
        ("run_started", "4 Toàn tỉnh 2026 audit", "Đợt kiểm tra số 4: Toàn tỉnh 2026, đầy đủ"),
        ("run_started", "20261129T142020Z-e37d2b a.csv", "20261129T142020Z-e37d2b a.csv"),
        ("schedule_kept", "tháng: 0 1 1 * *, Toàn tỉnh, audit", "tháng: 0 1 1 * *, Toàn tỉnh, đầy đủ"),
        ("inventory_imported", "Toàn tỉnh 2026 2", "Toàn tỉnh 2026, phiên bản 2"),
        ("account_added", "xem.soxd viewer so-xay-dung", "xem.soxd: người xem, chỉ xem so-xay-dung"),
        ("account_added", "bà Lan operator", "bà Lan: người vận hành"),
        ("login", "password", "bằng mật khẩu"),
        ("login", "password totp", "bằng mật khẩu và lớp xác thực thứ hai"),
        ("login", "openid", "openid"),
        ("export", "quick", "quick"),
    ],
)
def test_about_says_codes_in_words_and_leaves_other_forms_alone(what: str, written: str, told: str) -> None:
    entry = AuditEntry(
        number=1, time=datetime(2026, 11, 29, tzinfo=UTC), who="lan", address="::1", what=what, about=written, hash=""
    )
    assert about(entry, texts_in("vi")) == told
