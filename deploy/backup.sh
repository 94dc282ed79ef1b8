#!/bin/sh
# Copies migrator's database into FOLDER while it is in use, and deletes copies that are more than DAYS (14) old.
#   backup.sh FOLDER [DAYS]
# The copy is in the clear and holds other people's hours: encrypt it before it leaves the machine.
set -eu
umask 077
folder=${1:?"usage: backup.sh FOLDER [DAYS]"}
days=${2:-14}
mkdir -p -- "$folder"
file="$folder/migrator-$(date -u +%Y%m%dT%H%M%SZ).copy"
# Deliberately split: MIGRATOR may be a program with its first arguments.
${MIGRATOR:-migrator} db backup "$file" --no-input
find "$folder" -maxdepth 1 -type f -name 'migrator-*.copy' -mtime "+$days" -delete
