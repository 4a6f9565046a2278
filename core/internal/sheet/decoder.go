package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The encodings that files come in, as they are named to people.
const (
	UTF8    = "UTF-8"
	GB18030 = "GB18030"
)

// The codes of a FileError.
const (
	CodeEncoding = "wrong_encoding"
	CodeNotCSV   = "not_csv"
)

// window is how much of a file is looked at to tell its encoding, and read at once.
const window = 64 << 10

// Decoder turns a file into UTF-8 as it is read, without BOM. The encoding is told from the
// first bytes that are not ASCII: what is valid UTF-8 is hardly ever meant as something else.
type Decoder struct {
	src      *bufio.Reader
	encoding string // empty until it is told
	started  bool
	line     int64 // that is being read
	gb       transform.Transformer
	out      []byte // decoded and not yet given
	room     []byte
}

// NewDecoder reads a file whose encoding is known (UTF8, GB18030) or empty.
func NewDecoder(file io.Reader, encoding string) *Decoder {
	return &Decoder{src: bufio.NewReaderSize(file, window), encoding: encoding, line: 1, gb: simplifiedchinese.GB18030.NewDecoder()}
}

// Encoding is what the file was found to be in; of ASCII, UTF8.
func (d *Decoder) Encoding() string {
	if d.encoding == "" {
		return UTF8
	}
	return d.encoding
}

// Read implements io.Reader. Errors: *FileError; the file's own.
func (d *Decoder) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(d.out) == 0 {
		if err := d.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

// fill decodes the next part of the file.
func (d *Decoder) fill() error {
	raw, err := d.src.Peek(window)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	last := err != nil
	if !d.started {
		d.started = true
		return d.begin(raw)
	}
	if len(raw) == 0 {
		return io.EOF
	}
	if i := bytes.IndexByte(raw, 0); i == 0 {
		return d.problem(CodeNotCSV, "there is a NUL byte: this is no CSV file.", "含有 NUL 字节，不是 CSV 文件。")
	} else if i > 0 {
		raw, last = raw[:i], true // what stands before it must be whole
	}
	used, err := d.decode(raw, last)
	if err != nil {
		return err
	}
	d.line += int64(bytes.Count(d.out, []byte("\n")))
	_, err = d.src.Discard(used)
	return err
}

// begin refuses what is no text file, and takes a BOM off.
func (d *Decoder) begin(raw []byte) error {
	switch {
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")), bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0")):
		return &FileError{0, CodeNotCSV, core.Text{EN: "This is a workbook or an archive, not a CSV file: save it as CSV UTF-8.", ZH: "这是 Excel 工作簿或压缩包，不是 CSV 文件：请另存为 CSV UTF-8。"}}
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return &FileError{0, CodeEncoding, core.Text{EN: "The file is in UTF-16: save it as CSV UTF-8.", ZH: "文件编码为 UTF-16：请另存为 CSV UTF-8。"}}
	case bytes.HasPrefix(raw, []byte(BOM)):
		if d.encoding == GB18030 {
			return &FileError{0, CodeEncoding, core.Text{EN: "The file is in UTF-8, not in GB18030.", ZH: "文件编码为 UTF-8，不是 GB18030。"}}
		}
		d.encoding = UTF8
		_, err := d.src.Discard(len(BOM))
		return err
	}
	return nil
}

// decode gives what is readable of raw to out and says how many bytes that were. It takes at
// least one.
func (d *Decoder) decode(raw []byte, last bool) (int, error) {
	if d.encoding == "" {
		plain := ascii(raw)
		if plain > 0 {
			d.room = append(d.room[:0], raw[:plain]...)
			d.out = d.room
			return plain, nil
		}
		if err := d.tell(raw, last); err != nil {
			return 0, err
		}
	}
	if d.encoding == UTF8 {
		return d.decodeUTF8(raw, last)
	}
	return d.decodeGB(raw, last)
}

func ascii(raw []byte) int {
	i := bytes.IndexFunc(raw, func(r rune) bool { return r >= utf8.RuneSelf })
	if i < 0 {
		return len(raw)
	}
	return i
}

// tell decides by what begins with the first byte that is not ASCII.
func (d *Decoder) tell(raw []byte, last bool) error {
	good := valid(raw)
	if good == len(raw) || good > 0 && !utf8.FullRune(raw[good:]) {
		d.encoding = UTF8
		return nil
	}
	text := make([]byte, 4*len(raw))
	n, _, err := d.gb.Transform(text, raw, last)
	d.gb.Reset()
	if err != nil && !errors.Is(err, transform.ErrShortSrc) || bytes.ContainsRune(text[:n], utf8.RuneError) {
		d.line += int64(bytes.Count(raw[:good], []byte("\n")))
		return d.problem(CodeEncoding, "the file is in neither UTF-8 nor GB18030: save it as CSV UTF-8.", "文件编码既不是 UTF-8 也不是 GB18030：请另存为 CSV UTF-8。")
	}
	d.encoding = GB18030
	return nil
}

// valid is the length of the longest prefix of whole runes.
func valid(raw []byte) int {
	for i := 0; i < len(raw); {
		if raw[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(raw)
}

func (d *Decoder) decodeUTF8(raw []byte, last bool) (int, error) {
	n := valid(raw)
	if n == 0 && (last || utf8.FullRune(raw) || len(raw) >= utf8.UTFMax) {
		return 0, d.problem(CodeEncoding, "there are bytes that are no UTF-8: the file is damaged or in mixed encodings.", "含有无效的 UTF-8 字节：文件已损坏或混用了编码。")
	}
	d.room = append(d.room[:0], raw[:n]...)
	d.out = d.room
	return n, nil
}

func (d *Decoder) decodeGB(raw []byte, last bool) (int, error) {
	if cap(d.room) < 4*window {
		d.room = make([]byte, 4*window)
	}
	text := d.room[:cap(d.room)]
	n, used, err := d.gb.Transform(text, raw, last)
	if err != nil && !errors.Is(err, transform.ErrShortSrc) {
		return 0, fmt.Errorf("sheet: decode GB18030: %w", err)
	}
	bad := bytes.IndexRune(text[:n], utf8.RuneError)
	if bad >= 0 || used == 0 {
		d.line += int64(bytes.Count(text[:max(bad, 0)], []byte("\n")))
		return 0, d.problem(CodeEncoding, "there are bytes that are no GB18030: the file is damaged or in mixed encodings.", "含有无效的 GB18030 字节：文件已损坏或混用了编码。")
	}
	d.out = text[:n]
	return used, nil
}

func (d *Decoder) problem(code, en, zh string) error {
	return &FileError{d.line, code, core.Text{EN: fmt.Sprintf("Line %d: %s", d.line, en), ZH: fmt.Sprintf("第 %d 行：%s", d.line, zh)}}
}

// Text decodes a whole small file.
func Text(data []byte) (text, encoding string, err error) {
	d := NewDecoder(bytes.NewReader(data), "")
	var out strings.Builder
	if _, err := io.Copy(&out, d); err != nil {
		return "", "", err
	}
	return out.String(), d.Encoding(), nil
}
