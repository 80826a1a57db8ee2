"""Words of what is smuggled into pages of others, Vietnamese, English and of other languages; state of 2026-11.

In lower case; a word or phrase counts where it stands alone. The list is kept up by whoever sees new ones. It accuses
nobody by itself: where a word stands decides.
"""

OFFERS = (
    "nhà cái uy tín", "link vào nhà cái", "nhà cái hàng đầu", "kèo nhà cái", "tỷ lệ kèo", "soi kèo", "soi cầu",
    "dự đoán xsmb", "lô đề online", "xóc đĩa online", "tài xỉu online", "nổ hũ", "bắn cá đổi thưởng",
    "game bài đổi thưởng", "đá gà trực tiếp", "đá gà thomo", "casino trực tuyến", "cá cược bóng đá",
    "cá cược thể thao", "đăng ký nhận 88k", "khuyến mãi nạp đầu", "nha cai uy tin", "keo nha cai", "ty le keo",
    "soi keo", "soi cau", "no hu", "tai xiu online", "xoc dia online", "game bai doi thuong", "da ga truc tiep",
    "casino truc tuyen", "ca cuoc bong da", "kubet", "ku casino", "188bet", "w88", "fun88", "789bet", "jun88", "hi88",
    "shbet", "new88", "okvip", "8xbet", "f8bet", "sunwin", "go88", "789club", "rikvip", "hitclub", "fb88", "bong88",
    "sv88", "bk8", "vn88", "i9bet", "mb66", "five88", "iwin", "zowin", "manclub", "debet", "lucky88", "ee88", "23win",
    "bet88", "qh88", "nohu90", "pg88", "tk88", "mu88", "st666", "online casino", "slot gacor", "situs slot",
    "judi online", "judi bola", "togel", "slot88", "sports betting site", "bandar togel", "poker online",
    "baccarat online", "1xbet", "mostbet", "pin up casino", "bonus deposit", "vay tiền online", "vay tiền nhanh",
    "vay nóng", "vay online duyệt nhanh", "payday loans", "instant loan approval", "phim sex", "sex việt", "gái gọi",
    "xnxx", "xvideos", "jav hd", "buy viagra", "cheap cialis", "viagra online",
)  # fmt: skip
"""Names and phrases of the trade itself (gambling, loans, pornography, medicines), which no news article needs."""

TOPICS = (
    "đánh bạc", "cờ bạc", "cá độ", "cá cược", "nhà cái", "lô đề", "số đề", "tài xỉu", "xóc đĩa", "đá gà", "casino",
    "baccarat", "tín dụng đen", "vay nặng lãi", "khiêu dâm", "gambling", "betting", "casinos", "jackpot", "slots",
    "porn", "viagra", "danh bac", "co bac", "ca do", "ca cuoc", "nha cai", "lo de", "tai xiu",
)  # fmt: skip
"""What a warning against it says as well: it counts only where nobody is to see it, or search engines alone."""

HOSTS = (
    "nhacai", "cacuoc", "taixiu", "xocdia", "soikeo", "keonhacai", "nohu", "bancadoithuong", "gamebai", "casino",
    "kubet", "188bet", "fun88", "789bet", "jun88", "hi88", "shbet", "new88", "okvip", "8xbet", "f8bet", "sunwin",
    "789club", "rikvip", "hitclub", "fb88", "slotgacor", "judionline", "togel", "1xbet", "phimsex", "xnxx", "xvideos",
    "viagra",
)  # fmt: skip
"""What stands within names of hosts of the trade."""

DEFACEMENTS = (
    "hacked by", "defaced by", "pwned by", "owned by", "h4cked by", "hack3d by", "bị hack bởi",
)  # fmt: skip
"""How titles and first headings of defaced pages begin."""
