"""Lists the kinds of answers that web hosts of the province give."""

from enum import Enum


class WebAnswer(Enum):
    """The behaviour of a web port on a connection."""

    CLOSED = "closed"
    PAGE = "page"
    REDIRECT = "301 to https on the same host"
    REDIRECT_TEMPORARY = "302 to https on the same host"
    REDIRECT_ELSEWHERE = "301 to https on another host"
    BAD_GATEWAY = "502, the back end is gone"
    SERVER_ERROR = "500"
    REDIRECT_OFF_IPV6 = "302 to a host that has no AAAA"
    DEFAULT_PAGE = "the page of a web server without a site"
    OTHER_PAGE = "a page of another title and text"
    ADMIN_PAGE = "the log-in page of a hypervisor"
    REJECTED = "200, the page by which a filter says that it rejected the request"
    COOKIE_SCRIPT = "200, a script that sets a cookie and loads the page again"
    NOT_ACCEPTABLE = "406 of a filter in the web server"
    GEOGRAPHY = "451, a filter by country"
    CHALLENGE = "403 with the header by which a filter in front says that it challenges"
    NOT_SERVED = "403, the front end of a content network has no such site there"
    COOKIE_WALL = "the page, for clients with a cookie; others get it and are sent to the same place again"


class Contact(Enum):
    """The content of /.well-known/security.txt."""

    GOOD = "a file that is valid for half a year"
    ABSENT = "nothing"
    EXPIRED = "a file that nobody renewed"
