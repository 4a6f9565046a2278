#!/bin/sh
# Makes with openssl what the tests compare our own bytes with: the signature of every
# request we send (vectors.txt), and the requests that the provider sends to us, signed and
# with the phone encrypted (ME1-*.request.golden, ME2-*.request.golden).
# Run it after `go test -run TestGoldenRequests -update ./plugins/metro`.
set -eu
cd "$(dirname "$0")"
export LC_ALL=C

# sign KEY FORM ENCODING MCH_ID NONCE_STR TIMESTAMP: SHA256withRSA over the three fields (seed 000, 三.2).
sign() {
	case $2 in
	pairs) message="mch_id=$4&nonce_str=$5&timestamp=$6" ;;
	values) message="$4&$5&$6" ;;
	esac
	case $3 in
	base64) printf '%s' "$message" | openssl dgst -sha256 -sign "$1" -binary | base64 -w 0 ;;
	hex) printf '%s' "$message" | openssl dgst -sha256 -sign "$1" -binary | od -An -v -tx1 | tr -d ' \n' ;;
	esac
}

header() { sed -n "s/^$2: //p" "$1" | head -n 1; }

for file in ME[3-8]*.request.golden; do
	form=pairs encoding=base64
	case $file in *-values-hex.*) form=values encoding=hex ;; esac
	echo "${file%.request.golden} $(sign merchant.pem $form $encoding "$(header "$file" mch_id)" "$(header "$file" nonce_str)" "$(header "$file" timestamp)")"
done >vectors.txt

# The phone: AES-256-CBC with PKCS #7 padding, Base64 (seed 000, 三.2).
key=$(printf '0123456789abcdef0123456789abcdef' | od -An -v -tx1 | tr -d ' \n')
iv=$(printf 'fedcba9876543210' | od -An -v -tx1 | tr -d ' \n')
inbound() { # FILE NONCE_STR PHONE
	phone=$(printf '%s' "$3" | openssl enc -aes-256-cbc -K "$key" -iv "$iv" -base64 -A)
	printf 'POST\nContent-Type: application/json\nmch_id: 880000000001\ntimestamp: 1767240000\nnonce_str: %s\nAuthorization: %s\n\n{"uid":"u-8800001","phone":"%s"}' \
		"$2" "$(sign provider.pem pairs base64 880000000001 "$2" 1767240000)" "$phone" >"$1.request.golden"
}
inbound ME1-open openopenopen0001 13800000001
inbound ME1-close closeclose000002 13800000001
inbound ME2-phone phonephone000003 13900000002
