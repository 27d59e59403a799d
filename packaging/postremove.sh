#!/bin/sh
# After the package is removed. The user stays, so that nobody else gets its number and, with it, files
# that still belong to it. A deb that is purged takes the whole directory of the configuration along.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
if [ "$1" = purge ]; then
  rm -rf /etc/ogg_exporter
fi
