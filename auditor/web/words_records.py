"""The words of the audit log and of seals, by key; part of ``words.UI``."""

from collections.abc import Mapping

RECORDS: Mapping[str, str] = {
    "log_chained_intro": "Each line carries a hash over itself and the line before it: "
    "what is altered, removed or put in later is found.",
    "log_check": "Check the whole log now",
    "log_holds": "The log is as it was written: {n:n} {n/line/lines}, each of which follows from those before it.",
    "log_head": "Note this elsewhere; `auditor log verify --head` asks for it later:",
    "log_broken": "The log was altered: line {number} does not follow from those before it. "
    "Compare it with the journal of the service, and restore the store from a backup.",
    "log_contradicted": "The log was altered or cut short: the seal of run {run} names a line that is not there.",
    "line_number": "Line",
    "line_hash": "Hash",
    "deed_log_chained": "lines up to this one were chained later, when the program was updated",
    "deed_access_refused": "access refused",
    "deed_login_waits": "login refused without a look at the password: too many wrong ones before",
    "deed_run_sealed": "run sealed",
    "deed_values_declared": "declared values added",
    "deed_evidence_forgotten": "evidence of a run deleted",
    "deed_store_copied": "store copied",
    "deed_store_restored": "store restored from a copy",
    "deed_samples_exported": "samples exported",
    "deed_samples_imported": "samples imported",
    "deed_service_started": "service started",
}
