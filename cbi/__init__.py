"""The office: registers households, asks, schedules transfers, reconciles payouts and shows the pages."""

__version__ = "0.1.0"
