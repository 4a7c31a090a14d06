#!/usr/bin/env bash
exec "$(dirname "$0")/run" kafka.admin.ConfigCommand "$@"
