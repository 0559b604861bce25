// Reads a log and its receipts with code that is not Writ's: golang.org/x/mod/sumdb, the Go checksum database's own
// packages, from Debian's golang-golang-x-mod-dev. Only paths and the framing of entries are written here.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go -key VKEY [-log DIRECTORY] [-detached] [RECEIPT...]
//
// The log is a directory in the C2SP tlog-tiles layout. It is read whole: the checkpoint's signature and root, every
// entry, every tile, the inclusion of every entry as a client of the tiles would prove it. A receipt is a C2SP
// tlog-proof with the statement in its `extra` line; with -detached, the statement is in the file next to it that ends
// in .rec. Prints one line of JSON and exits 0 only if everything held; otherwise says on stderr what did not.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The height of C2SP tiles: 256 hashes each.
const height = 8

// The most entries of a log that are read; a reader that may be handed any directory has to stop somewhere.
const entriesMax = 1 << 22

type report struct {
	OK       bool   `json:"ok"`
	Origin   string `json:"origin"`
	Size     int64  `json:"size"`
	Root     string `json:"root"`
	Entries  int64  `json:"entries"`
	Tiles    int    `json:"tiles"`
	Proofs   int64  `json:"proofs"`
	Receipts int    `json:"receipts"`
}

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

// A log as its entries make it, to hold its tiles and receipts against.
type tree struct {
	head    checkpoint
	entries [][]byte
	hashes  memory
}

// The stored hashes of a tree, in the order of tlog.StoredHashIndex.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(m)) {
			return nil, fmt.Errorf("hash %d is outside of the tree", index)
		}
		found[i] = m[index]
	}
	return found, nil
}

func main() {
	key := flag.String("key", "", "the log's verifier key")
	directory := flag.String("log", "", "the log, in the tlog-tiles layout")
	detached := flag.Bool("detached", false, "statements are in .rec files next to the receipts")
	flag.Parse()
	out, err := run(*key, *directory, *detached, flag.Args())
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "reader:", err)
		os.Exit(1)
	}
}

func run(key, directory string, detached bool, receipts []string) (*report, error) {
	if directory == "" && len(receipts) == 0 {
		return nil, errors.New("neither a log nor a receipt to read")
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	out := &report{Origin: verifier.Name()}
	var log *tree
	if directory != "" {
		if log, err = readLog(directory, verifier, out); err != nil {
			return nil, fmt.Errorf("log: %w", err)
		}
	}
	for _, path := range receipts {
		if err := checkReceipt(path, detached, verifier, log); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out.Receipts++
	}
	out.OK = true
	return out, nil
}

// Opens a checkpoint: a signed note of the log's key whose text is origin, size and root.
func openCheckpoint(signed []byte, verifier note.Verifier) (checkpoint, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, errors.New("a checkpoint has three lines")
	}
	if lines[0] != verifier.Name() {
		return checkpoint{}, fmt.Errorf("origin %q is not the key's name", lines[0])
	}
	size, err := parseDecimal(lines[1])
	if err != nil {
		return checkpoint{}, fmt.Errorf("size: %w", err)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return checkpoint{}, fmt.Errorf("root: %w", err)
	}
	return checkpoint{lines[0], size, root}, nil
}

func parseDecimal(text string) (int64, error) {
	value, err := strconv.ParseInt(text, 10, 63)
	if err != nil || value < 0 || strconv.FormatInt(value, 10) != text {
		return 0, fmt.Errorf("%q is no canonical decimal number", text)
	}
	return value, nil
}

func parseHash(text string) (tlog.Hash, error) {
	hash, err := tlog.ParseHash(text)
	if err == nil && hash.String() != text {
		err = errors.New("not canonical base64")
	}
	return hash, err
}

