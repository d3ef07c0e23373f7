"""What there is for schools."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no row is read but those of help
@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_teachers_find_their_page_from_every_other_one(client: FlaskClient, lang: str) -> None:
    assert f'href="/{lang}/schools"' in client.get(f"/{lang}/").text
    answer = client.get(f"/{lang}/schools")
    assert f'href="/{lang}/gallery"' in answer.text
    assert "Set-Cookie" not in answer.headers
