#!/bin/sh
# Signs the Body of every golden message with openssl: the upper-case MD5 of the Body with `/`
# written `\/`, "&key=" and the key (3.3.2.1). Run it after
# `go test -run TestGolden -update ./plugins/mmsp`.
set -eu
cd "$(dirname "$0")"
merchant_key=0123456789abcdef0123456789abcdef
agent_key=fedcba9876543210fedcba9876543210
for file in *.golden; do
	body=$(sed -n 's/.*"Body":\({.*}\),"Sign":"[0-9A-F]\{32\}".*/\1/p' "$file")
	if [ -z "$body" ]; then continue; fi
	key=$merchant_key
	case $file in *-agent.*) key=$agent_key ;; esac
	sign=$(printf '%s&key=%s' "$body" "$key" | sed 's#/#\\/#g' | openssl md5 -r | cut -d' ' -f1 | tr a-f A-F)
	echo "$file $sign"
done >vectors.txt
