"""Turns errors of a database's driver into errors of the store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError

from auditor.service.store.records import StoreError


@contextmanager
def explaining(driver: type[Exception], explain: Callable[[BaseException | None], StoreError]) -> Iterator[None]:
    """Replace a driver's error by the one that ``explain`` returns; an IntegrityError (the row exists) is passed on."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise explain(error.orig) from error
    except driver as error:
        raise explain(error) from error
