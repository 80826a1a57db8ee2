"""Words of what is smuggled into pages of others, Vietnamese, English and of other languages; state of 2026-11.

In lower case; a word or phrase counts where it stands alone. The list is kept up by whoever sees new ones. It accuses
nobody by itself: where a word stands decides, and what stands around it (``REPORTS``). Nothing here is what the state
lottery, a court, the police or a newspaper says without such words beside it: no "xổ số", no "đánh bạc", no "casino".
"""

OFFERS = (
    # Betting and casinos
    "nhà cái uy tín", "nhà cái số 1", "nhà cái tặng", "nhà cái hàng đầu", "link vào nhà cái", "top nhà cái",
    "kèo nhà cái", "tỷ lệ kèo", "kèo bóng đá", "kèo châu á", "soi kèo", "tỷ lệ cá cược", "cá cược bóng đá",
    "cá cược thể thao", "cá cược trực tuyến", "cá cược online", "cá độ bóng đá online", "thể thao ảo",
    "casino trực tuyến", "casino online", "sòng bạc trực tuyến", "đánh bạc online", "cờ bạc online",
    "baccarat online", "tài xỉu online", "tài xỉu md5", "xóc đĩa online", "xóc đĩa đổi thưởng", "bầu cua online",
    "đá gà trực tiếp", "trực tiếp đá gà", "đá gà thomo", "đá gà campuchia", "đá gà cựa dao",
    "đăng ký nhận 88k", "nhận 88k", "khuyến mãi nạp đầu", "nạp đầu tặng", "nạp rút siêu tốc",
    # Games for money
    "nổ hũ", "nổ hũ đổi thưởng", "quay hũ", "bắn cá đổi thưởng", "bắn cá online", "game bắn cá", "bắn cá ăn xu",
    "game bài đổi thưởng", "game bài online", "game bài uy tín", "game đổi thưởng", "cổng game đổi thưởng",
    "cổng game quốc tế", "slot đổi thưởng", "slot game", "slots game", "xì dách online", "tiến lên đổi thưởng",
    "mậu binh online", "phỏm online",
    # Numbers games beside the lottery
    "lô đề online", "lô đề uy tín", "đánh đề online", "ghi đề online", "số đề online", "soi cầu", "soi cầu 247",
    "bạch thủ lô", "nuôi lô khung", "dàn đề", "chốt số miền bắc", "dự đoán xsmb", "dự đoán xsmn", "lô đề 24h",
    # Without diacritics
    "nha cai uy tin", "keo nha cai", "ty le keo", "soi keo", "soi cau", "no hu", "no hu doi thuong", "tai xiu online",
    "xoc dia online", "game bai doi thuong", "ban ca doi thuong", "game doi thuong", "da ga truc tiep",
    "casino truc tuyen", "ca cuoc bong da", "ca cuoc the thao", "ca do bong da online", "lo de online",
    "danh de online", "danh bac online",
    # Names of the trade
    "kubet", "kubet77", "ku casino", "188bet", "w88", "fun88", "789bet", "jun88", "hi88", "shbet", "new88", "okvip",
    "8xbet", "f8bet", "sunwin", "go88", "789club", "rikvip", "hitclub", "fb88", "bong88", "sv88", "sv388", "bk8",
    "vn88",
    "i9bet", "mb66", "five88", "iwin", "zowin", "manclub", "debet", "lucky88", "ee88", "23win", "bet88", "qh88",
    "nohu90", "pg88", "tk88", "mu88", "st666", "bet365", "dafabet", "fabet", "loto188", "win79", "sao789", "nhatvip",
    "yo88", "hello88", "789win", "33win", "88vin", "bj88", "cwin", "thabet", "kuwin", "ok365", "oxbet", "vz99", "uk88",
    "sky88", "gk88", "luck8", "abc8", "gemwin", "ta88", "78win", "888b", "1xbet", "mostbet", "pin up casino", "sbobet",
    "sbobet88", "melbet", "parimatch",
    # English
    "online casino", "online casinos", "best casino", "casino bonus", "online slots", "slot online", "free spins",
    "no deposit bonus", "bonus deposit", "sports betting site", "betting site", "poker online", "play baccarat",
    # Indonesian and Malay, of which most such links on sites of Asia are
    "slot gacor", "slot maxwin", "slot dana", "slot qris", "slot thailand", "slot88", "slot777", "situs slot",
    "link slot", "daftar slot", "akun slot", "rtp slot", "judi online", "judi bola", "judi slot", "situs judi",
    "agen judi", "togel", "togel online", "situs togel", "bandar togel", "situs toto", "toto macau", "toto slot",
    "idn poker", "dominoqq", "bandarqq", "pkv games", "pragmatic play", "gates of olympus", "mahjong ways",
    # Loans, pornography, medicines
    "vay tiền online", "vay tiền nhanh", "vay nóng", "vay online duyệt nhanh", "vay tiền không thẩm định",
    "hỗ trợ nợ xấu", "vay tien online", "vay tien nhanh", "payday loans", "instant loan approval", "phim sex",
    "sex việt", "sex viet", "phim cấp 3", "gái gọi", "gai goi", "xnxx", "xvideos", "jav hd", "buy viagra",
    "cheap cialis", "viagra online", "thuốc kích dục",
)  # fmt: skip
"""Names and phrases of the trade itself (gambling, loans, pornography, medicines)."""

