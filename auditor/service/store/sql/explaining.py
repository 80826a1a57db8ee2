"""Turns errors of a database's driver into errors of the store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError

from auditor.service.store.records import StoreError


@contextmanager
def explaining(driver: type[Exception], explain: Callable[[BaseException | None], StoreError]) -> Iterator[None]:
    """Raise what ``explain`` makes of an error of the driver. That a row is there already stays a caller's business."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise explain(error.orig) from error
    except driver as error:
        raise explain(error) from error
