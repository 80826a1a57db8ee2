#!/bin/sh
# Before the files go: `remove` is dpkg's word for it, 0 is rpm's. An upgrade leaves running what runs.
set -e
case "$1" in remove | 0) ;; *) exit 0 ;; esac
for unit in /etc/systemd/system/*.wants/auditor*; do
    [ -L "$unit" ] || continue
    name=${unit##*/}
    if [ -d /run/systemd/system ]; then
        systemctl disable --now "$name"
    else
        systemctl disable "$name"
    fi
done
if [ -d /run/systemd/system ]; then
    systemctl stop auditor.service auditor-worker.service auditor-rawpkt.socket
fi
