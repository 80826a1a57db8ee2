"""The coordinates of units are their own, or else those of their subjects."""

from inventory.loader import load_sent
from inventory.model import Coordinates
from inventory.positions import positions

_ROWS = b"""
targets:
- {agency_code: X1, name: web, kind: host, ipv4: 10.0.0.1, coordinates: '11, 101'}
- {agency_code: X1, name: diem, kind: connection-point, ipv4: 10.0.0.2, coordinates: '12, 102'}
- {agency_code: X2, name: web, kind: host, ipv4: 10.0.0.3, coordinates: '13, 103'}
- {agency_code: X3, name: web, kind: host, ipv4: 10.0.0.4, coordinates: '14, 104'}
- {agency_code: X4, name: web, kind: host, ipv4: 10.0.0.5}
units:
- {agency_code: X1, agency_name: Xa Mot}
- {agency_code: X2, agency_name: Xa Hai, coordinates: '20, 110'}
- {agency_code: X3, agency_name: Xa Ba}
- {agency_code: X4, agency_name: Xa Bon}
"""


def test_positions_of_units_prefer_their_own_row_then_their_connection_point() -> None:
    assert positions(load_sent([("a.yaml", _ROWS)]).inventory) == {
        "X1": Coordinates(latitude=12.0, longitude=102.0),
        "X2": Coordinates(latitude=20.0, longitude=110.0),
        "X3": Coordinates(latitude=14.0, longitude=104.0),
    }
