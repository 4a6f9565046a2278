package keyring

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// readable turns what a person pasted or saved into plain text: byte order marks, UTF-16
// from Notepad, full-width letters from an input method, invisible characters. ok is false
// for what is no text.
func readable(data []byte) (text string, ok bool) {
	data = fromUTF16(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", false
	}
	text = strings.Map(plainRune, string(data))
	for _, r := range text {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return "", false
		}
	}
	return strings.TrimSpace(text), true
}

func plainRune(r rune) rune {
	switch {
	case r >= '！' && r <= '～': // the full-width forms of ASCII
		return r - '！' + '!'
	case r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u2060' || r == '\ufeff' || r == '\u00ad':
		return -1
	case r != '\n' && r != '\r' && r != '\t' && unicode.IsSpace(r):
		return ' '
	}
	return r
}

func fromUTF16(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case len(data)%2 != 0:
		return data
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return data
	}
	units := make([]uint16, 0, len(data)/2-1)
	for i := 2; i < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// armor is one BEGIN…END piece of a text, its body decoded.
type armor struct {
	label     string
	body      []byte
	broken    bool // the body is no Base64, or END is missing
	encrypted bool // the old "Proc-Type: 4,ENCRYPTED" form
}

var (
	beginLine = regexp.MustCompile(`[-–—−]{2,}\s*BEGIN ([A-Z0-9 ]+?)\s*[-–—−]{2,}`)
	endLine   = regexp.MustCompile(`[-–—−]{2,}\s*END [A-Z0-9 ]+?\s*[-–—−]{2,}`)
	headLine  = regexp.MustCompile(`(?m)^[A-Za-z-]+: .*$`)
)

// armors finds the PEM pieces of a text, more forgiving than encoding/pem: everything may
// be on one line, breaks may be written as \n, dashes may have become typographic ones.
func armors(text string) []armor {
	text = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\r`, "\n").Replace(text)
	var found []armor
	for {
		begin := beginLine.FindStringSubmatchIndex(text)
		if begin == nil {
			return found
		}
		piece := armor{label: text[begin[2]:begin[3]]}
		rest := text[begin[1]:]
		end := endLine.FindStringIndex(rest)
		if end == nil {
			piece.broken = true
			return append(found, piece)
		}
		inside := rest[:end[0]]
		piece.encrypted = strings.Contains(inside, "ENCRYPTED")
		body, ok := decodeBase64(headLine.ReplaceAllString(inside, ""))
		piece.body, piece.broken = body, !ok
		found = append(found, piece)
		text = rest[end[1]:]
	}
}

// decodeBase64 accepts both alphabets, any white space, quotes around and missing padding.
func decodeBase64(text string) ([]byte, bool) {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	text = strings.NewReplacer(`\n`, "", `\r`, "", "-", "+", "_", "/").Replace(text)
	text = strings.Join(strings.Fields(text), "")
	text = strings.TrimRight(text, "=")
	if text == "" {
		return nil, false
	}
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	return decoded, err == nil
}
