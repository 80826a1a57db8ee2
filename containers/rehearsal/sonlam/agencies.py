"""Declares the organisation tree: the province, its departments, its communes with coordinates that are invented."""

from containers.rehearsal.model import Agency

AGENCIES = (
    Agency(code="SL", name="Ủy ban nhân dân tỉnh Sơn Lâm", parent=None, level="province"),
    Agency(code="SL-VP", name="Văn phòng Ủy ban nhân dân tỉnh", parent="SL", level="department"),
    Agency(code="SL-HCC", name="Trung tâm Phục vụ hành chính công tỉnh", parent="SL", level="department"),
    Agency(code="SL-XD", name="Sở Xây dựng", parent="SL", level="department"),
    Agency(code="SL-TC", name="Sở Tài chính", parent="SL", level="department"),
    Agency(code="SL-CT", name="Sở Công Thương", parent="SL", level="department"),
    Agency(code="SL-NV", name="Sở Nội vụ", parent="SL", level="department"),
    Agency(code="SL-YT", name="Sở Y tế", parent="SL", level="department"),
    Agency(code="SL-TP", name="Sở Tư pháp", parent="SL", level="department"),
    Agency(code="SL-GD", name="Sở Giáo dục và Đào tạo", parent="SL", level="department"),
    Agency(code="SL-NNMT", name="Sở Nông nghiệp và Môi trường", parent="SL", level="department"),
    Agency(code="SL-KHCN", name="Sở Khoa học và Công nghệ", parent="SL", level="department"),
    Agency(code="SL-VH", name="Sở Văn hóa, Thể thao và Du lịch", parent="SL", level="department"),
    Agency(code="SL-DTTG", name="Sở Dân tộc và Tôn giáo", parent="SL", level="department"),
    Agency(code="SL-TTR", name="Thanh tra tỉnh", parent="SL", level="department"),
    Agency(code="SL-01", name="Xã Suối Mây", parent="SL", level="commune", coordinates="12.912, 108.031"),
    Agency(code="SL-02", name="Xã Khe Trăng", parent="SL", level="commune", coordinates="12.744, 108.402"),
    Agency(code="SL-03", name="Phường Đồi Thông", parent="SL", level="commune", coordinates="12.667, 108.046"),
    Agency(code="SL-04", name="Xã Bản Lúa", parent="SL", level="commune", coordinates="12.533, 108.221"),
    Agency(code="SL-05", name="Xã Đèo Sương", parent="SL", level="commune", coordinates="12.981, 108.375"),
    Agency(code="SL-06", name="Phường Cầu Gỗ", parent="SL", level="commune", coordinates="12.702, 108.077"),
    Agency(code="SL-07", name="Xã Thác Bạc", parent="SL", level="commune", coordinates="12.418, 107.914"),
    Agency(code="SL-08", name="Xã Rừng Vầu", parent="SL", level="commune", coordinates="12.836, 107.802"),
    Agency(code="SL-09", name="Xã Nà Hồng", parent="SL", level="commune", coordinates="12.604, 107.846"),
    Agency(code="SL-10", name="Phường Bến Ngọc", parent="SL", level="commune", coordinates="12.651, 108.012"),
    Agency(code="SL-11", name="Xã Hang Gió", parent="SL", level="commune", coordinates="13.094, 108.139"),
    Agency(code="SL-12", name="Xã Đồng Chè", parent="SL", level="commune", coordinates="12.455, 108.467"),
)
