"""Phones, documents and accounts as people type them: read into one spelling, or refused with a sentence that says what to do."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from cbi.errors import Refused
from cbi.people.tables import AccountKind
from cbi.web.words import _

_EXAMPLE = "+254 712 123456"
_DOCUMENT = re.compile(r"[0-9A-Z][0-9A-Z/.\-]{2,39}")
_INVENTED = re.compile(r"\+999\d{6,12}")  # +999 belongs to nobody (ITU-T E.164): example operations use it for invented people
_SHORTEST_MASKED = 5
_ACCOUNT = re.compile(r"[0-9A-Z]{4,34}")


def read_phone(text: str, country: str) -> str:
    """A phone in international form ("+254712123456"). country: where a number without + is dialled ("KE"). Raises Refused."""
    typed = _digits(text).strip()
    if typed.startswith("00"):
        typed = "+" + typed[2:]
    invented = re.sub(r"[\s()./-]+", "", typed)
    if _INVENTED.fullmatch(invented):
        return invented
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and _is_whole(typed, number) and not phonenumbers.is_valid_number(number):
        raise Refused(_("read the phone again: its country has no such number; or leave it empty"))
    if number is None or not phonenumbers.is_valid_number(number):
        raise Refused(
            _("write the phone with its country code, for example %(example)s, or leave it empty", example=phone_example(country))
        )
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _is_whole(typed: str, number: phonenumbers.PhoneNumber) -> bool:
    """Whether the country code was typed, and as many digits as numbers of that country have: it is not the code that is missing."""
    return re.sub(r"\D", "", typed).startswith(str(number.country_code)) and phonenumbers.is_possible_number(number)


def phone_example(country: str) -> str:
    """A number of this country to show as an example."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    return str(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)) if example else _EXAMPLE


def show_phone(number: str) -> str:
    """A kept phone with spaces, for reading."""
    if _INVENTED.fullmatch(number):
        return f"{number[:4]} {number[4:7]} {number[7:]}"
    try:
        return str(phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    except phonenumbers.NumberParseException:
        return number


def read_document(text: str) -> str:
    """A document's number in capitals without spaces ("KH-118271"). Raises Refused."""
    typed = re.sub(r"\s+", "", _digits(text)).upper()
    if _DOCUMENT.fullmatch(typed) and not any(character.isdigit() for character in typed):
        raise Refused(_("write the number that stands on the document, for example KH-118271, or leave it empty: this has no digit"))
    if not _DOCUMENT.fullmatch(typed):
        raise Refused(_("write the document's number with letters, digits, / . or - only, for example KH-118271, or leave it empty"))
    return typed


def read_account(text: str, kind: AccountKind, country: str) -> str:
    """The number of an account: a phone for mobile money, an IBAN or account number for a bank, digits for a card. Raises Refused."""
    if kind is AccountKind.MOBILE_MONEY:
        return read_phone(text, country)
    typed = re.sub(r"[\s\-]+", "", _digits(text)).upper()
    if kind is AccountKind.CARD and not re.fullmatch(r"\d{6,19}", typed):
        raise Refused(_("write the card's number in 6 to 19 digits, for example 5021 0000 1234"))
    if not _ACCOUNT.fullmatch(typed):
        raise Refused(_("write the account's number with letters and digits only, for example KW12 0001 2345 6789"))
    if re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}", typed):
        _check_iban(typed)
    return typed


def mask(number: str) -> str:
    """A number that can be compared but not copied: its first two and last two characters."""
    return f"{number[:2]}·····{number[-2:]}" if len(number) >= _SHORTEST_MASKED else "·····"


def _check_iban(text: str) -> None:
    """Two letters and two digits begin an IBAN; its remainder by 97 is 1 (ISO 13616). A mistyped one is refused."""
    moved = text[4:] + text[:4]
    if int("".join(str(int(character, 36)) for character in moved)) % 97 != 1:
        raise Refused(_("read the IBAN again: one character is wrong or missing, for example GB82 WEST 1234 5698 7654 32 is whole"))


def _digits(text: str) -> str:
    """Digits of any script as 0 to 9, without marks nobody sees."""
    kept = (character for character in text if unicodedata.category(character) != "Cf")
    return "".join(str(unicodedata.digit(character)) if character.isdigit() else character for character in kept)
