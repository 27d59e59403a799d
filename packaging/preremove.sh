#!/bin/sh
# Before the package is removed (deb: "remove"; rpm: 0), not before it is upgraded.
set -e
case "$1" in
  remove | 0) ;;
  *) exit 0 ;;
esac
# A unit that is masked cannot be disabled; the package is removed nevertheless.
if [ -d /run/systemd/system ]; then
  systemctl stop ogg_exporter.socket ogg_exporter.service || true
  systemctl disable ogg_exporter.socket ogg_exporter.service || true
fi
