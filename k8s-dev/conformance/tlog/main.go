// Checks our log with Go's own modules for transparency logs, those by which every Go build checks its dependencies: that the
// checkpoints we kept are signed and that each has the next as its continuation, that every entry is the leaf that the tiles have, and
// that the proofs we make are the ones that these modules make and accept.
//
// They are of v0.40.0 or newer: older ones do not check a tile's parents as they should (CVE-2026-56865), which checkRefusals finds.
//
// LOG is the log's URL, KEY the verifier key, CHECKPOINTS a folder with notes, PROOFS a file of digests (see digests).
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	log.SetFlags(0)
	verifier, err := note.NewVerifier(os.Getenv("KEY"))
	must(err)
	trees := checkpoints(os.Getenv("CHECKPOINTS"), verifier)
	newest := trees[len(trees)-1]
	server := &tiles{url: os.Getenv("LOG"), seen: map[string][]byte{}}

	published := checkpoint(server.get("checkpoint"), verifier)
	expect(published == newest, "the published checkpoint is %v, not %v", published, newest)
	fmt.Printf("ok %d checkpoints are signed by %s\n", len(trees), verifier.Name())

	reader := tlog.TileHashReader(newest, server)
	leaves := leaves(server, newest.N)
	indexes := make([]int64, len(leaves))
	for i := range leaves {
		indexes[i] = tlog.StoredHashIndex(0, int64(i))
	}
	hashes, err := reader.ReadHashes(indexes)
	must(err)
	for i, leaf := range leaves {
		expect(tlog.RecordHash(leaf) == hashes[i], "entry %d is not the leaf that the tiles have", i)
	}
	fmt.Printf("ok %d entries are the leaves of tiles that lead to the root\n", len(leaves))

	own := build(leaves)
	for i, tree := range trees {
		root, err := tlog.TreeHash(tree.N, tlog.TileHashReader(tree, server))
		if tree.N > 0 {
			must(err)
			expect(root == tree.Hash, "size %d has another root", tree.N)
		}
		for _, later := range trees[i:] {
			continues(tree, later, server)
		}
	}
	fmt.Printf("ok each of %d checkpoints continues all before it\n", len(trees))

	for i, leaf := range leaves {
		included(newest, int64(i), tlog.RecordHash(leaf), reader)
	}
	fmt.Printf("ok %d inclusion proofs from the tiles hold, and mutated ones do not\n", len(leaves))

	checkRefusals(server, newest, verifier)
	fmt.Println("ok changed notes and tiles are refused")

	number := digests(os.Getenv("PROOFS"), own)
	fmt.Printf("ok %d digests of proofs are those of the proofs made here, which hold\n", number)
}

// checkpoints reads the notes of a folder, the smallest tree first.
func checkpoints(folder string, verifier note.Verifier) []tlog.Tree {
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	must(err)
	var trees []tlog.Tree
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(err)
		trees = append(trees, checkpoint(text, verifier))
	}
	sort.Slice(trees, func(i, j int) bool { return trees[i].N < trees[j].N })
	return trees
}

