// The sample Agent of the local world: a web page that shows the names of its environment, and files on its data volume.
//
//	GET /              the page
//	GET /files         the files' names, one a line
//	GET /files/NAME    a file; PUT writes it, and answers once it is on the disk
//	POST /say          prints the body to standard output, as a customer's program would
//	GET /healthz       "ok"
//
// It listens on $PORT, 8080 unless set, and tells on standard output what it does.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
)

const (
	home     = "/data/home-coder"
	mostBody = 16 << 20
)

// Set by the linker: what tells one revision of the image from another.
var revision, colour = "0", "#666"

//go:embed page.html
var page string

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		fmt.Println("sample agent stops:", <-stop)
		os.Exit(0)
	}()

	http.HandleFunc("/", showPage)
	http.HandleFunc("/files", listFiles)
	http.HandleFunc("/files/", file)
	http.HandleFunc("/say", say)
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	fmt.Printf("sample agent, revision %s, listens on port %s\n", revision, port)
	fmt.Fprintln(os.Stderr, http.ListenAndServe(":"+port, nil))
	os.Exit(1)
}

func showPage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	host, _ := os.Hostname()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	strings.NewReplacer(
		"{{revision}}", revision,
		"{{colour}}", colour,
		"{{host}}", html.EscapeString(host),
		"{{keys}}", items(environment(), func(key string) string { return "<code>" + html.EscapeString(key) + "</code>" }),
		"{{files}}", items(names(), func(name string) string {
			return fmt.Sprintf(`<a href="files/%s">%s</a>`, url.PathEscape(name), html.EscapeString(name))
		}),
	).WriteString(w, page)
}

func items(of []string, show func(string) string) string {
	var list strings.Builder
	for _, each := range of {
		list.WriteString("<li>" + show(each) + "</li>")
	}
	return list.String()
}

// The names of the environment, never the values.
func environment() (keys []string) {
	for _, each := range os.Environ() {
		key, _, _ := strings.Cut(each, "=")
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func names() (files []string) {
	entries, _ := os.ReadDir(home)
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			files = append(files, entry.Name())
		}
	}
	return files
}

func listFiles(w http.ResponseWriter, _ *http.Request) {
	for _, name := range names() {
		fmt.Fprintln(w, name)
	}
}

func file(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/files/")
	if name == "" || name == "." || name == ".." || strings.ContainsRune(name, '/') {
		http.Error(w, "a file's name has no slash", http.StatusBadRequest)
		return
	}
	path := filepath.Join(home, name)
	switch r.Method {
	case http.MethodGet:
		text, err := os.ReadFile(path)
		if failed(w, err) {
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write(text)
	case http.MethodPut:
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
		if failed(w, err) || failed(w, keep(path, text)) {
			return
		}
		fmt.Printf("sample agent wrote %q, %d bytes\n", name, len(text))
		w.WriteHeader(http.StatusNoContent)
	default:
		http.Error(w, "GET or PUT", http.StatusMethodNotAllowed)
	}
}

// Writes a file so that it is whole or not there, and outlasts a power failure from then on.
func keep(path string, text []byte) error {
	temporary, err := os.CreateTemp(home, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(text)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Sync(), temporary.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(home)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func failed(w http.ResponseWriter, err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, fs.ErrNotExist):
		http.Error(w, "no such file", http.StatusNotFound)
	default:
		fmt.Println("sample agent could not:", err)
		http.Error(w, err.Error(), http.StatusInsufficientStorage)
	}
	return true
}

func say(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "POST", http.StatusMethodNotAllowed)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if failed(w, err) {
		return
	}
	fmt.Printf("%s\n", text)
	w.WriteHeader(http.StatusNoContent)
}
