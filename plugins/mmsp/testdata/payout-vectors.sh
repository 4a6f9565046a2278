#!/bin/sh
# What openssl makes of the golden payout messages, so that the tests compare with it and not
# with our own arithmetic. Run it after `go test -run TestGolden -update ./plugins/mmsp`.
#   payout-vectors.txt    <request> SHA1withRSA of the message, in Base64; <reply> SHA-256 of what its blocks open to
#   payout-openssl.reply  a reply whose blocks openssl sealed
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# open_blocks decrypts standard input, 128 bytes at a time, and joins the bytes.
open_blocks() {
	rm -f "$work"/block.*
	split -b 128 - "$work/block."
	for block in "$work"/block.*; do
		openssl pkeyutl -decrypt -inkey "$1" -in "$block"
	done
}

# seal_blocks encrypts standard input, 117 bytes at a time.
seal_blocks() {
	rm -f "$work"/block.*
	split -b 117 - "$work/block."
	for block in "$work"/block.*; do
		openssl pkeyutl -encrypt -pubin -inkey "$1" -in "$block"
	done
}

for file in PO*.request.golden; do
	# The message is the last line; it has no newline of its own.
	sign=$(tail -n 1 "$file" | openssl dgst -sha1 -sign payout-merchant.key.pem | openssl base64 -A)
	echo "$file $sign"
done >payout-vectors.txt
for file in PO*.reply.golden; do
	sealed=$(sed -n 's/.*"ENCRYPT":"\([^"]*\)".*/\1/p' "$file")
	if [ -z "$sealed" ]; then continue; fi
	sum=$(echo "$sealed" | openssl base64 -d -A | open_blocks payout-merchant.key.pem | openssl sha256 -r | cut -d' ' -f1)
	echo "$file $sum"
done >>payout-vectors.txt

sealed=$(tail -n 1 payout-openssl.txt | tr -d '\n' | seal_blocks payout-merchant.pub.pem | openssl base64 -A)
printf '{"RETCODE":"0000","RETMSG":"","ENCRYPT":"%s"}' "$sealed" >payout-openssl.reply