TOPICS = (
    "cá độ", "cá cược", "nhà cái", "lô đề", "đánh đề", "tài xỉu", "xóc đĩa", "đá gà", "baccarat", "bắn cá", "game bài",
    "casino", "casinos", "gambling", "betting", "gacor", "maxwin", "porn", "viagra", "nha cai", "ca cuoc", "tai xiu",
    "xoc dia", "game bai", "danh bac truc tuyen",
)  # fmt: skip
"""What reports say as well: it counts only where nobody is to see it, or search engines alone."""

COMMON = frozenset({"casino", "casinos", "gambling", "betting", "bắn cá", "đá gà"})
"""Those of the topics that one hidden link of an honest page may have, to a hotel or to a festival; two have not."""

SCRIPTS = (
    "บาคาร่า", "สล็อต", "แทงบอล", "เว็บพนัน", "คาสิโนออนไลน์", "澳门赌场", "博彩", "六合彩", "时时彩", "真人荷官",
    "澳門賭場", "オンラインカジノ", "바카라", "카지노사이트", "토토사이트", "казино онлайн", "онлайн казино",
    "ставки на спорт",
)  # fmt: skip
"""Offers in writing that puts no blanks between words, which count wherever they stand."""

HOSTS = (
    "nhacai", "cacuoc", "taixiu", "xocdia", "soikeo", "keonhacai", "nohu", "bancadoithuong", "gamebai", "lodeonline",
    "soicau", "dagatructiep", "casinoonline", "onlinecasino", "kubet", "188bet", "fun88", "789bet", "jun88", "hi88",
    "shbet", "new88", "okvip", "8xbet", "f8bet", "sunwin", "789club", "rikvip", "hitclub", "fb88", "bet88", "sv388",
    "slotgacor", "slot88", "slotonline", "situsslot", "judionline", "situsjudi", "togel", "1xbet", "sbobet", "bet365",
    "phimsex", "xnxx", "xvideos", "viagra",
)  # fmt: skip
"""What stands within names of hosts of the trade."""

REPORTS = (
    "công an", "cảnh sát", "triệt phá", "triệt xóa", "phá án", "phá đường dây", "chuyên án", "bắt giữ", "bắt nhóm",
    "bắt quả tang", "bị bắt", "khởi tố", "truy tố", "xét xử", "tòa án", "viện kiểm sát", "tạm giam", "tạm giữ",
    "phạt tù", "xử phạt", "lĩnh án", "hầu tòa", "bị can", "bị cáo", "đối tượng", "đường dây", "tụ điểm", "tội phạm",
    "tội đánh bạc", "tội tổ chức", "hình sự", "tệ nạn", "phòng chống", "phòng ngừa", "cảnh giác", "cảnh báo",
    "nói không với", "tuyên truyền", "tố giác", "đấu tranh", "thủ đoạn", "bài trừ", "tín dụng đen", "nghị định",
    "lễ hội", "hội thi",
    "cong an", "canh sat", "triet pha", "khoi to", "canh bao", "doi tuong", "duong day",
    "police", "arrest", "arrested", "arrests", "prosecuted", "prosecutor", "court", "jailed", "crime", "crimes",
    "criminal", "illegal", "raid", "raided", "warns", "warning", "crackdown", "syndicate",
)  # fmt: skip
"""Words of news about the trade, of warnings against it and of laws, which those who offer it leave out."""

DEFACEMENTS = (
    "hacked by", "defaced by", "deface by", "pwned by", "0wned by", "h4cked by", "hack3d by", "site hacked by",
    "website hacked by", "bị hack bởi", "đã bị hack bởi", "website đã bị hack",
)  # fmt: skip
"""How titles and first headings of defaced pages begin."""
