package journal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/journal"
)

func open(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func TestRecordsComeBackWithoutTheTornEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "j")
	first := open(t, path)
	first.Append(map[string]int{"a": 1})
	first.Append("two")
	if err := first.Err(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(content, `{"torn":`...), 0o600); err != nil {
		t.Fatal(err)
	}
	second := open(t, path)
	records := second.Take()
	if len(records) != 2 || string(records[0]) != `{"a":1}` || string(records[1]) != `"two"` || len(second.Take()) != 0 {
		t.Errorf("%s", records)
	}
	second.Append(3)
	if records := open(t, path).Take(); len(records) != 3 || string(records[2]) != "3" {
		t.Errorf("%s", records)
	}
}

func TestABrokenLineIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "j")
	if err := os.WriteFile(path, []byte("1\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(path); err == nil {
		t.Error("a line that is not JSON was accepted")
	}
	if _, err := journal.Open(filepath.Join(path, "below")); err == nil {
		t.Error("a path below a file was opened")
	}
}

func TestErrorsAreKept(t *testing.T) {
	t.Parallel()
	j := open(t, filepath.Join(t.TempDir(), "j"))
	j.Append(make(chan int))
	if j.Err() == nil {
		t.Error("a record that is not JSON was taken")
	}
	j.Append(1)
	if len(j.Take()) != 0 || j.Err() == nil {
		t.Error("it went on after an error")
	}
	var none *journal.Journal
	none.Append(1)
	if none.Err() != nil || none.Take() != nil || none.Close() != nil {
		t.Error("no journal is not a journal that keeps nothing")
	}
}
