"""Words of what is smuggled into pages of others, Vietnamese, English and of other languages; state of 2026-11.

In lower case; a word or phrase counts where it stands alone. The list is kept up by whoever sees new ones. It accuses
nobody by itself: where a word stands decides, and what stands around it (``REPORTS``). Nothing here is what the state
lottery, a court, the police or a newspaper says without such words beside it: no "xổ số", no "đánh bạc", no "casino".
"""

OFFERS = (
    # Betting and casinos
    "nhà cái uy tín", "nhà cái số 1", "nhà cái tặng", "nhà cái hàng đầu", "link vào nhà cái", "top nhà cái",
    "kèo nhà cái", "kèo châu á", "soi kèo nhà cái", "soi kèo hôm nay", "tỷ lệ cá cược", "cá cược bóng đá",
    "cá cược thể thao", "cá cược trực tuyến", "cá cược online", "cá độ bóng đá online", "thể thao ảo",
    "casino trực tuyến", "casino online", "sòng bạc trực tuyến", "đánh bạc online", "cờ bạc online",
    "baccarat online", "tài xỉu online", "tài xỉu md5", "xóc đĩa online", "xóc đĩa đổi thưởng", "bầu cua online",
    "đá gà trực tiếp", "trực tiếp đá gà", "đá gà thomo", "đá gà campuchia", "đá gà cựa dao", "đăng ký nhận 88k",
    "nhận 88k", "khuyến mãi nạp đầu", "nạp đầu tặng", "nạp rút siêu tốc",
    # Games for money
    "nổ hũ", "nổ hũ đổi thưởng", "quay hũ", "bắn cá đổi thưởng", "bắn cá online", "game bắn cá", "bắn cá ăn xu",
    "game bài đổi thưởng", "game bài online", "game bài uy tín", "game đổi thưởng", "cổng game đổi thưởng",
    "cổng game quốc tế", "slot đổi thưởng", "slot game", "slots game", "xì dách online", "tiến lên đổi thưởng",
    "mậu binh online", "phỏm online",
    # Numbers games beside the lottery
    "lô đề online", "lô đề uy tín", "đánh đề online", "ghi đề online", "số đề online", "soi cầu 247", "soi cầu xsmb",
    "soi cầu xsmn", "soi cầu xsmt", "soi cầu miền bắc", "soi cầu miền nam", "soi cầu lô", "soi cầu vip",
    "soi cầu 3 miền", "soi cầu hôm nay", "soi cầu rồng bạch kim", "bạch thủ lô", "nuôi lô khung", "dàn đề",
    "chốt số miền bắc", "dự đoán xsmb", "dự đoán xsmn", "lô đề 24h",
    # Without diacritics
    "nha cai uy tin", "keo nha cai", "soi keo nha cai", "soi cau xsmb", "soi cau 247", "no hu doi thuong",
    "no hu online", "tai xiu online", "xoc dia online", "game bai doi thuong", "ban ca doi thuong", "game doi thuong",
    "da ga truc tiep", "casino truc tuyen", "ca cuoc bong da", "ca cuoc the thao", "ca do bong da online",
    "lo de online", "danh de online", "danh bac online",
    # Names of the trade
    "kubet", "kubet77", "ku casino", "188bet", "w88", "fun88", "789bet", "jun88", "hi88", "shbet", "new88", "okvip",
    "8xbet", "f8bet", "sunwin", "go88", "789club", "rikvip", "hitclub", "fb88", "bong88", "sv88", "sv388", "i9bet",
    "mb66", "five88", "iwin", "zowin", "manclub", "lucky88", "23win", "bet88", "nohu90", "bet365", "dafabet", "fabet",
    "loto188", "win79", "sao789", "nhatvip", "hello88", "789win", "33win", "cwin", "thabet", "kuwin", "ok365",
    "oxbet", "gemwin", "78win", "1xbet", "mostbet", "pin up casino", "sbobet", "sbobet88", "melbet", "parimatch",
    # English
    "online casino", "online casinos", "best casino sites", "casino bonus", "online slots", "slot online",
    "free spins", "no deposit bonus", "bonus deposit", "sports betting site", "betting site", "poker online",
    "play baccarat",
    # Indonesian and Malay, of which most such links on sites of Asia are
    "slot gacor", "slot maxwin", "slot dana", "slot qris", "slot thailand", "slot88", "slot777", "situs slot",
    "link slot", "daftar slot", "akun slot", "rtp slot", "judi online", "judi bola", "judi slot", "situs judi",
    "agen judi", "togel", "togel online", "situs togel", "bandar togel", "situs toto", "toto macau", "toto slot",
    "idn poker", "dominoqq", "bandarqq", "pkv games", "pragmatic play", "gates of olympus", "mahjong ways",
    # Loans, pornography, medicines
    "vay tiền online", "vay tiền nhanh", "vay nóng", "vay online duyệt nhanh", "vay tiền không thẩm định",
    "vay tien online", "vay tien nhanh", "payday loans", "instant loan approval", "phim sex", "sex việt", "sex viet",
    "phim cấp 3", "gái gọi", "gai goi", "xnxx", "xvideos", "jav hd", "buy viagra", "cheap cialis", "viagra online",
    "thuốc kích dục",
)  # fmt: skip
"""Names and phrases of the trade itself (gambling, loans, pornography, medicines)."""

