#!/bin/sh
# Before the package is removed (deb: "remove"; rpm: 0), not before it is upgraded.
set -e
case "$1" in
  remove | 0) ;;
  *) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl disable --now ogg_exporter.service ogg_exporter.socket
fi
