package wechatpay

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // the provider's checksum
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// bills holds the files that were asked for and can be downloaded. The zero value is empty.
type bills struct {
	mu    sync.Mutex
	files map[string]billFile // by token
}

type billFile struct {
	mchID   string
	content []byte // as it is sent: compressed if that was asked for
	expires time.Time
}

func (b *bills) put(token string, f billFile, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.files == nil {
		b.files = make(map[string]billFile)
	}
	for old, file := range b.files {
		if now.After(file.expires) {
			delete(b.files, old)
		}
	}
	b.files[token] = f
}

func (b *bills) find(token string) (billFile, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f, ok := b.files[token]
	return f, ok
}

func (b *bills) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files = nil
}

// billMonths is how far back bills can be asked for.
const billMonths = 3

// tradeBill makes a day's bill and answers where it can be downloaded.
func (s *Simulator) tradeBill(req *request) reply {
	day, kind := req.text("bill_date"), or(req.text("bill_type"), BillAll)
	now := s.now()
	made, err := s.billMade(day)
	if err != nil {
		return refused(codeSystem, err.Error()) // the format was checked: this cannot be
	}
	switch {
	case day >= date(now):
		return s.refuseDay(req, "账单日期应早于当前日期")
	case day < date(now.In(beijing()).AddDate(0, -billMonths, 0)):
		return s.refuseDay(req, "仅支持三个月内的账单下载申请")
	case s.opts.BillReady > 0 && now.Before(made):
		return refused(codeCreating, "")
	}
	lines := s.lines(req.merchant, day, kind, made)
	if len(lines) == 0 {
		return refused(codeNoStatement, "")
	}
	var wrong int64
	if req.decision.Is(faults.WrongAmount) {
		wrong = orElse(req.decision.Rule.Amount, 1, req.decision.Rule.Amount == 0)
	}
	text := s.render(req.merchant, kind, lines, wrong)
	return s.offer(req, []byte(text), now)
}

// refuseDay is a bill_date that was never possible.
func (s *Simulator) refuseDay(req *request, why string) reply {
	return s.refuse(req, codeInvalid, frame.Problem{Field: "bill_date", Rule: frame.RuleValue, Message: why})
}

// offer keeps a bill for download. The hash is that of the text, compressed or not.
func (s *Simulator) offer(req *request, text []byte, now time.Time) reply {
	sum := sha1.Sum(text) //nolint:gosec // the provider's checksum
	content := text
	if req.text("tar_type") == "GZIP" {
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		_, err := writer.Write(text)
		if closeErr := writer.Close(); err != nil || closeErr != nil {
			return refused(codeSystem, "the bill cannot be compressed")
		}
		content = packed.Bytes()
	}
	token, err := s.draw(alphanumeric, 64)
	if err != nil {
		return refused(codeSystem, err.Error())
	}
	s.bills.put(token, billFile{mchID: req.mchID, content: content, expires: now.Add(s.opts.BillTTL)}, now)
	if req.decision.Is(FaultWrongHash) {
		sum[0] ^= 1
	}
	return success(data{
		"hash_type": "SHA1", "hash_value": hex.EncodeToString(sum[:]),
		"download_url": fmt.Sprintf("%s/v3/billdownload/file?token=%s", or(s.opts.BaseURL, "http://"+req.host), token),
	})
}

// billFile sends a bill. The reply is not signed.
func (s *Simulator) billFile(req *request) reply {
	file, known := s.bills.find(req.text("token"))
	switch {
	case !known || s.now().After(file.expires):
		return refused(codeInvalid, "账单下载地址无效或已过期，请重新获取")
	case file.mchID != req.mchID:
		return s.refuse(req, codeNoAuth, frame.Problem{Field: "token", Rule: frame.RuleAccount, Message: words(codeNoAuth)})
	}
	return reply{file: file.content, unsigned: true}
}
