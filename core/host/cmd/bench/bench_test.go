package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	var d []time.Duration
	for i := range 101 {
		d = append(d, time.Duration(100-i))
	}
	for q, want := range map[float64]time.Duration{0: 0, 0.5: 50, 0.95: 95, 1: 100} {
		if got := quantile(d, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Errorf("quantile of nothing is %v", got)
	}
}

func TestFailedPaymentsAreNotThroughput(t *testing.T) {
	t.Parallel()
	took := []time.Duration{time.Second, 3 * time.Second}
	s := summarize([]*caller{{took: took}, {failed: 7, err: errors.New("refused")}}, 4*time.Second)
	if s.payments != 2 || s.perSecond != 0.5 || s.failed != 7 {
		t.Errorf("got %+v", s)
	}
	if failures([]sample{s}) == nil {
		t.Error("failed payments are no error")
	}
	if err := failures([]sample{{payments: 1}}); err != nil {
		t.Error(err)
	}
}

func TestReadProcess(t *testing.T) {
	t.Parallel()
	p, ok := readProcess("/proc/" + strconv.Itoa(os.Getpid()) + "/stat")
	if !ok || p.parent != os.Getppid() {
		t.Errorf("the parent of this process is %d, got %+v %v", os.Getppid(), p, ok)
	}
	file := filepath.Join(t.TempDir(), "stat")
	if err := os.WriteFile(file, []byte("7 (a) b) S 3 1 1 0 -1 0 1 2 3 4 150 25 0 0 20 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, ok := readProcess(file); !ok || p.parent != 3 || p.used != 1750*time.Millisecond {
		t.Errorf("got %+v %v", p, ok)
	}
}

func TestMerchantCounts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "1,1000": 2, "0": -1, "many": -1} {
		counts, err := options{tenants: text}.merchants()
		if (err != nil) != (want < 0) || err == nil && len(counts) != want {
			t.Errorf("%q gives %v, %v", text, counts, err)
		}
	}
}
