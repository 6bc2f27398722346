"""The words pages use for the closed lists of transfers."""

from __future__ import annotations

from cbi.transfers.approvals import Seat
from cbi.transfers.compare import Change
from cbi.transfers.payees import Wait
from cbi.transfers.programmes import ExportField
from cbi.transfers.tables import CycleStatus, LeftOutReason, ListStatus, Mechanism
from cbi.transfers.templates import AmountStyle, DateStyle, FileForm
from cbi.web.words import _l

MECHANISMS = {
    Mechanism.CASH_AGENT: _l("Cash agent"),
    Mechanism.MOBILE_MONEY: _l("Mobile money"),
    Mechanism.BANK: _l("Bank account"),
    Mechanism.CARD: _l("Card"),
    Mechanism.VOUCHER: _l("Voucher"),
}
FIELDS = {
    ExportField.REFERENCE: _l("Transfer reference"),
    ExportField.NAME: _l("Payee's name"),
    ExportField.PHONE: _l("Phone with country code"),
    ExportField.PHONE_DIGITS: _l("Phone with country code, figures only"),
    ExportField.PHONE_LOCAL: _l("Phone as dialled at home"),
    ExportField.ACCOUNT: _l("Account, card or wallet number"),
    ExportField.TOKEN: _l("Token"),
    ExportField.AMOUNT: _l("Amount"),
    ExportField.CURRENCY: _l("Currency"),
    ExportField.SITE: _l("Place"),
    ExportField.LIST: _l("Payment list"),
    ExportField.DATE: _l("Day of release"),
    ExportField.FIXED: _l("The same text on every line"),
}
FORMS = {
    FileForm.WORKBOOK: _l("Workbook (.xlsx)"),
    FileForm.LOCKED: _l("Workbook behind a password (.xlsx)"),
    FileForm.CSV: _l("Text with semicolons (.csv)"),
    FileForm.PAIN: _l("Bank message (ISO 20022 pain.001)"),
}
AMOUNTS = {
    AmountStyle.NUMBER: _l("Number of the workbook, 1250.50"),
    AmountStyle.POINT: _l("Text with a point, 1250.50"),
    AmountStyle.COMMA: _l("Text with a comma, 1250,50"),
    AmountStyle.MINOR: _l("Smallest units, 125050"),
}
DATES = {DateStyle.YMD: _l("2026-11-30"), DateStyle.DMY: _l("30/11/2026")}
CYCLES = {CycleStatus.DRAFT: _l("Draft"), CycleStatus.FROZEN: _l("Frozen"), CycleStatus.CLOSED: _l("Closed")}
LISTS = {
    ListStatus.DRAFT: _l("Draft"),
    ListStatus.SUBMITTED: _l("Submitted"),
    ListStatus.APPROVED: _l("Approved"),
    ListStatus.RELEASED: _l("Released"),
    ListStatus.CLOSED: _l("Closed"),
    ListStatus.SENT_BACK: _l("Sent back"),
}
LEFT_OUT = {
    LeftOutReason.CONSENT: _l("Consent not given"),
    LeftOutReason.REVIEW: _l("On review"),
    LeftOutReason.WITHDRAWN: _l("Withdrawn"),
    LeftOutReason.MERGED: _l("Merged with another"),
    LeftOutReason.COUNTED: _l("Counted with the household it split off from"),
    LeftOutReason.ACCOUNT: _l("No account to pay to"),
    LeftOutReason.NOT_ENROLLED: _l("Not enrolled in the programme"),
}
WAITS = {
    Wait.PAYEE_CHANGED: _l("Payee changed: in the last 72 hours, or not confirmed yet"),
    Wait.REVIEW: _l("On review"),
    Wait.CONSENT: _l("Consent not given"),
    Wait.LEFT: _l("Withdrawn or merged"),
    Wait.ACCOUNT: _l("No account to pay to"),
    Wait.PROVIDER: _l("No provider of this programme pays as arranged"),
    Wait.KEPT: _l("Kept until the household asks"),
    Wait.RECIPIENT: _l("Nobody is named to receive"),
    Wait.SHARES: _l("Separate transfers changed meanwhile: arrange who is paid the rest, the same adults or one recipient by name"),
}
CHANGES = {
    Change.NEW: _l("New on the list"),
    Change.GONE: _l("No longer on it"),
    Change.ELSEWHERE: _l("On another list of this cycle"),
    Change.AMOUNT: _l("Amount changed"),
    Change.PAYEE: _l("Payee changed"),
}
SEATS = {
    Seat.MAKER: _l("You prepared this list. Who prepares a list never approves or releases it."),
    Seat.APPROVER: _l("You approved this list."),
    Seat.RELEASER: _l("You released this list."),
    Seat.PAYEE_EDITOR: _l("You entered a payee of this list. Who enters a payee never approves or releases the list."),
}
