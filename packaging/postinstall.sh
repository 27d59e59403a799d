#!/bin/sh
# After the package is installed or upgraded. It does not start the service: the configuration is an
# example at first.
set -e
if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers /usr/lib/sysusers.d/ogg_exporter.conf
elif ! getent passwd ogg_exporter >/dev/null; then
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin \
    --comment 'Prometheus exporter for Oracle GoldenGate' ogg_exporter
fi
# The exporter reads them as a member of its group. Whatever else the administrator has chosen stays: a link, too,
# and that a file is not there.
for path in /etc/ogg_exporter /etc/ogg_exporter/ogg_exporter.yml /etc/ogg_exporter/password; do
  if [ -e "$path" ] && [ ! -L "$path" ] && [ "$(stat -c %G "$path")" = root ]; then
    chgrp ogg_exporter "$path"
  fi
done
# The package is installed even if the unit is masked, or does not start with the configuration: systemctl says so.
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
  systemctl try-restart ogg_exporter.service || true
fi
