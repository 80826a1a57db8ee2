"""Makes golden cases of the contents of a landing page and of the cookies that come with it.

Pages are read by the code that reads them in a run, so that the cases hold HTML instead of facts.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from unicodedata import normalize

from inventory.model import Endpoint
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.net.api import HttpRequest
from probes.net.http.requests import landing_page, looked
from probes.observations.dns import Delegation, LookupStatus
from probes.observations.pages import LANDING_KEPT, Copy, LandingPage
from probes.wire.web import page, page_content
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_http import ONE, _common, _shown
from tests.golden.cases_web import NO_ANSWER
from tests.golden.lab import V4, WEB, answer, evidence, http, look, names, why

HEAD = "<title>Cổng thông tin tỉnh A</title><h1>Tin mới</h1><p>Lịch tiếp công dân tháng này</p>"
ZONE = evidence("dns", Delegation(zone=lab.ZONE, parent="example", parent_ns=(f"ns1.{lab.ZONE}",)), task=lab.ZONE)
BET, BANK = "https://nhacai-uytin.example/", "https://bank.example/"
_WAITING = HEAD + '<a href="https://tinh-b.gov.vn/">Tỉnh B</a><a href="https://zalo.example/">Zalo</a>'


def read(html: str, copy: Copy = Copy.PLAIN, url: str = f"https://{WEB}/", **changes: object) -> LandingPage:
    """Return one copy of a page as the probe records it."""
    place = Endpoint(address=ip_address(V4), port=443, name=WEB)
    body = html.encode()
    blank = replace(
        landing_page(HttpRequest(endpoint=place, url=url), copy),
        status=200,
        body=body[:LANDING_KEPT],
        body_size=len(body),
        headers=(("Content-Type", "text/html; charset=utf-8"),),
    )
    beside = page_content.of_html(HEAD, url) if copy is not Copy.PLAIN else None
    seen = looked(blank, page.of_html(html, url), page_content.of_html(html, url), beside)
    return replace(seen, **changes)  # type: ignore[arg-type]


def landed(*steps: Observation, attempt: int = 1, failure: Failure | None = None) -> Evidence:
    return evidence("landing_page", *steps, task=f"https#443 {WEB}", attempt=attempt, failure=failure)


def twice(*steps: LandingPage) -> tuple[Evidence, ...]:
    return landed(*steps), landed(*steps, attempt=2)


def _stand_back(check: str) -> Iterator[Case]:
    """Yield the cases of every page check without a page to read."""
    case = partial(Case, check=check, subject=lab.site())
    none = read("", status=None, headers=(), body_size=0)
    yield case(
        code="NO_DNS_ANSWER",
        about="The name was not answered for.",
        evidence=(NO_ANSWER,),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="LIMITED",
        about="403 may be a filter.",
        trap="W2",
        evidence=(names(), landed(replace(none, status=403))),
        expect=(("LIMITED", V4),),
    )
    filtered = read("<script>window._cf_chl_opt={}</script>")
    yield case(
        code="FILTERED",
        about="A filter answers.",
        trap="W2",
        evidence=(names(), landed(filtered)),
        expect=(("FILTERED", V4),),
    )
    yield case(
        code="COME_BACK",
        about="A page of maintenance is not the page that is to be judged.",
        evidence=(*ONE, landed(read("<h1>Bao tri</h1>", status=503, headers=(("Retry-After", "3600"),)))),
        expect=(("COME_BACK", V4),),
    )
    yield case(
        code="NOT_READ",
        about="The page would not be read in time: our failure.",
        trap="R3",
        evidence=(names(), landed(replace(none, status=200, failure=why(FailureKind.CUT_SHORT)))),
        expect=(("NOT_READ", None),),
    )
    yield case(
        code="NO_PAGE",
        about="The site answers 500.",
        evidence=(names(), landed(replace(none, status=500))),
        expect=(("NO_PAGE", None),),
    )
    contradicts = names().steps[0], look(WEB, "AAAA", "host", lab.V6), look(WEB, "AAAA", "host")
    yield case(
        code="DNS_CONTRADICTS",
        about="One look-up has an AAAA, another has none; no page was got.",
        evidence=(evidence("dns", *contradicts, task=WEB),),
        expect=(("DNS_CONTRADICTS", None),),
    )
    cut = names().steps[0], lab.unanswered("AAAA", "host", WEB, FailureKind.CUT_SHORT)
    yield case(
        code="DNS_NOT_ASKED",
        about="The look-up was cut short.",
        trap="R3",
        evidence=(evidence("dns", *cut, task=WEB),),
        expect=(("DNS_NOT_ASKED", None),),
    )


HIDDEN = {
    "display": f'<div style="display:none"><ul><li><a href="{BET}">Link</a></ul></div>',
    "off-screen": f'<div style="position:absolute; left:-9999px"><a href="{BANK}">Kubet</a></div>',
    "size": f'<div style="height:0;overflow:hidden"><a href="{BANK}">soi kèo hôm nay</a></div>',
    "font": f'<a style="font-size:0px" href="{BANK}">nhà cái</a>',
    "colour": f'<p style="color:#fff;background:#fff"><a href="{BANK}">tài xỉu</a></p>',
    "class": f'<style>.x9{{position:absolute;top:-5000px}}</style><div class="a x9"><a href="{BANK}">cá cược</a></div>',
    "script": f'<div id="t1"><a href="{BANK}">xóc đĩa</a></div><script>document.getElementById("t1").style.display='
    '"none"</script>',
    "written": f'<script>document.write(\'<div style="left:-999px;position:absolute">\');</script><a href="{BANK}">slot'
    " gacor</a><script>document.write('</div>');</script>",
    "class-closed": f'<style>.x9{{display:none}}</style><div class="x9"><a href="{BANK}">game bài đổi thưởng</a></div>',
    "query": f"<p class=t1><a href='{BANK}'>nổ hũ uy tín</a></p><script>$('.t1').hide()</script>",
    "indonesian": f'<div style="position:fixed;top:-9999px"><a href="{BANK}">situs toto</a></div>',
    "thai": f'<div style="display:none"><a href="{BANK}">เว็บสล็อตออนไลน์</a></div>',
    "english": f'<div style="display:none"><a href="{BANK}">best online casino</a></div>',
    "two-common": f'<div style="left:-9999px"><a href="{BANK}">casino</a><a href="{BANK}">gambling</a></div>',
    "loans": f'<span style="opacity:0"><a href="{BANK}">vay tiền nhanh</a></span>',
    "block-of-casinos": '<div style="position:absolute;left:-12000px"><a href="https://a1.example/">Trang chủ'
    ' Kubet</a><a href="https://b2.example/">nổ hũ</a><a href="https://c3.example/">Đăng ký nhà cái nhận ngay thưởng'
    " 100k hôm nay</a></div>",
    "long-anchor": f'<div style="display:none"><a href="{BANK}">Đăng nhập nhà cái, nạp lần đầu tặng 100k</a></div>',
    "leading-casino": f'<div style="display:none"><a href="{BANK}">Casino trực tuyến hàng đầu Việt Nam</a></div>',
    "football-club": f'<div style="left:-9999px"><a href="{BANK}">Soi kèo CLB Công an Hà Nội vs Nam Định</a></div>',
    "question": f'<div style="left:-9999px"><a href="{BANK}">Nhà cái Kubet có lừa đảo không?</a></div>',
    "decomposed": f'<div style="display:none"><a href="{BANK}">{normalize("NFD", "Nhà cái uy tín")}</a></div>',
    "letters-of-mathematics": f'<div style="left:-9999px"><a href="{BANK}">𝐊𝐮𝐛𝐞𝐭</a></div>',
    "without-width": f'<div style="display:none"><a href="{BANK}">Ku&#8203;bet</a></div>',
    "host": '<div style="display:none"><a href="https://link-vao-kubet88.example/">Liên kết</a></div>',
    "two-codes": f'<div style="left:-9999px"><a href="{BANK}">BK8</a><a href="{BANK}2">VN88</a></div>',
    "japanese": f'<div style="left:-9999px"><a href="{BANK}">スーパーコピー 激安 通販</a></div>',
    "marquee": f'<marquee height="1" width="1"><a href="{BANK}">đá gà thomo</a></marquee>',
}
OPEN = {
    "news": "<h2>Công an triệt phá đường dây đánh bạc, cá độ bóng đá và lô đề</h2><p>Người dân cảnh giác với nhà cái,"
    ' tín dụng đen; <a href="https://baochi.example/danh-bac">đọc thêm</a></p>',
    "menu": '<ul style="display:none"><li><a href="https://facebook.example/">Facebook</a></ul>',
    "own": f'<div style="display:none"><a href="https://nhacai.{lab.ZONE}/">nhà cái</a></div>',
    "state": '<div style="left:-9999px"><a href="https://congbao.gov.vn/">Công báo: cờ bạc</a></div>',
    "comment": f'<!-- <div style="display:none"><a href="{BET}">nhà cái</a></div> -->',
    "lottery": "<title>Công ty TNHH MTV Xổ số kiến thiết Sơn Lâm</title><h2>Kết quả xổ số miền Trung hôm nay</h2><p>Dò"
    ' vé số, thống kê, cơ cấu giải thưởng xổ số kiến thiết; trả thưởng</p><ul style="display:none"><li><a'
    ' href="https://vietlott.example/">Vietlott: Jackpot Mega 6/45</a><li><a href="https://xskt.example/xsmt">Xổ số'
    " miền Trung - XSMT</a></ul>",
    "slides": '<div style="display:none"><a href="https://baosonlam.example/1">Triệt phá đường dây cá cược bóng đá hơn'
    ' 200 tỷ đồng</a><a href="https://baosonlam.example/2">Khởi tố nhóm đánh bạc, tài xỉu online</a><a'
    ' href="https://baosonlam.example/3">Cảnh báo nhà cái, lô đề online và tín dụng đen dịp World Cup</a></div>',
    "report": "<h2>Công an tỉnh bắt nhóm tổ chức cá độ</h2><p>Chúng dùng Kubet, 188bet và soi kèo để lôi kéo.</p>",
    "law": "<h2>Điều 321. Tội đánh bạc</h2><p>Người nào đánh bạc trái phép dưới bất kỳ hình thức nào, cá cược bóng đá,"
    " casino trực tuyến, bị xử phạt theo Nghị định 144/2021/NĐ-CP</p>",
    "english-report": "<h2>Police bust online casino ring</h2><p>The W88 gang took bets; a sports betting site was"
    ' closed.</p><div style="display:none"><a href="https://news.example/">Police raid illegal gambling den</a></div>',
    "research": '<div style="display:none"><a href="https://khcn.example/">Mã số đề tài khoa học; số đề xuất</a></div>',
    "booking": '<div style="display:none"><a href="https://booking.example/">Available appointment slots</a></div>',
    "hotel": '<div style="display:none"><a href="https://hotel.example/">Khách sạn và casino</a></div>',
    "festival": '<div style="left:0;display:none"><a href="https://dulich.example/">Lễ hội chọi gà, đá gà đầu xuân</a>'
    "</div>",
    "loan-shark": '<div style="display:none"><a href="https://baosonlam.example/">Nói không với vay nóng, tín dụng đen'
    "</a></div>",
    "history": "<p>Chiến thắng B52 trên bầu trời; hoạt động win-win</p>",
    "menu-of-common": '<ul style="display:none"><li><a href="https://khachsan.example/">Khách sạn, casino</a><li><a'
    ' href="https://dulich.example/">Lễ hội đá gà</a><li><a href="https://lang.example/">Bắn cá trên sông Sêrêpốk</a>'
    '<li><a href="https://en.example/">Casinos and gambling: rules for visitors</a></ul>',
    "raid": '<div style="display:none"><a href="https://baosonlam.example/1">Thu giữ 3.000 hộp Viagra, hàng giả</a><a'
    ' href="https://baosonlam.example/2">Thu giữ 30 máy bắn cá online</a></div><h2>Thu hồi thuốc kích dục không rõ'
    " nguồn gốc</h2>",
    "seized": "<p>Thu hồi thuốc kích dục</p><p>Lịch</p><p>Thu giữ 300 hộp thuốc kích dục</p><p>Bản đồ</p><p>Hàng giả:"
    ' thuốc kích dục</p><p>Liên hệ</p><div style="display:none"><a href="https://baosonlam.example/">Toà án: nhà'
    " cái</a></div>",
    "blocking": '<div style="display:none"><a href="https://baosonlam.example/1">Ngăn chặn game bài đổi thưởng</a><a'
    ' href="https://baosonlam.example/2">Gỡ quảng cáo nhà cái uy tín trên mạng</a><a'
    ' href="https://baosonlam.example/3">Đánh sập trang Kubet</a></div><h2>Gói thầu số 2: thuốc kích dục</h2><p>Bản đồ'
    "</p><p>Ứng dụng vay tiền online biến tướng</p><p>Lịch</p><p>Khuyến cáo không chơi lô đề online</p>",
    "press-online": '<div style="display:none"><a href="https://baosonlam.example/1">Nam sinh mất 500 triệu vì cờ bạc'
    ' online</a><a href="https://baosonlam.example/2">Vì sao người trẻ sa vào nổ hũ</a><a'
    ' href="https://baosonlam.example/3">Kinh nghiệm vay tiền online an toàn</a><a href="https://bay.example/">Chuyến'
    ' bay VN88</a><a href="https://the.example/">Kartu debet</a></div><h2>Mini game đổi thưởng: tìm hiểu chuyển đổi'
    " số</h2>",
    "press": '<div style="display:none"><a href="https://baosonlam.example/1">Vỡ nợ vì cá độ</a><a'
    ' href="https://baosonlam.example/2">Người mẹ khóc cạn nước mắt khi con sa vào tài xỉu</a><a'
    ' href="https://baosonlam.example/3">Mặt trái của vay nóng: lãi suất cắt cổ</a><a'
    ' href="https://baosonlam.example/4">Toà án tuyên phạt chủ trang casino trực tuyến</a></div>',
    "sport": "<title>Trang tin thể thao tỉnh A</title><h2>Nhận định, soi kèo trận chung kết Sơn Lâm - Krông Năng</h2>"
    '<div style="display:none"><a href="https://bongda.example/">Nhận định, soi kèo trận Việt Nam - Thái Lan</a></div>',
    "bad-debts": '<div style="display:none"><a href="https://nganhang.example/">Ngân hàng Chính sách hỗ trợ nợ xấu sau'
    ' bão</a><a href="https://nganhang.example/2">Thủ tục vay tiền nhanh chóng, đúng đối tượng</a></div><p>Chương trình'
    " hỗ trợ nợ xấu cho hộ nghèo; vay tiền nhanh chóng tại xã</p>",
    "tenders": '<div style="display:none"><a href="https://dauthau.example/">Lô đề nghị hủy</a><a'
    ' href="https://dauthau.example/2">Các lô đề xuất</a></div>',
    "fish": '<div style="display:none"><a href="https://thuysan.example/">Nuôi cá độ mặn</a></div>',
    "school": '<div style="display:none"><a href="https://gamebaihoc.example/">Game bài tập Toán lớp 5</a><a'
    ' href="https://game-bai-giang.example/">Bài giảng</a></div>',
    "hospital": '<div style="display:none"><a href="https://duoc.example/">Viagra (sildenafil): chỉ định</a><a'
    ' href="https://xetnghiem.example/">Nhuộm soi cầu khuẩn Gram dương</a></div><p>Soi cầu khuẩn; nội soi cầu nối</p>',
    "literature": '<div style="display:none"><a href="https://vanhoc.example/">Cô gái gọi đò</a></div><h2>Con gái gọi'
    " mẹ là u</h2><p>Chú bé gái gọi cha bên sông</p>",
    "hosts": '<div style="display:none"><a href="https://nhacaitao.example/">Mái ấm</a><a'
    ' href="https://ngoi-nha-cai-tao.example/">Kiến trúc</a><a href="https://sunwindow.example/">Cửa nhôm</a><a'
    ' href="https://sunwindenergy.example/">Điện gió</a><a href="https://bookvip.example/">Sách</a><a'
    ' href="https://dienkhi88.example/">Điện khí</a><a href="https://alphabet88.example/">Trường mầm non</a><a'
    ' href="https://timeslotonline.example/">Đặt lịch khám</a><a href="https://benhviennohu.example/">Bệnh viện</a><a'
    ' href="https://noisoicau.example/">Nội soi</a><a href="https://maysoikeo.example/">Sợi</a><a'
    ' href="https://gamebaitap.example/">Bài tập</a><a href="https://photogelato.example/">Ảnh</a></div>',
    "tourists": "<h2>旅游：世博彩车巡游，时时彩排</h2><p>公安警方打击网络赌博：博彩公司涉嫌诈骗</p><p>ដំណឹងទេសចរណ៍: "
    "ប៉ូលីសបង្ក្រាបល្បែងស៊ីសង</p><h2>경찰, 불법 온라인 바카라 단속</h2><p>The best casino hotels and beaches</p>"
    '<div style="display:none"><a href="https://visit.example/">博彩业管理办法</a><a'
    ' href="https://visit.example/en">Best casino resorts of Vietnam</a></div>',
    "own-shop": "<h2>ダクラク省のコーヒー 送料無料 通販</h2>",
    "way-out": "<script>function out() { window.location.href = 'https://login.example/' }</script>",
    "spaced-apart": '<div style="display:none"><a href="https://cuoc.example/">Giao ca</a><a'
    ' href="https://cau.example/">Soi</a></div>',
    "word-within": '<div style="left:-9999px"><a href="https://congbao.gov.vn/">Casinos</a></div><p>Thoa88 iwinner</p>',
}

AWAY = {
    "refresh": f'<meta http-equiv="refresh" content="3; url={BET}">',
    "mobile": "<script>if (/Android|iPhone/i.test(navigator.userAgent)) { window.location.href ="
    " 'https://www.kubet77.example/?ref=1' }</script>",
}
DIFFERS = {
    "headline": '<a href="https://baosonlam.example/">Người mẹ khóc cạn nước mắt khi con sa vào cá độ</a>',
    "coffee": "<p>ダクラク省のコーヒー 送料無料</p>",
    "pairs": '<a href="https://xetnghiem.example/">Nhuộm soi cầu khuẩn</a><a href="https://gamebaihoc.example/">Game'
    ' bài giảng</a><a href="https://ngoi-nha-cai-tao.example/">Kiến trúc</a>',
    "title-of-the-moment": "<title>Người mẹ khóc cạn nước mắt khi con sa vào cá độ</title>",
    "log-in": "<script>document.onclick = () => { location.href = 'https://login.example/?n=2' }</script>",
}


def injected() -> Iterator[Case]:
    check = "security.http.injected-content"
    case = partial(Case, check=check, subject=lab.site())
    yield from _stand_back(check)
    yield case(
        code="NONE", about="An ordinary page.", evidence=(names(), landed(read(_WAITING))), expect=(("NONE", None),)
    )
    yield case(
        code="PART_READ",
        about="More than is read of a page.",
        trap="R3",
        evidence=(names(), landed(read(_WAITING, truncated=True))),
        expect=(("PART_READ", None),),
    )
    yield case(
        code="HIDDEN_LINKS",
        variant="part-read",
        about="What was read of a large page shows enough.",
        evidence=(names(), *twice(read(HEAD + HIDDEN["display"], truncated=True))),
        expect=(("HIDDEN_LINKS", None),),
    )
    for variant, html in OPEN.items():
        yield case(
            code="NONE",
            variant=variant,
            about="Nothing that anybody put there.",
            evidence=(names(), ZONE, *twice(read(HEAD + html))),
            expect=(("NONE", None),),
        )
    for variant, html in HIDDEN.items():
        yield case(
            code="HIDDEN_LINKS",
            variant=variant,
            about="Links of gambling that nobody is to see, at both looks.",
            evidence=(names(), *twice(read(HEAD + html))),
            expect=(("HIDDEN_LINKS", None),),
        )
    yield case(
        code="HIDDEN_LINKS",
        about="Where there was one look, the finding says so.",
        evidence=(names(), landed(read(HEAD + HIDDEN["display"]))),
        expect=(("HIDDEN_LINKS", None),),
    )
    yield case(
        code="SEEN_ONCE",
        about="Ten minutes later it was gone.",
        evidence=(names(), landed(read(HEAD + HIDDEN["display"])), landed(read(HEAD), attempt=2)),
        expect=(("SEEN_ONCE", None),),
    )
    plain = read(HEAD)
    crawled = read(f'{HEAD}<p><a href="{BET}">Nhà cái uy tín</a> nổ hũ</p>', Copy.CRAWLER)
    yield case(
        code="CLOAKED",
        about="Only a search engine is shown the links.",
        evidence=(names(), *twice(plain, crawled)),
        expect=(("CLOAKED", None),),
    )
    away = replace(read("", Copy.REFERRED), status=302, location=BET, headers=())
    yield case(
        code="CLOAKED",
        variant="redirect",
        about="Who comes from a search engine is sent elsewhere.",
        evidence=(names(), *twice(plain, away)),
        expect=(("CLOAKED", None),),
    )
    for variant, html in (
        ("refresh", f'<meta http-equiv="refresh" content="0;url={BET}">'),
        ("script", f"<script>window.location.href='{BET}'</script>"),
        ("title", "<title>SLOT GACOR: Situs Toto Terpercaya</title>"),
        ("title-vietnamese", "<title>Tài Xỉu | Đăng nhập | Cá cược 2026</title>"),
        ("title-japanese", "<title>【送料無料】 激安 腕時計 正規品 通販</title>"),
        ("text-japanese", "<p>激安 腕時計</p><p>正規品</p><p>送料無料</p>"),
        ("refresh-to-anybody", f'<meta http-equiv="refresh" content="0;url={BANK}">'),
    ):
        yield case(
            code="CLOAKED",
            variant=variant,
            about="Only a search engine is sent there, or told.",
            evidence=(names(), *twice(plain, read(HEAD.replace("<title>", f"{html}<title>"), Copy.CRAWLER))),
            expect=(("CLOAKED", None),),
        )
    for variant, html in AWAY.items():
        yield case(
            code="LED_AWAY",
            variant=variant,
            about="The page sends its visitors on to a casino.",
            evidence=(names(), *twice(read(HEAD + html))),
            expect=(("LED_AWAY", None),),
        )
    kept_apart = read(f"{HEAD}<p>ダクラク省のコーヒー</p>"), read(f"{HEAD}<p>激安 送料無料 通販</p>", Copy.CRAWLER)
    yield case(
        code="NONE",
        variant="japanese-page",
        about="A page for buyers in Japan shows another offer.",
        evidence=(names(), *twice(*kept_apart)),
        expect=(("NONE", None),),
    )
    moved = read("<title>Khuyến mãi</title><p>Đăng nhập</p>", url="https://kubet88.example/")
    yield case(
        code="LED_AWAY",
        variant="redirect",
        about="The whole site redirects to a casino.",
        evidence=(names(), *twice(moved)),
        expect=(("LED_AWAY", None),),
    )
    for variant, html in DIFFERS.items():
        yield case(
            code="NONE",
            variant=variant,
            about="What differs by the moment is nothing that anybody put there.",
            evidence=(names(), *twice(plain, read(html + HEAD, Copy.CRAWLER))),
            expect=(("NONE", None),),
        )
    ticker = read(
        f'{HEAD}<p>Bắt quả tang nhóm cá cược bóng đá, lô đề online</p><a href="{BANK}">Khởi tố chủ trang nhà cái</a>',
        Copy.CRAWLER,
    )
    yield case(
        code="NONE",
        variant="ticker",
        about="Another headline of the moment is about the police.",
        evidence=(names(), *twice(plain, ticker)),
        expect=(("NONE", None),),
    )
    more = read(f'{HEAD}<p>Lượt truy cập 1204</p><a href="{BANK}">Ngân hàng</a>', Copy.CRAWLER)
    yield case(
        code="NONE",
        variant="copies-differ",
        about="A counter and an advertisement differ.",
        evidence=(names(), *twice(plain, more)),
        expect=(("NONE", None),),
    )
    blocked = replace(read("<h1>Forbidden</h1>", Copy.CRAWLER), status=403)
    yield case(
        code="NONE",
        variant="crawler-refused",
        about="A filter that knows a false search engine.",
        trap="W2",
        evidence=(names(), landed(plain, blocked)),
        expect=(("NONE", None),),
    )
    yield case(
        code="DEFACED",
        about="The page's title is somebody's signature.",
        evidence=(names(), *twice(read("<title>Hacked by Nobody</title><h1>...</h1>"))),
        expect=(("DEFACED", None),),
    )
    yield case(
        code="NONE",
        variant="report-of-one",
        about="An article about such a page.",
        evidence=(names(), landed(read(f"{HEAD}<h2>Trang web bị sửa thành hacked by</h2>"))),
        expect=(("NONE", None),),
    )
    asked = read("<title>Cổng an toàn thông tin</title><h1>Website đã bị hack: năm việc cần làm ngay</h1>")
    yield case(
        code="NONE",
        variant="advice",
        about="Advice to owners of such pages.",
        evidence=(names(), *twice(asked)),
        expect=(("NONE", None),),
    )
    yield case(
        code="HIDDEN_STRANGERS",
        about="Links off the screen, to a bank.",
        evidence=(names(), *twice(read(f'{HEAD}<div style="left:-9999px"><a href="{BANK}">Ngân hàng</a></div>'))),
        expect=(("HIDDEN_STRANGERS", None),),
    )
    yield case(
        code="OPEN_WORDS",
        about="The trade's own words, where everybody sees them.",
        evidence=(names(), landed(read(f"{HEAD}<p>Nhà cái uy tín, tỷ lệ kèo</p>"))),
        expect=(("OPEN_WORDS", None),),
    )


def mixed() -> Iterator[Case]:
    check = "security.http.mixed-content"
    yield from _stand_back(check)
    case = partial(Case, check=check, subject=lab.site())
    script, image = '<script src="http://cdn.example/a.js"></script>', '<img src="http://cdn.example/a.png">'
    upgrading = (("Content-Type", "text/html"), ("Content-Security-Policy", "upgrade-insecure-requests"))
    form = f'<form action="http://{WEB}/login"><input name=p></form>'
    typed = (("Content-Type", "text/html"),)
    for code, html, about, sent in (
        (
            "CLEAN",
            '<script src="/a.js"></script><a href="http://tinh-b.example/">B</a>',
            "Links are no content.",
            typed,
        ),
        ("IMAGES", image, "An image.", typed),
        ("ACTIVE", script + image, "A script.", typed),
        ("FORM", image + form, "A log-in.", typed),
        ("UPGRADED", script + form, "All of it is upgraded.", upgrading),
    ):
        yield case(
            code=code, about=about, evidence=(names(), landed(read(HEAD + html, headers=sent))), expect=((code, None),)
        )
    yield case(
        code="NO_HTTPS",
        about="The page is over plain HTTP.",
        evidence=(names(), *lab.ports(V4, 80), landed(read(HEAD + script, url=f"http://{WEB}/"))),
        expect=(("NO_HTTPS", None),),
    )
    yield case(
        code="NOT_READ",
        variant="https-unseen",
        about="The page is over plain HTTP; whether there is HTTPS could not be seen from here.",
        evidence=(
            names(),
            *lab.ports(V4, 80, shut=FailureKind.NO_ROUTE_HERE),
            landed(read(HEAD + script, url=f"http://{WEB}/")),
        ),
        expect=(("NOT_READ", None),),
    )
    yield from _upgraded_otherwise(case, script, form)
    yield from _jumps()


def _jumps() -> Iterator[Case]:
    """Yield cases of a page that only sends browsers on: its content is not judged, but its target may be."""
    own = '<meta http-equiv="refresh" content="0; url=/web/guest">'
    away = f"<script>window.location.href='{BET}'</script>"
    for check, code, html in (
        ("mixed-content", "NO_PAGE", own),
        ("third-party", "NO_PAGE", own),
        ("injected-content", "NONE", own),
        ("injected-content", "LED_AWAY", away),
    ):
        yield Case(
            check=f"security.http.{check}",
            code=code,
            variant="jump",
            about="The landing page shows nothing and sends browsers on.",
            subject=lab.site(),
            evidence=(names(), ZONE, *twice(read(html))),
            expect=((code, None),),
        )


def _upgraded_otherwise(case: partial[Case], script: str, form: str) -> Iterator[Case]:
    """Yield cases in which browsers use HTTPS, or no network at all, without a CSP header."""
    meta = '<meta http-equiv="Content-Security-Policy" content="upgrade-insecure-requests; default-src https:">'
    typed = ("Content-Type", "text/html")
    kept = (typed, ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
    own = (typed, ("Strict-Transport-Security", "max-age=31536000"))
    below = form.replace(WEB, f"login.{WEB}")
    signer = '<script src="http://127.0.0.1:8987/a.js"></script><iframe src="http://localhost:9000/"></iframe>'
    for code, variant, html, about, sent in (
        ("UPGRADED", "in-the-page", meta + HEAD + script + form, "The policy stands in the page.", (typed,)),
        ("ACTIVE", "meta-in-the-body", f"{HEAD}<body>{meta}{script}", "Browsers heed none in the body.", (typed,)),
        ("UPGRADED", "hsts", HEAD + form, "HSTS of the same answer sends the form over HTTPS.", own),
        ("UPGRADED", "hsts-below", HEAD + below, "So it does for names below.", kept),
        ("FORM", "hsts-of-itself-alone", HEAD + below, "This one does not speak of names below.", own),
        ("ACTIVE", "hsts", HEAD + script.replace("cdn.example", WEB), "Scripts are blocked before HSTS is asked.", own),
        ("CLEAN", "loopback", HEAD + signer, "What a program on the visitor's own machine gives.", (typed,)),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(names(), landed(read(html, headers=sent))),
            expect=((code, None),),
        )
    late = f"<style>{'a{}' * 1500}</style>{meta}{script}"
    yield case(
        code="UPGRADED",
        variant="late-in-the-head",
        about="The policy stands behind what is kept of the landing page, and the visit kept more.",
        evidence=(
            names(),
            http(V4, replace(answer(V4, 200), body=late.encode())),
            landed(read(late, headers=(typed,))),
        ),
        expect=(("UPGRADED", None),),
    )


def third() -> Iterator[Case]:
    check = "security.http.third-party"
    yield from _stand_back(check)
    case = partial(Case, check=check, subject=lab.site())
    there = look("cdn.example.net", "A", "third-party", "198.51.100.20")
    pinned = '<script src="https://cdn.example.net/a.js" integrity="sha384-x" crossorigin></script>'
    loose = (
        '<script src="https://cdn.example.net/a.js"></script><link rel=stylesheet href="https://cdn.example.net/a.css">'
    )
    gone = partial(look, rtype="A", role="third-party", status=LookupStatus.NO_SUCH_NAME)
    registered = look("forgotten.vn", "A", "third-party")
    dead = '<script src="https://js.forgotten.vn/a.js"></script>'
    for code, html, about, found in (
        ("NONE", f'<script src="/a.js"></script><script src="https://js.{lab.ZONE}/b.js"></script>', "Its own.", ()),
        ("PINNED", pinned, "With integrity.", (there,)),
        ("UNPINNED", loose, "Without.", (there,)),
        ("FOR_SALE", dead, "Nobody has the domain.", (gone("js.forgotten.vn"), gone("forgotten.vn"))),
        ("NOT_LOOKED_UP", pinned, "Nobody answered.", (lab.unanswered("A", "third-party", "cdn.example.net"),)),
    ):
        yield case(
            code=code, about=about, evidence=(names(), ZONE, landed(read(HEAD + html), *found)), expect=((code, None),)
        )
    signer = '<script src="http://127.0.0.1:8987/a.js"></script><script src="http://localhost:9000/b.js"></script>'
    yield case(
        code="NONE",
        variant="own-machine",
        about="A signing program on the visitor's own machine is no third party.",
        evidence=(names(), ZONE, landed(read(HEAD + signer))),
        expect=(("NONE", None),),
    )
    british = '<script src="https://js.forgotten.tinh-a.vn/a.js"></script>'
    yield case(
        code="NOT_LOOKED_UP",
        variant="no-suffixes",
        about="Without the list of public suffixes.",
        suffixes=False,
        evidence=(names(), ZONE, landed(read(HEAD + pinned), there)),
        expect=(("NOT_LOOKED_UP", None),),
    )
    lost = (gone("js.forgotten.tinh-a.vn"), gone("forgotten.tinh-a.vn"), look("tinh-a.vn", "A", "third-party"))
    yield case(
        code="FOR_SALE",
        variant="public-suffix",
        about="Below a public suffix of more labels.",
        evidence=(names(), ZONE, landed(read(HEAD + british), *lost)),
        expect=(("FOR_SALE", None),),
    )
    local = '<script src="https://cdn.tinh-a.local/a.js"></script>'
    yield case(
        code="UNPINNED",
        variant="local",
        about="Nobody can register a name whose top-level domain does not exist.",
        evidence=(
            names(),
            landed(read(HEAD + local), gone("cdn.tinh-a.local", zone="."), gone("tinh-a.local", zone=".")),
        ),
        expect=(("UNPINNED", None),),
    )
    yield case(
        code="UNPINNED",
        variant="host-gone",
        about="A host that is gone in a domain that is not.",
        evidence=(names(), landed(read(HEAD + dead), gone("js.forgotten.vn"), registered)),
        expect=(("UNPINNED", None),),
    )


def cookies() -> Iterator[Case]:
    check = "security.http.cookies"
    shown = partial(_shown, check)
    good = ("Set-Cookie", "JSESSIONID=a; Path=/; Secure; HttpOnly; SameSite=Lax")
    yield from _common(check, "PROTECTED", (good,))
    yield shown(
        "PROTECTED",
        "Beside one that is deleted, one for scripts, and a load balancer's.",
        good,
        ("Set-Cookie", ".ASPXAUTH=; expires=Mon, 11-Oct-1999 17:00:00 GMT; path=/; HttpOnly"),
        ("Set-Cookie", "old_session=; Max-Age=0"),
        ("Set-Cookie", "XSRF-TOKEN=b"),
        ("Set-Cookie", "SERVERID=web1"),
        variant="beside-others",
    )
    bare = ("Set-Cookie", "JSESSIONID=b; Path=/")
    yield shown(
        "PROTECTED", "Set anew by the proxy in the same answer: browsers keep the last.", bare, good, variant="anew"
    )
    yield shown("UNPROTECTED", "Set anew without what protected it.", good, bare, variant="anew")
    yield shown("LACKING", "Open to scripts and to other sites.", ("Set-Cookie", "PHPSESSID=a; secure"))
    yield shown("UNPROTECTED", "Without Secure.", ("Set-Cookie", "ASP.NET_SessionId=a; HttpOnly; SameSite=Lax"))
    yield shown(
        "UNPROTECTED",
        "A random value that ends with the browser, whatever its name.",
        ("Set-Cookie", "dvc=8f14e45fceea167a5a36dedd4bea2543; HttpOnly"),
        variant="by-value",
    )
    yield shown(
        "UNPROTECTED",
        "Its age counts, not its date.",
        ("Set-Cookie", "PHPSESSID=a; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        variant="living",
    )
    yield shown("DROPPED", "SameSite=None without Secure.", ("Set-Cookie", "PHPSESSID=a; SameSite=None; HttpOnly"))
    yield shown(
        "DROPPED",
        "A promise that is not kept.",
        ("Set-Cookie", "__Host-sid=a; Secure; Domain=x.example; Path=/"),
        variant="prefix",
    )
    yield shown("NONE", "No cookie.")
    yield shown("NONE", "A language that is kept.", ("Set-Cookie", "lang=vi; Max-Age=31536000"), variant="no-session")
    front = (
        "ApplicationGatewayAffinity",
        "ASLBSA",
        "X-Mapping-fjhppofk",
        "INGRESSCOOKIE",
        "dtCookie",
        "BIGipServerweb",
        "AWSELB",
        "AWSELBCORS",
        "BNI__BARRACUDA_LB_COOKIE",
        "barra_counter_session",
        "FGTServer",
        "FORTIWAFSID",
        "GCILB",
        "zalb_3309580ed5",
        "TSPD_101",
        "X-Oracle-BMC-LBS-Route",
        "aliyungf_tc",
        "tgw_l7_route",
        "TS01a2b3c4",
        "TS01a2b3c4_28",
        "citrix_ns_id",
        "citrix_ns_id_.tinh-a.example_%2F_wat",
        "sl-session",
        "sl-waiting-session",
    )
    yield shown(
        "NONE",
        "Cookies of load balancers, filters and measurements name a server, whatever their value looks like.",
        *(("Set-Cookie", f"{name}=8f14e45fceea167a5a36dedd4bea2543; Path=/") for name in front),
        variant="in-front",
    )
    challenge = answer(V4, 503, headers=(("CF-Mitigated", "challenge"), ("Set-Cookie", "PHPSESSID=a")))
    yield Case(
        check=check,
        subject=lab.site(),
        code="FILTERED",
        about="What a filter sets is not the site's.",
        trap="W2",
        evidence=(*ONE, http(V4, challenge)),
        expect=(("FILTERED", V4),),
    )
    first = answer(V4, 302, location=f"https://{WEB}/vi", headers=(("Set-Cookie", "PHPSESSID=a; HttpOnly"),))
    yield Case(
        check=check,
        subject=lab.site(),
        code="UNPROTECTED",
        variant="on-a-redirect",
        about="The first answer sets it.",
        expect=(("UNPROTECTED", V4),),
        evidence=(*ONE, http(V4, first, answer(V4, 200, hop=1, url=f"https://{WEB}/vi"))),
    )


def cases() -> Iterator[Case]:
    for group in (injected, mixed, third, cookies):
        yield from group()