func readLog(directory string, verifier note.Verifier, out *report) (*tree, error) {
	signed, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return nil, err
	}
	head, err := openCheckpoint(signed, verifier)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if head.size > entriesMax {
		return nil, fmt.Errorf("%d entries, more than this reader takes", head.size)
	}
	log := &tree{head: head}
	if err := log.readEntries(directory); err != nil {
		return nil, err
	}
	root, err := tlog.TreeHash(head.size, log.hashes)
	if err != nil {
		return nil, err
	}
	if root != head.root {
		return nil, fmt.Errorf("the entries make the root %v, the checkpoint says %v", root, head.root)
	}
	if out.Tiles, err = log.checkTiles(directory); err != nil {
		return nil, err
	}
	if out.Proofs, err = log.checkProofs(directory); err != nil {
		return nil, err
	}
	out.Size, out.Entries, out.Root = head.size, int64(len(log.entries)), root.String()
	return log, nil
}

// Reads every entry bundle and hashes its entries into the tree.
func (log *tree) readEntries(directory string) error {
	for first := int64(0); first < log.head.size; first += 1 << height {
		count := log.head.size - first
		if count > 1<<height {
			count = 1 << height
		}
		data, err := readTile(directory, "entries", first>>height, int(count))
		if err != nil {
			return err
		}
		entries, err := splitBundle(data, int(count))
		if err != nil {
			return fmt.Errorf("entry bundle %d: %w", first>>height, err)
		}
		for i, entry := range entries {
			hashes, err := tlog.StoredHashesForRecordHash(first+int64(i), tlog.RecordHash(entry), log.hashes)
			if err != nil {
				return err
			}
			log.entries = append(log.entries, entry)
			log.hashes = append(log.hashes, hashes...)
		}
	}
	return nil
}

// An entry bundle is a sequence of 16-bit big-endian lengths, each with its entry.
// A full bundle that stands in for a partial one has more than count entries; the rest belongs to a larger tree.
func splitBundle(data []byte, count int) ([][]byte, error) {
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, errors.New("a length is cut off")
		}
		length := int(binary.BigEndian.Uint16(data))
		if data = data[2:]; len(data) < length {
			return nil, errors.New("an entry is cut off")
		}
		entries = append(entries, data[:length])
		data = data[length:]
	}
	if len(entries) != count && len(entries) != 1<<height {
		return nil, fmt.Errorf("%d entries instead of %d", len(entries), count)
	}
	return entries[:count], nil
}

// Compares every tile of the tree with what its hashes make.
func (log *tree) checkTiles(directory string) (int, error) {
	tiles := tilesOf(log.head.size)
	for _, tile := range tiles {
		wanted, err := tlog.ReadTileData(tile, log.hashes)
		if err != nil {
			return 0, err
		}
		found, err := readTile(directory, strconv.Itoa(tile.L), tile.N, tile.W)
		if err != nil {
			return 0, err
		}
		if len(found) > len(wanted) && len(found) == tlog.HashSize<<height {
			found = found[:len(wanted)]
		}
		if !bytes.Equal(found, wanted) {
			return 0, fmt.Errorf("%s does not hold the hashes of its entries", tilePath(strconv.Itoa(tile.L), tile.N, tile.W))
		}
	}
	return len(tiles), nil
}

// The tiles of a tree. tlog.NewTiles would also name every narrower partial tile that an earlier tree had.
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for level := 0; size > 0; level++ {
		for number := int64(0); number<<height < size; number++ {
			width := size - number<<height
			if width > 1<<height {
				width = 1 << height
			}
			tiles = append(tiles, tlog.Tile{H: height, L: level, N: number, W: int(width)})
		}
		size >>= height
	}
	return tiles
}

// Proves and checks the inclusion of every entry from the tiles alone, as a client of the log would.
func (log *tree) checkProofs(directory string) (int64, error) {
	if log.head.size == 0 {
		return 0, nil
	}
	reader := tlog.TileHashReader(tlog.Tree{N: log.head.size, Hash: log.head.root}, &files{directory, map[string][]byte{}})
	for index := int64(0); index < log.head.size; index++ {
		proof, err := tlog.ProveRecord(log.head.size, index, reader)
		if err != nil {
			return 0, fmt.Errorf("entry %d: %w", index, err)
		}
		leaf := tlog.RecordHash(log.entries[index])
		if err := tlog.CheckRecord(proof, log.head.size, log.head.root, index, leaf); err != nil {
			return 0, fmt.Errorf("entry %d: %w", index, err)
		}
	}
	return log.head.size, nil
}