// checkpoint opens a note and reads C2SP tlog-checkpoint's three lines; tlog.ParseTree knows the Go project's own header alone.
func checkpoint(text []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	expect(len(lines) == 4 && lines[0] == verifier.Name(), "a checkpoint reads %q", opened.Text)
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

// tiles reads tiles and other files from the server, each once.
type tiles struct {
	url  string
	seen map[string][]byte
}

func (t *tiles) Height() int { return 8 }

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range wanted {
		// The Go project's paths name the height, C2SP's do not.
		data = append(data, t.get(strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
	}
	return data, nil
}

func (t *tiles) get(path string) []byte {
	if t.seen[path] == nil {
		answer, err := http.Get(t.url + "/" + path)
		must(err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		must(err)
		expect(answer.StatusCode == 200, "%s: %s %s", path, answer.Status, body)
		t.seen[path] = body
	}
	return t.seen[path]
}

// leaves reads all entry bundles: each entry after its length in two bytes.
func leaves(server *tiles, size int64) [][]byte {
	var all [][]byte
	for first := int64(0); first < size; first += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: int(min(256, size-first))}
		bundle := server.get(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1))
		for len(bundle) > 0 {
			length := int(binary.BigEndian.Uint16(bundle))
			expect(length == 32, "entry %d has %d bytes", len(all), length)
			all = append(all, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	expect(int64(len(all)) == size, "%d entries of %d", len(all), size)
	return all
}

// build makes the tree of these leaves here.
func build(leaves [][]byte) tlog.HashReaderFunc {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for i, leaf := range leaves {
		more, err := tlog.StoredHashes(int64(i), leaf, reader)
		must(err)
		stored = append(stored, more...)
	}
	return reader
}

func continues(older, newer tlog.Tree, server tlog.TileReader) {
	if older.N == 0 {
		return
	}
	proof, err := tlog.ProveTree(newer.N, older.N, tlog.TileHashReader(newer, server))
	must(err)
	must(tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash))
	for i := range proof {
		proof[i][i%32] ^= 1
		refused(tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash))
		proof[i][i%32] ^= 1
	}
}

func included(tree tlog.Tree, index int64, leaf tlog.Hash, reader tlog.HashReader) {
	proof, err := tlog.ProveRecord(tree.N, index, reader)
	must(err)
	must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf))
	for i := range proof {
		proof[i][i%32] ^= 0x80
		refused(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf))
		proof[i][i%32] ^= 0x80
	}
	refused(tlog.CheckRecord(proof, tree.N, tree.Hash, (index+1)%tree.N, leaf))
}

// checkRefusals checks that changed notes and tiles are refused.
func checkRefusals(server *tiles, tree tlog.Tree, verifier note.Verifier) {
	text := server.get("checkpoint")
	for i := range text {
		changed := bytes.Clone(text)
		changed[i] ^= 1
		opened, err := note.Open(changed, note.VerifierList(verifier))
		// The last character of base64 has bits that mean nothing, and Go ignores them.
		expect(err != nil || bytes.HasPrefix(text, []byte(opened.Text+"\n")), "a changed note was accepted")
	}
	for path, data := range server.seen {
		if strings.HasPrefix(path, "tile/0/") {
			changed := &tiles{url: server.url, seen: map[string][]byte{path: bytes.Clone(data)}}
			changed.seen[path][len(data)/2] ^= 1
			tile, err := tlog.ParseTilePath(strings.Replace(path, "tile/", "tile/8/", 1))
			must(err)
			if tile.N*256+int64(tile.W) == tree.N || tile.W == 256 {
				_, err = tlog.TileHashReader(tree, changed).ReadHashes([]int64{tlog.StoredHashIndex(0, tile.N*256)})
				refused(err)
			}
		}
	}
}

// digests compares lines "inclusion SIZE DIGEST" and "consistency SIZE DIGEST": SHA-256 in base64 of the inclusion proofs of all leaves
// of that tree, or the consistency proofs of all smaller ones with it, each as the number of its hashes in one byte and the hashes.
func digests(file string, reader tlog.HashReader) int {
	text, err := os.ReadFile(file)
	must(err)
	number := 0
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		words := strings.Fields(line)
		size, err := strconv.ParseInt(words[1], 10, 64)
		must(err)
		root, err := tlog.TreeHash(size, reader)
		must(err)
		all := sha256.New()
		add := func(proof []tlog.Hash) {
			all.Write([]byte{byte(len(proof))})
			for _, hash := range proof {
				all.Write(hash[:])
			}
		}
		for i := int64(0); i < size; i++ {
			if words[0] == "inclusion" {
				proof, err := tlog.ProveRecord(size, i, reader)
				must(err)
				leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
				must(err)
				must(tlog.CheckRecord(proof, size, root, i, leaf[0]))
				add(proof)
			} else {
				older, err := tlog.TreeHash(i+1, reader)
				must(err)
				proof, err := tlog.ProveTree(size, i+1, reader)
				must(err)
				must(tlog.CheckTree(proof, size, root, i+1, older))
				add(proof)
			}
		}
		expect(base64.StdEncoding.EncodeToString(all.Sum(nil)) == words[2], "proofs differ: %s of size %d", words[0], size)
		number++
	}
	return number
}

func refused(err error) {
	expect(err != nil, "something changed was accepted")
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func expect(holds bool, format string, values ...any) {
	if !holds {
		log.Fatalf(format, values...)
	}
}
