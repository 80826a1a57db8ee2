#!/bin/sh
# After the files are gone. The store and the user stay until Debian's `purge`; rpm has no such word and keeps them.
set -e
case "$1" in
    remove | 0)
        rm -rf /opt/auditor
        ;;
    purge)
        rm -rf /opt/auditor /var/lib/auditor
        if getent passwd auditor >/dev/null; then userdel auditor; fi
        if [ -d /etc/auditor ]; then rmdir --ignore-fail-on-non-empty /etc/auditor; fi
        ;;
esac
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