// A tlog.TileReader over the files of a log. Tiles do not change, so each is read once.
type files struct {
	directory string
	seen      map[string][]byte
}

func (f *files) Height() int { return height }

func (f *files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := tilePath(strconv.Itoa(tile.L), tile.N, tile.W)
		if f.seen[path] == nil {
			data, err := readTile(f.directory, strconv.Itoa(tile.L), tile.N, tile.W)
			if err != nil {
				return nil, err
			}
			if len(data) > tile.W*tlog.HashSize {
				data = data[:tile.W*tlog.HashSize]
			}
			f.seen[path] = data
		}
		found[i] = f.seen[path]
	}
	return found, nil
}

func (f *files) SaveTiles([]tlog.Tile, [][]byte) {}

// Reads a tile or an entry bundle. A partial one may be gone once the full one is there.
func readTile(directory, level string, number int64, width int) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(directory, tilePath(level, number, width)))
	if errors.Is(err, os.ErrNotExist) && width < 1<<height {
		if full, fullErr := os.ReadFile(filepath.Join(directory, tilePath(level, number, 1<<height))); fullErr == nil {
			return full, nil
		}
	}
	return data, err
}

// The path of C2SP tlog-tiles: the number in groups of three digits, all but the last with an x.
func tilePath(level string, number int64, width int) string {
	path := fmt.Sprintf("%03d", number%1000)
	for number /= 1000; number > 0; number /= 1000 {
		path = fmt.Sprintf("x%03d/%s", number%1000, path)
	}
	path = "tile/" + level + "/" + path
	if width < 1<<height {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

// Checks a receipt against the key, and against the log if there is one.
func checkReceipt(path string, detached bool, verifier note.Verifier, log *tree) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	statement, index, proof, signed, err := parseReceipt(string(data), detached)
	if err != nil {
		return err
	}
	if detached {
		if statement, err = os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".rec"); err != nil {
			return err
		}
	}
	head, err := openCheckpoint(signed, verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := tlog.CheckRecord(proof, head.size, head.root, index, tlog.RecordHash(statement)); err != nil {
		return err
	}
	if log == nil {
		return nil
	}
	if head.size > log.head.size {
		return fmt.Errorf("its tree of size %d is larger than the log of size %d", head.size, log.head.size)
	}
	if root, err := tlog.TreeHash(head.size, log.hashes); err != nil || root != head.root {
		return errors.New("its tree is not a part of the log")
	}
	if !bytes.Equal(log.entries[index], statement) {
		return errors.New("its statement is not the log's entry")
	}
	return nil
}

// Takes a C2SP tlog-proof apart.
func parseReceipt(text string, detached bool) (extra []byte, index int64, proof tlog.RecordProof, signed []byte, err error) {
	fail := func(format string, values ...interface{}) ([]byte, int64, tlog.RecordProof, []byte, error) {
		return nil, 0, nil, nil, fmt.Errorf(format, values...)
	}
	end := strings.Index(text, "\n\n")
	if end < 0 {
		return fail("no empty line before the checkpoint")
	}
	lines, signed := strings.Split(text[:end], "\n"), []byte(text[end+2:])
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return fail("not a tlog-proof")
	}
	lines = lines[1:]
	if !detached {
		if len(lines) == 0 || !strings.HasPrefix(lines[0], "extra ") {
			return fail("no statement")
		}
		encoded := strings.TrimPrefix(lines[0], "extra ")
		if extra, err = base64.StdEncoding.Strict().DecodeString(encoded); err != nil {
			return fail("statement: %w", err)
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return fail("no index")
	}
	if index, err = parseDecimal(strings.TrimPrefix(lines[0], "index ")); err != nil {
		return fail("index: %w", err)
	}
	for _, line := range lines[1:] {
		hash, err := parseHash(line)
		if err != nil {
			return fail("proof: %w", err)
		}
		proof = append(proof, hash)
	}
	return extra, index, proof, signed, nil
}
