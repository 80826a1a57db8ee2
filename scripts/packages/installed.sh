#!/bin/sh
# After the files are there, at the first installation and at an upgrade. Nothing is started that was not running.
set -e
systemd-sysusers auditor.conf
# It wants /proc, which a root that is being made for an image may not have; the units make the folder too.
systemd-tmpfiles --create auditor.conf || :
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
/usr/lib/systemd/systemd-sysctl /usr/lib/sysctl.d/60-auditor.conf
systemctl try-restart auditor.service auditor-worker.service