CODES = (
    "vn88", "bk8", "debet", "ee88", "qh88", "pg88", "tk88", "mu88", "st666", "yo88", "bj88", "vz99", "uk88", "gk88",
    "luck8", "abc8", "ta88", "888b", "88vin", "sky88",
)  # fmt: skip
"""Names of the trade that may as well be a flight, a plate, a class or a loan word."""

TOPICS = (
    "cá độ", "cá cược", "nhà cái", "lô đề", "đánh đề", "tài xỉu", "xóc đĩa", "soi kèo", "tỷ lệ kèo", "kèo bóng đá",
    "soi cầu", "đá gà", "baccarat", "bắn cá", "game bài", "casino", "casinos", "gambling", "betting", "gacor",
    "maxwin", "porn", "viagra", "nha cai", "ca cuoc", "tai xiu", "xoc dia", "soi keo", "soi cau", "game bai",
    "danh bac truc tuyen", *CODES,
)  # fmt: skip
"""What reports say as well: it counts only where nobody is to see it, or search engines alone."""

COMMON = frozenset({
    "casino", "casinos", "gambling", "betting", "baccarat", "porn", "viagra", "bắn cá", "đá gà", "game bài",
    "soi cầu", "nha cai", "game bai", "soi cau", "soi keo", *CODES,
})  # fmt: skip
"""Those of the topics that a hidden link of an honest page may have, to a hotel, a festival, a hospital or a school.

Two links have not, but in a menu that is closed any number may."""

HEADLINED = frozenset({
    "vay tiền online", "vay tiền nhanh", "vay nóng", "đánh bạc online", "cờ bạc online", "casino trực tuyến",
    "casino online", "sòng bạc trực tuyến", "baccarat online", "tài xỉu online", "xóc đĩa online", "bầu cua online",
    "lô đề online", "đánh đề online", "ghi đề online", "số đề online", "bắn cá online", "cá cược bóng đá",
    "cá cược thể thao", "cá cược trực tuyến", "cá cược online", "cá độ bóng đá online", "nổ hũ", "thể thao ảo",
    "gái gọi", "thuốc kích dục", "online casino", "online casinos",
})  # fmt: skip
"""Those of the offers that headlines have without a word of the police beside them."""

LURES = (
    "đăng ký", "đăng nhập", "nạp lần đầu", "nạp rút", "tặng", "thưởng", "khuyến mãi", "hoàn trả", "tải app", "tải game",
    "link vào", "uy tín", "hàng đầu", "số 1", "trang chủ", "mới nhất", "đổi thưởng", "tải", "top", "dang ky",
    "dang nhap", "uy tin", "24 7", "duyệt nhanh",
)  # fmt: skip
"""What makes an offer of a topic in a text as long as a headline."""

KEYWORDS = 4
"""Words of a link that is no headline: such links say the topic and little else."""

