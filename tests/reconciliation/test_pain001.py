from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sepaxml
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.money import Money
from reconciliation.pain001 import NAMESPACE, Payer, Transfer, Unwritable, message
from tests.make import NOW

PAYER = Payer("Lantern Relief", "KW81CBKU0000000000001234560101", "LANTKWKW", is_iban=True)
NAMES = {"p": NAMESPACE}


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    """The published structure of pain.001.001.09."""
    return xmlschema.XMLSchema(str(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"))


def transfer(number: int = 1, **more: object) -> Transfer:
    kept = {"reference": f"T7K4-{number:04d}", "amount": Money(1_250_050, "KES"), "name": "Juniper Moonbeam", "account": "0110000000022"}
    return Transfer(**{**kept, **more})  # type: ignore[arg-type]


def written(*transfers: Transfer, payer: Payer = PAYER) -> bytes:
    return message("L-2026-031", payer, transfers, made_at=NOW, on=date(2026, 11, 30))


def test_a_list_is_a_message_of_the_published_structure(schema: xmlschema.XMLSchema):
    content = written(
        transfer(1), transfer(2, account="KW81CBKU0000000000001234560101", is_iban=True), transfer(3, account="", text="L-2026-031")
    )

    schema.validate(content.decode())

    tree = xmlschema.XMLResource(content.decode()).root
    assert tree.findtext(".//p:GrpHdr/p:NbOfTxs", namespaces=NAMES) == "3"
    assert tree.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=NAMES) == "37501.50"
    assert [one.text for one in tree.findall(".//p:EndToEndId", NAMES)] == ["T7K4-0001", "T7K4-0002", "T7K4-0003"]
    assert [(one.text, one.get("Ccy")) for one in tree.findall(".//p:InstdAmt", NAMES)] == [("12500.50", "KES")] * 3


def test_the_same_list_is_the_same_message_to_the_byte():
    assert written(transfer()) == written(transfer())


def test_a_payer_without_a_bank_code_is_still_of_the_published_structure(schema: xmlschema.XMLSchema):
    schema.validate(written(transfer(), payer=Payer("Lantern Relief", "0110000000011")).decode())


@pytest.mark.parametrize(("minor", "currency", "figures"), [(5, "UGX", "5"), (1_250_500, "JOD", "1250.500"), (1, "USD", "0.01")])
def test_an_amount_has_the_decimals_of_its_currency(minor: int, currency: str, figures: str, schema: xmlschema.XMLSchema):
    content = written(transfer(amount=Money(minor, currency)))

    schema.validate(content.decode())
    assert f'Ccy="{currency}">{figures}</InstdAmt>' in content.decode()


def test_an_account_that_would_have_to_be_cut_is_refused():
    with pytest.raises(Unwritable):
        written(transfer(account="9" * 35))


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1, max_size=200).filter(lambda name: any(sign.isalnum() for sign in name)), st.integers(1, 10**15))
def test_any_name_and_amount_make_a_message_of_the_published_structure(schema: xmlschema.XMLSchema, name: str, minor: int):
    schema.validate(written(transfer(name=name, amount=Money(minor, "KES"))).decode())
