// Package journal keeps a simulator's state across restarts as an append-only file of JSON lines.
package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Journal appends records. Each record is one line written by one write call, so a killed process loses
// nothing that was appended and leaves at most one torn last line, which Open drops.
type Journal struct {
	mu      sync.Mutex
	file    *os.File
	records []json.RawMessage
	err     error
}

// Open opens or creates the file (mode 0600: it holds simulated keys) and reads what is in it.
func Open(path string) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the path is the operator's own choice
	if err != nil {
		return nil, fmt.Errorf("open the simulator's journal: %w", err)
	}
	j := &Journal{file: file}
	if err := j.load(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return j, nil
}

func (j *Journal) load() error {
	reader := bufio.NewReader(j.file)
	var good int64
	for number := 1; ; number++ {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break // what follows the last newline is torn
		}
		if err != nil {
			return fmt.Errorf("read the simulator's journal: %w", err)
		}
		if !json.Valid(line) {
			return fmt.Errorf("line %d of the simulator's journal is not JSON: move the file away to start anew", number)
		}
		j.records = append(j.records, bytes.TrimSuffix(line, []byte("\n")))
		good += int64(len(line))
	}
	if err := j.file.Truncate(good); err != nil {
		return fmt.Errorf("drop the torn end of the simulator's journal: %w", err)
	}
	if _, err := j.file.Seek(good, io.SeekStart); err != nil {
		return fmt.Errorf("find the end of the simulator's journal: %w", err)
	}
	return nil
}

// Take returns the records found by Open, oldest first, and forgets them.
func (j *Journal) Take() []json.RawMessage {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	records := j.records
	j.records = nil
	return records
}

// Append writes one record. A nil journal keeps nothing. The first error is kept for Err; nothing is written after it.
func (j *Journal) Append(record any) {
	if j == nil {
		return
	}
	line, err := json.Marshal(record)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return
	}
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err != nil {
		j.err = fmt.Errorf("append to the simulator's journal: %w", err)
	}
}

// Err is the first error that stopped the journal, nil while it works.
func (j *Journal) Err() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// Close closes the file.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("close the simulator's journal: %w", err)
	}
	return nil
}
