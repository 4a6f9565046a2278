#!/bin/sh
# Signs the body of every golden request with openssl: MD5 of the body's bytes and the
# key (document, 二.2). Run it after `go test -run TestGoldenRequests -update`.
set -eu
cd "$(dirname "$0")"
terminal_key=0123456789abcdef0123456789abcdef
vendor_key=fedcba9876543210fedcba9876543210
for file in *.request.golden; do
	name=${file%.request.golden}
	key=$terminal_key
	if [ "$name" = SQ6-activate ]; then key=$vendor_key; fi
	# The body is what follows the empty line; it has no newline of its own.
	sign=$({ sed '1,/^$/d' "$file" && printf '%s' "$key"; } | openssl md5 -r | cut -d' ' -f1)
	echo "$name $sign"
done >vectors.txt