OTHERWISE = (
    # A topic's syllables within other words
    "lô đề nghị", "lô đề xuất", "lô đề án", "lô đề tài", "đánh đề cương", "cá độ mặn", "cá độ tuổi", "cá độ sâu",
    "cá độ ẩm", "game bài giảng", "game bài học", "game bài tập", "game bai giang", "game bai hoc", "game bai tap",
    "soi cầu khuẩn", "soi cầu thận", "nội soi cầu", "nhuộm soi cầu", "noi soi cau", "nha cai tao", "nha cai tien",
    "nha cai cach", "cô gái gọi", "con gái gọi", "bé gái gọi", "em gái gọi", "chị gái gọi", "bạn gái gọi",
    "người gái gọi", "mini game đổi thưởng", "mini game doi thuong", "co gai goi", "con gai goi", "em gai goi",
    "vay tiền nhanh chóng", "vay tien nhanh chong",
    # A report's words in an offer
    "clb công an", "công an hà nội vs", "vs công an hà nội", "công an tp hcm vs", "vs công an tp hcm",
    "công an nhân dân vs", "vs công an nhân dân", "không lừa đảo", "có lừa đảo không", "lừa đảo không",
    "khong lua dao", "lua dao khong",
)  # fmt: skip
"""Phrases that hold such words and mean something else: nothing in them counts, neither as an offer nor as a report."""

SCRIPTS = (
    "บาคาร่า", "สล็อตออนไลน์", "สล็อตแตกง่าย", "เว็บสล็อต", "แทงบอล", "เว็บพนัน", "คาสิโนออนไลน์", "澳门赌场",
    "博彩公司", "博彩平台", "博彩网", "在线博彩", "网上博彩", "线上博彩", "六合彩", "时时彩票", "时时彩平台",
    "真人荷官", "澳門賭場", "オンラインカジノ", "바카라사이트", "온라인바카라", "온라인 바카라", "카지노사이트",
    "토토사이트", "казино онлайн", "онлайн казино", "ставки на спорт",
)  # fmt: skip
"""Offers in writing that puts no blanks between words, which count wherever they stand."""

SHOPS = (
    "スーパーコピー", "ブランドコピー", "コピー品", "激安", "最安値", "正規品", "送料無料", "即納", "大特価",
    "お買い得", "在庫あり", "中古品", "通販", "アウトレット", "楽天市場", "メルカリ",
)  # fmt: skip
"""Words of Japanese shops that tampered pages show to search engines; an honest page for buyers shows them openly."""

SHOP_WORDS = 2
"""How many of them make a shop: a single one is said of coffee as well."""

HOSTS = (
    "nhacaiuytin", "nhacaiso1", "nhacaitop", "nhacaihangdau", "nhacaibongda", "nhacaionline", "nhacai88", "nhacai247",
    "nhacaivip", "nhacaibet", "nhacaitang", "nhacaimoi", "topnhacai", "linknhacai", "keonhacai", "tylekeo",
    "cacuocbongda", "cacuocthethao", "cacuoctructuyen", "cacuoconline", "cacuocuytin", "cacuoc88", "nhacaicacuoc",
    "taixiuonline", "taixiumd5", "taixiuuytin", "taixiudoithuong", "taixiu88", "gametaixiu", "choitaixiu",
    "xocdiaonline", "xocdiadoithuong", "xocdiauytin", "xocdia88", "soikeobongda", "soikeonhacai", "soikeohomnay",
    "soikeo247", "soikeo88", "soikeotv", "keobongda", "nohu90", "nohu88", "nohu52", "nohudoithuong", "nohuclub",
    "nohuonline", "nohuuytin", "gamenohu", "bancadoithuong", "bancaonline", "gamebaidoithuong", "gamebaionline",
    "gamebaiuytin", "topgamebai", "danhbaionline", "lodeonlineuytin", "danhlodeonline", "soicau247", "soicau3mien",
    "soicau366", "soicauxsmb", "soicaumienbac", "soicauvip", "dagatructiep", "dagathomo", "casinoonline",
    "onlinecasino", "casinotructuyen", "slotgacor", "situsslot", "slotmaxwin", "judionline", "situsjudi",
    "situstogel", "togelonline", "bandartogel", "phimsex", "xvideos", "buyviagra", "viagraonline", "cheapviagra",
)  # fmt: skip
"""What stands within names of hosts of the trade. Nothing here is so short that a host of others may have it."""

