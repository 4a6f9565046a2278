#!/bin/sh
# Makes with openssl what the tests compare our own bytes with: the signature of every request we send and of what opens
# the wallet (vectors.txt), and the signatures of the notifications in WX8-*.request.golden. Those are sealed under the
# APIv3 key by the tests (openssl's command has no AES-GCM); their bodies stay, their header fields are made here.
# Run it after `go test -run TestGoldenRequests -update ./plugins/wechatpay`.
set -eu
cd "$(dirname "$0")"
export LC_ALL=C

sign() { openssl dgst -sha256 -sign "$1" -binary | base64 -w 0; }

field() { printf '%s' "$1" | sed -n "s/.*$2=\"\([^\"]*\)\".*/\1/p"; }

# The body of a file, byte for byte: what follows its first empty line.
body() { sed '1,/^$/d' "$1"; }

# 签名生成: method, path with query, time, nonce and body, each ended by a newline.
for file in WX*.request.golden; do
	case $file in WX8-*) continue ;; esac
	authorization=$(sed -n 's/^Authorization: //p' "$file" | head -n 1)
	line=$(head -n 1 "$file")
	{
		printf '%s\n%s\n%s\n%s\n' "${line%% *}" "${line#* }" "$(field "$authorization" timestamp)" "$(field "$authorization" nonce_str)"
		body "$file"
		printf '\n'
	} | sign merchant.key.pem >signature.tmp
	echo "${file%.request.golden} $(cat signature.tmp)"
done >vectors.txt

# JSAPI调起支付: app, time, nonce and package, each ended by a newline.
printf 'wxd678efh567hg6787\n1767240000\n000102030405060708090a0b0c0d0e0f\nprepay_id=wx201410272009395522657a690389285100\n' | sign merchant.key.pem >signature.tmp
echo "paySign $(cat signature.tmp)" >>vectors.txt

for file in WX8-*.request.golden; do
	body "$file" >body.tmp
	case $file in
	*-payment*) key=platform.key.pem serial=5157F09EFDC096DE15EBE81A47057A7232F1B8E1 ;;
	*) key=public.key.pem serial=PUB_KEY_ID_0119000001092026010100000000000001 ;;
	esac
	{
		printf '1767240000\nEkfsHEXKc7GqEdRaKVOMTVgSkzdAtEKX\n'
		cat body.tmp
		printf '\n'
	} | sign $key >signature.tmp
	{
		printf 'POST\nContent-Type: application/json\nWechatpay-Timestamp: 1767240000\nWechatpay-Nonce: EkfsHEXKc7GqEdRaKVOMTVgSkzdAtEKX\n'
		printf 'Wechatpay-Serial: %s\nWechatpay-Signature: %s\n\n' "$serial" "$(cat signature.tmp)"
		cat body.tmp
	} >"$file"
done
rm -f signature.tmp body.tmp
