"""What an analyst writes in an afternoon: `python analyst.py LIST.csv REPORT.xlsx OUT.xlsx` with pandas and openpyxl. It prints its counts as JSON."""

import json
import sys

import pandas as pd

instructed = pd.read_csv(sys.argv[1], dtype=str)
instructed["amount"] = instructed["amount"].astype(float)
report = pd.read_excel(sys.argv[2], engine="openpyxl", dtype={"Reference": str, "Recipient Phone": str})

report["failed"] = report["Transaction Status"].str.lower().isin(["failed", "rejected", "reversed"])
paid = report[~report["failed"]].groupby("Reference")["Amount"].agg(["sum", "count"]).reset_index()
failed = report[report["failed"]].groupby("Reference")["Status Reason"].first().reset_index()
merged = instructed.merge(paid, left_on="reference", right_on="Reference", how="left")
merged = merged.merge(failed, left_on="reference", right_on="Reference", how="left", suffixes=("", "_failed"))


def outcome(row):
    if pd.isna(row["sum"]):
        return "FAILED" if not pd.isna(row["Status Reason"]) else "MISSING"
    if row["count"] > 1 and row["sum"] == row["amount"] * row["count"]:
        return "PAID_TWICE"
    if row["sum"] == row["amount"]:
        return "PAID"
    return "PAID_LESS" if row["sum"] < row["amount"] else "PAID_MORE"


merged["outcome"] = merged.apply(outcome, axis=1)
strangers = report[~report["Reference"].isin(instructed["reference"])]
with pd.ExcelWriter(sys.argv[3], engine="openpyxl") as book:
    merged["outcome"].value_counts().to_excel(book, sheet_name="Summary")
    merged[merged["outcome"] != "PAID"].to_excel(book, sheet_name="Exceptions", index=False)
    strangers.to_excel(book, sheet_name="Not ours", index=False)
counts = {kind: int(count) for kind, count in merged["outcome"].value_counts().items()}
print(json.dumps({**counts, "NOT_OURS": len(strangers)}))  # noqa: T201