HOST_NAMES = (
    "taixiu", "xocdia", "soikeo", "kubet", "188bet", "fun88", "789bet", "jun88", "hi88", "shbet", "new88", "okvip",
    "8xbet", "f8bet", "sunwin", "789club", "rikvip", "hitclub", "fb88", "bet88", "sv388", "slot88", "slot777",
    "slotonline", "togel", "1xbet", "sbobet", "bet365", "xnxx", "viagra", "lodeonline",
)  # fmt: skip
"""Names of the trade that are a whole part of the host's name, but for digits and ``HOST_BESIDES`` around them."""

HOST_BESIDES = (
    "link", "vao", "dangnhap", "dangky", "nhacai", "app", "game", "tai", "play", "choi", "top", "vip", "club", "win",
    "pro", "bet", "casino", "com", "net", "vn", "vietnam", "asia", "online", "live", "moi", "moinhat", "uytin", "tv",
    "www",
)  # fmt: skip

REPORTS = (
    "công an", "cảnh sát", "triệt phá", "triệt xóa", "phá án", "phá đường dây", "chuyên án", "bắt giữ", "bắt nhóm",
    "bắt quả tang", "bị bắt", "khởi tố", "truy tố", "xét xử", "tòa án", "viện kiểm sát", "tạm giam", "tạm giữ",
    "phạt tù", "xử phạt", "lĩnh án", "hầu tòa", "bị can", "bị cáo", "đối tượng", "đường dây", "tụ điểm", "tội phạm",
    "tội đánh bạc", "tội tổ chức", "hình sự", "tệ nạn", "phòng chống", "phòng ngừa", "cảnh giác", "cảnh báo",
    "nói không với", "tuyên truyền", "tố giác", "đấu tranh", "thủ đoạn", "bài trừ", "tín dụng đen", "nghị định",
    "lễ hội", "hội thi", "thu hồi", "thu giữ", "tịch thu", "tiêu hủy", "hàng giả", "thuốc giả", "buôn lậu",
    "kém chất lượng", "không rõ nguồn gốc", "quản lý thị trường", "lừa đảo", "chiếm đoạt", "trái phép",
    "bất hợp pháp", "vi phạm", "nghiêm cấm", "bị cấm", "bị phạt", "vỡ nợ", "nợ nần", "con nghiện", "nghiện cờ bạc",
    "cai nghiện", "tác hại", "hậu quả", "hệ lụy", "mặt trái", "cạm bẫy", "cái bẫy", "sập bẫy", "cắt cổ", "ngăn chặn",
    "siết", "gỡ bỏ", "gỡ quảng cáo", "khuyến cáo", "biến tướng", "chấn chỉnh", "thanh tra", "gói thầu", "mời thầu",
    "đánh sập", "truy quét", "đột kích", "xóa sổ", "bóc gỡ", "sa lưới", "khám xét", "lãnh án", "án tù", "truy nã",
    "con bạc", "sát phạt", "ngan chan", "nặng lãi", "tự tử", "cong an", "canh sat", "triet pha", "khoi to",
    "canh bao", "doi tuong", "duong day", "thu giu", "hang gia", "lua dao", "trai phep", "police", "arrest",
    "arrested", "arrests", "prosecuted", "prosecutor", "court", "jailed", "crime", "crimes", "criminal", "illegal",
    "raid", "raided", "warns", "warning", "crackdown", "syndicate", "counterfeit", "seized", "smuggled", "scam",
    "scams", "fraud", "addiction",
)  # fmt: skip
"""Words of news about the trade, of warnings against it and of laws, which those who offer it leave out."""

REPORTING_SCRIPTS = (
    "公安", "警方", "警察", "打击", "打擊", "查处", "违法", "違法", "非法", "诈骗", "詐騙", "摘発", "逮捕", "경찰",
    "불법", "단속", "검거", "ตำรวจ", "ผิดกฎหมาย", "ប៉ូលីស", "នគរបាល", "ខុសច្បាប់", "ຕຳຫຼວດ", "полици", "незаконн",
    "мошеннич",
)  # fmt: skip
"""The same in writing of others, which count wherever they stand."""

DEFACEMENTS = (
    "hacked by", "defaced by", "deface by", "pwned by", "0wned by", "h4cked by", "hack3d by", "site hacked by",
    "website hacked by", "bị hack bởi", "đã bị hack bởi", "website đã bị hack bởi", "trang web đã bị hack bởi",
)  # fmt: skip
"""How titles and first headings of defaced pages begin."""
